-- name: aiming_alike
-- Which other targets are for the same area, category and measure, in periods that share a day with
-- this one?
select other.target_id, other.owner, other.name
from target_shown as one
join
    target_shown as other
    on other.target_id <> one.target_id
    and other.area = one.area
    and other.measure = one.measure
    and other.category is not distinct from one.category
    and other.period_from <= one.period_to
    and other.period_to >= one.period_from
where
    one.target_id = :target_id
    and known_at(one.since_change, one.until_change, :as_of)
    and known_at(other.since_change, other.until_change, :as_of)
order by other.target_id
limit 20
;

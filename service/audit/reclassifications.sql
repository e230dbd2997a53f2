-- name: count
-- From which code to which were the records of the period reclassified, how often, and how many of
-- them?
select
    moved.asked as area,
    place.name as area_name,
    moved.from_code,
    moved.to_code,
    moved.reclassifications,
    moved.records
from reclassifications_counted(:areas, :category, :from_on, :to_on, :as_of) as moved
join
    area_version as place
    on place.area = moved.asked
    and known_at(place.since_change, place.until_change, :as_of)
order by array_position(:areas, moved.asked), moved.from_code, moved.to_code
;

-- name: count_codes
-- How many reclassifications led into each code and out of it?
select
    moved.asked as area,
    place.name as area_name,
    side.code,
    sum(side.entered)::bigint as reclassified_in,
    sum(side.went)::bigint as reclassified_out,
    sum(side.entered - side.went)::bigint as net
from reclassifications_counted(:areas, :category, :from_on, :to_on, :as_of) as moved
join
    area_version as place
    on place.area = moved.asked
    and known_at(place.since_change, place.until_change, :as_of)
cross join
    lateral(
        values
            (moved.from_code, 0, moved.reclassifications),
            (moved.to_code, moved.reclassifications, 0)
    ) as side(code, entered, went)
group by 1, 2, 3
order by array_position(:areas, moved.asked), side.code
;

-- name: list
-- Which reclassifications are these? Each with who decided it and why.
select
    moved.offence_id,
    moved.force,
    moved.change,
    moved.from_code,
    moved.to_code,
    moved.recorded_on,
    moved.decided_by,
    coalesce(moved.reason, change.reason) as reason,
    change.at,
    change.caller
from reclassified(array[:area::text], :category, :from_on, :to_on, :as_of) as moved
join change on change.id = moved.change
where
    (:from_code::text is null or moved.from_code = :from_code)
    and (:to_code::text is null or moved.to_code = :to_code)
    and (
        :after_change::bigint is null
        or (moved.change, moved.offence_id) > (:after_change, :after_offence_id::uuid)
    )
order by moved.change, moved.offence_id
limit :limit
;

-- name: count
-- From which code to which were the records of the period reclassified, how often, and how many of them?
select moved.asked as area, place.name as area_name, moved.from_code, moved.to_code, count(*) as reclassifications,
       count(distinct moved.offence_id) as records
from reclassified(:areas, :category, :from_on, :to_on, :as_of) as moved
join area_version as place on place.area = moved.asked and known_at(place.since_change, place.until_change, :as_of)
group by 1, 2, 3, 4
order by array_position(:areas, moved.asked), moved.from_code, moved.to_code;

-- name: count_codes
-- How many reclassifications led into each code and out of it?
select moved.asked as area, place.name as area_name, side.code, sum(side.entered) as reclassified_in, sum(side.went) as reclassified_out,
       sum(side.entered - side.went) as net
from reclassified(:areas, :category, :from_on, :to_on, :as_of) as moved
join area_version as place on place.area = moved.asked and known_at(place.since_change, place.until_change, :as_of)
cross join lateral (values (moved.from_code, 0, 1), (moved.to_code, 1, 0)) as side (code, entered, went)
group by 1, 2, 3
order by array_position(:areas, moved.asked), side.code;

-- name: list
-- Which reclassifications are these? Each with who decided it and why.
select moved.offence_id, moved.force, moved.change, moved.from_code, moved.to_code, moved.recorded_on, moved.decided_by,
       coalesce(moved.reason, change.reason) as reason, change.at, change.caller
from reclassified(array[:area::text], :category, :from_on, :to_on, :as_of) as moved join change on change.id = moved.change
where (:from_code::text is null or moved.from_code = :from_code) and (:to_code::text is null or moved.to_code = :to_code)
  and (:after_change::bigint is null or (moved.change, moved.offence_id) > (:after_change, :after_offence_id::uuid))
order by moved.change, moved.offence_id
limit :limit;

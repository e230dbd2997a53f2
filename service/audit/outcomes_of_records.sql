-- name: count
-- How many records that count have each outcome? The records of a type that is part of another are
-- the other's too.
with
    counted as (
        select asked, outcome, count(*) as records
        from said_of_records_within(:areas, :category, :from_on, :to_on, :as_of)
        where status = 'recorded'
        group by 1, 2
    )
select
    place.area,
    place.name as area_name,
    type.outcome,
    type.name,
    type.outcome_group,
    type.part_of is not null as of_which,
    coalesce(sum(counted.records), 0)::bigint as records
from area_version as place
cross join outcome_type as type
left join outcome_type as part on type.outcome in (part.outcome, part.part_of)
left join counted on counted.asked = place.area and counted.outcome = part.outcome
where place.area = any(:areas) and known_at(place.since_change, place.until_change, :as_of)
group by 1, 2, 3, 4, 5, 6, type.position
order by array_position(:areas, place.area), type.position
;

-- name: count_groups
-- …and how many has each group of outcomes, every record once?
with
    counted as (
        select asked, outcome, count(*) as records
        from said_of_records_within(:areas, :category, :from_on, :to_on, :as_of)
        where status = 'recorded'
        group by 1, 2
    )
select
    place.area,
    place.name as area_name,
    type.outcome_group,
    coalesce(sum(counted.records), 0)::bigint as records
from area_version as place
cross join outcome_type as type
left join counted on counted.asked = place.area and counted.outcome = type.outcome
where place.area = any(:areas) and known_at(place.since_change, place.until_change, :as_of)
group by 1, 2, 3
order by array_position(:areas, place.area), min(type.position)
;

-- name: totals
-- …and how many are there, every record once, and how many have been assigned an outcome at all?
with
    counted as (
        select asked, count(*) as records, count(*) filter (where outcome <> '0') as assigned
        from said_of_records_within(:areas, :category, :from_on, :to_on, :as_of)
        where status = 'recorded'
        group by 1
    )
select
    place.area,
    place.name as area_name,
    coalesce(records, 0) as records,
    coalesce(assigned, 0) as assigned
from area_version as place
left join counted on counted.asked = place.area
where place.area = any(:areas) and known_at(place.since_change, place.until_change, :as_of)
order by array_position(:areas, place.area)
;

-- name: by_type
-- How many outcomes of each type does a return count, on each basis? Null where some of the counts
-- are withheld.
select
    counted.basis,
    type.outcome,
    type.name,
    type.outcome_group,
    type.part_of,
    case when count(*) = count(counted.count) then sum(counted.count) end as number
from
    counted_outcome(
        array[:area::text], :return_id, :category, :from_on::date, :to_on::date, :as_of
    ) as counted
join outcome_type as type using (outcome)
group by counted.basis, type.outcome
order by counted.basis, type.position
;

-- name: totals
-- And in all? A type that is part of another is counted in that one already, and type 0 is no
-- outcome yet.
select
    counted.basis,
    case
        when count(*) = count(counted.count)
        then coalesce(sum(counted.count) filter (where type.outcome <> '0'), 0)
    end as outcomes,
    case
        when count(*) = count(counted.count)
        then coalesce(sum(counted.count) filter (where type.outcome = '0'), 0)
    end as not_yet_assigned,
    case when count(*) = count(counted.count) then sum(counted.count) end as number
from
    counted_outcome(
        array[:area::text], :return_id, :category, :from_on::date, :to_on::date, :as_of
    ) as counted
join outcome_type as type using (outcome)
where type.part_of is null
group by counted.basis
order by counted.basis
;

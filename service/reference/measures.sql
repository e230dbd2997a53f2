-- name: read^
-- What is this measure?
select
    null as adds_up,
    better,
    true as built_in,
    decimals,
    description,
    measure,
    name,
    null::bigint as since_change,
    unit
from built_in_measure
where measure = :measure
union all
select adds_up, better, false, decimals, description, measure, name, since_change, unit
from measure_version
where measure = :measure and known_at(since_change, until_change, :as_of)
;

-- name: list
-- Which measures are there?
select *
from
    (
        select
            null as adds_up,
            better,
            true as built_in,
            decimals,
            description,
            measure,
            name,
            null::bigint as since_change,
            unit
        from built_in_measure
        union all
        select adds_up, better, false, decimals, description, measure, name, since_change, unit
        from measure_version
        where known_at(since_change, until_change, :as_of)
    ) as known
where :after_measure::text is null or measure > :after_measure
order by measure
limit :limit
;

-- name: know!
-- Make sure that it can be pointed at.
insert into known_measure (measure) values (:measure) on conflict do nothing;

-- name: end!
-- End its present version.
update measure_version set until_change = :change where measure = :measure and until_change is null;

-- name: begin^
-- Begin a version.
insert into measure_version ({{ measure_version.columns }})
values ({{ measure_version.version(stated=":") }})
returning adds_up, better, false as built_in, decimals, description, measure, name, since_change, unit;

-- name: read^
-- What is this measure? What a version says and a measure that is built in does not is null.
select {{ measure_version.columns }}, built_in
from
    (
        select reported.*, false as built_in
        from measure_version as reported
        where known_at(since_change, until_change, :as_of)
        union all
        select (jsonb_populate_record(null::measure_version, to_jsonb(built_in))).*, true
        from built_in_measure as built_in
    ) as known
where measure = :measure
;

-- name: list
-- Which measures are there?
select {{ measure_version.columns }}, built_in
from
    (
        select reported.*, false as built_in
        from measure_version as reported
        where known_at(since_change, until_change, :as_of)
        union all
        select (jsonb_populate_record(null::measure_version, to_jsonb(built_in))).*, true
        from built_in_measure as built_in
    ) as known
where :after_measure::text is null or measure > :after_measure
order by measure
limit :limit
;

-- name: know!
-- Make sure that it can be pointed at.
insert into known_measure (measure)
values (:measure)
on conflict do nothing
;

-- name: end!
-- End its present version.
update measure_version
set until_change = :change
where measure = :measure and until_change is null
;

-- name: begin^
-- Begin a version.
insert into measure_version ({{ measure_version.columns }})
values ({{ measure_version.version(stated=":") }})
returning {{ measure_version.columns }}, false as built_in;

-- name: log!
-- Who did what to which records, when and why?
insert into access (
    access_id,
    at,
    asked,
    caller,
    change,
    first_offence_id,
    first_recorded_on,
    force,
    justification,
    kind,
    last_offence_id,
    last_recorded_on,
    media_type,
    method,
    offence_id,
    offence_ids,
    operation,
    path,
    recipient,
    records,
    trace_id
)
select
    access_id,
    at,
    coalesce(asked, '{}'),
    caller,
    change,
    first_offence_id,
    first_recorded_on,
    force,
    justification,
    kind,
    last_offence_id,
    last_recorded_on,
    media_type,
    method,
    offence_id,
    offence_ids,
    operation,
    path,
    recipient,
    records,
    trace_id
from
    json_to_record(:row) as row(
        access_id uuid,
        at timestamptz,
        asked jsonb,
        caller text,
        change bigint,
        first_offence_id uuid,
        first_recorded_on date,
        force text,
        justification text,
        kind access_kind,
        last_offence_id uuid,
        last_recorded_on date,
        media_type text,
        method text,
        offence_id uuid,
        offence_ids uuid[],
        operation text,
        path text,
        recipient text,
        records int,
        trace_id text
    )
;

-- name: log_one!
-- The same of one record of which nothing else is to be said: read most often, and as plain values
-- it costs the server half.
insert into access (
    access_id,
    at,
    asked,
    caller,
    change,
    force,
    justification,
    kind,
    media_type,
    method,
    offence_id,
    operation,
    path,
    records,
    trace_id
)
values (
    :access_id,
    :at,
    '{}',
    :caller,
    :change,
    :force,
    :justification,
    :kind,
    :media_type,
    :method,
    :offence_id,
    :operation,
    :path,
    :records,
    :trace_id
)
;

-- name: end!
-- How did a stream end? Said once. The log is the service's own, which sees whether it was.
set local role crimebook_every_force;
set local crimebook.forces = '*'
;
insert into access_end (
    access_id,
    access_force,
    at,
    complete,
    first_offence_id,
    first_recorded_on,
    last_offence_id,
    last_recorded_on,
    offence_ids,
    records
)
select
    access_id,
    force,
    :at,
    :complete,
    :first_offence_id,
    :first_recorded_on,
    :last_offence_id,
    :last_recorded_on,
    :offence_ids,
    :records
from access
where access_id = :access_id
on conflict (access_id) do nothing
;

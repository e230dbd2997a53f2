-- name: begin^
-- Number the change that this transaction makes. Only called under the change lock, so ids and
-- instants follow commit order.
insert into change (id, at, caller, reason, trace_id, submission_id)
select coalesce(max(id), 0) + 1,
       greatest(:at::timestamptz, max(at) + interval '1 microsecond'),
       :caller, :reason, :trace_id, :submission_id
from change
returning id, at;

-- name: latest^
-- What is the last change made?
select id, at
from change
order by id desc
limit 1
;

-- name: read^
-- What is this change?
select id, at, caller, reason, trace_id, submission_id
from change
where id = :change
;

-- name: take_turn_to_seal^
-- Wait until nobody else seals or erases. What is the time then?
select pg_advisory_xact_lock(:lock), clock_timestamp() as now
;

-- name: wait_for_writers^
-- What is the time, now that whoever was writing has ended?
select pg_advisory_xact_lock_shared(:lock), clock_timestamp() as now
;

-- name: known_at_instant^
-- What was the last change made by this instant?
select id, at
from change
where at <= :instant
order by id desc
limit 1
;

-- name: log!
-- Who did what to which records, when and why?
insert into access (access_id, at, asked, caller, change, first_offence_id, first_recorded_on, force, justification, kind, last_offence_id,
                    last_recorded_on, media_type, method, offence_id, offence_ids, operation, path, recipient, records, trace_id)
select access_id, at, coalesce(asked, '{}'), caller, change, first_offence_id, first_recorded_on, force, justification, kind, last_offence_id,
       last_recorded_on, media_type, method, offence_id, offence_ids, operation, path, recipient, records, trace_id
from json_to_record(:row) as row (
    access_id uuid, at timestamptz, asked jsonb, caller text, change bigint, first_offence_id uuid, first_recorded_on date, force text,
    justification text, kind access_kind, last_offence_id uuid, last_recorded_on date, media_type text, method text, offence_id uuid,
    offence_ids uuid[], operation text, path text, recipient text, records int, trace_id text);

-- name: log_one!
-- The same of one record of which nothing else is to be said: read most often, and as plain values it costs the server half.
insert into access (access_id, at, asked, caller, change, force, justification, kind, media_type, method, offence_id, operation, path, records,
                    trace_id)
values (:access_id, :at, '{}', :caller, :change, :force, :justification, :kind, :media_type, :method, :offence_id, :operation, :path, :records,
        :trace_id);

-- name: end!
-- How did a stream end? Said once. The log is the service's own, which sees whether it was.
set local role crimebook_every_force;
set local crimebook.forces = '*';
insert into access_end (access_id, access_force, at, complete, first_offence_id, first_recorded_on, last_offence_id, last_recorded_on,
                        offence_ids, records)
select access_id, force, :at, :complete, :first_offence_id, :first_recorded_on, :last_offence_id, :last_recorded_on, :offence_ids, :records
from access where access_id = :access_id
on conflict (access_id) do nothing;

-- name: list
-- Who did what to which records? Of one record: the accesses to itself, the files that brought a version of it, the answers whose records
-- are kept by id, and the lists whose question, asked again of the record as it was known then, includes it between first and last.
with held as (
    select * from offence_version where offence_id = :offence_id
), many as (
    select access.access_id, asked, change, operation, coalesce(ended.records, access.records) as records,
           coalesce(ended.first_recorded_on, access.first_recorded_on) as first_recorded_on,
           coalesce(ended.first_offence_id, access.first_offence_id) as first_offence_id,
           coalesce(ended.last_recorded_on, access.last_recorded_on) as last_recorded_on,
           coalesce(ended.last_offence_id, access.last_offence_id) as last_offence_id,
           coalesce(ended.offence_ids, access.offence_ids) as offence_ids
    from access left join access_end as ended using (access_id)
    where access.offence_id is null and coalesce(ended.records, access.records) is distinct from 0
      and (:at_from::timestamptz is null or access_id >= first_id_of(ceil(extract(epoch from :at_from::timestamptz) * 1000)))
      and (:at_to::timestamptz is null or access_id < first_id_of(floor(extract(epoch from :at_to::timestamptz) * 1000) + 1))
), shown as (
    select access_id from access where offence_id = :offence_id
    union all
    select access_id from many where :offence_id::uuid = any (offence_ids)
    union all
    select access_id from many join held on held.since_change = many.change where operation = 'submitOffences'
    union all
    select access_id
    from many join held on known_at(held.since_change, held.until_change, many.change)
    where operation = 'listOffences'
      and (first_offence_id is null or (held.recorded_on, held.offence_id) >= (first_recorded_on, first_offence_id))
      and (last_offence_id is null or (held.recorded_on, held.offence_id) <= (last_recorded_on, last_offence_id))
      and (asked ->> 'status' = 'any' or asked ->> 'status' = held.status)
      and (asked ->> 'force' is null or asked ->> 'force' = held.force)
      and (asked ->> 'forces' is null or held.force = any (string_to_array(asked ->> 'forces', ',')))
      and (asked ->> 'area' is null or held.area in (
          select inside.area from area_ancestor as inside
          where inside.ancestor = asked ->> 'area' and known_at(inside.since_change, inside.until_change, many.change)))
      and (asked ->> 'category' is null or exists (
          select from category_member(asked ->> 'category', many.change) as member
          where member.code = held.code and coalesce(member.from_on, '-infinity') <= held.recorded_on
            and coalesce(member.to_on, 'infinity') >= held.recorded_on))
      and (asked ->> 'code' is null or asked ->> 'code' = held.code)
      and (asked ->> 'crime_ref' is null or asked ->> 'crime_ref' = held.crime_ref)
      and (asked ->> 'cancelled_reason' is null or asked ->> 'cancelled_reason' = held.cancelled_reason)
      and (asked ->> 'operation' is null or exists (
          select from operation_records((asked ->> 'operation')::uuid, many.change) as run where run.offence_id = held.offence_id))
      and (asked ->> 'outcome' is null or held.outcome in (
          select type.outcome from outcome_type as type where asked ->> 'outcome' in (type.outcome, type.part_of)))
      and (asked ->> 'outcome_kind' is null or held.outcome <> '0' and (asked ->> 'outcome_kind' = 'assigned' or held.outcome in (
          select positive.outcome from positive_outcome as positive)))
      and (asked ->> 'outcome_from' is null or held.outcome_on >= (asked ->> 'outcome_from')::date)
      and (asked ->> 'outcome_to' is null or held.outcome_on <= (asked ->> 'outcome_to')::date)
      and (asked ->> 'recorded_in_time' is null or coalesce(held.recorded_in_time::text, 'unknown') = asked ->> 'recorded_in_time')
      and (asked ->> 'recorded_from' is null or held.recorded_on >= (asked ->> 'recorded_from')::date)
      and (asked ->> 'recorded_to' is null or held.recorded_on <= (asked ->> 'recorded_to')::date)
      and (asked ->> 'after_offence_id' is null or (held.recorded_on, held.offence_id)
           > ((asked ->> 'after_recorded_on')::date, (asked ->> 'after_offence_id')::uuid))
)
select access.*, ended.at as ended_at, coalesce(ended.complete, case when access.records is not null then true end) as complete,
       coalesce(ended.records, access.records) as records,
       coalesce(ended.first_offence_id, access.first_offence_id) as first_offence_id,
       coalesce(ended.first_recorded_on, access.first_recorded_on) as first_recorded_on,
       coalesce(ended.last_offence_id, access.last_offence_id) as last_offence_id,
       coalesce(ended.last_recorded_on, access.last_recorded_on) as last_recorded_on,
       coalesce((select jsonb_agg(jsonb_build_object('name', key, 'value', value) order by key) from jsonb_each_text(asked)), '[]') as asked
from access left join access_end as ended using (access_id)
where (:offence_id::uuid is null or access_id in (select access_id from shown))
  and (:caller::text is null or caller = :caller)
  and (:change::bigint is null or change = :change)
  and (:force::text is null or force = :force)
  and (:kind::access_kind is null or kind = :kind)
  and (:operation::text is null or operation = :operation)
  and (:trace_id::text is null or trace_id = :trace_id)
  and (:at_from::timestamptz is null or access_id >= first_id_of(ceil(extract(epoch from :at_from::timestamptz) * 1000)))
  and (:at_to::timestamptz is null or access_id < first_id_of(floor(extract(epoch from :at_to::timestamptz) * 1000) + 1))
  and (:after_access_id::uuid is null or case when :order = 'oldest' then access_id > :after_access_id else access_id < :after_access_id end)
order by case when :order = 'oldest' then access_id end, access_id desc
limit :limit;

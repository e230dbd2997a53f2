-- name: begin^
-- Number the change that this transaction makes. Only called under the change lock, so ids and instants follow commit order.
insert into change (id, at, caller, reason, trace_id, submission_id)
select coalesce(max(id), 0) + 1,
       greatest(:at::timestamptz, max(at) + interval '1 microsecond'),
       :caller, :reason, :trace_id, :submission_id
from change
returning id, at;

-- name: latest^
-- What is the last change made?
select id, at from change order by id desc limit 1;

-- name: read^
-- What is this change?
select id, at, caller, reason, trace_id, submission_id from change where id = :change;

-- name: wait_for_writers^
-- What is the time, now that whoever was writing has ended?
select pg_advisory_xact_lock_shared(:lock), clock_timestamp() as now;

-- name: known_at_instant^
-- What was the last change made by this instant?
select id, at from change where at <= :instant order by id desc limit 1;

-- name: list
-- Which changes were made after that one, in commit order, and what did each touch? Numbers have no gaps, so a page is a span of them.
with touched as (
    select change, noun, what, count(*) as count
    from (select change, 'offences' as noun, what
          from offence_touched(:after_change, coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of))
          union all
          select change, noun, what
          from thing_touched(:after_change, coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of))) as told
    group by change, noun, what
), told as (
    select change, jsonb_agg(jsonb_build_object('count', count, 'noun', noun, 'what', what,
        'things', '/v1/changes/' || change || case noun when 'offences' then '/offences?what=' || what
                                                   else '/things?noun=' || noun || '&what=' || what end)
        order by noun, what) as touched
    from touched group by change
)
select change.id as change, change.at, change.caller, change.trace_id, submission.submission_id, coalesce(told.touched, '[]') as touched,
       case when change.submission_id is null or submission.submission_id is not null then change.reason
            else 'offences submitted' end as reason       -- in the words of a force whose files the caller does not see
from change left join told on told.change = change.id left join submission using (submission_id)
where change.id > :after_change and change.id <= coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of)
order by change.id;

-- name: list_offences
-- Which records did this change touch, and where are they to be read, as they became and as they were?
select touched.offence_id, touched.force, touched.what,
       '/v1/offences/' || touched.offence_id || '?as_of=' || :change::bigint as became,
       case when touched.what <> 'recorded' then '/v1/offences/' || touched.offence_id || '?as_of=' || :change::bigint - 1 end as was
from offence_touched(:change::bigint - 1, :change) as touched
where (:force::text is null or touched.force = :force) and (:what::text is null or touched.what = :what)
  and (:after_offence_id::uuid is null or touched.offence_id > :after_offence_id)
order by touched.offence_id
limit :limit;

-- name: list_things
-- What else did this change touch?
select touched.noun, touched.name, touched.what,
       '/v1/' || touched.noun || '/' || touched.name || case when touched.noun <> 'callers' and touched.what <> 'ended' then '?as_of=' || :change::bigint
                                                            when touched.noun <> 'callers' then '?as_of=' || :change::bigint - 1 else '' end as address
from thing_touched(:change::bigint - 1, :change) as touched
where (:noun::text is null or touched.noun = :noun) and (:what::text is null or touched.what = :what)
  and (:publishes or touched.noun <> 'releases'
       or not exists (select from release where release_id::text = touched.name and embargo_until > :now))
  and (:after_noun::text is null or (touched.noun, touched.name) > (:after_noun, :after_name))
order by touched.noun, touched.name
limit :limit;

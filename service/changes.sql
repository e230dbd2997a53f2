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
-- Which changes were made after that one, in commit order, and what did each touch? Numbers have no gaps, so a page is a span of them. Of a file of
-- new records only the entries of an index are counted: recorded is what was opened and was not there before.
-- Each range is said with the numbers themselves, from which the planner knows that it is short; of a row that holds them it would not.
with span as (
    select :after_change::bigint as after_change, coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of)::bigint as to_change
), altered as materialized (
    select now.since_change as change, count(*) as count,
           offence_became(now.erased_change = now.since_change, now.status <> before.status, now.code <> before.code) as what
    from offence_version as before
    join offence_version as now on (now.force, now.offence_id, now.since_change) = (before.force, before.offence_id, before.until_change)
    where before.until_change > :after_change::bigint
      and before.until_change <= coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of)::bigint
    group by 1, 3
), touched as (
    select change, noun, what, sum(count) as count
    from (select held.since_change as change, 'offences' as noun, 'recorded' as what, count(*) as count
          from offence_version as held
          where held.since_change > :after_change::bigint
            and held.since_change <= coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of)::bigint
          group by 1
          union all
          select change, 'offences', 'recorded', -count from altered
          union all
          select change, 'offences', what, count from altered
          union all
          select thing.change, thing.noun, thing.what, 1 from span cross join lateral thing_touched(span.after_change, span.to_change) as thing) as told
    group by change, noun, what
    having sum(count) > 0
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
where change.id > (select after_change from span) and change.id <= (select to_change from span)
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

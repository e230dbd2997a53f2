-- name: list
-- Which changes were made after that one, in commit order, and what did each touch? Numbers have no
-- gaps, so a page is a span of them. Of a file of new records only the entries of an index are
-- counted: recorded is what was opened and was not there before. Each range is said with the numbers
-- themselves, from which the planner knows that it is short; of a row that holds them it would not.
with
    span as (
        select
            :after_change::bigint as after_change,
            coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of)::bigint
            as to_change
    ),
    altered as materialized(
        select
            now.since_change as change,
            count(*) as count,
            offence_became(
                now.erased_change = now.since_change,
                now.status <> before.status,
                now.code <> before.code
            ) as what
        from offence_version as before
        join
            offence_version as now
            on (now.force, now.offence_id, now.since_change)
            = (before.force, before.offence_id, before.until_change)
        where
            before.until_change > :after_change::bigint
            and before.until_change
            <= coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of)::bigint
        group by 1, 3
    ),
    touched as (
        select change, noun, what, sum(count) as count
        from
            (
                select
                    opened.since_change as change,
                    'offences' as noun,
                    'recorded' as what,
                    count(*) as count
                from offence_version as opened
                where
                    opened.since_change > :after_change::bigint
                    and opened.since_change
                    <= coalesce(least(:as_of, :after_change::bigint + :limit::bigint), :as_of)::bigint
                group by 1
                union all
                select change, 'offences', 'recorded', - count
                from altered
                union all
                select change, 'offences', what, count
                from altered
                union all
                select thing.change, thing.noun, thing.what, 1
                from span
                cross join lateral thing_touched(span.after_change, span.to_change) as thing
            ) as part
        group by change, noun, what
        having sum(count) > 0
    ),
    summary as (
        select
            change,
            jsonb_agg(
                jsonb_build_object(
                    'count',
                    count,
                    'noun',
                    noun,
                    'what',
                    what,
                    'things',
                    '/v1/changes/'
                    || change
                    || case
                        noun
                        when 'offences'
                        then '/offences?what=' || what
                        else '/things?noun=' || noun || '&what=' || what
                    end
                )
                order by noun, what
            ) as touched
        from touched
        group by change
    )
select
    change.id as change,
    change.at,
    change.caller,
    change.trace_id,
    submission.submission_id,
    coalesce(summary.touched, '[]') as touched,
    case
        when change.submission_id is null or submission.submission_id is not null
        then change.reason
        else 'offences submitted'
    end as reason  -- in the words of a force whose files the caller does not see
from change
left join summary on summary.change = change.id
left join submission using (submission_id)
where change.id > (select after_change from span) and change.id <= (select to_change from span)
order by change.id
;

-- name: list_offences
-- Which records did this change touch, and where are they to be read, as they became and as they
-- were?
select
    touched.offence_id,
    touched.force,
    touched.what,
    '/v1/offences/' || touched.offence_id || '?as_of=' || :change::bigint as became,
    case
        when touched.what <> 'recorded'
        then '/v1/offences/' || touched.offence_id || '?as_of=' || :change::bigint - 1
    end as was
from offence_touched(:change::bigint - 1, :change) as touched
where
    (:force::text is null or touched.force = :force)
    and (:what::text is null or touched.what = :what)
    and (:after_offence_id::uuid is null or touched.offence_id > :after_offence_id)
order by touched.offence_id
limit :limit
;

-- name: list_things
-- What else did this change touch?
select
    touched.noun,
    touched.name,
    touched.what,
    '/v1/'
    || touched.noun
    || '/'
    || touched.name
    || case
        when touched.noun <> 'callers' and touched.what <> 'ended'
        then '?as_of=' || :change::bigint
        when touched.noun <> 'callers'
        then '?as_of=' || :change::bigint - 1
        else ''
    end as address
from thing_touched(:change::bigint - 1, :change) as touched
where
    (:noun::text is null or touched.noun = :noun)
    and (:what::text is null or touched.what = :what)
    and (
        :publishes
        or touched.noun <> 'releases'
        or not exists (
            select from release where release_id::text = touched.name and embargo_until > :now
        )
    )
    and (
        :after_noun::text is null or (touched.noun, touched.name) > (:after_noun, :after_name)
    )
order by touched.noun, touched.name
limit :limit
;

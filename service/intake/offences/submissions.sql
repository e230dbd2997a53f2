-- name: forces
-- Whose files may come?
select area, slug
from area
where kind in ('force', 'body')
;

-- name: begin_staging!
-- A place for the lines of one file, which ends with the transaction; and room for sorting a
-- million of them.
set local work_mem = '32MB'
;
create temporary table staged_offence (
    line            int         not null,
    offence_id      uuid        not null,
    area_said       text,
{{ offence_version.staged }}
) on commit drop;

-- name: analyse_staging!
-- Let the planner know how many lines there are.
analyze staged_offence
;

-- name: look_up_areas!
-- Lines may name an area by slug; records hold its code, and faults say what the line said. A code
-- goes before a slug.
update staged_offence as staged
set
    area = place.area,
    area_said = staged.area
from area as place
where
    place.slug = lower(staged.area)
    and not exists (select from area as coded where coded.area = staged.area)
;

-- name: faults
-- What is wrong with the lines, each judged as a single record would be, and with the file as a
-- whole? faults is how many there are in all. Lines that are plainly good are not judged one by
-- one: what is plain is narrower than what the judge lets pass (tests try it by chance).
with
    suspect as (
        select staged.line, staged.crime_ref
        from staged_offence as staged
        left join
            (
                select area.area, from_on, to_on
                from area
                join
                    area_ancestor as inside
                    on inside.area = area.area
                    and inside.ancestor = :force
                    and inside.until_change is null
            ) as place
            on place.area = staged.area
        left join code_version as code on code.code = staged.code and code.until_change is null
        left join outcome_type as type on type.outcome = staged.outcome
        where
            (
                place.area is not null
                and code.code is not null
                and type.outcome is not null
                and staged.transferred_from is null
                and recorded_on
                between coalesce(greatest(place.from_on, code.from_on), '-infinity') and least(
                    place.to_on, code.to_on, civil_day(:changed_at)
                )
                and recorded_on >= civil_day(coalesce(committed_to, committed_from))
                and coalesce(committed_to >= committed_from, true)
                and coalesce(civil_day(reported_at) <= recorded_on, true)
                and coalesce(reported_at <= recorded_at, true)
                and coalesce(
                    recorded_at <= :changed_at and civil_day(recorded_at) = recorded_on, true
                )
                and (
                    outcome_on is null
                    or (
                        staged.outcome <> '0'
                        and outcome_on >= coalesce(type.from_on, outcome_on)
                        and outcome_on <= civil_day(:changed_at)
                    )
                )
                and coalesce(victims_told_on <= civil_day(:changed_at), true)
            )
            is not true
    ),
    twice as (
        select crime_ref, count(*) as times
        from staged_offence
        group by crime_ref
        having count(*) > 1
    ),
    fault as (
        select
            staged.line,
            fault.field,
            fault.detail,
            coalesce(
                case when fault.field = 'area' then area_said end, to_jsonb(staged) ->> fault.field
            ) as value
        from staged_offence as staged
        left join area as place on place.area = staged.area
        cross join
            offence_faults(
                :force,
                coalesce(staged.area_said, staged.area),
                place.area,
                staged.code,
                staged.committed_from,
                staged.committed_to,
                staged.outcome,
                staged.outcome_on,
                staged.recorded_at,
                staged.recorded_on,
                staged.reported_at,
                staged.transferred_from,
                staged.victims_told_on,
                :changed_at
            ) as fault
        where line in (select suspect.line from suspect)
        union all
        select
            line,
            'crime_ref',
            format(
                'crime_ref %s stands on %s lines of this file: a record has one line.',
                crime_ref,
                times
            ),
            crime_ref
        from staged_offence
        join twice using (crime_ref)
    )
select line, field, value, detail, count(*) over () as faults
from fault
order by line, field
limit :most
;

-- name: foresee^
-- How many lines are new, differ from their record, are the same, or name one that was cancelled or
-- erased here? A record that was cancelled because a file lacked it was cancelled by no one who
-- knew the crime: a file that has it again brings it back.
select
    count(*) filter (where held.offence_id is null) as recorded,
    count(*) filter (where decided) as cancelled,
    count(*) filter (where not decided and held.erased_change is not null) as erased,
    count(*) filter (where open and differs) as corrected,
    count(*) filter (where open and not differs) as unchanged
from staged_offence as staged
left join offence as held on held.force = :force and held.crime_ref = staged.crime_ref
cross join
    lateral(
        select
            coalesce(held.cancelled_reason, 'not-in-resubmission')
            <> 'not-in-resubmission' as decided,
            held.offence_id is not null
            and held.erased_change is null
            and coalesce(held.cancelled_reason, 'not-in-resubmission')
            = 'not-in-resubmission' as open,
            ({{ offence_version.stated_of("held") }}, held.status)
            is distinct from ({{ offence_version.stated_of("staged") }}, 'recorded') as differs
    ) as compared
;

-- name: apply!
-- End the versions that the lines differ from, and begin one for each line that has none like it.
with
    ended as (
        update offence_version as held set until_change = :change
        from staged_offence as staged
        where
            held.force = :force
            and held.crime_ref = staged.crime_ref
            and held.until_change is null
            and coalesce(held.cancelled_reason, 'not-in-resubmission') = 'not-in-resubmission'
            and held.erased_change is null
            and ({{ offence_version.stated_of("held") }}, held.status)
            is distinct from ({{ offence_version.stated_of("staged") }}, 'recorded')
        returning held.*
    )
insert into offence_version ({{ offence_version.columns }})
select
    {% call offence_version.version(after="ended", stated="staged") %}
    :force as force,
    coalesce(ended.offence_id, staged.offence_id) as offence_id,
    null as cancelled_reason,
    'recorded' as status
    {% endcall %}
from staged_offence as staged
left join ended on ended.crime_ref = staged.crime_ref
left join offence as held on held.force = :force and held.crime_ref = staged.crime_ref
where held.offence_id is null or ended.offence_id is not null
order by staged.line
;

-- name: days
-- For which days does the file hold every record? Those given, or each month that has a record;
-- never the day of receipt or a later one.
with
    claimed as (
        select distinct
            month_of(recorded_on) as first,
            (month_of(recorded_on) + interval '1 month')::date - 1 as last
        from (select distinct recorded_on from staged_offence) as day
        where :period_from::date is null and :period_to::date is null
        union all
        select coalesce(:period_from, min(recorded_on)), coalesce(:period_to, max(recorded_on))
        from staged_offence
        where :period_from::date is not null or :period_to::date is not null
    )
select first as period_from, least(last, civil_day(:changed_at) - 1) as period_to
from claimed
where first <= least(last, civil_day(:changed_at) - 1)
order by first
;

-- name: covered$
-- Is it known already that every record of these days is held?
select
    not exists (
        select
        from jsonb_to_recordset(:days) as claimed(period_from date, period_to date)
        where
            not exists (
                select
                from coverage_now as covered
                join category_version as version using (category, definition)
                where
                    covered.force = :force
                    and covered.category = :covers
                    and version.until_change is null
                    and covered.days @> daterange(claimed.period_from, claimed.period_to, '[]')
            )
    ) as known
;

-- name: cover!
-- Every record of these days is held, of the category as it is defined now.
with
    new_coverage as (
        insert into coverage (force, since_change, category, days, definition)
        select
            :force,
            :change,
            version.category,
            daterange(claimed.period_from, claimed.period_to, '[]'),
            version.definition
        from jsonb_to_recordset(:days) as claimed(period_from date, period_to date)
        join
            category_version as version
            on version.category = :covers
            and version.until_change is null
        returning category, definition, days
    )
insert into coverage_now (force, category, definition, days)
select :force, category, definition, range_agg(days)
from new_coverage
group by category, definition
on conflict (force, category, definition)
do update set days = coverage_now.days + excluded.days
;

-- name: coverage_differences
-- Where do the days summed up and the files that said so disagree? No rows is the proof that they
-- agree.
with
    summed as (
        select force, category, definition, range_agg(days) as days
        from coverage
        group by force, category, definition
    )
select force, category, definition, summed.days::text as sent, covered.days::text as held
from summed
full join coverage_now as covered using (force, category, definition)
where summed.days is distinct from covered.days
order by force, category, definition
limit 100
;

-- name: reference_changed$
-- Were places or codes defined otherwise since this file was judged?
select
    exists (select from area_version where greatest(since_change, until_change) > :as_of)
    or exists (
        select from code_version where greatest(since_change, until_change) > :as_of
    ) as changed
;

-- name: keep!
-- Keep the receipt.
insert into submission (
    submission_id,
    force,
    at,
    caller,
    cancelled,
    cancelled_by_replacement,
    change,
    corrected,
    covers,
    days,
    digest,
    erased,
    faults,
    lines,
    mapping,
    mapping_change,
    reason,
    recorded,
    replaces,
    status,
    unchanged
)
values (
    :submission_id,
    :force,
    :at,
    :caller,
    :cancelled,
    :cancelled_by_replacement,
    :change_made,
    :corrected,
    :covers,
    case
        when :period_from::date is not null
        then daterange(:period_from::date, :period_to::date, '[]')
    end,
    :digest,
    :erased,
    :faults,
    :lines,
    :mapping,
    :mapping_change,
    :reason,
    :recorded,
    :replaces,
    :status,
    :unchanged
)
;

-- name: keep_faults!
-- Keep what was wrong with it.
insert into submission_fault (force, submission_id, line, position, detail, field, value)
select
    :force,
    :submission_id,
    fault.line,
    row_number() over (partition by fault.line),
    fault.detail,
    fault.field,
    fault.value
from jsonb_to_recordset(:faults) as fault(line int, detail text, field text, value text)
;

-- name: read^
-- What was the receipt? It never changes, so any tag will do for it.
select
    *, lower(days) as period_from, upper(days) - 1 as period_to, coalesce(change, 0) as since_change
from submission
where submission_id = :submission_id
;

-- name: list
-- Which files came?
select *, lower(days) as period_from, upper(days) - 1 as period_to
from submission
where :after_submission_id::uuid is null or submission_id > :after_submission_id
order by submission_id
limit :limit
;

-- name: list_faults
-- What was wrong with this one?
select line, position, detail, field, value
from submission_fault
where
    force = :force
    and submission_id = :submission_id
    and (
        :after_line::bigint is null
        or (line, position) > (:after_line, :after_position::bigint)
    )
order by line, position
limit :limit
;

-- name: accepted_for$
-- Has a file been accepted for this reason?
select exists (select from submission where reason = :reason and status = 'accepted') as found
;

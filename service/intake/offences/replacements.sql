-- name: begin!
-- A place for the records of a replaced period that its file lacks, which ends with the
-- transaction.
create temporary table lacking_offence (
    offence_id      uuid        not null,
    area            text        not null,
    code            text        not null,
    crime_ref       text        not null,
    recorded_on     date        not null
) on commit drop;

-- name: is_over$
-- Do all these days lie before today?
select :to_on::date < civil_day(:changed_at) as over
;

-- name: faults
-- Which lines do not belong to what the file replaces, by their day or by their code? faults is how
-- many there are in all.
with
    member as (
        select code, coalesce(from_on, '-infinity') as from_on, coalesce(to_on, 'infinity') as to_on
        from category_member(:covers, :as_of)
    ),
    fault as (
        select
            line,
            'recorded_on' as field,
            recorded_on::text as value,
            format(
                'The file replaces %s: a record of another day is sent in another file.',
                :replaces
            ) as detail
        from staged_offence
        where recorded_on < :from_on or recorded_on > :to_on
        union all
        select
            staged.line,
            'code',
            staged.code,
            format(
                'The file replaces what is recorded of %s,'
                ' to which code %s does not belong on that day.',
                :covers,
                staged.code
            )
        from staged_offence as staged
        left join
            member
            on member.code = staged.code
            and staged.recorded_on between member.from_on and member.to_on
        where member.code is null
    )
select line, field, value, detail, count(*) over () as faults
from fault
order by line, field
limit :most
;

-- name: find!
-- The records of these days and this category that the file lacks. One that was erased is closed
-- and stays.
truncate lacking_offence
;
insert into lacking_offence (offence_id, area, code, crime_ref, recorded_on)
select record.offence_id, record.area, record.code, record.crime_ref, record.recorded_on
from offence as record
join
    category_member(:covers, :as_of) as member
    on member.code = record.code
    and record.recorded_on
    between coalesce(member.from_on, '-infinity') and coalesce(member.to_on, 'infinity')
left join staged_offence as staged on staged.crime_ref = record.crime_ref
where
    record.force = :force
    and record.status = 'recorded'
    and record.erased_change is null
    and record.recorded_on between :from_on and :to_on
    and staged.crime_ref is null
;

-- name: count$
-- How many are they?
select count(*) as lacking
from lacking_offence
;

-- name: count_held$
-- How many records of these days and this category count now?
select count(*) as held
from offence as record
join
    category_member(:covers, :as_of) as member
    on member.code = record.code
    and record.recorded_on
    between coalesce(member.from_on, '-infinity') and coalesce(member.to_on, 'infinity')
where
    record.force = :force
    and record.status = 'recorded'
    and record.recorded_on between :from_on and :to_on
;

-- name: cancel!
-- End what the file lacks and begin for each a version that no longer counts.
with
    ended as (
        update offence_version as held set until_change = :change
        from lacking_offence as lacking
        where
            held.force = :force
            and held.offence_id = lacking.offence_id
            and held.until_change is null
        returning held.*
    )
insert into offence_version ({{ offence_version.columns }})
select
    {% call offence_version.version(after="ended") %}
    'not-in-resubmission' as cancelled_reason,
    :caller as decided_by,
    'cancelled' as status
    {% endcall %}
from ended
;

-- name: keep!
-- Keep with the receipt which records they are.
insert into submission_replaced (
    force,
    submission_id,
    offence_id,
    area,
    code,
    crime_ref,
    recorded_on
)
select :force, :submission_id, offence_id, area, code, crime_ref, recorded_on
from lacking_offence
order by recorded_on, offence_id
limit :most
;

-- name: list
-- Which records did, or would, this file cancel?
select area, code, crime_ref, offence_id, recorded_on
from submission_replaced
where
    force = :force
    and submission_id = :submission_id
    and (
        :after_recorded_on::date is null
        or (recorded_on, offence_id) > (:after_recorded_on, :after_offence_id::uuid)
    )
order by recorded_on, offence_id
limit :limit
;

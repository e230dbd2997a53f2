-- name: forces
-- By which names is each force and body called?
select place.area, called.name
from area as place
cross join lateral unnest(array[place.name, place.slug] || place.aliases) as called(name)
where place.kind in ('force', 'body')
;

-- name: crime_types
-- Which crime types does the publisher use?
select crime_type
from street_crime_type
;

-- name: begin_staging!
-- A place for the rows of every file sent, which ends with the transaction.
create temporary table staged_street_record (
    force            text not null,
    street_record_id uuid not null,
    file             int  not null,
    line             int  not null,
    {{ street_record_version.staged }}
) on commit drop;

-- name: analyse_staging!
-- Let the planner know how many rows there are.
analyze staged_street_record
;

-- name: place!
-- In which district is each LSOA? Its name is that of the district, three digits and a letter. Of
-- two districts called so the one of that month.
create temporary table street_place on commit drop as
with
    district as (
        select distinct
            place.area,
            place.from_on,
            place.to_on,
            regexp_replace(
                lower(regexp_replace(called.name, ', (City|County) of$', '')), '^the ', ''
            ) as folded_name
        from area as place
        cross join lateral unnest(place.name || place.aliases) as called(name)
        where place.kind = 'district'
    ),
    lsoa_of_month as (
        select distinct
            lsoa_name,
            month,
            regexp_replace(
                lower(regexp_replace(lsoa_name, ' [0-9]{3}[A-Z]$', '')), '^the ', ''
            ) as folded_name
        from staged_street_record
        where lsoa_name is not null
    )
select distinct
    on (lsoa_of_month.lsoa_name, lsoa_of_month.month) lsoa_of_month.lsoa_name,
    lsoa_of_month.month,
    district.area
from lsoa_of_month
join district using (folded_name)
order by
    lsoa_of_month.lsoa_name,
    lsoa_of_month.month,
    coalesce(district.from_on <= lsoa_of_month.month, true)
    and coalesce(district.to_on >= lsoa_of_month.month, true) desc,
    district.from_on desc nulls last,
    district.area
;

-- name: match!
-- What becomes of each row held and each row sent? Equal rows stand for one another one by one,
-- none for two; of those left, the ones with the same Crime ID are the same record, said otherwise.
create temporary table street_match on commit drop as
with
    present_record as (
        select
            force,
            month,
            kind,
            street_record_id,
            content,
            crime_id,
            row_number() over (
                partition by force, month, kind, content order by street_record_id
            ) as nth
        from street_record_version
        where
            until_change is null
            and (force, month, kind)
            in (select distinct force, month, kind from staged_street_record)
    ),
    staged_record as (
        select
            force,
            month,
            kind,
            street_record_id,
            content,
            crime_id,
            row_number() over (
                partition by force, month, kind, content order by file, line
            ) as nth
        from staged_street_record
    ),
    pair as materialized (
        select
            force,
            month,
            kind,
            present_record.street_record_id as held_id,
            staged_record.street_record_id as sent_id,
            coalesce(present_record.crime_id, staged_record.crime_id) as crime_id
        from present_record
        full join staged_record using (force, month, kind, content, nth)
    ),
    single as (
        select
            *,
            row_number() over (
                partition by force, month, kind, crime_id, held_id is null
                order by coalesce(held_id, sent_id)
            ) as turn
        from pair
        where held_id is null or sent_id is null
    )
select force, month, kind, held_id, sent_id, 'unchanged' as fate
from pair
where held_id is not null and sent_id is not null
union all
select
    force,
    month,
    kind,
    gone.held_id,
    added.sent_id,
    case
        when gone.held_id is null
        then 'recorded'
        when added.sent_id is null
        then 'ended'
        else 'corrected'
    end
from (select * from single where sent_id is null) as gone
full join
    (select * from single where held_id is null) as added
    using (force, month, kind, crime_id, turn)
;

-- name: find_matches!
-- Find what becomes of a row held without looking through all: of months that came a moment ago the
-- planner knows nothing yet.
create index on street_match (held_id);
analyze street_match
;

-- name: foresee
-- How many rows of each file are new, say otherwise what was held, are the same, and how many that
-- were held does it no longer have?
select
    force,
    month,
    kind,
    count(sent_id) as rows,
    count(*) filter (where fate = 'corrected') as corrected,
    count(*) filter (where fate = 'ended') as ended,
    count(*) filter (where fate = 'recorded') as recorded,
    count(*) filter (where fate = 'unchanged') as unchanged
from street_match
group by force, month, kind
order by force, month, kind
;

-- name: end!
-- End the versions that the files no longer say.
update street_record_version as record
set until_change = :change
from street_match as matched
where
    record.force = matched.force
    and record.street_record_id = matched.held_id
    and record.until_change is null
    and matched.fate in ('ended', 'corrected')
;

-- name: begin!
-- Begin those that are said anew.
insert into street_record_version ({{ street_record_version.columns }})
select
    {% call street_record_version.version(stated="staged") %}
    coalesce(matched.held_id, staged.street_record_id) as street_record_id,
    street_place.area as area
    {% endcall %}
from staged_street_record as staged
join street_match as matched on matched.sent_id = staged.street_record_id and matched.fate in ('recorded', 'corrected')
left join street_place on street_place.lsoa_name = staged.lsoa_name and street_place.month = staged.month
order by staged.file, staged.line;

-- name: keep!
-- Keep the receipt.
insert into street_submission (
    street_submission_id,
    at,
    caller,
    change,
    digest,
    faults,
    forces,
    passed_over,
    passed_over_count,
    reason,
    rows,
    status
)
values (
    :street_submission_id,
    :at,
    :caller,
    :change_made,
    :digest,
    :faults,
    :forces,
    :passed_over,
    :passed_over_count,
    :reason,
    :rows,
    :status
)
;

-- name: keep_files!
-- Keep what each file did.
insert into street_submission_file (
    force,
    street_submission_id,
    month,
    kind,
    corrected,
    ended,
    name,
    recorded,
    rows,
    unchanged
)
select
    force,
    :street_submission_id,
    month,
    kind,
    corrected,
    ended,
    name,
    recorded,
    rows,
    unchanged
from
    jsonb_to_recordset(:files) as file(
        force text,
        month date,
        kind text,
        corrected int,
        ended int,
        name text,
        recorded int,
        rows int,
        unchanged int
    )
;

-- name: keep_faults!
-- Keep what was wrong.
insert into street_submission_fault (
    street_submission_id,
    position,
    caller,
    detail,
    field,
    file,
    line,
    value
)
select
    :street_submission_id,
    row_number() over (),
    :caller,
    fault.detail,
    fault.field,
    fault.file,
    fault.line,
    fault.value
from
    jsonb_to_recordset(:faults) as fault(
        detail text,
        field text,
        file text,
        line int,
        value text
    )
;

-- name: read^
-- What was the receipt? It never changes, so any tag will do for it.
select
    receipt.street_submission_id,
    receipt.at,
    receipt.caller,
    receipt.change,
    receipt.digest,
    receipt.faults,
    receipt.passed_over,
    receipt.passed_over_count,
    receipt.reason,
    receipt.rows,
    receipt.status,
    coalesce(receipt.change, 0) as since_change,
    coalesce(
        (
            select
                jsonb_agg(
                    to_jsonb(file) - 'street_submission_id'
                    order by file.month, file.force, file.kind
                )
            from street_submission_file as file
            where file.street_submission_id = receipt.street_submission_id
        ),
        '[]'
    ) as files
from street_submission as receipt
where receipt.street_submission_id = :street_submission_id
;

-- name: list
-- Which files came?
select
    receipt.street_submission_id,
    receipt.at,
    receipt.caller,
    receipt.change,
    receipt.digest,
    receipt.faults,
    receipt.passed_over,
    receipt.passed_over_count,
    receipt.reason,
    receipt.rows,
    receipt.status,
    coalesce(
        (
            select
                jsonb_agg(
                    to_jsonb(file) - 'street_submission_id'
                    order by file.month, file.force, file.kind
                )
            from street_submission_file as file
            where file.street_submission_id = receipt.street_submission_id
        ),
        '[]'
    ) as files
from street_submission as receipt
where
    :after_street_submission_id::uuid is null
    or street_submission_id > :after_street_submission_id
order by street_submission_id
limit :limit
;

-- name: list_faults
-- What was wrong with this one?
select position, detail, field, file, line, value
from street_submission_fault
where
    street_submission_id = :street_submission_id
    and (:after_position::bigint is null or position > :after_position)
order by position
limit :limit
;

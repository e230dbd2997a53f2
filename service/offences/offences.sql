-- name: faults
-- What is wrong with this record?
select field, detail
from
    offence_faults(
        :force,
        :area,
        area_named(:area, :as_of),
        :code,
        :committed_from,
        :committed_to,
        :outcome,
        :outcome_on,
        :recorded_at,
        :recorded_on,
        :reported_at,
        :transferred_from,
        :victims_told_on,
        :changed_at
    )
;

-- name: record^
-- Begin a record.
insert into offence_version ({{ offence_version.columns }})
select
{% call offence_version.version(stated=":", first=True) %}
    area_named(:area, :as_of) as area,
    :decided_by as decided_by,
    :reason as reason
{% endcall %}
returning *;

-- name: read^
-- What is known of this record?
select *
from offence_version
where offence_id = :offence_id and known_at(since_change, until_change, :as_of)
;

-- name: correct^
-- End the version that was seen and begin the one that should be. No row: somebody else was first.
with
    ended as (
        update offence_version set until_change = :change
        where
            force = :force
            and offence_id = :offence_id
            and since_change = :seen
            and until_change is null
            and status = 'recorded'
        returning *
    )
insert into offence_version ({{ offence_version.columns }})
select
    {% call offence_version.version(after="ended", stated=":") %}
    area_named(:area, :as_of) as area,
    :decided_by as decided_by,
    :reason as reason
    {% endcall %}
from ended
returning *
;

-- name: reclassify^
-- End the version that was seen and begin one of another class. No row: somebody else was first.
with
    ended as (
        update offence_version set until_change = :change
        where
            force = :force
            and offence_id = :offence_id
            and since_change = :seen
            and until_change is null
            and status = 'recorded'
        returning *
    )
insert into offence_version ({{ offence_version.columns }})
select
    {% call offence_version.version(after="ended") %}
    :code as code,
    :decided_by as decided_by,
    :reason as reason
    {% endcall %}
from ended
returning *
;

-- name: list
-- Which records are these? An area is everything that lies in it, whichever force recorded it.
select *
from offence_version as record
where
    known_at(since_change, until_change, :as_of)
    and (:status = 'any' or status = :status)
    and (:force::text is null or force = :force)
    -- as values: whether they have many records or few decides where to look for the first
    and (:areas::text[] is null or area = any(:areas))
    and (
        :category::text is null
        or code = any(
            array(  -- most records are none of these at any time, which costs little to see
                select member.code from category_member(:category, :as_of) as member
            )
        )
    )
    and (
        :category::text is null
        or code not in (  -- nor does a day matter to most codes, and asking each record costs much
            select bounded.code
            from category_code as bounded
            where
                bounded.category = :category
                and (bounded.from_on is not null or bounded.to_on is not null)
        )
        or exists (
            select
            from category_member(:category, :as_of) as member
            where
                member.code = record.code
                and coalesce(member.from_on, '-infinity') <= recorded_on
                and coalesce(member.to_on, 'infinity') >= recorded_on
        )
    )
    and (:code::text is null or code = :code)
    and (:crime_ref::text is null or crime_ref = :crime_ref)
    and (:cancelled_reason::text is null or cancelled_reason = :cancelled_reason)
    and (
        :operation::uuid is null
        or offence_id
        in (select run.offence_id from operation_records(:operation, :as_of) as run)
    )
    and (
        :outcome::text is null
        or outcome in (
            select type.outcome
            from outcome_type as type
            where :outcome in (type.outcome, type.part_of)
        )
    )
    and (
        :outcome_kind::text is null
        or outcome <> '0'
        and (
            :outcome_kind = 'assigned'
            or outcome in (select positive.outcome from positive_outcome as positive)
        )
    )
    and (:outcome_from::date is null or outcome_on >= :outcome_from)
    and (:outcome_to::date is null or outcome_on <= :outcome_to)
    and (
        :recorded_in_time::text is null
        or coalesce(recorded_in_time::text, 'unknown') = :recorded_in_time
    )
    and (:recorded_from::date is null or recorded_on >= :recorded_from)
    and (:recorded_to::date is null or recorded_on <= :recorded_to)
    and (:after_recorded_on::date is null or recorded_on >= :after_recorded_on)
    and (
        :after_recorded_on::date is null
        or (recorded_on, offence_id) > (:after_recorded_on, :after_offence_id::uuid)
    )
order by recorded_on, offence_id
limit :limit
;

-- name: versions
-- How did this record come to be what it is? differences holds, for each field that changed, what
-- it was and what it became. Who decided and why belongs to each version and is no field of the
-- crime; what is worked out from other fields differs with them.
with
    version as (
        select
            stored.*,
            to_jsonb(stored) - aside.fields as now,
            lag(to_jsonb(stored) - aside.fields) over (order by since_change) as before
        from offence_version as stored
        cross join (values (array[{{ offence_version.not_of_the_thing }}])) as aside(fields)
        where offence_id = :offence_id and since_change <= :as_of
    )
select
    version.*,
    change.at,
    change.caller,
    coalesce(version.reason, change.reason) as reason,
    change.submission_id,
    change.trace_id,
    case when until_change <= :as_of then until_change end as until_change,
    coalesce(
        (
            select
                jsonb_agg(
                    jsonb_build_object(
                        'field',
                        field,
                        'before',
                        version.before ->> field,
                        'after',
                        version.now ->> field
                    )
                    order by field
                )
            from jsonb_object_keys(version.now) as field
            where
                version.before is not null
                and version.before -> field is distinct from version.now -> field
        ),
        '[]'
    ) as differences
from version
join change on change.id = version.since_change
where :after_since_change::bigint is null or since_change > :after_since_change
order by since_change
limit :limit
;

-- name: knows_operation$
-- Is there an operation of this id?
select
    exists (
        select
        from operation_version
        where operation_id = :operation_id and known_at(since_change, until_change, :as_of)
    ) as known
;

-- name: list
-- Who did what to which records? Of one record: the accesses to itself, the files that brought a
-- version of it, the answers whose records are kept by id, and the lists whose question, asked
-- again of the record as it was known then, includes it between first and last.
with
    version as (select * from offence_version where offence_id = :offence_id),
    listing as (
        select
            access.access_id,
            asked,
            change,
            operation,
            coalesce(ended.records, access.records) as records,
            coalesce(ended.first_recorded_on, access.first_recorded_on) as first_recorded_on,
            coalesce(ended.first_offence_id, access.first_offence_id) as first_offence_id,
            coalesce(ended.last_recorded_on, access.last_recorded_on) as last_recorded_on,
            coalesce(ended.last_offence_id, access.last_offence_id) as last_offence_id,
            coalesce(ended.offence_ids, access.offence_ids) as offence_ids
        from access
        left join access_end as ended using (access_id)
        where
            access.offence_id is null
            and coalesce(ended.records, access.records) is distinct from 0
            and (
                :at_from::timestamptz is null
                or access_id
                >= first_id_of(ceil(extract(epoch from :at_from::timestamptz) * 1000))
            )
            and (
                :at_to::timestamptz is null
                or access_id
                < first_id_of(floor(extract(epoch from :at_to::timestamptz) * 1000) + 1)
            )
    ),
    touching as (
        select access_id
        from access
        where offence_id = :offence_id
        union all
        select access_id
        from listing
        where :offence_id::uuid = any(offence_ids)
        union all
        select access_id
        from listing
        join version on version.since_change = listing.change
        where operation = 'submitOffences'
        union all
        select access_id
        from listing
        join version on known_at(version.since_change, version.until_change, listing.change)
        where
            operation = 'listOffences'
            and (
                first_offence_id is null
                or (version.recorded_on, version.offence_id)
                >= (first_recorded_on, first_offence_id)
            )
            and (
                last_offence_id is null
                or (version.recorded_on, version.offence_id) <= (last_recorded_on, last_offence_id)
            )
            and (asked ->> 'status' = 'any' or asked ->> 'status' = version.status)
            and (asked ->> 'force' is null or asked ->> 'force' = version.force)
            and (
                asked ->> 'forces' is null
                or version.force = any(string_to_array(asked ->> 'forces', ','))
            )
            and (
                asked ->> 'area' is null
                or version.area in (
                    select inside.area
                    from area_ancestor as inside
                    where
                        inside.ancestor = asked ->> 'area'
                        and known_at(inside.since_change, inside.until_change, listing.change)
                )
            )
            and (
                asked ->> 'category' is null
                or exists (
                    select
                    from category_member(asked ->> 'category', listing.change) as member
                    where
                        member.code = version.code
                        and coalesce(member.from_on, '-infinity') <= version.recorded_on
                        and coalesce(member.to_on, 'infinity') >= version.recorded_on
                )
            )
            and (asked ->> 'code' is null or asked ->> 'code' = version.code)
            and (asked ->> 'crime_ref' is null or asked ->> 'crime_ref' = version.crime_ref)
            and (
                asked ->> 'cancelled_reason' is null
                or asked ->> 'cancelled_reason' = version.cancelled_reason
            )
            and (
                asked ->> 'operation' is null
                or exists (
                    select
                    from operation_records((asked ->> 'operation')::uuid, listing.change) as run
                    where run.offence_id = version.offence_id
                )
            )
            and (
                asked ->> 'outcome' is null
                or version.outcome in (
                    select type.outcome
                    from outcome_type as type
                    where asked ->> 'outcome' in (type.outcome, type.part_of)
                )
            )
            and (
                asked ->> 'outcome_kind' is null
                or version.outcome <> '0'
                and (
                    asked ->> 'outcome_kind' = 'assigned'
                    or version.outcome
                    in (select positive.outcome from positive_outcome as positive)
                )
            )
            and (
                asked ->> 'outcome_from' is null
                or version.outcome_on >= (asked ->> 'outcome_from')::date
            )
            and (
                asked ->> 'outcome_to' is null
                or version.outcome_on <= (asked ->> 'outcome_to')::date
            )
            and (
                asked ->> 'recorded_in_time' is null
                or coalesce(version.recorded_in_time::text, 'unknown')
                = asked ->> 'recorded_in_time'
            )
            and (
                asked ->> 'recorded_from' is null
                or version.recorded_on >= (asked ->> 'recorded_from')::date
            )
            and (
                asked ->> 'recorded_to' is null
                or version.recorded_on <= (asked ->> 'recorded_to')::date
            )
            and (
                asked ->> 'after_offence_id' is null
                or (version.recorded_on, version.offence_id)
                > ((asked ->> 'after_recorded_on')::date, (asked ->> 'after_offence_id')::uuid)
            )
    )
select
    access.*,
    ended.at as ended_at,
    coalesce(ended.complete, case when access.records is not null then true end) as complete,
    coalesce(ended.records, access.records) as records,
    coalesce(ended.first_offence_id, access.first_offence_id) as first_offence_id,
    coalesce(ended.first_recorded_on, access.first_recorded_on) as first_recorded_on,
    coalesce(ended.last_offence_id, access.last_offence_id) as last_offence_id,
    coalesce(ended.last_recorded_on, access.last_recorded_on) as last_recorded_on,
    coalesce(
        (
            select jsonb_agg(jsonb_build_object('name', key, 'value', value) order by key)
            from jsonb_each_text(asked)
        ),
        '[]'
    ) as asked
from access
left join access_end as ended using (access_id)
where
    (:offence_id::uuid is null or access_id in (select access_id from touching))
    and (:caller::text is null or caller = :caller)
    and (:change::bigint is null or change = :change)
    and (:force::text is null or force = :force)
    and (:kind::access_kind is null or kind = :kind)
    and (:operation::text is null or operation = :operation)
    and (:trace_id::text is null or trace_id = :trace_id)
    and (
        :at_from::timestamptz is null
        or access_id >= first_id_of(ceil(extract(epoch from :at_from::timestamptz) * 1000))
    )
    and (
        :at_to::timestamptz is null
        or access_id < first_id_of(floor(extract(epoch from :at_to::timestamptz) * 1000) + 1)
    )
    and (
        :after_access_id::uuid is null
        or case
            when :order = 'oldest'
            then access_id > :after_access_id
            else access_id < :after_access_id
        end
    )
order by case when :order = 'oldest' then access_id end, access_id desc
limit :limit
;

-- migrate:up

-- What did each change touch? Read off the versions themselves, so that the feed can say nothing
-- else than the book.

create function offence_became(erased boolean, cancelled boolean, reclassified boolean) returns text
language sql immutable parallel safe
return case
    when erased then 'erased'
    when cancelled then 'cancelled'
    when reclassified then 'reclassified'
    else 'corrected'
end;
comment on function offence_became is
    'What a change made of a record that was there before. Inlined by the planner.';
grant execute on function offence_became to crimebook_service;

create function offence_touched(after_change bigint, to_change bigint)
returns table (change bigint, force text, offence_id uuid, what text)
language sql stable parallel safe as $$
    select
        now.since_change,
        now.force,
        now.offence_id,
        case
            when before.offence_id is null then 'recorded'
            else offence_became(
                now.erased_change = now.since_change, now.status <> before.status,
                now.code <> before.code)
        end
    from offence_version as now
    left join offence_version as before
      on before.until_change > offence_touched.after_change
     and before.until_change <= offence_touched.to_change
     and (before.until_change, before.force, before.offence_id)
       = (now.since_change, now.force, now.offence_id)
    where now.since_change > offence_touched.after_change
      and now.since_change <= offence_touched.to_change
$$;
comment on function offence_touched is
    'The records that changes opened a version of, after one change and up to another, and what '
    'became of each.';

create function thing_touched(after_change bigint, to_change bigint)
returns table (change bigint, noun text, name text, what text)
language sql stable parallel safe as $$
    with opened as (
        select 'areas' as noun, area as name, since_change, until_change
        from area_version
        union all
        select 'offence-codes', code, since_change, until_change
        from code_version
        union all
        select 'categories', category, since_change, until_change
        from category_version
        union all
        select 'measures', measure, since_change, until_change
        from measure_version
        union all
        select 'measures', measure || '/observations/' || observation_id, since_change, until_change
        from observation_version
        union all
        select 'targets', target_id::text, since_change, until_change
        from target_version
    ), moved as (
        select since_change as change, noun, name, 1 as begun, 0 as ended
        from opened
        where since_change > thing_touched.after_change and since_change <= thing_touched.to_change
        union all
        select until_change, noun, name, 0, 1
        from opened
        where until_change > thing_touched.after_change and until_change <= thing_touched.to_change
    )
    select
        moved.change,
        moved.noun,
        moved.name,
        case
            when sum(moved.ended) = 0 then 'begun'
            when sum(moved.begun) = 0 then 'ended'
            else 'altered'
        end
    from moved
    group by moved.change, moved.noun, moved.name
    union all
    select return.change, 'returns', return_id::text, 'begun'
    from return
    where return.change > thing_touched.after_change and return.change <= thing_touched.to_change
    union all
    select since_change, 'releases', release_id::text, 'begun'
    from release
    where since_change > thing_touched.after_change and since_change <= thing_touched.to_change
    union all
    select created_change, 'callers', caller_id::text, 'begun'
    from caller
    where created_change > thing_touched.after_change and created_change <= thing_touched.to_change
    union all
    select revoked_change, 'callers', caller_id::text, 'ended'
    from caller
    where revoked_change > thing_touched.after_change and revoked_change <= thing_touched.to_change
$$;
comment on function thing_touched is
    'All else that changes began, altered or ended, after one change and up to another, by noun '
    'and name.';

-- migrate:down

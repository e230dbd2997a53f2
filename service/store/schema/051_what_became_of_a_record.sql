-- migrate:up

-- A page of the feed counts what became of records; a list names them. Both say it by the same rule.
create function offence_became(erased boolean, cancelled boolean, reclassified boolean) returns text
language sql immutable parallel safe
return case when erased then 'erased' when cancelled then 'cancelled' when reclassified then 'reclassified' else 'corrected' end;
comment on function offence_became is 'What a change made of a record that was there before. Inlined by the planner.';
grant execute on function offence_became to crimebook_service;

create or replace function offence_touched(after_change bigint, to_change bigint)
returns table (change bigint, force text, offence_id uuid, what text)
language sql stable parallel safe as $$
    select now.since_change, now.force, now.offence_id,
           case when before.offence_id is null then 'recorded'
                else offence_became(now.erased_change = now.since_change, now.status <> before.status, now.code <> before.code) end
    from offence_version as now
    left join offence_version as before
      on before.until_change > offence_touched.after_change and before.until_change <= offence_touched.to_change
     and (before.until_change, before.force, before.offence_id) = (now.since_change, now.force, now.offence_id)
    where now.since_change > offence_touched.after_change and now.since_change <= offence_touched.to_change
$$;

-- migrate:down
create or replace function offence_touched(after_change bigint, to_change bigint)
returns table (change bigint, force text, offence_id uuid, what text)
language sql stable parallel safe as $$
    select now.since_change, now.force, now.offence_id,
           case when before.offence_id is null then 'recorded'
                when now.erased_change = now.since_change then 'erased'
                when now.status <> before.status then 'cancelled'
                when now.code <> before.code then 'reclassified'
                else 'corrected' end
    from offence_version as now
    left join offence_version as before
      on before.until_change > offence_touched.after_change and before.until_change <= offence_touched.to_change
     and (before.until_change, before.force, before.offence_id) = (now.since_change, now.force, now.offence_id)
    where now.since_change > offence_touched.after_change and now.since_change <= offence_touched.to_change
$$;
drop function offence_became;

-- migrate:up

-- What came after row-level security is bound by it too: tags are of records, so they are seen by their own forces; which forces are most
-- similar to which is of no person, so everybody who asks sees it, and each force's is written in its own name.
alter table operation_tag enable row level security;
create policy of_own_forces on operation_tag to crimebook_service
    using ((select current_setting('crimebook.forces', true)) = '*'
           or force = any ((select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

alter table peer_group_version enable row level security;
create policy seen_by_all on peer_group_version for select to crimebook_service
    using ((select current_setting('crimebook.forces', true)) <> '');
create policy written_for_own_forces on peer_group_version to crimebook_service
    using ((select current_setting('crimebook.forces', true)) = '*'
           or force = any ((select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- How many records of each day, code and outcome count in each area? By basis assigned those whose outcome was given on these days, and of
-- those recorded on them the ones that have an outcome without a day (undated); by basis recorded all that were recorded on these days.
create function outcomes_counted(areas text[], first date, last date, basis text, as_of bigint)
returns table (area text, code text, recorded_on date, outcome text, undated boolean, number bigint) language plpgsql stable parallel safe
security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select inside.ancestor, held.code, held.recorded_on, held.outcome,
                   outcomes_counted.basis = 'assigned' and held.outcome_on is null, count(*)
            from area_ancestor as inside
            join offence_version as held on held.area = inside.area
            where inside.ancestor = any (outcomes_counted.areas) and known_at(inside.since_change, inside.until_change, outcomes_counted.as_of)
              and held.status = 'recorded' and known_at(held.since_change, held.until_change, outcomes_counted.as_of)
              and (outcomes_counted.basis = 'assigned' and held.outcome_on between outcomes_counted.first and outcomes_counted.last
                   or held.recorded_on between outcomes_counted.first and outcomes_counted.last
                      and (outcomes_counted.basis = 'recorded' or held.outcome <> '0' and held.outcome_on is null))
            group by 1, 2, 3, 4, 5;
    end if;
end
$$;
comment on function outcomes_counted is 'Outcomes of records, counted in the name of the owner since figures are the same for everybody; it names no record.';
revoke execute on function outcomes_counted from public;
grant execute on function outcomes_counted to crimebook_service;

-- migrate:down
drop function outcomes_counted;
drop policy written_for_own_forces on peer_group_version;
drop policy seen_by_all on peer_group_version;
alter table peer_group_version disable row level security;
drop policy of_own_forces on operation_tag;
alter table operation_tag disable row level security;

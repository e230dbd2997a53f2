-- migrate:up

-- Outcomes that were given in a period were looked for in all records of an area. They have an index of their own now, as records by the day of
-- recording have, and are counted by the month of recording, which is what categories are made of.
create index offence_by_outcome on offence_version (area, outcome_on) where outcome_on is not null;

drop function outcomes_counted;
create function outcomes_counted(areas text[], first date, last date, basis text, as_of bigint)
returns table (area text, code text, month date, outcome text, undated boolean, number bigint)
language plpgsql stable security definer parallel safe set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if first > last or not somebody_asks() then
        return;
    end if;
    if outcomes_counted.basis = 'assigned' then
        return query
            select inside.ancestor, held.code, month_of(held.recorded_on), held.outcome, false, count(*)
            from area_ancestor as inside
            join offence_version as held on held.area = inside.area
            where inside.ancestor = any (outcomes_counted.areas) and known_at(inside.since_change, inside.until_change, outcomes_counted.as_of)
              and held.status = 'recorded' and known_at(held.since_change, held.until_change, outcomes_counted.as_of)
              and held.outcome_on between outcomes_counted.first and outcomes_counted.last
            group by 1, 2, 3, 4;
    end if;
    return query
        select inside.ancestor, held.code, month_of(held.recorded_on), held.outcome, outcomes_counted.basis = 'assigned', count(*)
        from area_ancestor as inside
        join offence_version as held on held.area = inside.area
        where inside.ancestor = any (outcomes_counted.areas) and known_at(inside.since_change, inside.until_change, outcomes_counted.as_of)
          and held.status = 'recorded' and known_at(held.since_change, held.until_change, outcomes_counted.as_of)
          and held.recorded_on between outcomes_counted.first and outcomes_counted.last
          and (outcomes_counted.basis = 'recorded' or held.outcome <> '0' and held.outcome_on is null)
        group by 1, 2, 3, 4;
end
$$;
comment on function outcomes_counted is 'Outcomes of records, counted in the name of the owner since figures are the same for everybody; it names no record.';
revoke execute on function outcomes_counted from public;
grant execute on function outcomes_counted to crimebook_service;

-- migrate:down
drop function outcomes_counted;
create function outcomes_counted(areas text[], first date, last date, basis text, as_of bigint)
returns table (area text, code text, recorded_on date, outcome text, undated boolean, number bigint)
language plpgsql stable security definer parallel safe set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
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
drop index offence_by_outcome;

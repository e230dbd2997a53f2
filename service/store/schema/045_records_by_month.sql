-- migrate:up

-- What figures of a past change read was one row for each record; they add months up, since codes enter and leave categories with months. So the
-- records are counted here, from their index alone where vacuum has been.
drop index offence_by_area;
create index offence_by_area on offence_version (area, recorded_on, code) include (since_change, until_change, status, victims);

drop function recorded_between;
create function recorded_by_month(areas text[], first date, last date, as_of bigint)
returns table (area text, code text, day date, offences int, victims int)
language plpgsql stable security definer parallel safe set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select inside.ancestor, held.code, greatest(date_trunc('month', held.recorded_on::timestamp)::date, recorded_by_month.first), count(*)::int,
                   sum(held.victims)::int
            from area_ancestor as inside
            join offence_version as held on held.area = inside.area
            where inside.ancestor = any (recorded_by_month.areas)
              and known_at(inside.since_change, inside.until_change, recorded_by_month.as_of)
              and held.recorded_on between recorded_by_month.first and recorded_by_month.last and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, recorded_by_month.as_of)
            group by 1, 2, 3;
    end if;
end
$$;
comment on function recorded_by_month is
    'Records of these days that counted in these areas as known at a change, by code and month: a month is named by its first day, or the first asked.';
revoke all on function recorded_by_month from public;
grant execute on function recorded_by_month to crimebook_service;

-- migrate:down
drop function recorded_by_month;
create function recorded_between(areas text[], first date, last date, as_of bigint)
returns table (area text, code text, recorded_on date, victims int)
language plpgsql stable security definer parallel safe set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select inside.ancestor, held.code, held.recorded_on, held.victims
            from area_ancestor as inside
            join offence_version as held on held.area = inside.area
            where inside.ancestor = any (recorded_between.areas) and known_at(inside.since_change, inside.until_change, recorded_between.as_of)
              and held.recorded_on between recorded_between.first and recorded_between.last and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, recorded_between.as_of);
    end if;
end
$$;
revoke all on function recorded_between from public;
grant execute on function recorded_between to crimebook_service;
drop index offence_by_area;
create index offence_by_area on offence_version (area, recorded_on, code);

-- migrate:up

-- What was known at a change is what is known now less what has moved since. So a whole month as known at a past change is read from the tally,
-- and only records that entered or left it since are looked up, by indexes in which they lie together: it costs what has moved, not what is held.
-- Not where the areas had other land then; nor on a book that is spread over servers, where a reader may see one table a commit ahead of another.
create function month_of(day date) returns date
language sql immutable parallel safe
return date_trunc('month', day::timestamp)::date;
comment on function month_of is 'The first day of its month. Inlined by the planner.';
grant execute on function month_of to crimebook_service;

create index offence_entered on offence_version (area, month_of(recorded_on), since_change)     -- what counts now, and since when?
    where until_change is null and status = 'recorded';
create index offence_left on offence_version (area, month_of(recorded_on), until_change) include (since_change, code, victims)
    where until_change is not null and status = 'recorded';                                     -- what counted, and until when?
drop index offence_by_area;
create index offence_by_area on offence_version (area, recorded_on, code);

create or replace function recorded_by_month(areas text[], first date, last date, as_of bigint)
returns table (area text, code text, day date, offences int, victims int)
language plpgsql stable security definer parallel safe set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan         -- how much has moved depends on the change
set random_page_cost = 1.1                       -- and is looked up, also where a small book could as well be read whole
as $$
#variable_conflict use_column
declare
    tallied boolean := to_regclass('pg_dist_partition') is null and not exists (
        select from area_ancestor as land
        where land.ancestor = any (recorded_by_month.areas)
          and (land.ancestor_kind = 'beat' or land.until_change > recorded_by_month.as_of
               or land.since_change > recorded_by_month.as_of and exists (      -- of land that was not there before, no record was known then
                   select from area_ancestor as before where before.area = land.area and before.since_change <= recorded_by_month.as_of)));
    begins date := whole_from(recorded_by_month.first, recorded_by_month.last, tallied);
    ends date := whole_until(recorded_by_month.first, recorded_by_month.last, tallied);
    part record;
begin
    if not somebody_asks() then
        return;
    end if;
    if begins < ends then
        return query
            with cell as materialized (
                select inside.ancestor, inside.area, (begins + make_interval(months => number))::date as month
                from area_ancestor as inside cross join generate_series(0, months_between(begins, ends - 1)) as number
                where inside.ancestor = any (recorded_by_month.areas) and inside.until_change is null
            ), counted as (
                select held.area, held.code, held.month, held.offences, held.victims
                from tally as held
                where held.area = any (recorded_by_month.areas) and held.month >= begins and held.month < ends
                union all
                select cell.ancestor, entered.code, cell.month, -1, -entered.victims
                from cell join offence_version as entered on entered.area = cell.area and month_of(entered.recorded_on) = cell.month
                where entered.until_change is null and entered.status = 'recorded' and entered.since_change > recorded_by_month.as_of
                union all
                select cell.ancestor, gone.code, cell.month, 1, gone.victims
                from cell join offence_version as gone on gone.area = cell.area and month_of(gone.recorded_on) = cell.month
                where gone.until_change > recorded_by_month.as_of and gone.status = 'recorded' and gone.since_change <= recorded_by_month.as_of
            )
            select counted.area, counted.code, counted.month, sum(counted.offences)::int, sum(counted.victims)::int
            from counted
            group by 1, 2, 3
            having sum(counted.offences) <> 0;
    end if;
    for part in select * from (values (first, begins - 1), (ends, last)) as part (from_on, to_on) where from_on <= to_on loop
        return query
            select inside.ancestor, held.code, greatest(month_of(held.recorded_on), recorded_by_month.first), count(*)::int, sum(held.victims)::int
            from area_ancestor as inside join offence_version as held on held.area = inside.area
            where inside.ancestor = any (recorded_by_month.areas)
              and known_at(inside.since_change, inside.until_change, recorded_by_month.as_of)
              and held.recorded_on between part.from_on and part.to_on and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, recorded_by_month.as_of)
            group by 1, 2, 3;
    end loop;
end
$$;

-- migrate:down
create or replace function recorded_by_month(areas text[], first date, last date, as_of bigint)
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

drop index offence_by_area;
create index offence_by_area on offence_version (area, recorded_on, code) include (since_change, until_change, status, victims);
drop index offence_left;
drop index offence_entered;
drop function month_of;

-- migrate:up

-- The present counts, kept in the same transaction as the versions they count; `python -m service
-- verify` proves it. Counts are of no person: everybody who asks sees all, and writes its own.
--
-- Each correction rewrites some ninety counts. They stand in no index, so that a count that is
-- rewritten stays on its page, which has room for it (fillfactor) and is swept when it is next
-- rewritten. Reading from the index alone needs pages that vacuum has seen: a fifth of ten million
-- cells, as is usual, would be long in coming.
create table tally (
    force    text not null,
    area     text not null,
    month    date not null,
    code     text not null,
    offences int  not null,
    victims  int  not null,
    constraint tally_counts_a_cell_once primary key (area, month, code, force),
    constraint tally_is_not_negative check (offences >= 0 and victims >= 0)
) with (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02, fillfactor = 75
);
comment on table tally is
    'Records that count now, for each area above the beat, by code and month of recording.';
grant select, insert on tally to crimebook_service;
grant update (offences, victims), delete on tally to crimebook_service;
alter table tally enable row level security;
create policy seen_by_all on tally for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) <> '');
create policy written_for_own_forces on tally to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- A year of a force by category had to add up the months of every code that its categories hold:
-- the more a book held, the more codes each month had. Counted by category too, a figure reads as
-- many rows whatever lies behind them.
create table category_tally (
    force    text not null,
    area     text not null,
    category text not null,
    month    date not null,
    offences int  not null,
    victims  int  not null,
    constraint category_tally_counts_a_cell_once primary key (area, category, month, force),
    constraint category_tally_is_not_negative check (offences >= 0 and victims >= 0)
) with (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02, fillfactor = 75
);
comment on table category_tally is
    'The tally by category instead of by code, each as it is defined now.';
grant select, insert on category_tally to crimebook_service;
grant update (offences, victims), delete on category_tally to crimebook_service;
alter table category_tally enable row level security;
create policy seen_by_all on category_tally for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) <> '');
create policy written_for_own_forces on category_tally to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- What category_tally holds is said once: it is filled from this where categories or areas are
-- redrawn, and held against it by `verify`.
create view tally_by_category with (security_invoker = true) as
select
    tally.force,
    tally.area,
    member.category,
    tally.month,
    sum(tally.offences) as offences,
    sum(tally.victims) as victims
from tally
join category_member_now as member
  on member.code = tally.code and tally.month between member.from_on and member.to_on
group by 1, 2, 3, 4;
comment on view tally_by_category is 'The tally summed by category, each as it is defined now.';
grant select on tally_by_category to crimebook_service;

-- A period is read from the tally for its whole months and from the records for what is left at
-- either end: the days before whole_from and those from whole_until on. Where it has no whole
-- month, or the tally cannot serve, all of it is left.
create function whole_from(from_on date, to_on date, tallied boolean) returns date
language sql immutable parallel safe as $$
    select case when tallied and begins < ends then begins else to_on + 1 end
    from (
        select
            (date_trunc('month', (from_on - 1)::timestamp) + interval '1 month')::date,
            date_trunc('month', (to_on + 1)::timestamp)::date
    ) as month (begins, ends)
$$;

create function whole_until(from_on date, to_on date, tallied boolean) returns date
language sql immutable parallel safe as $$
    select case when tallied and begins < ends then ends else to_on + 1 end
    from (
        select
            (date_trunc('month', (from_on - 1)::timestamp) + interval '1 month')::date,
            date_trunc('month', (to_on + 1)::timestamp)::date
    ) as month (begins, ends)
$$;

-- What was known at a change is what is known now less what has moved since. So a whole month as
-- known at a past change is read from the tally, and only records that entered or left it since are
-- looked up, by indexes in which they lie together: it costs what has moved, not what is held. Not
-- where the areas had other land then; nor on a book that is spread over servers, where a reader
-- may see one table a commit ahead of another. Counted in the name of the owner, as figures are; it
-- names no record.
create function recorded_by_month(areas text[], first date, last date, as_of bigint)
returns table (area text, code text, day date, offences int, victims int)
language plpgsql stable parallel safe security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan     -- how much has moved depends on the change
set random_page_cost = 1.1                  -- and is looked up, also in a small book
as $$
#variable_conflict use_column
declare
    tallied boolean := to_regclass('pg_dist_partition') is null and not exists (
        select from area_ancestor as land
        where land.ancestor = any (recorded_by_month.areas)
          and (
              land.ancestor_kind = 'beat'
              or land.until_change > recorded_by_month.as_of
              or land.since_change > recorded_by_month.as_of and exists (
                  -- Of land that was not there before, no record was known then.
                  select from area_ancestor as before
                  where before.area = land.area
                    and before.since_change <= recorded_by_month.as_of)));
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
                select
                    inside.ancestor,
                    inside.area,
                    (begins + make_interval(months => number))::date as month
                from area_ancestor as inside
                cross join generate_series(0, months_between(begins, ends - 1)) as number
                where inside.ancestor = any (recorded_by_month.areas)
                  and inside.until_change is null
            ), counted as (
                select held.area, held.code, held.month, held.offences, held.victims
                from tally as held
                where held.area = any (recorded_by_month.areas)
                  and held.month >= begins
                  and held.month < ends
                union all
                select cell.ancestor, entered.code, cell.month, -1, -entered.victims
                from cell
                join offence_version as entered
                  on entered.area = cell.area and month_of(entered.recorded_on) = cell.month
                where entered.until_change is null
                  and entered.status = 'recorded'
                  and entered.since_change > recorded_by_month.as_of
                union all
                select cell.ancestor, gone.code, cell.month, 1, gone.victims
                from cell
                join offence_version as gone
                  on gone.area = cell.area and month_of(gone.recorded_on) = cell.month
                where gone.until_change > recorded_by_month.as_of
                  and gone.status = 'recorded'
                  and gone.since_change <= recorded_by_month.as_of
            )
            select
                counted.area,
                counted.code,
                counted.month,
                sum(counted.offences)::int,
                sum(counted.victims)::int
            from counted
            group by 1, 2, 3
            having sum(counted.offences) <> 0;
    end if;
    for part in
        select * from (values (first, begins - 1), (ends, last)) as part (from_on, to_on)
        where from_on <= to_on
    loop
        return query
            select
                inside.ancestor,
                held.code,
                greatest(month_of(held.recorded_on), recorded_by_month.first),
                count(*)::int,
                sum(held.victims)::int
            from area_ancestor as inside join offence_version as held on held.area = inside.area
            where inside.ancestor = any (recorded_by_month.areas)
              and known_at(inside.since_change, inside.until_change, recorded_by_month.as_of)
              and held.recorded_on between part.from_on and part.to_on
              and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, recorded_by_month.as_of)
            group by 1, 2, 3;
    end loop;
end
$$;
comment on function recorded_by_month is
    'Records of these days that counted in these areas as known at a change, by code and month: a '
    'month is named by its first day, or the first asked.';
revoke all on function recorded_by_month from public;
grant execute on function recorded_by_month to crimebook_service;

-- migrate:down

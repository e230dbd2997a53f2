-- migrate:up

-- Two counts held against each other with their exposures, the rule by which a percentage is withheld, and the days on which series break.

-- How long were two periods, in which unit, and are they alike enough for a percentage? Years count as years, so that a leap day does not turn
-- equal counts into a change; shorter periods count their days, for February is a tenth shorter than March. Alike are periods of as many
-- whole months, of as many days, or of the same days of the calendar.
create function exposed(from_on date, to_on date, base_from date, base_to date, asked text)
returns table (period int, base int, unit text, alike boolean)
language sql immutable parallel safe as $$
    select case unit when 'months' then months else days end, case unit when 'months' then base_months else base_days end, unit,
           coalesce(months = base_months, false) or days = base_days or same_days
    from (select measured.*, case when months is null or base_months is null or asked = 'days' then 'days'
                                  when asked = 'months' or (months % 12 = 0 and base_months % 12 = 0) then 'months' else 'days' end as unit,
                 (exposed.base_from + later)::date = exposed.from_on
                 and ((exposed.base_to + later)::date = exposed.to_on or (exposed.base_to + 1 + later)::date = exposed.to_on + 1) as same_days
          from (select exposed.to_on - exposed.from_on + 1 as days, exposed.base_to - exposed.base_from + 1 as base_days,
                       case when extract(day from exposed.from_on) = 1 and extract(day from exposed.to_on + 1) = 1
                            then months_between(exposed.from_on, exposed.to_on + 1) end as months,
                       case when extract(day from exposed.base_from) = 1 and extract(day from exposed.base_to + 1) = 1
                            then months_between(exposed.base_from, exposed.base_to + 1) end as base_months,
                       (extract(year from exposed.from_on) - extract(year from exposed.base_from)) * interval '1 year' as later
               ) as measured) as chosen
$$;
comment on function exposed is 'The exposures of two periods in one unit, months for whole years and else days unless asked otherwise, and whether the two are alike.';

-- What a count says against another, worked out on unrounded counts and rounded once, half away from zero.
-- Rate ratio and 95 per cent interval: exp(ln RR ± 1.96 √(1/c + 1/b)).
-- withheld says why the two may not be compared at all: then nothing is worked out.
-- percent_rule is the smaller-count rule of the table that is followed: either-under-50 as ONS tables of partnerships have it,
-- current-under-50 as those of forces, none.
drop function compared(bigint, bigint, int, int, text);
create function compared(value bigint, base bigint, exposure int, base_exposure int, alike boolean, percent_rule text, withheld text)
returns table (difference bigint, percent numeric, percent_withheld text, rate_ratio numeric, interval_low numeric, interval_high numeric)
language sql immutable parallel safe as $$
    select case when withheld is null then value - base end,
           case when reason is null then round(100.0 * (value - base) / base, 1) end,
           reason,
           round(ratio::numeric, 3),
           round(exp(ln(ratio) - spread)::numeric, 3),
           round(exp(ln(ratio) + spread)::numeric, 3)
    from (select
        case
            when value is null or base is null then coalesce(withheld, 'one of the counts is not available')
            when withheld is not null then withheld
            when base = 0 then 'the base count is nought'
            when percent_rule = 'either-under-50' and least(value, base) < 50 then 'a count is under 50'
            when percent_rule = 'current-under-50' and value < 50 then 'the count is under 50'
            when base < 0 then 'the base count is below nought'
            when not alike then 'the periods differ in length'
        end as reason,
        case when withheld is null and value > 0 and base > 0 then (value::float8 / exposure) / (base::float8 / base_exposure) end as ratio,
        case when withheld is null and value > 0 and base > 0 then 1.96 * sqrt(1.0::float8 / value + 1.0::float8 / base) end as spread
    ) as worked
$$;
drop function exposure(date, date, date, date);

-- A release keeps by which rule its percentages were withheld; null is either-under-50, as all had it before there was a choice.
alter table release
    add column percent_rule text,
    add constraint release_percent_rule_is_known check (percent_rule in ('either-under-50', 'current-under-50', 'none'));

create table series_break_version (
    series_break    text   not null,
    since_change    bigint not null,
    until_change    bigint,
    categories      text[] not null default '{}',
    codes           text[] not null default '{}',
    from_on         date   not null,
    kind            text   not null,
    name            text   not null,
    note            text   not null,
    source          text   not null,
    constraint series_break_version_begins_once primary key (series_break, since_change),
    constraint series_break_began_at_a_change foreign key (since_change) references change,
    constraint series_break_ended_at_a_change foreign key (until_change) references change,
    constraint series_break_version_ends_after_it_begins check (until_change > since_change),
    constraint series_break_kind_is_known check (kind in ('counted', 'moved')),
    constraint series_break_that_moved_names_what check (kind = 'counted' or cardinality(categories) + cardinality(codes) > 0),
    constraint series_break_reads_well check (series_break ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
create unique index series_break_present on series_break_version (series_break) where until_change is null;
comment on table series_break_version is 'Days from which crime is counted otherwise, so that figures before and after do not compare as they stand.';
comment on column series_break_version.from_on is 'The first day on which it is counted the new way.';
comment on column series_break_version.kind is
    'counted: whatever holds one of these codes is counted otherwise; moved: offences moved between these codes, so what holds all of them does not break.';
comment on column series_break_version.codes is 'The codes concerned, with all those of the categories; every code where neither is named.';
comment on constraint series_break_reads_well on series_break_version is 'A break is lower-case words joined by single hyphens, like burglary-2017.';
comment on constraint series_break_that_moved_names_what on series_break_version is
    'A break by which offences moved names the codes or categories between which they did.';
create trigger closed_version_stays_closed before update on series_break_version for each row execute function closed_version_stays_closed();
grant select, insert on series_break_version to crimebook_service;
grant update (until_change) on series_break_version to crimebook_service;

-- Which breaks concern which of these categories, of those later than one day and not later than another, and by which codes?
create function break_concerning(categories text[], after date, until date, as_of bigint)
returns table (category text, series_break text, from_on date, name text, note text, codes text[])
language sql stable parallel safe as $$
    with held as materialized (
        select version.* from series_break_version as version
        where known_at(version.since_change, version.until_change, break_concerning.as_of)
          and version.from_on > break_concerning.after and version.from_on <= break_concerning.until
    ), concerned as (
        select held.series_break, code from held cross join unnest(held.codes) as code
        union
        select held.series_break, member.code
        from held cross join unnest(held.categories) as named (category)
        cross join category_member(named.category, break_concerning.as_of) as member
    ), wanted as materialized (
        select distinct named.category, member.code
        from (select name as category from unnest(break_concerning.categories) as name where exists (select from held)) as named
        cross join category_member(named.category, break_concerning.as_of) as member
    ), met as (
        select held.series_break, named.category, array_agg(wanted.code order by wanted.code) filter (where wanted.code is not null) as codes,
               bool_and(wanted.code is not null) as all_held
        from held cross join unnest(break_concerning.categories) as named (category)
        left join concerned on concerned.series_break = held.series_break
        left join wanted on (wanted.category, wanted.code) = (named.category, concerned.code)
        group by 1, 2
    )
    select met.category, held.series_break, held.from_on, held.name, held.note, met.codes
    from held join met using (series_break)
    where cardinality(held.codes) + cardinality(held.categories) = 0
       or (met.codes is not null and (held.kind = 'counted' or not met.all_held))
$$;
comment on function break_concerning is
    'The breaks after one day and up to another that concern a category, with its codes that they concern; null codes are every code.';

-- migrate:down
drop function break_concerning;
drop table series_break_version;
alter table release drop column percent_rule;
drop function compared(bigint, bigint, int, int, boolean, text, text);
drop function exposed;
create function compared(value bigint, base bigint, exposure int, base_exposure int, withheld text)
returns table (difference bigint, percent numeric, percent_withheld text, rate_ratio numeric, interval_low numeric, interval_high numeric)
language sql immutable parallel safe as $$
    select case when withheld is null then value - base end,
           case when reason is null then round(100.0 * (value - base) / base, 1) end,
           reason,
           round(ratio::numeric, 3),
           round(exp(ln(ratio) - spread)::numeric, 3),
           round(exp(ln(ratio) + spread)::numeric, 3)
    from (select
        case
            when value is null or base is null then coalesce(withheld, 'one of the counts is not available')
            when withheld is not null then withheld
            when base = 0 then 'the base count is nought'
            when least(value, base) < 50 then 'a count is under 50'
            when exposure <> base_exposure then 'the periods differ in length'
        end as reason,
        case when withheld is null and value > 0 and base > 0 then (value::float8 / exposure) / (base::float8 / base_exposure) end as ratio,
        case when withheld is null and value > 0 and base > 0 then 1.96 * sqrt(1.0::float8 / value + 1.0::float8 / base) end as spread
    ) as worked
$$;

-- How long were two periods, in the same unit?
create function exposure(from_on date, to_on date, other_from date, other_to date) returns int
language sql immutable parallel safe as $$
    select case
        when extract(day from from_on) = 1 and extract(day from to_on + 1) = 1
             and coalesce(extract(day from other_from) = 1 and extract(day from other_to + 1) = 1, true)
        then (extract(year from age(to_on + 1, from_on)) * 12 + extract(month from age(to_on + 1, from_on)))::int
        else to_on - from_on + 1
    end
$$;

-- migrate:up

-- What a count says against another, worked out on unrounded counts and rounded once, half away from zero.
-- Rate ratio and 95 per cent interval: exp(ln RR ± 1.96 √(1/c + 1/b)); exposures are months where both periods are whole months, else days.
-- withheld says why the two may not be compared at all: then nothing is worked out.
-- Smaller-count rule: no percentage where either count is under 50, as the ONS partnership tables do.
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

-- How many months is a day's month after the month of another?
create function months_between(earlier date, later date) returns int
language sql immutable parallel safe as $$
    select ((extract(year from later) - extract(year from earlier)) * 12 + extract(month from later) - extract(month from earlier))::int
$$;

-- A period is read from the tally for its whole months and from the records for what is left at either end: the days before
-- whole_from and those from whole_until on. Where it has no whole month, or the tally cannot serve, all of it is left.
create function whole_from(from_on date, to_on date, tallied boolean) returns date
language sql immutable parallel safe as $$
    select case when tallied and begins < ends then begins else to_on + 1 end
    from (select (date_trunc('month', (from_on - 1)::timestamp) + interval '1 month')::date, date_trunc('month', (to_on + 1)::timestamp)::date)
        as month (begins, ends)
$$;

create function whole_until(from_on date, to_on date, tallied boolean) returns date
language sql immutable parallel safe as $$
    select case when tallied and begins < ends then ends else to_on + 1 end
    from (select (date_trunc('month', (from_on - 1)::timestamp) + interval '1 month')::date, date_trunc('month', (to_on + 1)::timestamp)::date)
        as month (begins, ends)
$$;

-- The records that counted on these days, as known at a change, for each area that they lie in. Inlined, so the days meet the index.
create function recorded_between(areas text[], first date, last date, as_of bigint)
returns table (area text, code text, recorded_on date, victims int) language sql stable parallel safe as $$
    select inside.ancestor, held.code, held.recorded_on, held.victims
    from area_ancestor as inside
    join offence_version as held on held.area = inside.area
    where inside.ancestor = any (recorded_between.areas) and known_at(inside.since_change, inside.until_change, recorded_between.as_of)
      and held.recorded_on between recorded_between.first and recorded_between.last and held.status = 'recorded'
      and known_at(held.since_change, held.until_change, recorded_between.as_of)
$$;

-- migrate:down
drop function recorded_between;
drop function whole_until;
drop function whole_from;
drop function months_between;
drop function exposure;
drop function compared;

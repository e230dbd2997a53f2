-- migrate:up

-- What a count says against another, worked out on unrounded counts and rounded once, half away from zero.
-- Rate ratio and 95 per cent interval: exp(ln RR ± 1.96 √(1/c + 1/b)); exposures are months where both periods are whole months, else days.
-- Smaller-count rule: no percentage where either count is under 50, as the ONS partnership tables do.
create function compared(value bigint, base bigint, exposure int, base_exposure int, withheld text)
returns table (difference bigint, percent numeric, percent_withheld text, rate_ratio numeric, interval_low numeric, interval_high numeric)
language sql immutable parallel safe as $$
    select value - base,
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
        case when value > 0 and base > 0 then (value::float8 / exposure) / (base::float8 / base_exposure) end as ratio,
        case when value > 0 and base > 0 then 1.96 * sqrt(1.0::float8 / value + 1.0::float8 / base) end as spread
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

-- migrate:down
drop function exposure;
drop function compared;

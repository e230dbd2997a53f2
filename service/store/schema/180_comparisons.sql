-- migrate:up

-- How counts, rates and shares are held against each other, and how sure each says it is.

-- How long were two periods, in which unit, and are they alike enough for a percentage? Years count
-- as years, so that a leap day does not turn equal counts into a change; shorter periods count
-- their days, for February is a tenth shorter than March. Alike are periods of as many whole
-- months, of as many days, or of the same days of the calendar.
create function exposed(from_on date, to_on date, base_from date, base_to date, asked text)
returns table (period int, base int, unit text, alike boolean)
language sql immutable parallel safe as $$
    select
        case unit when 'months' then months else days end,
        case unit when 'months' then base_months else base_days end,
        unit,
        coalesce(months = base_months, false) or days = base_days or same_days
    from (
        select
            measured.*,
            case
                when months is null or base_months is null or asked = 'days' then 'days'
                when asked = 'months' or (months % 12 = 0 and base_months % 12 = 0) then 'months'
                else 'days'
            end as unit,
            (exposed.base_from + later)::date = exposed.from_on
            and (
                (exposed.base_to + later)::date = exposed.to_on
                or (exposed.base_to + 1 + later)::date = exposed.to_on + 1) as same_days
        from (
            select
                exposed.to_on - exposed.from_on + 1 as days,
                exposed.base_to - exposed.base_from + 1 as base_days,
                case when extract(day from exposed.from_on) = 1
                      and extract(day from exposed.to_on + 1) = 1
                     then months_between(exposed.from_on, exposed.to_on + 1) end as months,
                case when extract(day from exposed.base_from) = 1
                      and extract(day from exposed.base_to + 1) = 1
                     then months_between(exposed.base_from, exposed.base_to + 1) end as base_months,
                (extract(year from exposed.from_on) - extract(year from exposed.base_from))
                * interval '1 year' as later
        ) as measured
    ) as chosen
$$;
comment on function exposed is
    'The exposures of two periods in one unit, months for whole years and else days unless asked '
    'otherwise, and whether the two are alike.';

-- What a count says against another, worked out on unrounded counts and rounded once, half away
-- from zero. Rate ratio and 95 per cent interval: exp(ln RR ± 1.96 √(1/c + 1/b)). withheld says why
-- the two may not be compared at all: then nothing is worked out. percent_rule is the smaller-count
-- rule of the table that is followed: either-under-50 as ONS tables of partnerships have it,
-- current-under-50 as those of forces, none.
create function compared(
    value bigint, base bigint, exposure int, base_exposure int, alike boolean, percent_rule text,
    withheld text
) returns table (
    difference bigint, percent numeric, percent_withheld text, rate_ratio numeric,
    interval_low numeric, interval_high numeric
)
language sql immutable parallel safe as $$
    select
        case when withheld is null then value - base end,
        case when reason is null then round(100.0 * (value - base) / base, 1) end,
        reason,
        round(ratio::numeric, 3),
        round(exp(ln(ratio) - spread)::numeric, 3),
        round(exp(ln(ratio) + spread)::numeric, 3)
    from (
        select
            case
                when value is null or base is null
                    then coalesce(withheld, 'one of the counts is not available')
                when withheld is not null then withheld
                when base = 0 then 'the base count is nought'
                when percent_rule = 'either-under-50' and least(value, base) < 50
                    then 'a count is under 50'
                when percent_rule = 'current-under-50' and value < 50 then 'the count is under 50'
                when base < 0 then 'the base count is below nought'
                when not alike then 'the periods differ in length'
            end as reason,
            case when withheld is null and value > 0 and base > 0
                 then (value::float8 / exposure) / (base::float8 / base_exposure) end as ratio,
            case when withheld is null and value > 0 and base > 0
                 then 1.96 * sqrt(1.0::float8 / value + 1.0::float8 / base) end as spread
    ) as worked
$$;

-- By what is a rate of an area divided? The number of that year, or of the nearest earlier year
-- that is held, which the note says.
create function denominator_of(area text, divided_by text, year int, as_of bigint)
returns table (year int, number int, source text, note text)
language sql stable parallel safe as $$
    select
        held.year,
        held.number,
        held.source,
        case when held.year < denominator_of.year then
            format(
                'the number of %s is held for mid-%s and not for mid-%s',
                divided_by, held.year, denominator_of.year)
        end
    from (
        select counted.area, counted.year, counted.residents as number, counted.source
        from population as counted
        where denominator_of.divided_by = 'residents'
          and known_at(counted.since_change, counted.until_change, denominator_of.as_of)
        union all
        select counted.area, counted.year, counted.households, counted.source
        from household_count as counted
        where denominator_of.divided_by = 'households'
          and known_at(counted.since_change, counted.until_change, denominator_of.as_of)
    ) as held
    where held.area = denominator_of.area and held.year <= denominator_of.year
    order by held.year desc
    limit 1
$$;

-- What a rate says against another: two counts, each with what it is divided by and how long its
-- period is, so that both exposures differ. Rate ratio and 95 per cent interval: exp(ln RR ± 1.96
-- √(1/c + 1/b)). Percentage of unrounded rates, rounded once, half away from zero.
create function rate_compared(
    value bigint, number bigint, length int, base bigint, base_number bigint, base_length int,
    withheld text
) returns table (
    percent numeric, percent_withheld text, rate_ratio numeric, interval_low numeric,
    interval_high numeric, share numeric
)
language sql immutable parallel safe as $$
    select
        case when reason is null
             then round(100 * (value::numeric * base_number / (number * base::numeric) - 1), 1) end,
        reason,
        round(ratio::numeric, 3),
        round(exp(ln(ratio) - spread)::numeric, 3),
        round(exp(ln(ratio) + spread)::numeric, 3),
        case when withheld is null and number > 0 and base_number > 0
             then number::numeric * length
                  / (number::numeric * length + base_number::numeric * base_length) end
    from (
        select
            case
                when withheld is not null then withheld
                when value is null or base is null then 'one of the counts is not available'
                when coalesce(number, 0) = 0 or coalesce(base_number, 0) = 0
                    then 'one of the numbers to divide by is not available'
                when base = 0 then 'the base count is nought'
                when least(value, base) < 50 then 'a count is under 50'
                when length <> base_length then 'the periods differ in length'
            end as reason,
            case when withheld is null and value > 0 and base > 0 and number > 0 and base_number > 0
                 then (value::float8 / number / length) / (base::float8 / base_number / base_length)
                 end as ratio,
            case when withheld is null and value > 0 and base > 0
                 then 1.96 * sqrt(1.0::float8 / value + 1.0::float8 / base) end as spread
    ) as worked
$$;

-- A share with its Wilson 95 per cent interval, without continuity correction, rounded once; of
-- none there is no share.
create function wilson(counted numeric, among bigint)
returns table (share numeric, low numeric, high numeric)
language sql immutable parallel safe as $$
    select
        round(p::numeric, 4),
        round(case when among > 0 then greatest(middle - spread, 0) end::numeric, 4),
        round(case when among > 0 then least(middle + spread, 1) end::numeric, 4)
    from (
        select
            counted::float8 / nullif(among, 0) as p,
            nullif(among, 0)::float8 as n,
            1.959963984540054::float8 ^ 2 as z2
    ) as given
    cross join lateral (
        select
            (p + z2 / (2 * n)) / (1 + z2 / n) as middle,
            sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n ^ 2))) / (1 + z2 / n) as spread
    ) as worked
$$;
comment on function wilson is
    'A share and the Wilson interval that holds the true one in 95 samples of 100; all null where '
    'it is a share of none.';

-- Quantiles of the t distribution of Student (1908), at which a two-sided interval of 80 or 95 per
-- cent ends: what an error may be when its size was itself learnt from so many earlier errors.
create function student_quantile(errors bigint, share int) returns numeric
language sql immutable strict parallel safe as $$
    select case share
        when 80 then (array[
            3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722
        ])[least(errors, 10)]
        when 95 then (array[
            12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281
        ])[least(errors, 10)]
    end
$$;

-- Difference in differences of two pairs of counts, as a ratio: (treated after / before) / (control
-- after / before), with 95 per cent intervals exp(ln ratio ± 1.96 √V), V = 1/a + 1/b + 1/c + 1/d,
-- and once more with 2V: crimes come in clusters, so counts scatter more than chance alone would
-- have them (Farrington, Gill, Waples and Argomaniz 2007, Journal of Experimental Criminology 3,
-- 21-38, with their inflation factor of 2). Expected: what the treated count would be had it gone
-- as the control did. Nought anywhere: no ratio. Where withheld says why, nothing.
create function difference_in_differences(
    before bigint, after bigint, control_before bigint, control_after bigint, withheld text
) returns table (
    ratio numeric, interval_low numeric, interval_high numeric, clustered_low numeric,
    clustered_high numeric, expected numeric, fewer numeric, why text
)
language sql immutable parallel safe as $$
    select
        round(relative::numeric, 3),
        round(exp(ln(relative) - 1.96 * sqrt(variance))::numeric, 3),
        round(exp(ln(relative) + 1.96 * sqrt(variance))::numeric, 3),
        round(exp(ln(relative) - 1.96 * sqrt(2 * variance))::numeric, 3),
        round(exp(ln(relative) + 1.96 * sqrt(2 * variance))::numeric, 3),
        round(foretold, 1),
        round(foretold - after, 1),
        reason
    from (
        select
            reason,
            case when reason is null
                 then (after::float8 / before) / (control_after::float8 / control_before)
                 end as relative,
            case when reason is null
                 then 1.0::float8 / before + 1.0::float8 / after
                      + 1.0::float8 / control_before + 1.0::float8 / control_after end as variance,
            case when reason is null
                 then before::numeric * control_after / control_before end as foretold
        from (
            select case
                when withheld is not null then withheld
                when least(before, after, control_before, control_after) is null
                    then 'one of the counts is not available'
                when least(before, after, control_before, control_after) < 0
                    then 'a count is below nought'
                when least(before, after, control_before, control_after) = 0
                    then 'a count is nought'
            end as reason
        ) as judged
    ) as worked
$$;

-- migrate:down

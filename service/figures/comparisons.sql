-- name: compare
-- What does each count say against the other, with which exposures, and what share of both has the
-- first?
select
    said.position,
    compared.*,
    exposed.period as exposure,
    exposed.base as base_exposure,
    exposed.unit as exposure_unit,
    exposed.period::numeric / (exposed.period + exposed.base) as share
from
    jsonb_to_recordset(:pairs) as said(
        position int,
        value bigint,
        base bigint,
        withheld text,
        from_on date,
        to_on date,
        base_from date,
        base_to date
    )
cross join exposed(said.from_on, said.to_on, said.base_from, said.base_to, :exposure) as exposed
cross join
    compared(
        said.value,
        said.base,
        exposed.period,
        exposed.base,
        exposed.alike,
        :percent_rule,
        said.withheld
    ) as compared
order by said.position
;

-- name: dispersion
-- How much more than by chance alone did the months before a period vary, of each category in each
-- area, season and level removed? Pearson chi-square over its degrees of freedom, of months against
-- what their twelve months and their month of the year would give: rows are twelve months each,
-- columns months of the year. Σ (n − e)² / e with e = row × column / whole is whole × (Σ n² / (row
-- × column) − 1), to which a month in which nothing was counted adds nothing. From the tally where
-- it can serve, else from the records (see whole_from).
with
    wanted as materialized(
        select row_number() over () as series, area, category, years
        from jsonb_to_recordset(:wanted) as said(area text, category text, years int)
    ),
    cell as (
        select area, code, month, sum(offences)::int as offences, sum(victims)::int as victims
        from tally
        where
            :by_code
            and area = any(:areas)
            and month >= whole_from(:first, :last, :tallied)
            and month < whole_until(:first, :last, :tallied)
        group by 1, 2, 3
        union all
        select area, code, day, offences, victims
        from
            recorded_by_month(
                :areas, :first, whole_from(:first, :last, :tallied) - 1, :as_of
            )
    ),
    member as materialized(
        select
            series,
            area,
            member.code,
            coalesce(member.from_on, '-infinity') as from_on,
            coalesce(member.to_on, 'infinity') as to_on
        from wanted
        cross join category_member(wanted.category, :as_of) as member
    ),
    monthly as (  -- by numbers, which are sorted in a quarter of the time that names take
        select
            series,
            case when :by_code then code end as code,
            month,
            sum(case :measure when 'victims' then victims else offences end)::float8 as number
        from cell
        join member using (area, code)
        where month between from_on and to_on
        group by 1, 2, 3
        union all  -- whole months of the one or of the other, never of both
        select
            series,
            null,
            month,
            sum(case :measure when 'victims' then victims else offences end)::float8
        from category_tally
        join wanted using (area, category)
        where
            not :by_code
            and month >= whole_from(:first, :last, :tallied)
            and month < whole_until(:first, :last, :tallied)
        group by 1, 3
    ),
    counted as (
        select series, code, before / 12 as twelve, before % 12 as season, number
        from (select monthly.*, months_between(month, :last) as before from monthly) as monthly
        join wanted using (series)
        where before < years * 12 and number > 0
    ),
    expected as (
        select
            counted.*,
            sum(number) over (partition by series, code, twelve) as level,
            sum(number) over (partition by series, code, season) as usual,
            sum(number) over (partition by series, code) as whole
        from counted
    ),
    worked as (
        select
            series,
            code,
            max(whole) * (sum(number ^ 2 / (level * usual)) - 1) as chi_square,
            (count(distinct twelve) - 1) * (count(distinct season) - 1) as freedom
        from expected
        group by 1, 2
    )
select
    area,
    category,
    code,
    years * 12 as months,
    greatest(1, round((chi_square / freedom)::numeric, 3))::float8 as phi,
    (date_trunc('month', :last::timestamp) - (years * 12 - 1) * interval '1 month')::date
    as from_on,
    :last::date as to_on
from worked
join wanted using (series)
where freedom > 0
;

-- name: compare
-- What does each count say against the other, with which exposures, and what share of both has the first?
select said.position, compared.*, exposed.period as exposure, exposed.base as base_exposure, exposed.unit as exposure_unit,
       exposed.period::numeric / (exposed.period + exposed.base) as share
from jsonb_to_recordset(:pairs)
    as said (position int, value bigint, base bigint, withheld text, from_on date, to_on date, base_from date, base_to date)
cross join exposed(said.from_on, said.to_on, said.base_from, said.base_to, :exposure) as exposed
cross join compared(said.value, said.base, exposed.period, exposed.base, exposed.alike, :percent_rule, said.withheld) as compared
order by said.position;

-- name: dispersion
-- How much more than by chance alone did the months before a period vary, of each category in each area, season and level removed?
-- Pearson chi-square over its degrees of freedom, of months against what their twelve months and their month of the year would give:
-- rows are twelve months each, columns months of the year. From the tally where it can serve, else from the records (see whole_from).
with wanted as (
    select area, category, years from jsonb_to_recordset(:wanted) as known (area text, category text, years int)
), cell as (
    select area, code, month, offences, victims from tally
    where area = any (:areas) and month >= whole_from(:first, :last, :tallied) and month < whole_until(:first, :last, :tallied)
    union all
    select area, code, date_trunc('month', recorded_on::timestamp)::date, 1, victims
    from recorded_between(:areas, :first, whole_from(:first, :last, :tallied) - 1, :as_of)
), member as materialized (
    select named.category, member.code, coalesce(member.from_on, '-infinity') as from_on, coalesce(member.to_on, 'infinity') as to_on
    from unnest(:categories::text[]) as named (category) cross join category_member(named.category, :as_of) as member
), counted as (
    select wanted.area, wanted.category, wanted.years, case when :by_code then cell.code end as code,
           months_between(cell.month, :last) as before, sum(case :measure when 'victims' then victims else offences end) as number
    from wanted join cell using (area) join member on (member.category, member.code) = (wanted.category, cell.code)
     and cell.month between member.from_on and member.to_on
    group by 1, 2, 3, 4, 5
), laid_out as (       -- a month in which nothing was counted is a month too
    select asked.*, month.before / 12 as twelve, month.before % 12 as season, coalesce(counted.number, 0)::float8 as number
    from (select distinct area, category, years, code from counted) as asked
    cross join lateral generate_series(0, asked.years * 12 - 1) as month (before)
    left join counted on (counted.area, counted.category, counted.before) = (asked.area, asked.category, month.before)
     and counted.code is not distinct from asked.code
), expected as (
    select laid_out.*, sum(number) over (partition by area, category, code, twelve) as level,
           sum(number) over (partition by area, category, code, season) as usual, sum(number) over (partition by area, category, code) as whole
    from laid_out
), worked as (
    select area, category, code, years,
           sum((number - level * usual / whole) ^ 2 / (level * usual / whole)) filter (where level > 0 and usual > 0) as chi_square,
           (count(distinct twelve) filter (where level > 0) - 1) * (count(distinct season) filter (where usual > 0) - 1) as freedom
    from expected
    group by 1, 2, 3, 4
)
select area, category, code, years * 12 as months, greatest(1, round((chi_square / freedom)::numeric, 3))::float8 as phi,
       (date_trunc('month', :last::timestamp) - (years * 12 - 1) * interval '1 month')::date as from_on, :last::date as to_on
from worked
where freedom > 0;

-- name: figures
-- How many records does each category count in each area, in the period and in the one it is compared with?
-- The present is read from the tally, with the records of part months at either end; a past change from the versions.
with asked as (
    select place.area, place.kind, place.name as area_name, version.category, version.definition, version.name as category_name
    from area_version as place cross join category_version as version
    where place.area = any (:areas) and known_at(place.since_change, place.until_change, :as_of)
      and version.category = any (:categories) and known_at(version.since_change, version.until_change, :as_of)
), span as (
    select which, from_on, to_on, (date_trunc('month', from_on - 1) + interval '1 month')::date as whole_from,
           date_trunc('month', to_on + 1)::date as whole_until
    from (values ('period', :from_on::date, :to_on::date), ('base', :base_from::date, :base_to::date)) as named (which, from_on, to_on)
    where from_on is not null
), place as (
    select distinct area, kind, :present and kind <> 'beat' as tallied from asked
), stretch as (        -- the days whose records are counted one by one
    select place.area, which, days.first, days.last
    from place cross join span cross join lateral (values
        (from_on, case when tallied and whole_from < whole_until then whole_from - 1 else to_on end),
        (case when tallied and whole_from < whole_until then whole_until end, to_on)) as days (first, last)
    where days.first <= days.last
), cell as (
    select place.area, tally.code, tally.month, span.which, case :measure when 'victims' then tally.victims else tally.offences end as number
    from place
    join area_ancestor as inside on inside.ancestor = place.area and inside.until_change is null
     and (inside.area = place.area or place.kind in ('region', 'nation'))
    join area as leaf on leaf.area = inside.area and (leaf.area = place.area and place.kind not in ('region', 'nation') or leaf.kind in ('force', 'body'))
    cross join span
    join tally on tally.area = leaf.area and tally.month >= span.whole_from and tally.month < span.whole_until
    where place.tallied
    union all
    select stretch.area, held.code, date_trunc('month', held.recorded_on)::date, stretch.which,
           case :measure when 'victims' then held.victims else 1 end
    from stretch
    join area_ancestor as inside on inside.ancestor = stretch.area and known_at(inside.since_change, inside.until_change, :as_of)
    join offence_version as held on held.area = inside.area and held.recorded_on between stretch.first and stretch.last
     and known_at(held.since_change, held.until_change, :as_of) and held.status = 'recorded'
), counted as (
    select cell.area, member.category, which, case when :by_code then cell.code end as code,
           case when :by_month then ((extract(year from month) - extract(year from span.from_on)) * 12 + extract(month from month)
                                     - extract(month from span.from_on))::int end as ordinal,
           sum(number) as number
    from cell join span using (which)
    join (select wanted.category, member.* from (select distinct category from asked) as wanted
          cross join category_member(wanted.category, :as_of) as member) as member
      on member.code = cell.code and coalesce(member.from_on, '-infinity') <= month and coalesce(member.to_on, 'infinity') >= month
    group by 1, 2, 3, 4, 5
), shown as (          -- every figure asked for, also where nothing was counted
    select asked.*, code.code, ordinal.ordinal
    from asked
    left join (select distinct area, category, code from counted where :by_code) as code using (area, category)
    left join generate_series(0, case when :by_month then
        ((extract(year from :to_on::date) - extract(year from :from_on::date)) * 12 + extract(month from :to_on::date)
         - extract(month from :from_on::date))::int else -1 end) as ordinal (ordinal) on true
)
select shown.area, shown.area_name, shown.category, shown.category_name, shown.definition, shown.code,
       to_char(:from_on::date + shown.ordinal * interval '1 month', 'YYYY-MM') as month,
       to_char(:base_from::date + shown.ordinal * interval '1 month', 'YYYY-MM') as base_month,
       coalesce(now.number, 0)::bigint as value,
       case when :base_from::date is not null then coalesce(base.number, 0)::bigint end as base_value
from shown
left join counted as now on (now.area, now.category, now.which) = (shown.area, shown.category, 'period')
 and now.code is not distinct from shown.code and now.ordinal is not distinct from shown.ordinal
left join counted as base on (base.area, base.category, base.which) = (shown.area, shown.category, 'base')
 and base.code is not distinct from shown.code and base.ordinal is not distinct from shown.ordinal
order by array_position(:areas, shown.area), array_position(:categories, shown.category), shown.ordinal, shown.code;

-- name: completeness
-- Has every force concerned sent all its records of each category for all these days?
with force as (
    select asked.area, other.area as force
    from unnest(:areas::text[]) as asked (area)
    join area_ancestor as nested on known_at(nested.since_change, nested.until_change, :as_of)
     and (nested.area = asked.area or nested.ancestor = asked.area)
    join area_version as other on known_at(other.since_change, other.until_change, :as_of) and other.kind = 'force'
     and other.area = case when nested.area = asked.area then nested.ancestor else nested.area end
    group by 1, 2
), span as (
    select from_on, to_on from (values (:from_on::date, :to_on::date), (:base_from::date, :base_to::date)) as named (from_on, to_on)
    where from_on is not null
), holds as (          -- a file that covers one category covers every category within it
    select wanted.category, covering.category as covering
    from unnest(:categories::text[]) as wanted (category)
    cross join (select distinct category from coverage where since_change <= :as_of) as covering
    where not exists (
        select code from category_member(wanted.category, :as_of) except select code from category_member(covering.category, :as_of))
)
select force.area, wanted.category, span.from_on, bool_and(coalesce((
    select range_agg(coverage.days) @> daterange(span.from_on, span.to_on, '[]')
    from coverage join holds on holds.covering = coverage.category and holds.category = wanted.category
    where coverage.force = force.force and coverage.since_change <= :as_of
), false)) as complete
from force cross join span cross join unnest(:categories::text[]) as wanted (category)
group by 1, 2, 3;

-- name: compare
-- What does each count say against the other?
select said.position, compared.*
from jsonb_to_recordset(:pairs) as said (position int, value bigint, base bigint, withheld text)
cross join compared(said.value, said.base, exposure(:from_on::date, :to_on::date, :base_from::date, :base_to::date),
                    exposure(:base_from::date, :base_to::date, :from_on::date, :to_on::date), said.withheld) as compared
order by said.position;

-- name: exposures^
-- How long were the two periods, in the same unit?
select exposure(:from_on::date, :to_on::date, :base_from::date, :base_to::date) as period,
       exposure(:base_from::date, :base_to::date, :from_on::date, :to_on::date) as base;

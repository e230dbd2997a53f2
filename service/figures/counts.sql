-- name: count
-- How many records does each category count in each area, in the period and in the one it is
-- compared with? Whole months of the present come from the tally, by category where no code is
-- asked for; all else from the records (see whole_from).
with
    asked as (
        select
            place.area,
            place.kind,
            place.name as area_name,
            version.category,
            version.definition,
            version.name as category_name
        from area_version as place
        cross join category_version as version
        where
            place.area = any(:areas)
            and known_at(place.since_change, place.until_change, :as_of)
            and version.category = any(:categories)
            and known_at(version.since_change, version.until_change, :as_of)
    ),
    cell as (
        select
            'period' as which,
            area,
            code,
            month,
            sum(offences)::int as offences,
            sum(victims)::int as victims
        from tally
        where
            :by_code
            and area = any(:areas)
            and month >= whole_from(:from_on, :to_on, :tallied)
            and month < whole_until(:from_on, :to_on, :tallied)
        group by 2, 3, 4
        union all
        select 'base', area, code, month, sum(offences)::int, sum(victims)::int
        from tally
        where
            :by_code
            and area = any(:areas)
            and month >= whole_from(:base_from, :base_to, :tallied)
            and month < whole_until(:base_from, :base_to, :tallied)
        group by 2, 3, 4
        union all
        select 'period', area, code, day, offences, victims
        from
            recorded_by_month(
                :areas, :from_on, whole_from(:from_on, :to_on, :tallied) - 1, :as_of
            )
        union all
        select 'period', area, code, day, offences, victims
        from
            recorded_by_month(
                :areas, whole_until(:from_on, :to_on, :tallied), :to_on, :as_of
            )
        union all
        select 'base', area, code, day, offences, victims
        from
            recorded_by_month(
                :areas,
                :base_from,
                whole_from(:base_from, :base_to, :tallied) - 1,
                :as_of
            )
        union all
        select 'base', area, code, day, offences, victims
        from
            recorded_by_month(
                :areas, whole_until(:base_from, :base_to, :tallied), :base_to, :as_of
            )
    ),
    member as materialized(
        select
            wanted.category,
            member.code,
            coalesce(member.from_on, '-infinity') as from_on,
            coalesce(member.to_on, 'infinity') as to_on
        from unnest(:categories::text[]) as wanted(category)
        cross join category_member(wanted.category, :as_of) as member
    ),
    told as (
        select
            which,
            area,
            category,
            cell.code,
            month,
            sum(offences) as offences,
            sum(victims) as victims
        from cell
        join member on member.code = cell.code and month between member.from_on and member.to_on
        group by 1, 2, 3, 4, 5
        union all
        select 'period', area, category, null, month, sum(offences), sum(victims)
        from asked
        join category_tally using (area, category)  -- joined, so that each pair is looked up, on every version of PostgreSQL
        where
            not :by_code
            and month >= whole_from(:from_on, :to_on, :tallied)
            and month < whole_until(:from_on, :to_on, :tallied)
        group by 2, 3, 5
        union all
        select 'base', area, category, null, month, sum(offences), sum(victims)
        from asked
        join category_tally using (area, category)
        where
            not :by_code
            and month >= whole_from(:base_from, :base_to, :tallied)
            and month < whole_until(:base_from, :base_to, :tallied)
        group by 2, 3, 5
    ),
    counted as (
        select
            area,
            category,
            which,
            case when :by_code then code end as code,
            case
                when :by_month
                then
                    months_between(
                        case which when 'period' then :from_on::date else :base_from end, month
                    )
            end as ordinal,
            sum(case :measure when 'victims' then victims else offences end) as number
        from told
        group by 1, 2, 3, 4, 5
        having sum(offences) > 0  -- the tally remembers codes of which no record counts any more
    ),
    shown as (  -- every figure asked for, also where nothing was counted
        select asked.*, code.code, ordinal.ordinal
        from asked
        left join
            (select distinct area, category, code from counted where :by_code) as code using (
                area, category
            )
        left join
            generate_series(
                0, case when :by_month then months_between(:from_on, :to_on) else -1 end
            ) as ordinal(ordinal)
            on true
    )
select
    shown.area,
    shown.area_name,
    shown.category,
    shown.category_name,
    shown.definition,
    shown.code,
    to_char(:from_on::date + shown.ordinal * interval '1 month', 'YYYY-MM') as month,
    to_char(:base_from::date + shown.ordinal * interval '1 month', 'YYYY-MM') as base_month,
    coalesce(now.number, 0)::bigint as value,
    case when :base_from::date is not null then coalesce(base.number, 0)::bigint end as base_value
from shown
left join
    counted as now
    on (now.area, now.category, now.which) = (shown.area, shown.category, 'period')
    and now.code is not distinct from shown.code
    and now.ordinal is not distinct from shown.ordinal
left join
    counted as base
    on (base.area, base.category, base.which) = (shown.area, shown.category, 'base')
    and base.code is not distinct from shown.code
    and base.ordinal is not distinct from shown.ordinal
order by
    array_position(:areas, shown.area),
    array_position(:categories, shown.category),
    shown.ordinal,
    shown.code
;

-- name: completeness
-- Has every force concerned sent all its records of each category for all these days? A body
-- without land answers for itself alone.
select area, category, from_on, complete
from
    complete_between(
        :areas,
        :categories,
        array_remove(array[:from_on, :base_from]::date[], null),
        array_remove(array[:to_on, :base_to]::date[], null),
        :as_of
    )
;

-- name: complete_spans
-- And for all days of each of these spans?
select *
from complete_between(:areas, :categories, :from_ons::date[], :to_ons::date[], :as_of)
;

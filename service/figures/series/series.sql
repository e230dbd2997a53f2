-- name: counted
-- How many records does each category count in each area, in each period of a series and, of twelve
-- months, in the twelve before? Months of the present come from the tally by category, all else
-- from the records; a period is the sum of its months.
with
    asked as (
        select
            place.area,
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
    span as materialized(  -- the periods, and those they are compared with, each by the number of its last month
        select
            last,
            (:since::date + make_interval(months => last + 1 - :length))::date as from_on,
            (:since::date + make_interval(months => last + 1))::date - 1 as to_on
        from generate_series(:length - 1, months_between(:since, :to_on), :step) as last
    ),
    cell as (
        select area, code, day as month, offences, victims
        from
            recorded_by_month(
                :areas,
                :since,
                case when :tallied then :since::date - 1 else :to_on end,
                :as_of
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
    monthly as (
        select
            area,
            category,
            months_between(:since, month) as month,
            sum(case :measure when 'victims' then victims else offences end) as number
        from asked
        join category_tally using (area, category)
        where :tallied and month between :since and :to_on
        group by 1, 2, 3
        union all
        select
            cell.area,
            member.category,
            months_between(:since, month),
            sum(case :measure when 'victims' then victims else offences end)
        from cell
        join member on member.code = cell.code and month between member.from_on and member.to_on
        group by 1, 2, 3
    ),
    summed as (  -- every month of the series, also where nothing was counted
        select
            asked.area,
            asked.category,
            month,
            sum(coalesce(number, 0)) over (
                partition by asked.area, asked.category
                order by month rows between :length - 1 preceding and current row
            )::bigint as value
        from asked
        cross join generate_series(0, months_between(:since, :to_on)) as month
        left join monthly using (area, category, month)
    ),
    known as materialized(
        select *
        from
            complete_between(
                :areas,
                :categories,
                array(select from_on from span),
                array(select to_on from span),
                :as_of
            )
    ),
    point as (
        select
            area,
            category,
            span.from_on,
            span.to_on,
            value,
            coalesce(known.complete, false) as complete,
            lag(span.from_on, 12) over neighbours as base_from,
            lag(span.to_on, 12) over neighbours as base_to,
            lag(value, 12) over neighbours as base_value,
            lag(coalesce(known.complete, false), 12) over neighbours as base_complete
        from span
        join summed on summed.month = span.last
        left join known using (area, category, from_on, to_on)
        window neighbours as (partition by area, category order by span.last)
    )
select
    asked.*,
    from_on,
    to_on,
    to_on - from_on + 1 as days,
    value,
    complete,
    null as edition,
    null as return_id,
    base_from,
    base_to,
    base_value,
    base_complete,
    null as base_edition
from asked
join point using (area, category)
where to_on >= :from_on
order by
    array_position(:areas, asked.area), array_position(:categories, asked.category), from_on
;

-- name: returned
-- What does a source's latest edition count, for each category in each area, in each period of a
-- series? Which edition answers, and which of its cells count, is said by the functions beside the
-- table, as it is for a figure.
with
    span as materialized(
        select
            (:since::date + make_interval(months => last + 1 - :length))::date as from_on,
            (:since::date + make_interval(months => last + 1))::date - 1 as to_on
        from generate_series(:length - 1, months_between(:since, :to_on), :step) as last
    ),
    answering as materialized(
        select *
        from
            answering_edition(
                :areas,
                :source,
                array(select from_on from span),
                array(select to_on from span),
                :as_of
            )
    ),
    question as materialized(
        select from_on, to_on, array_agg(area) as areas, array_agg(return_id) as return_ids
        from answering
        where return_id is not null
        group by 1, 2
    ),
    total as materialized(
        select
            question.from_on,
            question.to_on,
            cell.asked_area as area,
            cell.asked_category as category,
            case when count(*) = count(cell.count) then sum(cell.count)::bigint end as value  -- what is withheld is not nought
        from question
        cross join
            counted_cell(
                question.areas,
                question.return_ids,
                :categories,
                question.from_on,
                question.to_on,
                :as_of
            ) as cell
        group by 1, 2, 3, 4
    ),
    asked as (
        select
            place.area,
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
    point as (
        select
            asked.area,
            asked.category,
            span.from_on,
            span.to_on,
            value,
            value is not null and answering.complete as complete,
            edition,
            return_id,
            lag(span.from_on, 4) over neighbours as base_from,
            lag(span.to_on, 4) over neighbours as base_to,
            lag(value, 4) over neighbours as base_value,
            lag(value is not null and answering.complete, 4) over neighbours as base_complete,
            lag(edition, 4) over neighbours as base_edition
        from asked
        cross join span
        join
            answering
            on (answering.area, answering.from_on, answering.to_on)
            = (asked.area, span.from_on, span.to_on)
        left join
            total
            on (total.area, total.category, total.from_on, total.to_on)
            = (asked.area, asked.category, span.from_on, span.to_on)
        window neighbours as (partition by asked.area, asked.category order by span.from_on)
    )
select
    asked.*,
    from_on,
    to_on,
    to_on - from_on + 1 as days,
    value,
    complete,
    edition,
    return_id,
    base_from,
    base_to,
    base_value,
    base_complete,
    base_edition
from asked
join point using (area, category)
where to_on >= :from_on
order by
    array_position(:areas, asked.area), array_position(:categories, asked.category), from_on
;

-- name: dispersion
-- How do the complete points of each series spread? chi_square is the index of dispersion times the
-- degrees of freedom, in which a Poisson series has the distribution of that name; of a u-chart it
-- allows for periods that differ in length.
with
    point as (
        select
            said.*,
            count(*) filter (where not usable) over (
                partition by series order by position
            ) as stretch
        from
            jsonb_to_recordset(:points) as said(
                series int, position int, value bigint, days int, usable boolean
            )
    ),
    moved as (
        select
            point.*,
            abs(
                value - lag(value) over (partition by series, stretch order by position)
            ) as moving_range
        from point
        where usable
    )
select
    series,
    count(*) as points,
    min(value) as least,
    avg(value) as mean,
    avg(moving_range) as mean_moving_range,
    sum(value) / nullif(sum(days), 0)::numeric as per_day,
    count(*) - 1 as degrees_of_freedom,
    case
        :method
        when 'u'
        then sum(value ^ 2::numeric / days) * sum(days) / nullif(sum(value), 0) - sum(value)
        else (count(*) - 1) * var_samp(value) / nullif(avg(value), 0)
    end as chi_square
from moved
group by series
order by series
;

-- name: limits
-- Which chart suits each series, and what are its limits? XmR: mean ± 2.66 mean moving ranges, a
-- moving range up to 3.267 of them (D. J. Wheeler, Understanding Variation); c: mean ± 3 √mean; u:
-- the same of what the rate gives for the days of each period (Shewhart). They are rounded before
-- anything is held against them: who has the answer can hold each point against what is shown.
with
    told as (
        select *
        from
            jsonb_to_recordset(:tests) as told(
                series int,
                points int,
                least bigint,
                mean numeric,
                mean_moving_range numeric,
                per_day numeric,
                p numeric
            )
    ),
    suited as (
        select
            told.*,
            case
                when points < :fewest or mean = 0 and least = 0
                then null
                when :method in ('c', 'u') and least < 0
                then null
                when mean_moving_range is null and (:method = 'xmr' or least < 0 or p < 0.05)
                then null
                when :method <> 'chosen'
                then :method
                when least < 0 or p < 0.05
                then 'xmr'
                else 'c'
            end as chart
        from told
    ),
    limited as (
        select
            suited.*,
            case
                chart when 'xmr' then 2.66 * mean_moving_range when 'c' then 3 * sqrt(mean)
            end as reach
        from suited
    )
select
    series,
    chart,
    case when chart <> 'u' then round(mean, 3) end as centre,
    round(mean + reach, 3) as upper,
    case
        when least < 0 or mean > reach then round(mean - reach, 3) when reach is not null then 0
    end as lower,
    case chart when 'xmr' then round(3.267 * mean_moving_range, 3) end as moving_range_limit,
    case chart when 'u' then per_day end as per_day,
    case
        when points < :fewest
        then 'too_few'
        when mean = 0 and least = 0
        then 'nothing_counted'
        when chart is null and mean_moving_range is not null
        then 'negative'
        when chart is null
        then 'no_neighbours'
        when :method <> 'chosen'
        then 'asked'
        when least < 0
        then 'negative'
        when chart = 'xmr'
        then 'not_poisson'
        else 'poisson'
    end as because
from limited
order by series
;

-- name: signals
-- What does each point say? Beyond a limit; one of a run on one side of the centre; one of a trend,
-- all rising or all falling; moved by more than the limit of the moving range. A point on the
-- centre ends a run, two equal ones end a trend, and so does a point that is left out.
with
    point as (
        select
            said.*,
            count(*) filter (where not usable) over (
                partition by series order by position
            ) as stretch
        from
            jsonb_to_recordset(:points) as said(
                series int, position int, value bigint, days int, usable boolean
            )
    ),
    chart as (
        select *
        from
            jsonb_to_recordset(:charts) as told(
                series int,
                chart text,
                centre numeric,
                upper numeric,
                lower numeric,
                moving_range_limit numeric,
                per_day numeric
            )
    ),
    placed as (
        select
            series,
            position,
            stretch,
            value,
            chart,
            moving_range_limit,
            coalesce(centre, round(per_day * days, 3)) as centre,
            coalesce(upper, round(per_day * days + 3 * sqrt(per_day * days), 3)) as upper,
            coalesce(
                lower,
                case
                    when per_day > 0
                    then greatest(round(per_day * days - 3 * sqrt(per_day * days), 3), 0)
                end
            ) as lower,
            case chart when 'u' then value::numeric / days else value end as level
        from point
        join chart using (series)
        where usable
    ),
    moved as (
        select
            placed.*,
            abs(value - lag(value) over neighbours) as moving_range,
            sign(value - centre) as side,
            sign(level - lag(level) over neighbours) as direction
        from placed
        window neighbours as (partition by series, stretch order by position)
    ),
    grouped as (  -- points in a row on one side, or going one way, have the same difference of two numberings
        select
            moved.*,
            position
            - row_number() over (partition by series, stretch, side order by position) as run,
            position
            - row_number() over (partition by series, stretch, direction order by position) as way
        from moved
    ),
    counted as (
        select
            grouped.*,
            count(*) over one_side as run_points,
            min(position) over one_side as run_from,
            max(position) over one_side as run_to,
            1 + count(*) over one_way as trend_points,
            min(position) over one_way - 1 as trend_from,
            max(position) over one_way as trend_to
        from grouped
        window
            one_side as (partition by series, stretch, side, run),
            one_way as (partition by series, stretch, direction, way)
    ),
    turned as (  -- the point from which a trend sets out belongs to it as well
        select
            counted.*,
            lead(direction) over neighbours as next_direction,
            lead(trend_points) over neighbours as next_points,
            lead(trend_from) over neighbours as next_from,
            lead(trend_to) over neighbours as next_to
        from counted
        window neighbours as (partition by series, stretch order by position)
    )
select
    series,
    position,
    moving_range,
    centre,
    upper,
    lower,
    case when value > upper then 1 when value < lower then -1 end as beyond,
    case when side <> 0 and run_points >= :run_length then side::int end as run,
    run_points,
    run_from,
    run_to,
    case when direction <> 0 and trend_points >= :trend_length then direction::int end as trend,
    trend_points,
    trend_from,
    trend_to,
    case
        when next_direction <> 0 and next_points >= :trend_length and next_from = position
        then next_direction::int
    end as next_trend,
    next_points,
    next_from,
    next_to,
    coalesce(moving_range > moving_range_limit, false) as leapt,
    moving_range_limit
from turned
order by series, position
;

-- name: seasonal
-- Which share of its year has each month or quarter, on average over the whole financial years of a
-- series, and what is that against what its days alone would give?
with
    point as (
        select
            said.*,
            sum(value) over one_year as year_value,
            sum(days) over one_year as year_days,
            count(*) filter (where usable) over one_year as held,
            case
                :seasons::int
                when 12
                then extract(month from from_on)
                else extract(quarter from from_on - interval '3 months')
            end::int as season
        from
            jsonb_to_recordset(:points) as said(
                series int, from_on date, value bigint, days int, usable boolean
            )
        window one_year as (partition by series, extract(year from from_on - interval '3 months'))
    )
select
    series,
    season,
    count(*) as years,
    round(avg(100.0 * value / year_value), 2) as share,
    round(avg((value::numeric / days) / (year_value / year_days)), 3) as index
from point
where held = :seasons and year_value > 0
group by series, season
having count(*) >= :fewest_years
order by series, season
;

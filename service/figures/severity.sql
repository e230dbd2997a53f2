-- name: weigh
-- How grave are the offences of these codes together, by the weights in force on the first day, and
-- which have none? A count that is withheld, or one that is not of a code, leaves the sum unknown.
select
    cell.position,
    case
        when bool_or(coalesce(cell.count, 0) <> 0 and cell.code is null)
        then null
        when bool_or(cell.count is null and cell.code is not null)
        then null
        else coalesce(sum(cell.count * weight.weight), 0)
    end as points,
    coalesce(
        array_agg(cell.code order by cell.code) filter (
            where weight.weight is null and cell.count <> 0 and cell.code is not null
        ),
        '{}'
    ) as codes,
    coalesce(
        sum(cell.count) filter (where weight.weight is null and cell.code is not null), 0
    )::bigint as offences,
    string_agg(distinct weight.edition, '; ' order by weight.edition) as edition,
    case
        when bool_or(coalesce(cell.count, 0) <> 0 and cell.code is null)
        then 'this source does not count by code'
        when bool_or(cell.count is null and cell.code is not null)
        then 'this source withholds some of the counts'
    end as withheld
from jsonb_to_recordset(:cells) as cell(position int, code text, count bigint, day date)
left join
    code_version as version
    on version.code = cell.code
    and known_at(version.since_change, version.until_change, :as_of)
left join
    severity_weight as weight
    on (weight.code, weight.since_change) = (version.code, version.since_change)
    and cell.day
    between coalesce(weight.from_on, '-infinity') and coalesce(weight.to_on, 'infinity')
group by cell.position
;

-- name: compare
-- What are these points for each resident, and what do two scores say of each other? Where offences
-- may not be compared in per cent, nor may they.
select
    said.position,
    said.count,
    withheld.reason as withheld,
    now.number,
    coalesce(now.year, said.year) as year,
    now.source,
    case
        when now.number is null
        then none.held
        when now.number = 0
        then 'nobody lives there'
        else now.note
    end as note,
    base.number as base_number,
    coalesce(base.year, said.base_year) as base_year,
    base.source as base_source,
    case
        when base.number is null
        then none.held
        when base.number = 0
        then 'nobody lives there'
        else base.note
    end as base_note,
    round(score.now, 2) as score,
    round(score.base, 2) as base_score,
    case when said.withheld is null then round(score.now - score.base, 2) end as difference,
    case
        when coalesce(compared.percent_withheld, unknown.reason) is null
        then round(100 * (score.now - score.base) / score.base, 1)
    end as percent,
    coalesce(compared.percent_withheld, unknown.reason) as percent_withheld,
    case
        when said.withheld is null and exposed.period = exposed.base
        then round(score.now / nullif(score.base, 0), 3)
    end as ratio
from
    jsonb_to_recordset(:pairs) as said(
        position int,
        area text,
        count bigint,
        year int,
        from_on date,
        to_on date,
        base_count bigint,
        base_year int,
        base_from date,
        base_to date,
        withheld text,
        points numeric,
        base_points numeric
    )
cross join lateral(select rate_withheld_of(said.area, :as_of) as reason) as withheld
cross join
    lateral(
        select 'no number of residents is held for that year or an earlier one'::text as held
    ) as none
left join lateral denominator_of(said.area, 'residents', said.year, :as_of) as now on true
left join lateral denominator_of(said.area, 'residents', said.base_year, :as_of) as base on true
cross join
    lateral(
        select
            case when withheld.reason is null then said.points / nullif(now.number, 0) end as now,
            case
                when withheld.reason is null then said.base_points / nullif(base.number, 0)
            end as base
    ) as score
cross join exposed(said.from_on, said.to_on, said.base_from, said.base_to, null) as exposed
cross join
    lateral(
        select
            case
                when score.now is null or coalesce(score.base, 0) = 0
                then 'one of the scores is not available'
            end as reason
    ) as unknown
cross join
    lateral rate_compared(
        said.count,
        now.number,
        exposed.period,
        said.base_count,
        base.number,
        exposed.base,
        coalesce(withheld.reason, said.withheld)
    ) as compared
order by said.position
;

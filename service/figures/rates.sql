-- name: compare
-- What is each count by the number of residents or households, what is the count it is compared
-- with, and what does one say of the other?
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
    rate.now as rate,
    rate.base as base_rate,
    case when said.withheld is null then round(rate.unrounded, 4) end as difference,
    compared.percent,
    compared.percent_withheld,
    compared.rate_ratio,
    compared.interval_low,
    compared.interval_high,
    compared.share
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
        withheld text
    )
cross join lateral(select rate_withheld_of(said.area, :as_of) as reason) as withheld
cross join
    lateral(
        select
            format(
                'no number of %s is held for that year or an earlier one', :divided_by::text
            ) as held
    ) as none
left join lateral denominator_of(said.area, :divided_by, said.year, :as_of) as now on true
left join lateral denominator_of(said.area, :divided_by, said.base_year, :as_of) as base on true
cross join
    lateral(
        select round(now, 4) as now, round(base, 4) as base, now - base as unrounded
        from
            (
                select
                    1000.0 * said.count / nullif(now.number, 0),
                    1000.0 * said.base_count / nullif(base.number, 0)
            ) as worked(now, base)
        where withheld.reason is null
        union all
        select null, null, null
        where withheld.reason is not null
    ) as rate
cross join
    lateral rate_compared(
        said.count,
        now.number,
        (select period from exposed(said.from_on, said.to_on, said.base_from, said.base_to, null)),
        said.base_count,
        base.number,
        (select base from exposed(said.from_on, said.to_on, said.base_from, said.base_to, null)),
        coalesce(withheld.reason, said.withheld)
    ) as compared
order by said.position
;

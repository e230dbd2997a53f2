-- name: project
-- Where will a count of so many by part of its period end? By three methods, each with its own
-- errors in earlier periods to say how sure it is. The rest M has a variance of phi × M; phi is the
-- mean of squared error / M over the earlier periods, at least 1, which is chance alone.
with
    year as (
        select ago, part, whole, days_part, days
        from
            jsonb_to_recordset(:years) as earlier(
                ago int, part numeric, whole numeric, days_part int, days int
            )
        union all
        select 0, :part, null, :days_part, :days
    ),
    -- Of each year: the mean share that the five before it had by that day; at least three of the
    -- present one, one of others.
    season as (
        select
            year.ago,
            case
                when count(other.ago) >= case year.ago when 0 then 3 else 1 end
                then avg(other.part / other.whole)
            end as share
        from year
        left join
            year as other
            on other.ago between year.ago + 1 and year.ago + 5
            and other.part > 0
            and other.whole > 0
        group by 1
    ),
    made as (
        select
            year.*,
            method.position,
            method.method,
            method.projected,
            method.projected - year.part as rest
        from year
        join season using (ago)
        left join year as before on before.ago = year.ago + 1
        cross join
            lateral(
                values
                    (1, 'seasonal', year.part / nullif(share, 0)),
                    (2, 'straight_line', year.part * year.days / year.days_part::numeric),
                    (
                        3,
                        'last_year_rest',
                        year.part
                        + (before.whole - before.part) * year.part / nullif(before.part, 0)
                    )
            ) as method(position, method, projected)
    ),
    erred as (
        select
            made.*,
            case when ago > 0 and rest > 0 then (whole - projected) ^ 2 / rest end as squared
        from made
    ),
    learnt as (  -- of each: what the errors of the others say; of the present one, all errors
        select
            erred.*,
            count(squared) over method - count(squared) over itself as others,
            greatest(
                1,
                (sum(squared) over method - coalesce(squared, 0))
                / nullif(count(squared) over method - count(squared) over itself, 0)
            ) as phi
        from erred
        window method as (partition by position), itself as (partition by position, ago)
    ),
    spread as (
        select
            learnt.*,
            student_quantile(others, 80) * deviation as half_80,
            student_quantile(others, 95) * deviation as half_95
        from learnt
        cross join
            lateral(
                select case when others > 0 and rest >= 0 then sqrt(phi * rest) end as deviation
            ) as its
    ),
    tested as (
        select
            position,
            count(*) as periods,
            count(*) filter (where abs(whole - projected) <= half_80) as inside
        from spread
        where squared is not null and others > 0
        group by 1
    )
select
    method,
    round(projected, 1) as projected,  -- no end lies below what is counted already
    case when half_80 is not null then round(greatest(part, projected - half_80), 1) end as low_80,
    round(projected + half_80, 1) as high_80,
    case when half_95 is not null then round(greatest(part, projected - half_95), 1) end as low_95,
    round(projected + half_95, 1) as high_95,
    round(case when half_80 is not null then phi end, 2) as phi,
    others as learnt_from,
    coalesce(periods, 0) as tested_on,
    coalesce(inside, 0) as tested_inside,
    case
        when projected is null and method = 'seasonal'
        then 'Fewer than three earlier periods are known whole.'
        when projected is null and method = 'last_year_rest'
        then 'The period before is not known whole, or counted nothing by that day.'
        when half_80 is null
        then 'No earlier period tried this method out, so nothing says how far it errs.'
    end as withheld
from spread
left join tested using (position)
where ago = 0
order by position
;

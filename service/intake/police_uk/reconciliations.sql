-- name: months
-- What did a force publish in each of these months, and what do they come to beside an official
-- count? Where a month is missing nothing is worked out.
with
    wanted_month as (
        select month::date as month
        from
            generate_series(
                :from_month::date::timestamp, :to_month::date::timestamp, interval '1 month'
            ) as month
    ),
    month_count as (
        select
            wanted_month.month,
            count(crime.month) > 0 as held,
            coalesce(sum(crime.number) filter (where type.is_crime), 0)::bigint as crimes,
            coalesce(sum(crime.number) filter (where not type.is_crime), 0)::bigint
            as anti_social_behaviour
        from wanted_month
        left join
            street_crimes_counted(
                :force, null, :from_month, :to_month, null, :as_of
            ) as crime
            on crime.month = wanted_month.month
        left join street_crime_type as type using (crime_type)
        group by wanted_month.month
    )
select
    month,
    held,
    crimes,
    anti_social_behaviour,
    sum(crimes) over ()::bigint as street,
    bool_and(held) over () as complete,
    case
        when bool_and(held) over () and :official_complete
        then (sum(crimes) over () - :official::bigint)::bigint
    end as difference
from month_count
order by month
;

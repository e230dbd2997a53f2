-- name: months
-- What did a force publish in each of these months, and what do they come to beside an official count? Where a month is missing nothing is worked out.
with asked as (
    select month::date as month from generate_series(:from_month::timestamp, :to_month::timestamp, interval '1 month') as month
), published as (
    select asked.month, count(crime.street_record_id) > 0 as held, count(*) filter (where type.is_crime) as crimes,
           count(*) filter (where not type.is_crime) as anti_social_behaviour
    from asked
    left join street_record_version as crime on crime.force = :force and crime.kind = 'street' and crime.month = asked.month
     and known_at(crime.since_change, crime.until_change, :as_of)
    left join street_crime_type as type using (crime_type)
    group by asked.month
)
select month, held, crimes, anti_social_behaviour, sum(crimes) over ()::bigint as street, bool_and(held) over () as complete,
       case when bool_and(held) over () and :official_complete then (sum(crimes) over () - :official::bigint)::bigint end as difference
from published order by month;

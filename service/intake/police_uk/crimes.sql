-- name: types
-- Which crime types does the publisher use, from which month to which?
select crime_type, from_month, is_crime, to_month
from street_crime_type
where :after_crime_type::text is null or crime_type > :after_crime_type
order by crime_type
limit :limit
;

-- name: list
-- Which street crimes are these, and which outcomes have the same Crime ID? An area is every row
-- whose district lies in it.
select
    page.*,
    page.street_record_id as street_crime_id,
    'police-uk' as classification,
    street_outcomes_of(page.force, page.crime_id, :as_of) as outcomes
from
    (
        select crime.*
        from street_record_version as crime
        where
            kind = 'street'
            and known_at(since_change, until_change, :as_of)
            and (:force::text is null or force = :force)
            and (
                :area::text is null
                or area in (
                    select inside.area
                    from area_ancestor as inside
                    where
                        inside.ancestor = :area
                        and known_at(inside.since_change, inside.until_change, :as_of)
                )
            )
            and (:from_month::date is null or month >= :from_month)
            and (:to_month::date is null or month <= :to_month)
            and (:crime_type::text is null or crime_type = :crime_type)
            and (:crime_id::text is null or crime_id = :crime_id)
            and (
                coalesce(:anti_social_behaviour::boolean, true)
                or crime_type
                in (select type.crime_type from street_crime_type as type where is_crime)
            )
            and (
                :has_outcome::boolean is null
                or :has_outcome = (
                    last_outcome is not null
                    or exists (
                        select
                        from street_record_version as outcome
                        where
                            outcome.force = crime.force
                            and outcome.crime_id = crime.crime_id
                            and outcome.kind = 'outcomes'
                            and known_at(outcome.since_change, outcome.until_change, :as_of)
                    )
                )
            )
            and (:after_month::date is null or month >= :after_month)
            and (
                :after_month::date is null
                or (month, street_record_id) > (:after_month, :after_street_crime_id::uuid)
            )
        order by month, street_record_id
        limit :limit
    ) as page
order by page.month, page.street_record_id
;

-- name: read^
-- What does this street crime say, and which outcomes have its Crime ID?
select
    crime.*,
    crime.street_record_id as street_crime_id,
    'police-uk' as classification,
    street_outcomes_of(crime.force, crime.crime_id, :as_of) as outcomes
from street_record_version as crime
where
    street_record_id = :street_crime_id
    and kind = 'street'
    and known_at(since_change, until_change, :as_of)
;

-- name: counts
-- How many street crimes are there of each type in each month? A month by itself is there too, with
-- how many forces sent it.
with
    type_count as (
        select crime.month, crime.crime_type, crime.force, crime.number
        from
            street_crimes_counted(
                :force, :area, :from_month, :to_month, :crime_type, :as_of
            ) as crime
        join street_crime_type as type using (crime_type)
        where :anti_social_behaviour or type.is_crime
    )
select month, crime_type, sum(number)::bigint as count, count(distinct force) as forces
from type_count
group by month, crime_type
union all
select month, null, sum(number)::bigint, count(distinct force)
from type_count
group by month
order by month, crime_type nulls first
;

-- name: list
-- Which outcomes are these, and which street crimes have the same Crime ID?
select
    page.*,
    page.street_record_id as street_outcome_id,
    'police-uk' as classification,
    array(
        select crime.street_record_id::text
        from street_record_version as crime
        where
            crime.force = page.force
            and crime.crime_id = page.crime_id
            and crime.kind = 'street'
            and known_at(crime.since_change, crime.until_change, :as_of)
        order by crime.street_record_id
    ) as street_crime_ids
from
    (
        select outcome.*
        from street_record_version as outcome
        where
            kind = 'outcomes'
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
            and (:outcome_type::text is null or outcome_type = :outcome_type)
            and (:crime_id::text is null or crime_id = :crime_id)
            and (
                :linked::boolean is null
                or :linked = exists (
                    select
                    from street_record_version as crime
                    where
                        crime.force = outcome.force
                        and crime.crime_id = outcome.crime_id
                        and crime.kind = 'street'
                        and known_at(crime.since_change, crime.until_change, :as_of)
                )
            )
            and (:after_month::date is null or month >= :after_month)
            and (
                :after_month::date is null
                or (month, street_record_id) > (:after_month, :after_street_outcome_id::uuid)
            )
        order by month, street_record_id
        limit :limit
    ) as page
order by page.month, page.street_record_id
;

-- name: strata
-- How many records has each stratum, and how many of them does the sample take? In proportion, what
-- is left over by largest remainder. Whole numbers throughout, so that every machine shares out
-- alike.
with
    stratum as (
        select stratum, count(*) as population, sum(count(*)) over ()::bigint as whole
        from
            sampled_records(
                :areas, :category, :from_on, :to_on, :status, :stratify, :as_of
            )
        group by 1
    ),
    shared as (
        select
            *,
            least(:size, whole) * population / whole as sure,
            least(:size, whole) * population % whole as remainder
        from stratum
    ),
    ranked as (
        select
            *,
            row_number() over (order by remainder desc, stratum) as place,
            least(:size, whole) - sum(sure) over () as left_over
        from shared
    )
select
    stratum,
    population,
    (sure + case when place <= left_over then 1 else 0 end)::int as sample,
    whole,
    (sum(sure) over () + left_over)::int as drawn
from ranked
order by stratum
;

-- name: draw
-- Which records are drawn? Of each stratum those whose sha256(seed, then offence_id) comes first,
-- so anybody can draw them again.
with
    drawn as (
        select force, offence_id, since_change, lot
        from
            (
                select
                    force,
                    offence_id,
                    since_change,
                    stratum,
                    lot,
                    row_number() over (partition by stratum order by lot, offence_id) as place
                from
                    (
                        select
                            record.*,
                            sha256(convert_to(:seed || record.offence_id::text, 'UTF8')) as lot
                        from
                            sampled_records(
                                :areas,
                                :category,
                                :from_on,
                                :to_on,
                                :status,
                                :stratify,
                                :as_of
                            ) as record
                    ) as shuffled
            ) as ranked
        join
            unnest(:strata::text[], :samples::int[]) as allotted(stratum, sample) using (
                stratum
            )
        where place <= sample
    )
select record.*
from drawn
join offence_version as record using (force, offence_id, since_change)
order by drawn.lot, drawn.offence_id
;

-- name: intervals
-- What would a sample of this size say if all were found right, if half were, and with the number
-- that was?
select sample.finding, sample.found as "right", supported.share, supported.low, supported.high
from
    (
        values
            ('all_right', :drawn::numeric),
            ('half_right', :drawn::numeric / 2),
            ('found_right', :found)
    ) as sample(finding, found)
cross join wilson(sample.found, :drawn::bigint) as supported
where sample.found is not null
;

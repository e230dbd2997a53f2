-- name: timeliness
-- How soon were the records that count made after the report? A share is of those of which it can
-- be told.
with
    counted as (
        select
            asked,
            count(*) as records,
            count(*) filter (where reported) as reported,
            count(*) filter (where recorded_in_time) as in_time,
            count(*) filter (where not recorded_in_time) as late,
            count(*) filter (where recorded_in_time is null) as not_known,
            percentile_cont(0.5) within group (order by hours_to_record) as median_hours
        from said_of_records_within(:areas, :category, :from_on, :to_on, :as_of)
        where status = 'recorded'
        group by 1
    )
select
    place.area,
    place.name as area_name,
    coalesce(records, 0) as records,
    coalesce(reported, 0) as reported,
    coalesce(in_time, 0) as in_time,
    coalesce(late, 0) as late,
    coalesce(not_known, 0) as not_known,
    round(median_hours::numeric, 2) as median_hours,
    supported.share,
    supported.low as share_low,
    supported.high as share_high
from area_version as place
left join counted on counted.asked = place.area
cross join wilson(in_time, in_time + late) as supported
where place.area = any(:areas) and known_at(place.since_change, place.until_change, :as_of)
order by array_position(:areas, place.area)
;

-- name: cancellations
-- Of the records ever made of the period, how many no longer count, and for which reason?
-- The row without a reason is all of them; the rows with one are parts of it.
with
    counted as (
        select asked, cancelled_reason, count(*) as records
        from said_of_records_within(:areas, :category, :from_on, :to_on, :as_of)
        group by 1, 2
    ),
    cancellation as (
        select
            place.area,
            place.name as area_name,
            reason.cancelled_reason,
            reason.position,
            coalesce(sum(counted.records), 0)::bigint as records,
            coalesce(
                sum(counted.records) filter (
                    where
                        counted.cancelled_reason
                        = coalesce(reason.cancelled_reason, counted.cancelled_reason)
                ),
                0
            )::bigint as cancelled
        from area_version as place
        cross join unnest(array_prepend(null, :reasons::text[]))
        with ordinality as reason(cancelled_reason, position)
        left join counted on counted.asked = place.area
        where
            place.area = any(:areas)
            and known_at(place.since_change, place.until_change, :as_of)
        group by 1, 2, 3, 4
    )
select
    cancellation.*,
    cancelled_reason is not null as of_which,
    supported.share as rate,
    supported.low as rate_low,
    supported.high as rate_high
from cancellation
cross join wilson(cancelled, records) as supported
order by array_position(:areas, area), position
;

-- name: recorded_to$
-- Up to which day of the span does the book have every record from its first day on, of every force
-- concerned?
select case when bool_and(run.last_day is not null) then min(run.last_day) end
from
    days_held(
        array[:area::text], array[:category::text], :from_on::date, :to_on::date, :as_of
    ) as complete
left join
    lateral(
        select least(upper(span) - 1, :to_on::date) as last_day
        from unnest(complete.days) as span
        where span @> :from_on::date
    ) as run
    on true
;

-- name: days_returned
-- On which days of the span, the latest first, does a period end that a source counts for the area
-- or for anything within it?
select distinct cell.to_on
from return
join
    (
        select return_id, area, from_on, to_on
        from return_cell
        union all
        select return_id, area, from_on, to_on
        from return_outcome_cell
    ) as cell using (return_id)
join
    area_ancestor as inside
    on inside.area = cell.area
    and inside.ancestor = :area
    and known_at(inside.since_change, inside.until_change, :as_of)
where
    return.source = :source
    and return.change <= :as_of
    and cell.from_on >= :from_on
    and cell.to_on <= :to_on
order by cell.to_on desc
;

-- name: observed_to$
-- Up to which day of the span does what was reported of the area reach, from its first day on; or
-- for a measure of which the latest counts, at all?
with
    reported as (
        select observation.period_from, observation.period_to, version.adds_up
        from observation_version as observation
        join
            measure_version as version
            on version.measure = observation.measure
            and known_at(version.since_change, version.until_change, :as_of)
        where
            observation.measure = :measure
            and observation.area = :area
            and known_at(observation.since_change, observation.until_change, :as_of)
            and observation.period_from >= :from_on
            and observation.period_to <= :to_on
    ),
    run as (select unnest(range_agg(daterange(period_from, period_to, '[]'))) as span from reported)
select
    coalesce(
        (select max(period_to) from reported where adds_up = 'last'),
        (select upper(span) - 1 from run where span @> :from_on::date)
    )
;

-- name: ranked_within^
-- Among the parts of which area is this one ranked: a force of the widest nation that it lies in, a
-- district of its force?
select wide.area, place.kind
from area_version as place
join
    area_ancestor as above
    on above.area = place.area
    and known_at(above.since_change, above.until_change, :as_of)
join
    area_version as wide
    on wide.area = above.ancestor
    and known_at(wide.since_change, wide.until_change, :as_of)
    and wide.kind = case place.kind when 'force' then 'nation' when 'district' then 'force' end
where place.area = :area and known_at(place.since_change, place.until_change, :as_of)
order by
    (
        select count(*)
        from area_ancestor as inside
        where
            inside.ancestor = wide.area
            and known_at(inside.since_change, inside.until_change, :as_of)
    ) desc,
    wide.area
limit 1
;

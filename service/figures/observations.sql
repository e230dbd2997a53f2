-- name: has_begun$
-- Has this day come?
select :from_on::date <= civil_day(:changed_at)
;

-- name: begin^
-- Begin an observation, or a version of one.
insert into observation_version ({{ observation_version.columns }})
values ({{ observation_version.version(stated=":") }})
returning *;

-- name: end!
-- End the version that was seen.
update observation_version set until_change = :change
where observation_id = :observation_id and since_change = :seen and until_change is null;

-- name: read^
-- What is this observation?
select *
from observation_version
where
    observation_id = :observation_id
    and measure = :measure
    and known_at(since_change, until_change, :as_of)
;

-- name: list
-- Which observations are there, of that area, within those days?
select {{ observation_version.columns }}
from observation_version
where
    measure = :measure
    and known_at(since_change, until_change, :as_of)
    and (:area::text is null or area = :area)
    and (:from_on::date is null or period_from >= :from_on)
    and (:to_on::date is null or period_to <= :to_on)
    and (:after_observation_id::uuid is null or observation_id > :after_observation_id)
order by observation_id
limit :limit
;

-- name: figures
-- What do the observations of each area say of the period, and of the one it is compared with? One
-- of the very period answers. Else those of its parts do, the finest that are held, where no two of
-- them share a day.
with
    span as (
        select which, from_on, to_on
        from
            (
                values
                    ('period', :from_on::date, :to_on::date),
                    ('base', :base_from::date, :base_to::date)
            ) as named(which, from_on, to_on)
        where from_on is not null
    ),
    held as (
        select
            span.which,
            span.from_on,
            span.to_on,
            told.area,
            told.observation_id,
            told.period_from,
            told.period_to,
            told.value,
            (told.period_from, told.period_to) = (span.from_on, span.to_on) as whole
        from span
        join
            observation_version as told
            on told.period_from >= span.from_on
            and told.period_to <= span.to_on
            and told.measure = :measure
            and told.area = any(:areas)
            and known_at(told.since_change, told.until_change, :as_of)
    ),
    part as (  -- the finest: those that hold no other
        select held.*
        from held
        where
            held.whole
            or not exists (
                select
                from held as other
                where
                    (other.which, other.area) = (held.which, held.area)
                    and (
                        other.whole
                        or other.period_from >= held.period_from
                        and other.period_to <= held.period_to
                        and (other.period_from, other.period_to)
                        <> (held.period_from, held.period_to)
                    )
            )
    ),
    told as (
        select
            part.which,
            part.area,
            count(*) as observations,
            sum(part.period_to - part.period_from + 1) as days,
            max(part.to_on - part.from_on + 1) as among,
            bool_or(part.whole) as whole,
            bool_or(
                exists (
                    select
                    from part as other
                    where
                        (other.which, other.area) = (part.which, part.area)
                        and other.observation_id <> part.observation_id
                        and other.period_from <= part.period_to
                        and other.period_to >= part.period_from
                )
            ) as overlap,
            max(part.period_to) = max(part.to_on) as ends,
            sum(part.value) as total,
            sum(part.value * (part.period_to - part.period_from + 1)) as by_days,
            (array_agg(part.value order by part.period_to desc))[1] as latest
        from part
        group by 1, 2
    ),
    said as (
        select
            told.*,
            case
                when overlap
                then null
                when whole or :adds_up = 'sum'
                then total
                when :adds_up = 'mean'
                then round(by_days / days, :decimals)
                else latest
            end as value,
            not overlap and (days = among or :adds_up = 'last' and ends) as complete
        from told
    )
select
    place.area,
    place.name as area_name,
    now.value,
    coalesce(now.complete, false) as complete,
    coalesce(now.observations, 0) as observations,
    coalesce(now.overlap, false) as overlap,
    base.value as base_value,
    coalesce(base.complete, false) as base_complete,
    coalesce(base.overlap, false) as base_overlap
from area_version as place
left join said as now on (now.area, now.which) = (place.area, 'period')
left join said as base on (base.area, base.which) = (place.area, 'base')
where place.area = any(:areas) and known_at(place.since_change, place.until_change, :as_of)
order by array_position(:areas, place.area)
;

-- name: compare
-- What does each value say against the other? A percentage of a value below nought would mean
-- nothing.
select
    said.position,
    case when said.withheld is null then said.value - said.base end as difference,
    case
        when reason.text is null then round(100 * (said.value - said.base) / said.base, 1)
    end as percent,
    reason.text as percent_withheld
from jsonb_to_recordset(:pairs) as said(position int, value numeric, base numeric, withheld text)
cross join
    lateral(
        select
            case
                when said.value is null or said.base is null
                then coalesce(said.withheld, 'one of the values is not available')
                when said.withheld is not null
                then said.withheld
                when said.base <= 0
                then 'the base value is not above nought'
                when :adds_up = 'sum' and :length::int <> :base_length::int
                then 'the periods differ in length'
            end as text
    ) as reason
order by said.position
;

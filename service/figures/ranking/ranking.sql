-- name: within
-- Which places of a kind lie in an area and were there on any day of the period?
select place.area
from area_ancestor as inside
join
    area_version as place
    on place.area = inside.area
    and known_at(place.since_change, place.until_change, :as_of)
where
    inside.ancestor = :area
    and known_at(inside.since_change, inside.until_change, :as_of)
    and place.kind = :kind
    and coalesce(place.from_on, '-infinity') <= :to_on::date
    and coalesce(place.to_on, 'infinity') >= :from_on::date
order by place.area
;

-- name: judged
-- What is each count divided by, and why may it not be ranked? Residents are those of the middle of
-- the year in which the period begins, or of the nearest earlier year that is held. Under so many
-- residents no rate is shown: official statistics leave out that of the City of London.
with
    figure as (
        select *
        from
            jsonb_to_recordset(:figures) as given(
                area text, count bigint, complete boolean, base bigint, base_complete boolean
            )
    ),
    resident as (
        select distinct on (held.area) held.area, held.year, held.residents, held.source
        from population as held
        join figure on figure.area = held.area
        where
            held.year <= extract(year from :from_on::date)
            and known_at(held.since_change, held.until_change, :as_of)
        order by held.area, held.year desc
    )
select
    figure.area,
    resident.year,
    resident.residents as number,
    resident.source,
    case
        when resident.year is null
        then
            format(
                'no number of residents is held for mid-%s or before',
                extract(year from :from_on::date)
            )
        when resident.year < extract(year from :from_on::date)
        then
            format(
                'none is held for mid-%s: that of mid-%s is used',
                extract(year from :from_on::date),
                resident.year
            )
    end as note,
    case
        :order when 'rate' then resident.residents / 1000.0 when 'change' then figure.base else 1
    end as divisor,
    case
        when figure.count is null
        then format('%s does not count it in %s', :source::text, :period::text)
        when place.from_on > :from_on::date
        then format('it began on %s, within the period', place.from_on)
        when place.to_on < :to_on::date
        then format('it ended on %s, within the period', place.to_on)
        when not figure.complete
        then 'the period is incomplete'
        when figure.count < 0
        then 'the count is below nought'
        when :order = 'change' and figure.base is null
        then 'the base period is not counted'
        when :order = 'change' and not figure.base_complete
        then 'the base period is incomplete'
        when :order = 'change' and least(figure.count, figure.base) < 50
        then 'a count is under 50'
        when :order = 'rate' and resident.residents is null
        then
            format(
                'no number of residents is held for mid-%s or before',
                extract(year from :from_on::date)
            )
        when :order = 'rate' and resident.residents < :fewest_residents
        then
            format(
                'under %s residents, who are few beside those who work or visit there',
                to_char(:fewest_residents, 'FM999,999')
            )
    end as withheld
from figure
join
    area_version as place
    on place.area = figure.area
    and known_at(place.since_change, place.until_change, :as_of)
left join resident on resident.area = figure.area
order by figure.area
;

-- name: factor$
-- By what is a count over its base multiplied where the two periods differ in length? By 1 where
-- nothing is compared.
select coalesce(base::float8 / period, 1) as factor
from exposed(:from_on::date, :to_on::date, :base_from::date, :base_to::date, null)
;

-- name: ranked
-- What is the value of each, in what interval, at which rank from below, and how far from the
-- average? Worked out on what is not rounded, rounded once. The interval of a change is that of GET
-- /v1/summaries; low and high of others are ends of the exact interval of the count.
with
    given as (
        select said.*, count / divisor * :factor as value
        from
            jsonb_to_recordset(:rows) as said(
                area text, count bigint, divisor float8, low float8, high float8
            )
    ),
    average as (
        select
            case
                :average when 'mean' then avg(value) else sum(count) / sum(divisor) * :factor
            end as value
        from given
    )
select
    given.area,
    round(given.value::numeric, 3) as value,
    rank() over (order by given.value) as rank,
    round(coalesce(change.interval_low, (low / divisor)::numeric), 3) as low,
    round(coalesce(change.interval_high, (high / divisor)::numeric), 3) as high,
    round(average.value::numeric, 3) as average,
    round((given.value - average.value)::numeric, 3) as difference
from given
cross join average
cross join
    exposed(:from_on::date, :to_on::date, :base_from::date, :base_to::date, null) as exposed
left join
    compared(
        given.count,
        given.divisor::bigint,
        exposed.period,
        exposed.base,
        true,
        'either-under-50',
        null
    ) as change
    on :order = 'change'
order by given.value, given.area
;

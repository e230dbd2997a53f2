-- name: of_records
-- How many outcomes have the records of each category in each area, and how many of them are
-- positive? By basis assigned those given in the period, whenever the crime was recorded; by basis
-- recorded those so far of the crimes recorded in it.
with
    span as (
        select which, from_on, to_on
        from
            (
                values
                    ('now', :from_on::date, :to_on::date),
                    ('base', :base_from::date, :base_to::date)
            ) as named(which, from_on, to_on)
        where from_on is not null
    ),
    counted as (
        select
            span.which,
            held.area,
            wanted.category,
            coalesce(sum(held.number) filter (where not held.undated), 0)::bigint as crimes,
            coalesce(
                sum(held.number) filter (where not held.undated and held.outcome <> '0'), 0
            )::bigint as outcomes,
            coalesce(
                sum(held.number) filter (where not held.undated and positive.outcome is not null), 0
            )::bigint as positive,
            coalesce(sum(held.number) filter (where held.undated), 0)::bigint as undated
        from span
        cross join
            lateral outcomes_counted(:areas, span.from_on, span.to_on, :basis, :as_of) as held
        cross join unnest(:categories::text[]) as wanted(category)
        join
            lateral category_member(wanted.category, :as_of) as member
            on member.code = held.code
            and held.month
            between coalesce(member.from_on, '-infinity') and coalesce(member.to_on, 'infinity')
        left join positive_outcome as positive on positive.outcome = held.outcome
        group by 1, 2, 3
    ),
    told as (
        select counted.*, case :basis when 'assigned' then outcomes else crimes end as denominator
        from counted
    )
select
    place.area,
    place.name as area_name,
    version.category,
    version.name as category_name,
    version.definition,
    coalesce(now.outcomes, 0) as outcomes,
    coalesce(now.positive, 0) as positive,
    coalesce(now.denominator, 0) as denominator,
    round(100.0 * now.positive / nullif(now.denominator, 0), 1) as share,
    coalesce(now.undated, 0) as undated,
    case when :base_from::date is not null then coalesce(base.outcomes, 0) end as base_outcomes,
    case when :base_from::date is not null then coalesce(base.positive, 0) end as base_positive,
    case
        when :base_from::date is not null then coalesce(base.denominator, 0)
    end as base_denominator,
    round(100.0 * base.positive / nullif(base.denominator, 0), 1) as base_share,
    round(
        100.0 * now.positive / nullif(now.denominator, 0)
        - 100.0 * base.positive / nullif(base.denominator, 0),
        1
    ) as points,
    null as edition,
    null as base_edition,
    null as return_id
from area_version as place
cross join category_version as version
left join told as now on (now.area, now.category, now.which) = (place.area, version.category, 'now')
left join
    told as base on (base.area, base.category, base.which) = (place.area, version.category, 'base')
where
    place.area = any(:areas)
    and known_at(place.since_change, place.until_change, :as_of)
    and version.category = any(:categories)
    and known_at(version.since_change, version.until_change, :as_of)
order by array_position(:areas, place.area), array_position(:categories, version.category)
;

-- name: of_return
-- …and how many does the latest edition of a source count, by types that are not part of another?
-- What is withheld leaves a sum unknown.
with
    span as (
        select which, from_on, to_on
        from
            (
                values
                    ('now', :from_on::date, :to_on::date),
                    ('base', :base_from::date, :base_to::date)
            ) as named(which, from_on, to_on)
        where from_on is not null
    ),
    part as (select place.area, place.kind, place.part from area_part(:areas, :as_of) as place),
    edition as (
        select distinct
            on (part.area, span.which) part.area,
            span.which,
            span.from_on,
            span.to_on,
            return.return_id,
            return.edition
        from span
        cross join part
        join return on return.source = :source and return.change <= :as_of
        where
            exists (
                select
                from return_outcome_cell as cell
                where
                    cell.return_id = return.return_id
                    and cell.area = part.part
                    and cell.basis = :basis
                    and cell.from_on >= span.from_on
                    and cell.to_on <= span.to_on
            )
        order by part.area, span.which, return.edition desc
    ),
    given as (  -- which days of the span are counted of each part?
        select
            edition.which,
            part.area,
            part.part,
            range_agg(daterange(cell.from_on, cell.to_on, '[]')) as days
        from edition
        join part using (area)
        join
            (
                select distinct return_id, area, from_on, to_on
                from return_outcome_cell
                where basis = :basis
            ) as cell
            on (cell.return_id, cell.area) = (edition.return_id, part.part)
            and cell.from_on >= edition.from_on
            and cell.to_on <= edition.to_on
        group by 1, 2, 3
    ),
    filled as (
        select
            edition.which,
            part.area,
            bool_and(
                coalesce(
                    given.days @> daterange(edition.from_on, edition.to_on, '[]'),
                    part.kind = 'body'
                )
            ) as complete
        from edition
        join part using (area)
        left join given using (which, area, part)
        group by 1, 2
    ),
    counted as (
        select
            edition.which,
            edition.area,
            wanted.category,
            count(*) = count(cell.count) as known,
            sum(cell.count) as crimes,
            coalesce(sum(cell.count) filter (where type.outcome <> '0'), 0) as outcomes,
            coalesce(sum(cell.count) filter (where positive.outcome is not null), 0) as positive
        from edition
        cross join unnest(:categories::text[]) as wanted(category)
        cross join
            lateral counted_outcome(
                array[edition.area],
                edition.return_id,
                wanted.category,
                edition.from_on,
                edition.to_on,
                :as_of
            ) as cell
        join outcome_type as type on type.outcome = cell.outcome and type.part_of is null
        left join positive_outcome as positive on positive.outcome = cell.outcome
        where cell.basis = :basis
        group by 1, 2, 3
    ),
    told as (
        select
            counted.which,
            counted.area,
            counted.category,
            outcomes::bigint,
            positive::bigint,
            case :basis when 'assigned' then outcomes else crimes end::bigint as denominator
        from counted
        where known
    )
select
    place.area,
    place.name as area_name,
    version.category,
    version.name as category_name,
    version.definition,
    now.outcomes,
    now.positive,
    now.denominator,
    round(100.0 * now.positive / nullif(now.denominator, 0), 1) as share,
    0 as undated,
    base.outcomes as base_outcomes,
    base.positive as base_positive,
    base.denominator as base_denominator,
    round(100.0 * base.positive / nullif(base.denominator, 0), 1) as base_share,
    round(
        100.0 * now.positive / nullif(now.denominator, 0)
        - 100.0 * base.positive / nullif(base.denominator, 0),
        1
    ) as points,
    latest.edition,
    earlier.edition as base_edition,
    latest.return_id,
    now.outcomes is not null and filled.complete as complete,
    base.outcomes is not null and coalesce(base_filled.complete, false) as base_complete,
    exists (
        select
        from return
        join return_outcome_cell as cell using (return_id)
        where return.source = :source and return.change <= :as_of and cell.basis = :basis
    ) as holds_outcomes
from area_version as place
cross join category_version as version
left join told as now on (now.area, now.category, now.which) = (place.area, version.category, 'now')
left join
    told as base on (base.area, base.category, base.which) = (place.area, version.category, 'base')
left join edition as latest on (latest.area, latest.which) = (place.area, 'now')
left join edition as earlier on (earlier.area, earlier.which) = (place.area, 'base')
left join filled on (filled.area, filled.which) = (place.area, 'now')
left join filled as base_filled on (base_filled.area, base_filled.which) = (place.area, 'base')
where
    place.area = any(:areas)
    and known_at(place.since_change, place.until_change, :as_of)
    and version.category = any(:categories)
    and known_at(version.since_change, version.until_change, :as_of)
order by array_position(:areas, place.area), array_position(:categories, version.category)
;

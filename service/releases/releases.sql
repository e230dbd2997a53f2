-- name: known_then^
-- At which change are the figures of a release made now known: the last before it, or the last by
-- that number or instant?
select id as change, at
from change
where
    id < :as_of
    and (:number::bigint is null or id <= :number)
    and (:instant::timestamptz is null or at <= :instant)
order by id desc
limit 1
;

-- name: keep!
-- Keep what was asked.
insert into release (release_id, since_change, areas, base_from, base_period, base_to, categories, change, embargo_until, from_on, measure,
                     percent_rule, period, source, title, to_on)
values (:release_id, :as_of, :areas::text[], :base_from, :base_period, :base_to, :categories::text[], :known, :embargo_until, :from_on, :measure,
        :percent_rule, :period, :source, :title, :to_on);

-- name: keep_definitions!
-- Keep by which definitions it was counted, code by code.
insert into release_definition (release_id, category, codes, definition, every_code, name)
select :release_id, category, codes, definition, every_code, name from counted_by(:categories, :known);

-- name: definitions_again
-- By which definitions would it be counted again?
select category, codes, definition, every_code, name
from counted_by(:categories, :as_of)
order by array_position(:categories, category)
;

-- name: keep_figures!
-- Keep each figure, whole.
insert into release_figure (release_id, position, area, base_edition, base_value, category, edition, figure, value)
select :release_id, figure.position, figure.area, figure.base_edition, figure.base_value, figure.category, figure.edition, figure.figure,
       figure.value
from jsonb_to_recordset(:figures) as figure (position int, area text, base_edition text, base_value bigint, category text, edition text,
                                             figure text, value bigint);

-- name: change_of$
-- At which change were the figures of this release known? An embargoed one is known to those alone
-- who publish.
select change
from release
where
    release_id = :release_id
    and (embargo_until is null or embargo_until <= :now or :publishes)
;

-- name: read^
-- What is this release?
select
    release.*,
    known.at,
    made.at as made_at,
    (
        select count(*) from release_figure as held where held.release_id = release.release_id
    ) as counted
from release
join change as known on known.id = release.change
join change as made on made.id = release.since_change
where
    release_id = :release_id
    and (embargo_until is null or embargo_until <= :now or :publishes)
;

-- name: list
-- Which releases are there?
select
    release.*,
    known.at,
    made.at as made_at,
    (
        select count(*) from release_figure as held where held.release_id = release.release_id
    ) as counted
from release
join change as known on known.id = release.change
join change as made on made.id = release.since_change
where
    since_change <= :as_of
    and (embargo_until is null or embargo_until <= :now or :publishes)
    and (:after_since_change::bigint is null or since_change > :after_since_change)
order by since_change
limit :limit
;

-- name: titled$
-- Is there a release of this title?
select exists (select from release where title = :title) as found
;

-- name: definitions
-- By which definitions was it counted?
select category, codes, definition, every_code, name
from release_definition
where release_id = :release_id
order by array_position((select categories from release where release_id = :release_id), category)
;

-- name: figures
-- Which figures were published?
select position, area, category, edition, base_edition, value, base_value, figure
from release_figure
where release_id = :release_id
order by position
;

-- name: counting
-- In which published figures did this record ever count, in the count itself or in the one it was
-- compared with, and does it count there now?
with
    span as (
        select release.*, named.role, named.begins, named.ends
        from release
        cross join
            lateral(values ('value', from_on, to_on), ('base', base_from, base_to)) as named(
                role, begins, ends
            )
        where
            since_change <= :as_of
            and source = 'records'
            and (embargo_until is null or embargo_until <= :now or :publishes)
            and named.begins is not null
    ),
    place as (  -- where it was, at each change of interest, with everything that lies above
        select known.change, held.code, held.recorded_on, above.ancestor
        from
            (
                select distinct change
                from span
                union
                select :as_of
            ) as known
        join
            offence_version as held
            on held.offence_id = :offence_id
            and known_at(held.since_change, held.until_change, known.change)
            and held.status = 'recorded'
        join
            area_ancestor as above
            on above.area = held.area
            and known_at(above.since_change, above.until_change, known.change)
    )
select
    span.release_id,
    span.since_change,
    span.title,
    figure.position,
    span.role,
    figure.figure,
    case span.role when 'value' then span.period else span.base_period end as period,
    case span.role when 'value' then figure.value else figure.base_value end as value,
    span.change,
    span.measure,
    exists (
        select
        from place as held_now
        cross join category_member(figure.category, :as_of) as member
        where
            held_now.change = :as_of
            and held_now.ancestor = figure.area
            and held_now.recorded_on between span.begins and span.ends
            and member.code = held_now.code
            and held_now.recorded_on
            between coalesce(member.from_on, '-infinity') and coalesce(member.to_on, 'infinity')
    ) as counts_now
from span
join
    place as held_then
    on held_then.change = span.change
    and held_then.recorded_on between span.begins and span.ends
join
    release_figure as figure
    on figure.release_id = span.release_id
    and figure.area = held_then.ancestor
where
    exists (
        select
        from category_member(figure.category, span.change) as member
        where
            member.code = held_then.code
            and held_then.recorded_on
            between coalesce(member.from_on, '-infinity') and coalesce(member.to_on, 'infinity')
    )
    and (
        :after_since_change::bigint is null
        or (span.since_change, figure.position, span.role)
        > (:after_since_change, :after_position::bigint, :after_role)
    )
order by span.since_change, figure.position, span.role
limit :limit
;

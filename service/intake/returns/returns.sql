-- name: figures
-- What does a source's latest edition count, for each category in each area, in the period and in
-- the one it is compared with? Which places, periods and groups count towards what is said once, by
-- the functions beside the table.
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
    edition as materialized(
        select span.which, answering.*
        from
            answering_edition(
                :areas,
                :source,
                array(select from_on from span),
                array(select to_on from span),
                :as_of
            ) as answering
        join span using (from_on, to_on)
    ),
    question as materialized(
        select
            which,
            span.from_on,
            span.to_on,
            array_agg(edition.area) as areas,
            array_agg(edition.return_id) as return_ids
        from edition
        join span using (which)
        where edition.return_id is not null
        group by 1, 2, 3
    ),
    total as materialized(
        select
            question.which,
            cell.asked_area as area,
            cell.asked_category as category,
            case when :by_code then cell.code end as code,
            -- what is withheld is not nought
            case when count(*) = count(cell.count) then sum(cell.count)::bigint end as number,
            string_agg(distinct withheld_mark.meaning, '; ') as withheld
        from question
        cross join
            counted_cell(
                question.areas,
                question.return_ids,
                :categories,
                question.from_on,
                question.to_on,
                :as_of
            ) as cell
        left join
            return_cell as held
            on cell.count is null
            and (held.return_id, held.cell) = (cell.return_id, cell.cell)
        left join withheld_mark on withheld_mark.mark = held.withheld
        group by 1, 2, 3, 4
    ),
    place_category as (
        select
            place.area,
            place.name as area_name,
            version.category,
            version.name as category_name,
            version.definition
        from area_version as place
        cross join category_version as version
        where
            place.area = any(:areas)
            and known_at(place.since_change, place.until_change, :as_of)
            and version.category = any(:categories)
            and known_at(version.since_change, version.until_change, :as_of)
    ),
    figure_cell as (
        select place_category.*, code.code
        from place_category
        left join
            (select distinct area, category, code from total where :by_code) as code using (
                area, category
            )
    )
select
    figure_cell.*,
    now.number as value,
    base.number as base_value,
    null as month,
    null as base_month,
    now.withheld,
    base.withheld as base_withheld,
    now.number is not null and edition.complete as complete,
    base.number is not null and base_edition.complete as base_complete,
    edition.edition,
    edition.return_id,
    base_edition.edition as base_edition
from figure_cell
left join
    total as now
    on (now.area, now.category, now.which) = (figure_cell.area, figure_cell.category, 'period')
    and now.code is not distinct from figure_cell.code
left join
    total as base
    on (base.area, base.category, base.which) = (figure_cell.area, figure_cell.category, 'base')
    and base.code is not distinct from figure_cell.code
left join edition on (edition.area, edition.which) = (figure_cell.area, 'period')
left join
    edition as base_edition
    on (base_edition.area, base_edition.which) = (figure_cell.area, 'base')
order by
    array_position(:areas, figure_cell.area),
    array_position(:categories, figure_cell.category),
    figure_cell.code
;

-- name: sources
-- Which sources have sent returns?
select distinct source
from return
where change <= :as_of
order by source
;

-- name: begin_staging!
-- A place for the cells of one file as they came: counted is a code or the name of a group, year a
-- financial year or the last day of twelve months, from_on and to_on the period of a table that has
-- one for all its cells, and stray says why a line cannot be read at all.
create temporary table staged_count (
    cell int not null,
    sheet text,
    line int not null,
    force_code text,
    force text,
    partnership_code text,
    partnership text,
    counted text,
    number text,
    quarter text,
    year text,
    outcome text,
    basis text,
    from_on date,
    to_on date,
    stray text
) on commit drop
;

-- name: codes_alike_as_numbers
-- Which codes would be the same as another if a spreadsheet took both for numbers, as 4.1 and 4.10?
select one.code
from known_code as one
join known_code as other on other.code = one.code || '0'
where one.code ~ '^[0-9]+[.][0-9]+$'
;

-- name: name_forces!
-- What are forces and bodies called now? A name that two of them bear says neither.
create temporary table named_force on commit drop as
with
    force as (
        select area, name, aliases
        from area_version
        where until_change is null and kind in ('force', 'body')
    ),
    force_name as (
        select area, lower(name) as name
        from force
        union
        select area, lower(alias)
        from force
        cross join unnest(aliases) as alias
    )
select name, min(area) as area, count(*) as places
from force_name
group by name
;

-- name: name_partnerships!
-- What are the partnerships of each force called now, and the districts of which no partnership has
-- the name?
create temporary table named_partnership on commit drop as
with
    partnership_name as (
        select
            force.area as force,
            version.area,
            called.name,
            rank() over (
                partition by force.area, called.name order by version.kind desc
            ) as choice
        from area_version as version
        join
            area_ancestor as inside
            on inside.area = version.area
            and inside.until_change is null
        join
            area_version as force
            on force.area = inside.ancestor
            and force.kind = 'force'
            and force.until_change is null
        cross join
            lateral(
                select lower(version.name)
                union
                select lower(alias)
                from unnest(version.aliases) as alias
            ) as called(name)
        where version.until_change is null and version.kind in ('partnership', 'district')
    )
select force, name, min(area) as area, count(distinct area) as places
from partnership_name
where choice = 1
group by force, name
;

-- name: name_codes!
-- What is each place with a code called now, and in which forces does it lie?
create temporary table coded_place on commit drop as
select
    area,
    kind,
    name,
    array(
        select lower(name)
        union
        select lower(alias)
        from unnest(aliases) as alias
    ) as names,
    array(
        select inside.ancestor
        from area_ancestor as inside
        where inside.area = version.area and inside.until_change is null
    ) as within
from area_version as version
where until_change is null
;

-- name: understand!
-- Read the cells: places by code or name, codes or groups by name, periods and counts by their
-- form. A nil saved by a spreadsheet is -00.
create temporary table understood on commit drop as
with
    -- an alias is what returns call a category, and goes before any name
    category_name as (
        select category, lower(name) as name, 2 as place
        from category_version
        where until_change is null
        union
        select category, lower(alias), 1
        from category_version
        cross join unnest(aliases) as alias
        where until_change is null
    ),
    ranked_name as (
        select category, name, rank() over (partition by name order by place) as place
        from category_name
    ),
    named_category as (
        select name, min(category) as category, count(*) as categories
        from ranked_name
        where place = 1
        group by name
    ),
    cell_in_force as (
        select
            staged.*,
            lower(partnership) ~ '^unassigned|airport$' as remainder,
            case
                when force_code is null and named_force.places = 1
                then named_force.area
                when
                    lower(force) = any(coded.names)
                    and coded.kind in ('force', 'body', 'region', 'nation')
                then coded.area
            end as force_area,
            named_force.places as forces,
            coded.name as coded_name
        from staged_count as staged
        left join
            named_force
            on staged.force_code is null
            and named_force.name = lower(staged.force)
        left join coded_place as coded on coded.area = staged.force_code
    ),
    read_cell as (
        select
            cell_in_force.*,
            known_code.code,
            case when categories = 1 then named_category.category end as category,
            categories,
            case
                when partnership is null or remainder
                then force_area
                when partnership_code is null and named_partnership.places = 1
                then named_partnership.area
                when
                    lower(partnership) = any(coded.names)
                    and force_area = any(coded.within)
                then coded.area
            end as area,
            case
                when cell_in_force.from_on is not null
                then cell_in_force.from_on
                when
                    not :rolling
                    and cell_in_force.year ~ '^[12][0-9]{3}/[0-9]{2}$'
                    and cell_in_force.quarter ~ '^Q?[1-4]$'
                    and mod(substr(cell_in_force.year, 1, 4)::int + 1, 100)
                    = substr(cell_in_force.year, 6, 2)::int
                then
                    make_date(substr(cell_in_force.year, 1, 4)::int, 4, 1)
                    + make_interval(months => 3 * right(cell_in_force.quarter, 1)::int - 3)
                when
                    :rolling
                    and cell_in_force.year
                    ~ '^[0-9]{2}[-/](0[1-9]|1[0-2])[-/][12][0-9]{3}$'
                then
                    make_date(
                        substr(cell_in_force.year, 7, 4)::int,
                        substr(cell_in_force.year, 4, 2)::int,
                        1
                    )
                    - interval '11 months'
            end as begins,
            case
                when :rolling then interval '12 months' else interval '3 months'
            end as lasting,
            case
                when cell_in_force.number ~ '^-?[0-9]{1,9}$'
                then cell_in_force.number::int
            end as count,
            withheld_mark.mark as withheld,
            outcome_type.outcome as outcome_type
        from cell_in_force
        left join
            named_partnership
            on cell_in_force.partnership_code is null
            and named_partnership.force = cell_in_force.force_area
            and named_partnership.name = lower(cell_in_force.partnership)
        left join coded_place as coded on coded.area = cell_in_force.partnership_code
        left join known_code on :by_code and known_code.code = cell_in_force.counted
        left join
            named_category
            on not :by_code
            and named_category.name = lower(cell_in_force.counted)
        left join withheld_mark on withheld_mark.mark = lower(cell_in_force.number)
        left join outcome_type on outcome_type.outcome = upper(cell_in_force.outcome)
    )
select
    cell,
    sheet,
    line,
    area,
    case when remainder then partnership end as unassigned,
    code,
    category,
    count,
    withheld,
    outcome_type,
    outcome,
    basis,
    begins::date as from_on,
    coalesce(to_on, (begins + lasting)::date - 1) as to_on,
    force,
    force_code,
    force_area,
    forces,
    coded_name,
    partnership,
    partnership_code,
    categories,
    counted,
    number,
    quarter,
    year,
    stray
from read_cell
;

-- name: drop_repeated_cells!
-- What two tables of one workbook say alike, as both force and partnership tables have the force,
-- is said once.
delete from understood as later
using understood as earlier
where
    (earlier.area, earlier.from_on, earlier.to_on, earlier.category)
    = (later.area, later.from_on, later.to_on, later.category)
    and earlier.unassigned is not distinct from later.unassigned
    and earlier.sheet <> later.sheet
    and earlier.cell < later.cell
    and earlier.count is not distinct from later.count
    and earlier.withheld is not distinct from later.withheld
;

-- name: judge!
-- Which cells cannot be understood, and why?
create temporary table misunderstood on commit drop as
with
    doubtful as (
        select
            understood.*,
            :rolling and to_char(to_on, 'DD') <> substr(year, 1, 2) as misdated
        from understood
        where
            stray is not null
            or area is null
            or coalesce(code, category) is null
            or from_on is null
            or coalesce(count::text, withheld) is null
            or (basis is not null and outcome_type is null)
            or (:rolling and to_char(to_on, 'DD') <> substr(year, 1, 2))
    ),
    -- 1/4.1/4.10/4.2 is four codes in one, with a line for each
    repeated as (
        select
            area,
            unassigned,
            from_on,
            to_on,
            code,
            category,
            outcome_type,
            basis,
            count(*) as times,
            min(cell) as first
        from understood
        where
            area is not null
            and coalesce(code, category) is not null
            and from_on is not null
        group by 1, 2, 3, 4, 5, 6, 7, 8
        having count(*) > coalesce(cardinality(string_to_array(code, '/')), 1)
    )
select cell, sheet, line, field, value, detail
from doubtful
cross join
    lateral(
        values
            (
                'area',
                concat_ws(', ', partnership, force),
                case
                    when forces > 1
                    then
                        format(
                            '%s forces are called %s:'
                            ' PUT /v1/areas/… can take that name from all but one.',
                            forces,
                            force
                        )
                    when force_area is null and force_code is null
                    then
                        format(
                            'No force is called %s, by name or by another name:'
                            ' PUT /v1/areas/… can give it that alias.',
                            coalesce(force, 'nothing')
                        )
                    when force_area is null and coded_name is not null
                    then
                        format(
                            '%s is %s, not %s.',
                            force_code,
                            coded_name,
                            coalesce(force, 'nothing')
                        )
                    when force_area is null
                    then
                        format(
                            'No area has the code %s (%s).',
                            force_code,
                            coalesce(force, 'no name')
                        )
                    when area is null and partnership_code is not null
                    then
                        format(
                            '%s is no partnership called %s in %s.',
                            partnership_code,
                            partnership,
                            force
                        )
                    when area is null
                    then
                        format(
                            '%s has no partnership, or more than one, that is called %s:'
                            ' PUT /v1/areas/… can give one that alias.',
                            force,
                            partnership
                        )
                end
            ),
            (
                'counted',
                counted,
                case
                    when categories > 1
                    then
                        format(
                            '%s categories are called %s:'
                            ' PUT /v1/categories/… can take that name from all but one.',
                            categories,
                            counted
                        )
                    when coalesce(code, category) is null
                    then
                        format(
                            '%s is no %s that is known here.',
                            coalesce(counted, 'An empty cell'),
                            case
                                when :by_code then 'offence code' else 'group of offences'
                            end
                        )
                end
            ),
            (
                'outcome',
                outcome,
                case
                    when basis is not null and outcome_type is null
                    then
                        format(
                            '%s is no type of outcome: 0 to 22, 1A, 2A or 3A.',
                            coalesce(outcome, 'An empty cell')
                        )
                end
            ),
            (
                'period',
                year || coalesce(' quarter ' || quarter, ''),
                case
                    when from_on is null
                    then
                        'The period is not a financial year with a quarter from 1 to 4,'
                        ' nor the last day of twelve months.'
                    when misdated
                    then
                        format(
                            'Twelve months end on the last day of a month; %s ends on %s.',
                            to_char(to_on, 'FMMonth YYYY'),
                            to_char(to_on, 'DD')
                        )
                end
            ),
            (
                'number',
                number,
                case
                    when coalesce(count::text, withheld) is null
                    then
                        format(
                            '%s is not a whole number of at most nine digits, without commas.',
                            coalesce(number, 'An empty cell')
                        )
                end
            )
    ) as fault(field, value, detail)
where stray is null and detail is not null
union all
select cell, sheet, line, 'line', null, stray
from understood
where stray is not null
union all
select
    understood.cell,
    understood.sheet,
    understood.line,
    'line',
    null,
    format(
        'This cell stands on %s lines, first on line %s%s: a return counts a cell once.',
        times,
        earlier.line,
        ' of sheet ' || earlier.sheet
    )
from understood
join repeated using (area, from_on, to_on)
join understood as earlier on earlier.cell = repeated.first
where
    understood.code is not distinct from repeated.code
    and understood.category is not distinct from repeated.category
    and understood.unassigned is not distinct from repeated.unassigned
    and understood.outcome_type is not distinct from repeated.outcome_type
    and understood.basis is not distinct from repeated.basis
;

-- name: misunderstood^
-- How many lines are not understood, and how many cells, of how many?
select
    (select count(*) from (select distinct sheet, line from misunderstood) as lines) as lines,
    (select count(distinct cell) from misunderstood) as cells,
    (select count(*) from staged_count) as staged
;

-- name: first_faults
-- What is wrong with the first of them? A fault that all cells of a line share is told once.
select min(cell) as cell, sheet, line, field, value, detail
from misunderstood
group by sheet, line, field, value, detail
order by 1, field
limit :limit
;

-- name: keep_cells!
-- Keep what was understood, as published.
insert into return_cell (
    return_id,
    cell,
    sheet,
    line,
    area,
    unassigned,
    category,
    code,
    count,
    withheld,
    from_on,
    to_on
)
select
    :return_id,
    cell,
    sheet,
    line,
    area,
    unassigned,
    category,
    code,
    count,
    withheld,
    from_on,
    to_on
from understood
where basis is null and cell not in (select cell from misunderstood)
order by cell
;

-- name: keep_outcome_cells!
-- Keep the outcomes among them, apart.
insert into return_outcome_cell (
    return_id,
    cell,
    sheet,
    line,
    area,
    basis,
    outcome,
    category,
    code,
    count,
    withheld,
    from_on,
    to_on
)
select
    :return_id,
    cell,
    sheet,
    line,
    area,
    basis,
    outcome_type,
    category,
    code,
    count,
    withheld,
    from_on,
    to_on
from understood
where basis is not null and cell not in (select cell from misunderstood)
order by cell
;

-- name: keep_faults!
-- Keep what was not.
insert into return_fault (return_id, cell, sheet, line, detail, field, value)
select :return_id, min(cell), sheet, line, detail, field, left(value, 200)
from misunderstood
group by sheet, line, detail, field, value
;

-- name: keep^
-- Keep the return itself. Its total leaves out outcomes that are part of others, and counts those
-- of one basis only.
with
    kept_cell as (
        select from_on, to_on, count, true as added
        from return_cell
        where return_id = :return_id
        union all
        select
            cell.from_on,
            cell.to_on,
            cell.count,
            type.part_of is null and basis = max(basis) over ()
        from return_outcome_cell as cell
        join outcome_type as type using (outcome)
        where return_id = :return_id
    )
insert into return (
    return_id,
    source,
    edition,
    cells,
    change,
    digest,
    first_day,
    last_day,
    layout,
    refused,
    title,
    total
)
select
    :return_id,
    :source,
    :edition,
    count(*),
    :change,
    :digest,
    min(from_on),
    max(to_on),
    :layout,
    :refused,
    :title,
    coalesce(sum(count) filter (where added), 0)
from kept_cell
returning *, change as since_change
;

-- name: same^
-- Has this very file been received as this edition before?
select *, change as since_change
from return
where source = :source and edition = :edition and digest = :digest
;

-- name: read^
-- What is this return?
select *, change as since_change
from return
where return_id = :return_id and change <= :as_of
;

-- name: list
-- Which returns have come?
select *, change as since_change
from return
where
    change <= :as_of
    and (:source::text is null or source = :source)
    and (
        :after_source::text is null
        or (source, edition, return_id)
        > (:after_source, :after_edition, :after_return_id::uuid)
    )
order by source, edition, return_id
limit :limit
;

-- name: list_cells
-- Which counts does it hold? With a category, those that answer for it; with both days too, exactly
-- those that a figure adds up.
select
    held.cell,
    held.sheet,
    held.line,
    held.area,
    held.unassigned,
    held.category,
    held.code,
    held.outcome,
    held.basis,
    held.count,
    held.withheld,
    withheld_mark.meaning as withheld_because,
    held.from_on,
    held.to_on
from
    (
        select
            cell,
            sheet,
            line,
            area,
            unassigned,
            category,
            code,
            null as outcome,
            null as basis,
            count,
            withheld,
            from_on,
            to_on
        from return_cell
        where return_id = :return_id and :outcome::text is null and :basis::text is null
        union all
        select
            cell,
            sheet,
            line,
            area,
            null,
            category,
            code,
            outcome,
            basis,
            count,
            withheld,
            from_on,
            to_on
        from return_outcome_cell
        where
            return_id = :return_id
            and (:basis::text is null or basis = :basis)
            and (
                :outcome::text is null
                or outcome in (
                    select type.outcome
                    from outcome_type as type
                    where :outcome in (type.outcome, type.part_of)
                )
            )
    ) as held
left join withheld_mark on withheld_mark.mark = held.withheld
where
    (:code::text is null or code = :code)
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
    and (
        :category::text is null
        or (
            outcome is null
            and cell in (
                select cell.cell
                from
                    (
                        select
                            array_agg(named.area) as areas,
                            array_agg(:return_id::uuid) as return_ids
                        from
                            (
                                select :area::text as area
                                where :area::text is not null
                                union
                                select held.area
                                from return_cell as held
                                where held.return_id = :return_id and :area::text is null
                            ) as named
                    ) as asked
                cross join
                    counted_cell(
                        asked.areas,
                        asked.return_ids,
                        array[:category::text],
                        :from_on::date,
                        :to_on::date,
                        :as_of
                    ) as cell
            )
        )
        or (
            outcome is not null
            and cell in (
                select counted.cell
                from
                    (
                        select array_agg(named.area) as areas
                        from
                            (
                                select :area::text as area
                                where :area::text is not null
                                union
                                select held.area
                                from return_outcome_cell as held
                                where held.return_id = :return_id and :area::text is null
                            ) as named
                    ) as asked
                cross join
                    counted_outcome(
                        asked.areas,
                        :return_id,
                        :category,
                        :from_on::date,
                        :to_on::date,
                        :as_of
                    ) as counted
            )
        )
    )
    and (:from_on::date is null or from_on >= :from_on)
    and (:to_on::date is null or to_on <= :to_on)
    and (:after_cell::bigint is null or cell > :after_cell)
order by cell
limit :limit
;

-- name: list_faults
-- Which lines were refused, and why?
select cell, sheet, line, detail, field, value
from return_fault
where
    return_id = :return_id
    and (:after_cell::bigint is null or (cell, field) > (:after_cell, :after_field))
order by cell, field
limit :limit
;

-- name: figures
-- What does a source's latest edition count, for each category in each area, in the period and in the one it is compared with?
-- Which places, periods and groups count towards what is said once, by the functions beside the table.
with span as (
    select which, from_on, to_on
    from (values ('period', :from_on::date, :to_on::date), ('base', :base_from::date, :base_to::date)) as named (which, from_on, to_on)
    where from_on is not null
), edition as (        -- the latest that has anything to say of each place and span
    select distinct on (place.area, which) place.area, which, return.return_id, return.edition
    from area_part(:areas, :as_of) as place cross join span
    join return on return.source = :source and return.change <= :as_of
    where exists (select from return_cell as cell where cell.return_id = return.return_id and cell.area = place.part
                  and cell.from_on >= span.from_on and cell.to_on <= span.to_on)
    order by place.area, which, return.edition desc
), question as materialized (
    select which, span.from_on, span.to_on, array_agg(edition.area) as areas, array_agg(edition.return_id) as return_ids
    from edition join span using (which) group by 1, 2, 3
), total as materialized (
    select question.which, cell.asked_area as area, cell.asked_category as category, case when :by_code then cell.code end as code,
           sum(cell.count)::bigint as number
    from question cross join counted_cell(question.areas, question.return_ids, :categories, question.from_on, question.to_on, :as_of) as cell
    group by 1, 2, 3, 4
), filled as (         -- how many days of the span are given for each part of the place?
    select question.which, period.area, period.part, sum(period.to_on - period.from_on + 1) as days
    from question cross join counted_period(question.areas, question.return_ids, question.from_on, question.to_on, :as_of) as period
    group by 1, 2, 3
), tiled as materialized (
    -- All of it for every force? A body without land need not be there, for such come and go; where it is, it must be there throughout.
    select which, place.area, bool_and(coalesce(filled.days = span.to_on - span.from_on + 1, place.kind = 'body')) as complete
    from span cross join area_part(:areas, :as_of) as place left join filled using (which, area, part)
    group by 1, 2
), asked as (
    select place.area, place.name as area_name, version.category, version.name as category_name, version.definition
    from area_version as place cross join category_version as version
    where place.area = any (:areas) and known_at(place.since_change, place.until_change, :as_of)
      and version.category = any (:categories) and known_at(version.since_change, version.until_change, :as_of)
), shown as (
    select asked.*, code.code
    from asked left join (select distinct area, category, code from total where :by_code) as code using (area, category)
)
select shown.*, now.number as value, base.number as base_value, null as month, null as base_month,
       now.number is not null and tiled.complete as complete, base.number is not null and base_tiled.complete as base_complete,
       edition.edition, edition.return_id, base_edition.edition as base_edition
from shown
left join total as now on (now.area, now.category, now.which) = (shown.area, shown.category, 'period') and now.code is not distinct from shown.code
left join total as base on (base.area, base.category, base.which) = (shown.area, shown.category, 'base') and base.code is not distinct from shown.code
left join tiled on (tiled.area, tiled.which) = (shown.area, 'period')
left join tiled as base_tiled on (base_tiled.area, base_tiled.which) = (shown.area, 'base')
left join edition on (edition.area, edition.which) = (shown.area, 'period')
left join edition as base_edition on (base_edition.area, base_edition.which) = (shown.area, 'base')
order by array_position(:areas, shown.area), array_position(:categories, shown.category), shown.code;

-- name: sources
-- Which sources have sent returns?
select distinct source from return where change <= :as_of order by source;

-- name: begin_staging!
-- A place for the lines of one file as they came: counted is a code or the name of a group, year a financial year or the last day of
-- twelve months, stray says why a line has not the cells that the headings name.
create temporary table staged_count (line int not null, area text, counted text, number text, quarter text, year text, stray text)
on commit drop;

-- name: understand!
-- Read the lines: places by name, codes or groups by name, periods and counts by their form. A nil saved by a spreadsheet is -00.
create temporary table understood on commit drop as
with place as (        -- a name that two places bear says neither
    select said, min(area) as area, count(*) as places
    from (select area, lower(name) as said from area_version where until_change is null and kind in ('force', 'body')
          union select area, lower(alias) from area_version cross join unnest(aliases) as alias
          where until_change is null and kind in ('force', 'body')) as called
    group by said
), category as (       -- an alias is what returns call a category, and goes before any name
    select said, min(category) as category, count(*) as categories
    from (select category, said, rank() over (partition by said order by place) as place
          from (select category, lower(name) as said, 2 as place from category_version where until_change is null
                union select category, lower(alias), 1 from category_version cross join unnest(aliases) as alias
                where until_change is null) as called) as called
    where place = 1 group by said
), read as (
    select staged.*, case when places = 1 then place.area end as place, places, known_code.code,
           case when categories = 1 then category.category end as category, categories,
           case when staged.quarter is not null and staged.year ~ '^[12][0-9]{3}/[0-9]{2}$' and staged.quarter ~ '^[1-4]$'
                     and mod(substr(staged.year, 1, 4)::int + 1, 100) = substr(staged.year, 6, 2)::int
                then make_date(substr(staged.year, 1, 4)::int, 4, 1) + make_interval(months => 3 * staged.quarter::int - 3)
                when staged.quarter is null and staged.year ~ '^[0-9]{2}[-/](0[1-9]|1[0-2])[-/][12][0-9]{3}$'
                then make_date(substr(staged.year, 7, 4)::int, substr(staged.year, 4, 2)::int, 1) - interval '11 months' end as begins,
           case when staged.quarter is null then interval '12 months' else interval '3 months' end as lasting,
           case when staged.number ~ '^-?[0-9]{1,9}$' then staged.number::int end as count
    from staged_count as staged
    left join place on place.said = lower(staged.area)
    left join known_code on staged.quarter is not null and known_code.code = staged.counted
    left join category on staged.quarter is null and category.said = lower(staged.counted)
)
select line, place as area, code, category, count, begins::date as from_on, (begins + lasting)::date - 1 as to_on, area as area_said, places,
       categories, counted, number, quarter, year, stray
from read;

-- name: judge!
-- Which lines cannot be understood, and why?
create temporary table misunderstood on commit drop as
with doubtful as (
    select understood.*, quarter is null and to_char(to_on, 'DD') <> substr(year, 1, 2) as misdated from understood
    where stray is not null or area is null or coalesce(code, category) is null or from_on is null or count is null
       or (quarter is null and to_char(to_on, 'DD') <> substr(year, 1, 2))
), repeated as (       -- 1/4.1/4.10/4.2 is four codes in one, with a line for each
    select area, from_on, to_on, code, category, count(*) as times, min(line) as first
    from understood
    where area is not null and coalesce(code, category) is not null and from_on is not null
    group by 1, 2, 3, 4, 5 having count(*) > coalesce(cardinality(string_to_array(code, '/')), 1)
)
select line, field, value, detail
from doubtful cross join lateral (values
    ('area', area_said, case
        when places > 1 then format('%s forces are called %s: PUT /v1/areas/… can take that name from all but one.', places, area_said)
        when area is null then format('No force is called %s, by name or by another name: PUT /v1/areas/… can give it that alias.',
                                      coalesce(area_said, 'nothing')) end),
    ('counted', counted, case
        when categories > 1 then format('%s categories are called %s: PUT /v1/categories/… can take that name from all but one.',
                                        categories, counted)
        when coalesce(code, category) is null then
            format('%s is no %s that is known here.', coalesce(counted, 'An empty cell'),
                   case when quarter is null then 'group of offences' else 'offence code' end) end),
    ('period', year || coalesce(' quarter ' || quarter, ''), case
        when from_on is null then 'The period is not a financial year with a quarter from 1 to 4, nor the last day of twelve months.'
        when misdated then
            format('Twelve months end on the last day of a month; %s ends on %s.', to_char(to_on, 'FMMonth YYYY'), to_char(to_on, 'DD')) end),
    ('number', number, case
        when count is null then format('%s is not a whole number of at most nine digits, without commas.', coalesce(number, 'An empty cell')) end)
) as fault (field, value, detail)
where stray is null and detail is not null
union all
select line, 'line', null, stray from understood where stray is not null
union all
select line, 'line', null, format('This cell stands on %s lines, first on line %s: a return counts a cell once.', times, first)
from understood join repeated using (area, from_on, to_on)
where understood.code is not distinct from repeated.code and understood.category is not distinct from repeated.category;

-- name: misunderstood^
-- How many lines are not understood, of how many?
select count(distinct line) as refused, (select count(*) from staged_count) as lines from misunderstood;

-- name: first_faults
-- What is wrong with the first of them?
select line, field, value, detail from misunderstood order by line, field limit :limit;

-- name: keep_cells!
-- Keep what was understood, as published.
insert into return_cell (return_id, line, area, category, code, count, from_on, to_on)
select :return_id, line, area, category, code, count, from_on, to_on
from understood
where line not in (select line from misunderstood)
order by line;

-- name: keep_faults!
-- Keep what was not.
insert into return_fault (return_id, line, detail, field, value)
select :return_id, line, detail, field, left(value, 200) from misunderstood;

-- name: keep^
-- Keep the return itself.
insert into return (return_id, source, edition, cells, change, digest, first_day, last_day, layout, refused, title, total)
select :return_id, :source, :edition, count(cell.line), :change, :digest, min(cell.from_on), max(cell.to_on), :layout, :refused, :title,
       coalesce(sum(cell.count), 0)
from (values (:return_id::uuid)) as this (return_id) left join return_cell as cell using (return_id)
returning *, change as since_change;

-- name: same^
-- Has this very file been received as this edition before?
select *, change as since_change from return where source = :source and edition = :edition and digest = :digest;

-- name: read^
-- What is this return?
select *, change as since_change from return where return_id = :return_id and change <= :as_of;

-- name: list
-- Which returns have come?
select *, change as since_change from return
where change <= :as_of and (:source::text is null or source = :source)
  and (:after_source::text is null or (source, edition, return_id) > (:after_source, :after_edition, :after_return_id::uuid))
order by source, edition, return_id
limit :limit;

-- name: list_cells
-- Which counts does it hold? With a category, those that answer for it; with both days too, exactly those that a figure adds up.
select line, area, category, code, count, from_on, to_on from return_cell
where return_id = :return_id and (:code::text is null or code = :code)
  and (:area::text is null or area in (select place.part from area_part(array[:area::text], :as_of) as place))
  and (:category::text is null or line in (
      select cell.line
      from (select array_agg(named.area) as areas, array_agg(:return_id::uuid) as return_ids
            from (select :area::text as area where :area::text is not null
                  union select held.area from return_cell as held where held.return_id = :return_id and :area::text is null) as named) as asked
      cross join counted_cell(asked.areas, asked.return_ids, array[:category::text], :from_on::date, :to_on::date, :as_of) as cell))
  and (:from_on::date is null or from_on >= :from_on) and (:to_on::date is null or to_on <= :to_on)
  and (:after_line::int is null or line > :after_line)
order by line
limit :limit;

-- name: list_faults
-- Which lines were refused, and why?
select line, detail, field, value from return_fault
where return_id = :return_id and (:after_line::int is null or (line, field) > (:after_line, :after_field))
order by line, field
limit :limit;

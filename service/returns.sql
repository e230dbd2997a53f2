-- name: figures
-- What does a source's latest edition count, for each category in each area, in the period and in the one it is compared with?
-- A return counts codes or named groups. A group answers for a category when it is the category, a part of it, or has the same codes.
with recursive span as (
    select which, from_on, to_on
    from (values ('period', :from_on::date, :to_on::date), ('base', :base_from::date, :base_to::date)) as named (which, from_on, to_on)
    where from_on is not null
), place as (
    select asked.area, inside.area as part
    from area_version as asked
    join area_ancestor as inside on inside.ancestor = asked.area and known_at(inside.since_change, inside.until_change, :as_of)
    join area_version as leaf on leaf.area = inside.area and known_at(leaf.since_change, leaf.until_change, :as_of)
     and case when asked.kind in ('region', 'nation') then leaf.kind in ('force', 'body') else leaf.area = asked.area end
    where asked.area = any (:areas) and known_at(asked.since_change, asked.until_change, :as_of)
), edition as (        -- the latest that has anything to say of each place and span
    select distinct on (place.area, which) place.area, which, return.return_id, return.edition
    from place cross join span
    join return on return.source = :source and return.change <= :as_of
    where exists (select from return_cell as cell where cell.return_id = return.return_id and cell.area = place.part
                  and cell.from_on >= span.from_on and cell.to_on <= span.to_on)
    order by place.area, which, return.edition desc
), category as (
    select version.category, version.name, version.definition, version.part_of from category_version as version
    where known_at(version.since_change, version.until_change, :as_of)
), member as (
    select category.category, member.* from category cross join category_member(category.category, :as_of) as member
), part as (
    select category as part, category as whole from category
    union
    select part.part, category.part_of from part join category on category.category = part.whole where category.part_of is not null
), codes as (
    select which, category, array_agg(distinct code order by code) as codes from member join span
    on coalesce(member.from_on, '-infinity') <= span.to_on and coalesce(member.to_on, 'infinity') >= span.from_on
    group by 1, 2
), answering as (
    select distinct asked.which, asked.category, part.part
    from codes as asked join codes as same on same.which = asked.which and same.codes = asked.codes
    join part on part.whole = same.category
    where asked.category = any (:categories)
), cell as (
    select edition.area, edition.which, edition.return_id, edition.edition, given.area as part, given.code, given.category, given.count,
           given.from_on, given.to_on
    from edition join span using (which) join place using (area)
    join return_cell as given on given.return_id = edition.return_id and given.area = place.part
     and given.from_on >= span.from_on and given.to_on <= span.to_on
), counted as (
    select cell.*, member.category as asked from cell join member on member.code = cell.code and member.category = any (:categories)
       and coalesce(member.from_on, '-infinity') <= cell.from_on and coalesce(member.to_on, 'infinity') >= cell.to_on
    union all
    select cell.*, answering.category from cell join answering on answering.which = cell.which and answering.part = cell.category
    where not exists (         -- a total given beside its parts counts once
        select from cell as total join answering as other on other.which = total.which and other.part = total.category
          and other.category = answering.category
        join part on part.part = cell.category and part.whole = total.category
        where total.category <> cell.category and (total.area, total.which, total.part, total.from_on) = (cell.area, cell.which, cell.part, cell.from_on))
), tiled as (          -- do the periods of the cells fill the span, each day once, for every part of the place?
    select area, which, bool_and(days = filled) and count(*) = max(parts) as complete
    from (select cell.area, which, cell.part, span.to_on - span.from_on + 1 as days,
                 (select count(*) from place where place.area = cell.area) as parts,
                 sum(distinct_days) as filled
          from (select distinct area, which, part, from_on, to_on, to_on - from_on + 1 as distinct_days from cell) as cell
          join span using (which) group by 1, 2, 3, 4, 5) as filling
    group by 1, 2
), total as (
    select area, which, asked as category, case when :by_code then code end as code, sum(count)::bigint as number
    from counted group by 1, 2, 3, 4
), shown as (
    select asked.area, asked.name as area_name, category.category, category.name as category_name, category.definition, code.code
    from area_version as asked cross join category
    left join (select distinct area, category, code from total where :by_code) as code on code.area = asked.area and code.category = category.category
    where asked.area = any (:areas) and known_at(asked.since_change, asked.until_change, :as_of) and category.category = any (:categories)
)
select shown.*, now.number as value, base.number as base_value, null as month, null as base_month,
       coalesce(tiled.complete, false) as complete, coalesce(base_tiled.complete, false) as base_complete,
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
-- twelve months.
create temporary table staged_count (line int not null, area text, counted text, number text, quarter text, year text) on commit drop;

-- name: understand!
-- Read the lines: places by name, codes or groups by name, periods and counts by their form.
-- A nil saved by a spreadsheet is -00, and counts may carry spaces.
create temporary table understood on commit drop as
select staged.line, place.area, known_code.code, category.category, staged.area as area_said, staged.counted, staged.number, staged.year,
       staged.quarter,
       case when staged.quarter is not null and staged.year ~ '^[0-9]{4}/[0-9]{2}$' and staged.quarter ~ '^[1-4]$'
                 and mod(substr(staged.year, 1, 4)::int + 1, 100) = substr(staged.year, 6, 2)::int
            then (make_date(substr(staged.year, 1, 4)::int, 4, 1) + (staged.quarter::int - 1) * interval '3 months')::date
            when staged.quarter is null and staged.year ~ '^[0-9]{2}[-/][0-9]{2}[-/][0-9]{4}$' and substr(staged.year, 4, 2) between '01' and '12'
            then (make_date(substr(staged.year, 7, 4)::int, substr(staged.year, 4, 2)::int, 1) - interval '11 months')::date end as from_on,
       case when regexp_replace(staged.number, '\s', '', 'g') ~ '^-?[0-9]{1,9}$' then regexp_replace(staged.number, '\s', '', 'g')::int end as count
from staged_count as staged
left join (select area, lower(name) as said from area_version where until_change is null and kind in ('force', 'body')
           union select area, lower(alias) from area_version cross join unnest(aliases) as alias
           where until_change is null and kind in ('force', 'body')) as place on place.said = lower(staged.area)
left join known_code on staged.quarter is not null and known_code.code = staged.counted
left join (select distinct on (said) said, category       -- an alias is what returns call a category, and goes before any name
           from (select category, lower(name) as said, 2 as place from category_version where until_change is null
                 union select category, lower(alias), 1 from category_version cross join unnest(aliases) as alias
                 where until_change is null) as called
           order by said, place) as category on staged.quarter is null and category.said = lower(staged.counted);

-- name: faults
-- Which lines cannot be understood, and why?
with judged as (
    select understood.*, (from_on + case when quarter is null then interval '12 months' else interval '3 months' end)::date - 1 as to_on
    from understood
)
select line, field, value, detail
from judged cross join lateral (values
    ('area', area_said, case when area is null then
        format('No force is called %s, by name or by another name: PUT /v1/areas/… can give it that alias.', area_said) end),
    ('counted', counted, case when coalesce(code, category) is null then
        format('%s is no %s that is known here.', counted, case when quarter is null then 'group of offences' else 'offence code' end) end),
    ('period', year || coalesce(' quarter ' || quarter, ''), case
        when from_on is null then 'The period is not a financial year with a quarter from 1 to 4, nor the last day of twelve months.'
        when quarter is null and to_char(to_on, 'DD') <> substr(year, 1, 2) then
            format('Twelve months end on the last day of a month; %s ends on %s.', to_char(to_on, 'FMMonth YYYY'), to_char(to_on, 'DD')) end),
    ('number', number, case when count is null then format('%s is not a whole number.', coalesce(number, 'An empty cell')) end)
) as fault (field, value, detail)
where fault.detail is not null
union all
select max(line), 'line', null, format('This cell stands on lines %s: a return counts a cell once.', string_agg(line::text, ', ' order by line))
from judged where area is not null and coalesce(code, category) is not null and from_on is not null
group by area, code, category, from_on, to_on having count(*) > 1
order by 1, 2;

-- name: keep_cells!
-- Keep what was understood, as published.
insert into return_cell (return_id, line, area, category, code, count, from_on, to_on)
select :return_id, line, area, category, code, count, from_on,
       (from_on + case when quarter is null then interval '12 months' else interval '3 months' end)::date - 1
from understood
where not line = any (:refused::int[]);

-- name: keep_faults!
-- Keep what was not.
insert into return_fault (return_id, line, detail, field, value)
select :return_id, fault.line, fault.detail, fault.field, fault.value
from jsonb_to_recordset(:faults) as fault (line int, detail text, field text, value text);

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
-- Which counts does it hold?
select line, area, category, code, count, from_on, to_on from return_cell
where return_id = :return_id and (:area::text is null or area = :area) and (:code::text is null or code = :code)
  and (:category::text is null or category = :category or exists (
      select from category_member(:category, :as_of) as member where member.code = return_cell.code
        and coalesce(member.from_on, '-infinity') <= return_cell.from_on and coalesce(member.to_on, 'infinity') >= return_cell.to_on))
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

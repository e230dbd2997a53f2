-- name: begin_staging!
-- A place for what the lines of one file call their force and their offence.
create temporary table staged_wording (
    line int not null,
    force_name text,
    description text,
    offence_group text,
    offence_subgroup text,
    code text
) on commit drop
;

-- name: keep_wording!
-- Keep each wording once, with the lines that have it.
insert into return_wording (
    return_id,
    wording,
    code,
    description,
    force_name,
    lines,
    offence_group,
    offence_subgroup
)
select
    :return_id,
    row_number() over (order by min(line)),
    coalesce(code, ''),
    coalesce(description, ''),
    coalesce(force_name, ''),
    array_agg(line order by line),
    coalesce(offence_group, ''),
    coalesce(offence_subgroup, '')
from staged_wording
group by code, description, force_name, offence_group, offence_subgroup
;

-- name: of_return
-- What does each line of this return say, in its own words, or in those of the classification where
-- it came without?
with
    line_wording as (
        select unnest(lines) as line, code, description, force_name, offence_group, offence_subgroup
        from return_wording
        where return_id = :return_id
    )
select
    to_char(cell.from_on - interval '3 months', 'YYYY')
    || '/'
    || to_char(cell.from_on + interval '9 months', 'YY') as financial_year,
    to_char(cell.from_on - interval '3 months', 'Q')::int as financial_quarter,
    coalesce(line_wording.force_name, place.name) as force_name,
    coalesce(line_wording.description, period.description) as offence_description,
    coalesce(line_wording.offence_group, period.offence_group) as offence_group,
    coalesce(line_wording.offence_subgroup, period.offence_subgroup) as offence_subgroup,
    coalesce(line_wording.code, cell.code) as offence_code,
    cell.count as number_of_offences
from return_cell as cell
left join line_wording on line_wording.line = cell.line
left join
    area_version as place
    on place.area = cell.area
    and known_at(place.since_change, place.until_change, :as_of)
left join
    code_version as version
    on line_wording.line is null
    and version.code = cell.code
    and known_at(version.since_change, version.until_change, :as_of)
left join
    code_period as period
    on (period.code, period.since_change) = (version.code, version.since_change)
    and period.position = (
        select max(earlier.position)
        from code_period as earlier
        where
            (earlier.code, earlier.since_change) = (version.code, version.since_change)
            and coalesce(earlier.from_on, '-infinity') <= cell.to_on
    )
where cell.return_id = :return_id
order by cell.cell
;

-- name: of_records
-- What would a force send: for each quarter every code that was open in it or that has a record, as
-- it was called then.
with
    quarter as (
        select starts::date as from_on, (starts + interval '3 months')::date - 1 as to_on
        from
            generate_series(
                :from_on::date::timestamp, :to_on::date::timestamp, interval '3 months'
            ) as starts
    ),
    quarterly_count as (
        select quarter.from_on, recorded.code, sum(recorded.number)::bigint as number
        from recorded_by_force(:force, :from_on, :to_on, :as_of) as recorded
        join quarter on recorded.recorded_on between quarter.from_on and quarter.to_on
        group by 1, 2
    ),
    table_line as (
        select distinct
            on (quarter.from_on, version.code) quarter.from_on,
            version.code,
            period.description,
            period.offence_group,
            period.offence_subgroup,
            coalesce(quarterly_count.number, 0) as number
        from quarter
        cross join code_version as version
        join code_period as period using (code, since_change)
        left join
            quarterly_count
            on (quarterly_count.from_on, quarterly_count.code)
            = (quarter.from_on, version.code)
        where
            known_at(version.since_change, version.until_change, :as_of)
            and (
                quarterly_count.number > 0
                or (
                    coalesce(version.from_on, '-infinity') <= quarter.to_on
                    and coalesce(version.to_on, 'infinity') >= quarter.from_on
                )
            )
        order by
            quarter.from_on,
            version.code,
            coalesce(period.from_on, '-infinity') > quarter.to_on,
            period.position desc
    )
select
    to_char(table_line.from_on - interval '3 months', 'YYYY')
    || '/'
    || to_char(table_line.from_on + interval '9 months', 'YY') as financial_year,
    to_char(table_line.from_on - interval '3 months', 'Q')::int as financial_quarter,
    place.name as force_name,
    table_line.description as offence_description,
    table_line.offence_group,
    table_line.offence_subgroup,
    table_line.code as offence_code,
    table_line.number as number_of_offences
from table_line
join
    area_version as place
    on place.area = :force
    and known_at(place.since_change, place.until_change, :as_of)
order by table_line.from_on, table_line.description collate "C", table_line.code collate "C"
;

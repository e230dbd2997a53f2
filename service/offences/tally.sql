-- name: count_change!
-- Bring the counts up to date with what this change did to one force's records: what it opened
-- counts, what it closed no longer does; by code, and by each category that holds the code. Plain
-- update and insert, not an upsert: the change lock leaves no race, and a cell must never be
-- proposed below nought. None of the parts sees what another writes. What moved goes through
-- arrays, because a planner takes from the changes before how many records a change has: of arrays
-- it thinks that they are short, and so looks each count up by its key, the few of one record and
-- the many of a file.
with
    version as (
        select area, month_of(recorded_on) as month, code, 1 as sign, victims
        from offence_version
        where force = :force and since_change = :change and status = 'recorded'
        union all
        select area, month_of(recorded_on), code, -1, victims
        from offence_version
        where force = :force and until_change = :change and status = 'recorded'
    ),
    summed as (
        select area, month, code, sum(sign) as offences, sum(sign * victims) as victims
        from version
        group by 1, 2, 3
    ),
    told as (
        select
            array_agg(area) as areas,
            array_agg(month) as months,
            array_agg(code) as codes,
            array_agg(offences) as offences,
            array_agg(victims) as victims
        from summed
    ),
    moved as materialized(
        select
            above.ancestor as area,
            summed.month,
            summed.code,
            sum(summed.offences)::int as offences,
            sum(summed.victims)::int as victims
        from told
        cross join
            unnest(told.areas, told.months, told.codes, told.offences, told.victims) as summed(
                area, month, code, offences, victims
            )
        join
            area_ancestor as above
            on above.area = summed.area
            and above.until_change is null
            and above.ancestor_kind <> 'beat'
        group by 1, 2, 3
        having sum(summed.offences) <> 0 or sum(summed.victims) <> 0
    ),
    counted as (
        update tally as held
        set
            offences = held.offences + moved.offences,
            victims = held.victims + moved.victims
        from moved
        where
            held.force = :force
            and (held.area, held.month, held.code) = (moved.area, moved.month, moved.code)
    ),
    opened as (
        insert into tally (force, area, month, code, offences, victims)
        select :force, area, month, code, moved.offences, moved.victims
        from moved
        where
            not exists (
                select
                from tally as held
                where
                    held.force = :force
                    and (held.area, held.month, held.code) = (moved.area, moved.month, moved.code)
            )
    ),
    grouped as (
        select
            moved.area,
            member.category,
            moved.month,
            sum(moved.offences)::int as offences,
            sum(moved.victims)::int as victims
        from moved
        join
            category_member_now as member
            on member.code = moved.code
            and moved.month between member.from_on and member.to_on
        group by 1, 2, 3
        having sum(moved.offences) <> 0 or sum(moved.victims) <> 0
    ),
    regrouped as (
        update category_tally as held
        set
            offences = held.offences + grouped.offences,
            victims = held.victims + grouped.victims
        from grouped
        where
            held.force = :force
            and (held.area, held.category, held.month)
            = (grouped.area, grouped.category, grouped.month)
    )
insert into category_tally (force, area, category, month, offences, victims)
select :force, area, category, month, grouped.offences, grouped.victims
from grouped
where
    not exists (
        select
        from category_tally as held
        where
            held.force = :force
            and (held.area, held.category, held.month)
            = (grouped.area, grouped.category, grouped.month)
    )
;

-- name: category_differences
-- Where do the counts by category and those by code disagree? No rows is the proof that they agree.
select
    force,
    area,
    category,
    month,
    counted.offences as by_code,
    held.offences as by_category,
    counted.victims as victims_by_code,
    held.victims as victims_by_category
from tally_by_category as counted
full join category_tally as held using (force, area, category, month)
where
    (coalesce(counted.offences, 0), coalesce(counted.victims, 0))
    <> (coalesce(held.offences, 0), coalesce(held.victims, 0))
order by 1, 2, 3, 4
limit 100
;

-- name: differences
-- Where do the counts kept and the records disagree? No rows is the proof that they agree.
with
    counted as (
        select
            offence.force,
            above.ancestor as area,
            month_of(recorded_on) as month,
            code,
            count(*) as offences,
            sum(victims) as victims
        from offence
        join area_ancestor as above on above.area = offence.area and above.until_change is null
        where status = 'recorded' and above.ancestor_kind <> 'beat'
        group by 1, 2, 3, 4
    )
select
    force,
    area,
    month,
    code,
    counted.offences as records,
    tally.offences as tally,
    counted.victims as victims_in_records,
    tally.victims as victims_in_tally
from counted
full join tally using (force, area, month, code)
where
    (coalesce(counted.offences, 0), coalesce(counted.victims, 0))
    <> (coalesce(tally.offences, 0), coalesce(tally.victims, 0))
order by 1, 2, 3, 4
limit 100
;

-- name: cells^
-- How many counts are kept, and of how many records?
select held.cells, counted.records
from (select count(*) as cells from tally) as held
cross join (select count(*) as records from offence where status = 'recorded') as counted
;

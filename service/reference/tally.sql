-- name: count_moved_land!
-- Bring the counts up to date with where areas lie since this change: records of land that came to
-- an area count there, those of land that left it no longer do. A new beat has none, and moves
-- nothing.
with
    land as (
        select area, ancestor, sum(sign)::int as sign
        from
            (
                select area, ancestor, 1 as sign
                from area_ancestor
                where since_change = :change and ancestor_kind <> 'beat'
                union all
                select area, ancestor, -1
                from area_ancestor
                where until_change = :change and ancestor_kind <> 'beat'
            ) as redrawn
        group by 1, 2
        having sum(sign) <> 0
    ),
    moved as materialized(
        select
            offence.force,
            land.ancestor as area,
            month_of(offence.recorded_on) as month,
            offence.code,
            sum(land.sign)::int as offences,
            sum(land.sign * offence.victims)::int as victims
        from land
        join offence on offence.area = land.area
        where offence.status = 'recorded'
        group by 1, 2, 3, 4
        having sum(land.sign) <> 0 or sum(land.sign * offence.victims) <> 0
    ),
    counted as (
        update tally as cell
        set
            offences = cell.offences + moved.offences,
            victims = cell.victims + moved.victims
        from moved
        where
            (cell.force, cell.area, cell.month, cell.code)
            = (moved.force, moved.area, moved.month, moved.code)
    ),
    opened as (
        insert into tally (force, area, month, code, offences, victims)
        select force, area, month, code, moved.offences, moved.victims
        from moved
        where
            not exists (
                select
                from tally as cell
                where
                    (cell.force, cell.area, cell.month, cell.code)
                    = (moved.force, moved.area, moved.month, moved.code)
            )
    ),
    grouped as (
        select
            moved.force,
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
        group by 1, 2, 3, 4
        having sum(moved.offences) <> 0 or sum(moved.victims) <> 0
    ),
    regrouped as (
        update category_tally as cell
        set
            offences = cell.offences + grouped.offences,
            victims = cell.victims + grouped.victims
        from grouped
        where
            (cell.force, cell.area, cell.category, cell.month)
            = (grouped.force, grouped.area, grouped.category, grouped.month)
    )
insert into category_tally (force, area, category, month, offences, victims)
select force, area, category, month, grouped.offences, grouped.victims
from grouped
where
    not exists (
        select
        from category_tally as cell
        where
            (cell.force, cell.area, cell.category, cell.month)
            = (grouped.force, grouped.area, grouped.category, grouped.month)
    )
;

-- name: forget_redefined_categories!
-- Take away the counts of categories that this change defined anew or ended.
delete from category_tally
where
    category in (
        select category
        from category_version
        where since_change = :change or until_change = :change
    )
;

-- name: count_redefined_categories!
-- Sum the counts of categories that this change defined anew. By an array, which the view takes in;
-- for a subquery it would sum everything.
insert into category_tally (force, area, category, month, offences, victims)
select force, area, category, month, offences, victims
from tally_by_category
where category = any(array(select category from category_version where since_change = :change))
;

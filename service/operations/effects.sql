-- name: effect
-- How did each category go where the operation ran, beside how it went elsewhere? cells hold for
-- each area, category and pair of periods both counts; role says whether an area is treated, a
-- control, or a whole of which the treated areas are a part, so that the rest of it is the control.
with
    cell as (
        select category, position, role, before, after, complete
        from
            jsonb_to_recordset(:cells) as said(
                category text,
                position int,
                pair text,
                role text,
                before bigint,
                after bigint,
                complete boolean
            )
        where pair = :pair
    ),
    summed as (
        select
            category,
            min(position) as position,
            bool_and(complete) as complete,
            sum(before) filter (where role = 'treated') as before,
            sum(after) filter (where role = 'treated') as after,
            sum(
                case role when 'treated' then case when :rest then - before end else before end
            ) as control_before,
            sum(
                case role when 'treated' then case when :rest then - after end else after end
            ) as control_after
        from cell
        group by 1
    )
select
    summed.category,
    summed.before::bigint,
    summed.after::bigint,
    summed.control_before::bigint,
    summed.control_after::bigint,
    summed.complete,
    did.*,
    case
        when did.clustered_high < 1
        then 'fall'
        when did.clustered_low > 1
        then 'rise'
        when did.ratio is not null
        then 'within_chance'
    end as change
from summed
cross join
    difference_in_differences(
        summed.before::bigint,
        summed.after::bigint,
        summed.control_before::bigint,
        summed.control_after::bigint,
        case when not summed.complete then 'a period is incomplete' end
    ) as did
order by summed.position
;

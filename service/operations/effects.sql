-- name: effect
-- How did each category go where the operation ran, beside how it went elsewhere? cells hold both
-- counts of each area and category; role says whether an area is treated, a control, or a whole of
-- which the treated areas are a part, so that the rest of it is the control.
with
    cell as (
        select category, position, role, before, after, complete
        from
            jsonb_to_recordset(:cells) as count(
                category text,
                position int,
                role text,
                before bigint,
                after bigint,
                complete boolean
            )
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
    summed.before::bigint,
    summed.after::bigint,
    summed.control_before::bigint,
    summed.control_after::bigint,
    contrast.ratio,
    contrast.interval_low,
    contrast.interval_high,
    contrast.clustered_low,
    contrast.clustered_high,
    contrast.expected,
    contrast.fewer,
    contrast.why as withheld,
    case
        when contrast.clustered_high < 1
        then 'fall'
        when contrast.clustered_low > 1
        then 'rise'
        when contrast.ratio is not null
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
    ) as contrast
order by summed.position
;

-- name: parts
-- What has moved each count of a release between the change at which it was known and this one, and
-- by how much?
select position, role, part, difference, records
from release_parts(:release_id, :known, :as_of)
order by 1, 2 desc, 3
;

-- name: records
-- Which records make up one part? Each as it was known then and now, and with the change that made
-- the difference.
with
    moved as materialized(
        select force, offence_id, contribution
        from release_movement(:release_id, :known, :as_of)
        where
            position = :position::bigint
            and role = :role
            and part = :part
            and (
                :after_force::text is null
                or (force, offence_id) > (:after_force, :after_offence_id::uuid)
            )
        order by force, offence_id
        limit :limit
    ),
    history as (  -- what each version says of the aspect that this part is about
        select
            moved.offence_id,
            held.since_change,
            case
                when :part in ('cancelled', 'transferred', 'reinstated')
                then held.status
                when :part = 'redated'
                then held.recorded_on::text
                when :part = 'moved_area'
                then held.area
                when :part in ('reclassified_in', 'reclassified_out')
                then held.code
                when :part = 'victims_corrected'
                then held.victims::text
            end as aspect
        from moved
        join
            offence_version as held
            on held.force = moved.force
            and held.offence_id = moved.offence_id
        where held.since_change <= :as_of
    ),
    last_step as (  -- the version since which it says so
        select offence_id, max(since_change) as change
        from
            (
                select
                    offence_id,
                    since_change,
                    aspect is distinct from lag(aspect) over (
                        partition by offence_id order by since_change
                    )
                    or row_number() over (partition by offence_id order by since_change)
                    = 1 as differs
                from history
            ) as told
        where differs
        group by 1
    ),
    of_figure as (  -- the last change of what the category takes in, or of how the area is drawn
        select
            figure.position,
            (
                select max(since_change)
                from category_version as version
                where version.category = figure.category and since_change <= :as_of
            ) as redefined,
            (
                select
                    max(case when until_change <= :as_of then until_change else since_change end)
                from area_ancestor as drawn
                where drawn.ancestor = figure.area and drawn.since_change <= :as_of
            ) as redrawn
        from release_figure as figure
        where figure.release_id = :release_id and figure.position = :position::bigint
    )
select
    moved.force,
    moved.offence_id,
    after.crime_ref,
    moved.contribution,
    before.area as then_area,
    before.code as then_code,
    before.recorded_on as then_recorded_on,
    before.status as then_status,
    before.victims as then_victims,
    after.area as now_area,
    after.code as now_code,
    after.recorded_on as now_recorded_on,
    after.status as now_status,
    after.victims as now_victims,
    case
        :part
        when 'redefined'
        then of_figure.redefined
        when 'redrawn'
        then of_figure.redrawn
        else last_step.change
    end as change
from moved
join last_step using (offence_id)
cross join of_figure
join
    offence_version as after
    on after.force = moved.force
    and after.offence_id = moved.offence_id
    and known_at(after.since_change, after.until_change, :as_of)
left join
    offence_version as before
    on before.force = moved.force
    and before.offence_id = moved.offence_id
    and known_at(before.since_change, before.until_change, :known)
order by moved.force, moved.offence_id
;

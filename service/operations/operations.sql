-- name: begin^
-- Begin an operation, or a version of one.
insert into operation_version ({{ operation_version.columns }})
values ({{ operation_version.version(stated=":") }})
returning *;

-- name: end!
-- End the version that was seen.
update operation_version
set until_change = :change
where operation_id = :operation_id and since_change = :seen and until_change is null
;

-- name: read^
-- What is this operation?
select *
from operation_version
where operation_id = :operation_id and known_at(since_change, until_change, :as_of)
;

-- name: list
-- Which operations are there? Of an area: those that ran in it, in what it lies in, or in what lies
-- in it.
select *
from operation_version
where
    known_at(since_change, until_change, :as_of)
    and (
        :area::text is null
        or areas && array(
            select case when nested.area = :area then nested.ancestor else nested.area end
            from area_ancestor as nested
            where
                :area in (nested.area, nested.ancestor)
                and known_at(nested.since_change, nested.until_change, :as_of)
        )
    )
    and (:category::text is null or :category = any(categories))
    and (:on::date is null or :on between from_on and coalesce(to_on, 'infinity'))
    and (:after_operation_id::uuid is null or operation_id > :after_operation_id)
order by operation_id
limit :limit
;

-- name: nested
-- Which of these areas lie in another of them? What happened there would count twice.
select inside.area, inside.ancestor
from area_ancestor as inside
where
    inside.area = any(:areas)
    and inside.ancestor = any(:areas)
    and inside.area <> inside.ancestor
    and known_at(inside.since_change, inside.until_change, :as_of)
order by inside.area, inside.ancestor
;

-- name: forces_of
-- Which forces do these areas lie in, and which of the areas is one?
select force.area as code, force.name, force.area = any(:areas) as itself
from area_version as force
where
    force.kind = 'force'
    and known_at(force.since_change, force.until_change, :as_of)
    and exists (
        select
        from area_ancestor as inside
        where
            inside.area = any(:areas)
            and inside.ancestor = force.area
            and known_at(inside.since_change, inside.until_change, :as_of)
    )
order by force.area
;

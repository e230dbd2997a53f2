-- name: find
-- Which areas have these codes or slugs? What is the code of one and the slug of another means the
-- code.
select distinct
    on (wanted.name) wanted.name as wanted,
    place.area as code,
    place.kind,
    place.name,
    place.slug,
    case
        when place.kind in ('region', 'nation')
        then null
        else
            (
                select min(inside.ancestor)
                from area_ancestor as inside
                where
                    inside.area = place.area
                    and inside.ancestor_kind in ('force', 'body')
                    and known_at(inside.since_change, inside.until_change, :as_of)
                having count(*) = 1
            )
    end as force
from unnest(:names::text[]) as wanted(name)
join
    area_version as place
    on (place.area = wanted.name or place.slug = lower(wanted.name))
    and known_at(place.since_change, place.until_change, :as_of)
where
    place.area = any(:names::text[])
    -- Chosen before they are joined.
    or place.slug = any(array(select lower(name) from unnest(:names::text[]) as name))
order by wanted.name, place.area <> wanted.name
;

-- name: inside$
-- Which areas lie in this one, itself among them?
select coalesce(array_agg(area order by area), '{}')
from area_ancestor
where ancestor = :area and known_at(since_change, until_change, :as_of)
;

-- name: read^
-- What is known of this area?
select *
from areas_known(:as_of)
where area = area_named(:area, :as_of)
;

-- name: list
-- Which areas are there, of this kind, within that one?
select *
from areas_known(:as_of) as place
where
    (:kind::text is null or kind = :kind)
    and (
        :within::text is null
        or area in (
            select inside.area
            from area_ancestor as inside
            where
                inside.ancestor = :within
                and known_at(inside.since_change, inside.until_change, :as_of)
        )
    )
    and (:after_area::text is null or area > :after_area)
order by area
limit :limit
;

-- name: know!
-- Make sure that each area can be pointed at.
insert into known_area (area)
select draft.area
from jsonb_to_recordset(:drafts) as draft(area text)
on conflict do nothing
;

-- name: close_differing!
-- End the versions that the drafts differ from.
update area_version as present set until_change = :change
from jsonb_to_recordset(:drafts) as draft ({{ area_version.draft }})
where
    present.area = draft.area
    and present.until_change is null
    and ({{ area_version.stated_of("present") }})
    is distinct from ({{ area_version.stated_of("draft") }})
;

-- name: open_missing!
-- Begin a version where an area has none now.
insert into area_version ({{ area_version.columns }})
select {{ area_version.version(stated="draft") }}
from jsonb_to_recordset(:drafts) as draft ({{ area_version.draft }})
where
    not exists (
        select
        from area_version as present
        where present.area = draft.area and present.until_change is null
    )
;

-- name: close_populations!
-- End the populations that the drafts no longer give, or give otherwise.
update population as present set until_change = :change
from jsonb_to_recordset(:drafts) as draft (area text, populations jsonb)
where
    present.area = draft.area
    and present.until_change is null
    and not exists (
        select
        from jsonb_to_recordset(draft.populations) as given ({{ population.draft }})
        where
            given.year = present.year
            and ({{ population.stated_of("given") }}) = ({{ population.stated_of("present") }})
    )
;

-- name: open_populations!
-- Begin those that the area does not have now.
insert into population ({{ population.columns }})
select
    {% call population.version(stated="given") %}
    draft.area as area
    {% endcall %}
from jsonb_to_recordset(:drafts) as draft (area text, populations jsonb)
cross join jsonb_to_recordset(draft.populations) as given ({{ population.draft }})
where
    not exists (
        select
        from population as present
        where
            present.area = draft.area
            and present.year = given.year
            and present.until_change is null
    )
;

-- name: close_households!
-- End the numbers of households that the drafts no longer give, or give otherwise.
update household_count as present set until_change = :change
from jsonb_to_recordset(:drafts) as draft (area text, households jsonb)
where
    present.area = draft.area
    and present.until_change is null
    and not exists (
        select
        from jsonb_to_recordset(draft.households) as given ({{ household_count.draft }})
        where
            given.year = present.year
            and ({{ household_count.stated_of("given") }})
            = ({{ household_count.stated_of("present") }})
    )
;

-- name: open_households!
-- Begin those that the area does not have now.
insert into household_count ({{ household_count.columns }})
select
    {% call household_count.version(stated="given") %}
    draft.area as area
    {% endcall %}
from jsonb_to_recordset(:drafts) as draft (area text, households jsonb)
cross join jsonb_to_recordset(draft.households) as given ({{ household_count.draft }})
where
    not exists (
        select
        from household_count as present
        where
            present.area = draft.area
            and present.year = given.year
            and present.until_change is null
    )
;

-- name: nesting_changed$
-- Did this change touch what lies in what?
select
    exists (
        select from area_version where since_change = :change or until_change = :change
    ) as changed
;

-- name: standing_above_their_parents
-- Which areas stand higher than an area they lie in, since this change to one of the two?
select place.area, place.name, place.kind, around.name as parent, around.kind as parent_kind
from area as place
cross join unnest(place.parents) as parent
join area as around on around.area = parent
where
    area_rank(around.kind) < area_rank(place.kind)
    and :change in (place.since_change, around.since_change)
order by place.area, around.area
;

-- name: close_ancestors!
-- End what no longer follows from the parents.
with recursive
    upwards as (
        select area, area as ancestor
        from area
        union
        select upwards.area, parent
        from upwards
        join area on area.area = upwards.ancestor
        cross join unnest(area.parents) as parent
    )
update area_ancestor as present set until_change = :change
where
    present.until_change is null
    and not exists (
        select
        from upwards
        join area as above on above.area = upwards.ancestor
        where
            upwards.area = present.area
            and upwards.ancestor = present.ancestor
            and above.kind = present.ancestor_kind
    )
;

-- name: open_ancestors!
-- Begin what now follows from the parents: each area in itself, in its parents, in theirs, and so
-- on up.
with recursive
    upwards as (
        select area, area as ancestor
        from area
        union
        select upwards.area, parent
        from upwards
        join area on area.area = upwards.ancestor
        cross join unnest(area.parents) as parent
    )
insert into area_ancestor ({{ area_ancestor.columns }})
select
    {% call area_ancestor.version(stated="upwards") %}
    above.kind as ancestor_kind
    {% endcall %}
from upwards
join area as above on above.area = upwards.ancestor
where
    not exists (
        select
        from area_ancestor as present
        where
            present.area = upwards.area
            and present.ancestor = upwards.ancestor
            and present.until_change is null
    )
;

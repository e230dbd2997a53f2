-- name: set!
-- Begin a target, or a version of one.
insert into target_version ({{ target_version.columns }})
values (
    {% call target_version.version(stated=":") %}
    nullif(:source, 'records') as source
    {% endcall %}
);

-- name: end!
-- End the version that was seen.
update target_version
set until_change = :change
where target_id = :target_id and since_change = :seen and until_change is null
;

-- name: read^
-- What is this target?
select *
from target_shown
where target_id = :target_id and known_at(since_change, until_change, :as_of)
;

-- name: list
-- Which targets are there?
select *
from target_shown
where
    known_at(since_change, until_change, :as_of)
    and (:area::text is null or area = :area)
    and (:category::text is null or category = :category)
    and (:after_target_id::uuid is null or target_id > :after_target_id)
order by target_id
limit :limit
;

-- name: published_base$
-- What did a release say of the base, in the figure itself or in the one it was compared with? A
-- release under embargo says nothing yet.
select published.value
from release
join release_figure as figure using (release_id)
cross join
    lateral(
        values
            (release.from_on, release.to_on, figure.value),
            (release.base_from, release.base_to, figure.base_value)
    ) as published(from_on, to_on, value)
where
    release.release_id = :release_id
    and release.since_change <= :as_of
    and (embargo_until is null or embargo_until <= :at)
    and figure.area = :area
    and figure.category = :category
    and release.measure = :measure
    and release.source = :source
    and published.from_on = :base_from
    and published.to_on = :base_to
    and published.value is not null
order by figure.position
limit 1
;

-- name: set^
-- Begin a mapping, or a version of one.
insert into mapping_version ({{ mapping_version.columns }})
values (
    {% call mapping_version.version(stated=":") %}
    :ignored::text[] as ignored
    {% endcall %}
)
returning *;

-- name: end!
-- End the version that was seen.
update mapping_version
set until_change = :change
where
    force = :force
    and name = :name
    and since_change = :seen
    and until_change is null
;

-- name: read^
-- What is this mapping?
select *
from mapping_version
where force = :force and name = :name and known_at(since_change, until_change, :as_of)
;

-- name: list
-- Which mappings are there?
select *
from mapping_version
where
    known_at(since_change, until_change, :as_of)
    and (:force::text is null or force = :force)
    and (:after_force::text is null or (force, name) > (:after_force, :after_name))
order by force, name
limit :limit
;

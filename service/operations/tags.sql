-- name: find
-- Which of these records are there, and whose are they?
select force, offence_id
from offence_version
where offence_id = any(:offence_ids::uuid[]) and until_change is null
;

-- name: close_differing!
-- End what was said by hand of these records and is now said otherwise, or is taken back.
update operation_tag
set until_change = :change
where
    force = :force
    and operation_id = :operation_id
    and offence_id = any(:offence_ids::uuid[])
    and until_change is null
    and tagged is distinct from :tagged
;

-- name: open_missing!
-- Say it of those of which it is not said yet.
insert into operation_tag ({{ operation_tag.columns }})
select
    {% call operation_tag.version(stated=":") %}
    wanted.offence_id as offence_id
    {% endcall %}
from unnest(:offence_ids::uuid[]) as wanted(offence_id)
where
    :tagged::boolean is not null
    and not exists (
        select
        from operation_tag as present
        where
            (present.force, present.operation_id, present.offence_id)
            = (:force, :operation_id, wanted.offence_id)
            and present.until_change is null
    )
;

-- name: list
-- What was said by hand of which records?
select tag.*, change.at, change.caller
from operation_tag as tag
join change on change.id = tag.since_change
where
    tag.operation_id = :operation_id
    and known_at(tag.since_change, tag.until_change, :as_of)
    and (:force::text is null or tag.force = :force)
    and (:after_offence_id::uuid is null or tag.offence_id > :after_offence_id)
order by tag.offence_id
limit :limit
;

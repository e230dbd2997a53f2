-- name: close^
-- End the version that was seen, and begin one in which nothing is personal.
with
    ended as (
        update offence_version set until_change = :change
        where
            force = :force
            and offence_id = :offence_id
            and since_change = :seen
            and until_change is null
        returning *
    )
insert into offence_version ({{ offence_version.columns }})
select
    {% call offence_version.version(after="ended", without_personal=True) %}
    :change as erased_change
    {% endcall %}
from ended
returning *
;

-- name: become_eraser!
-- Take the one role that may blank what is personal, and see this force alone.
set local crimebook.forces = :force;
set local role crimebook_eraser
;

-- name: blank^
-- Take what is personal from every version that still has it, and say from how many.
with
    blanked as (
        update offence_version
        set
        {{ offence_version.blanked }},
        erased_change = :change
        where force = :force and offence_id = :offence_id and erased_change is null
        returning since_change
    )
select count(*)::int as versions
from blanked
;

-- name: forget_salts!
-- Without its salt a digest of what is personal says nothing of it, and still proves that the
-- version is the one that was sealed.
update offence_personal_digest set salt = null where force = :force and offence_id = :offence_id;

-- name: forget_answers!
-- Answers kept for repeated requests hold the record as it was.
delete from given_answer
where position(convert_to(:offence_id::uuid::text, 'UTF8') in body) > 0
;

-- name: keep^
-- Keep that it was done: what, when, by whose authority and on what ground.
insert into erasure (force, offence_id, authority, change, ground, versions)
values (:force, :offence_id, :authority, :change, :ground, :versions)
returning *;

-- name: list
-- What was erased?
select erasure.*, change.at, change.caller, change.trace_id
from erasure
join change on change.id = erasure.change
where
    erasure.change <= :as_of
    and (:force::text is null or erasure.force = :force)
    and (
        :after_change::bigint is null
        or (erasure.change, offence_id) > (:after_change, :after_offence_id::uuid)
    )
order by erasure.change, offence_id
limit :limit
;

-- name: review^
-- When is this record due for review?
select
    review_group,
    recorded_on + make_interval(years => (:years::int[])[review_group]) as review_at,
    recorded_on + make_interval(years => (:years::int[])[review_group])
    <= civil_day(:changed_at) as due
from offence_version as version
left join codes_of_review(:first::text[], :second::text[], :as_of) as review_code using (code)
cross join
    lateral review_group(
        version.recorded_on, version.outcome, review_code.first_days, review_code.second_days
    ) as review_group
where
    version.force = :force
    and version.offence_id = :offence_id
    and version.since_change = :seen
;

-- name: reviews
-- Which records, not erased, are due for review by a day?
select
    version.offence_id,
    version.force,
    version.crime_ref,
    version.area,
    code,
    version.outcome,
    version.recorded_on,
    version.status,
    review_group,
    (recorded_on + make_interval(years => (:years::int[])[review_group]))::date as review_on
from offence_version as version
left join codes_of_review(:first::text[], :second::text[], :as_of) as review_code using (code)
cross join
    lateral review_group(
        version.recorded_on, version.outcome, review_code.first_days, review_code.second_days
    ) as review_group
where
    known_at(version.since_change, version.until_change, :as_of)
    and erased_change is null
    and recorded_on
    <= :due_by::date
    - make_interval(years => (select min(years) from unnest(:years::int[]) as years))  -- none is due sooner
    and (:force::text is null or force = :force)
    and (:review_group::bigint is null or review_group = :review_group)
    and recorded_on + make_interval(years => (:years::int[])[review_group]) <= :due_by::date
    and (
        :after_recorded_on::date is null
        or (recorded_on, offence_id) > (:after_recorded_on, :after_offence_id::uuid)
    )
order by recorded_on, offence_id
limit :limit
;

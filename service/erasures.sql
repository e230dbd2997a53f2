-- name: close^
-- End the version that was seen, and begin one in which nothing is personal.
with ended as (
    update offence_version set until_change = :change
    where force = :force and offence_id = :offence_id and since_change = :seen and until_change is null
    returning *
)
insert into offence_version (force, offence_id, since_change, area, cancelled_reason, code, committed_from, committed_to, crime_ref,
                             duplicate_of, erased_change, outcome, outcome_on, recorded_at, recorded_on, reported_at, status,
                             transferred_from, transferred_to, victims, victims_told_on)
select force, offence_id, :change, area, cancelled_reason, code, committed_from, committed_to, crime_ref, duplicate_of, :change, outcome,
       outcome_on, recorded_at, recorded_on, reported_at, status, transferred_from, transferred_to, victims, victims_told_on
from ended
returning *;

-- name: become_eraser!
-- Take the one role that may blank what is personal, and see this force alone.
set local crimebook.forces = :force;
set local role crimebook_eraser;

-- name: blank^
-- Take what is personal from every version that still has it, and say from how many.
with blanked as (
    update offence_version
    set decided_by = null, erased_change = :change, location = null, reason = null, recorded_by = null, reported_by = null
    where force = :force and offence_id = :offence_id and erased_change is null
    returning since_change
)
select count(*)::int as versions from blanked;

-- name: forget_salts!
-- Without its salt a digest of what is personal says nothing of it, and still proves that the version is the one that was sealed.
update offence_personal_digest set salt = null where force = :force and offence_id = :offence_id;

-- name: forget_answers!
-- Answers kept for repeated requests hold the record as it was.
delete from given_answer where position(convert_to(:offence_id::uuid::text, 'UTF8') in body) > 0;

-- name: keep^
-- Keep that it was done: what, when, by whose authority and on what ground.
insert into erasure (force, offence_id, authority, change, ground, versions)
values (:force, :offence_id, :authority, :change, :ground, :versions)
returning *;

-- name: list
-- What was erased?
select erasure.*, change.at, change.caller, change.trace_id
from erasure join change on change.id = erasure.change
where erasure.change <= :as_of and (:force::text is null or erasure.force = :force)
  and (:after_change::bigint is null or (erasure.change, offence_id) > (:after_change, :after_offence_id::uuid))
order by erasure.change, offence_id
limit :limit;

-- name: review^
-- When is this record due for review?
select review_group, recorded_on + make_interval(years => (:years::int[])[review_group]) as review_at,
       recorded_on + make_interval(years => (:years::int[])[review_group]) <= civil_day(:changed_at) as due
from offence_version as held
left join codes_of_review(:first::text[], :second::text[], :as_of) as told using (code)
cross join lateral review_group(held.recorded_on, held.outcome, told.first_days, told.second_days) as review_group
where held.force = :force and held.offence_id = :offence_id and held.since_change = :seen;

-- name: reviews
-- Which records, not erased, are due for review by a day?
select held.offence_id, held.force, held.crime_ref, held.area, code, held.outcome, held.recorded_on, held.status, review_group,
       (recorded_on + make_interval(years => (:years::int[])[review_group]))::date as review_on
from offence_version as held
left join codes_of_review(:first::text[], :second::text[], :as_of) as told using (code)
cross join lateral review_group(held.recorded_on, held.outcome, told.first_days, told.second_days) as review_group
where known_at(held.since_change, held.until_change, :as_of) and erased_change is null
  and recorded_on <= :due_by::date - make_interval(years => (select min(kept) from unnest(:years::int[]) as kept))      -- none is due sooner
  and (:force::text is null or force = :force) and (:review_group::bigint is null or review_group = :review_group)
  and recorded_on + make_interval(years => (:years::int[])[review_group]) <= :due_by::date
  and (:after_recorded_on::date is null or (recorded_on, offence_id) > (:after_recorded_on, :after_offence_id::uuid))
order by recorded_on, offence_id
limit :limit;

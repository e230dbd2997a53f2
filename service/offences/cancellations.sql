-- name: cancel^
-- End the version that was seen and begin one that no longer counts.
with
    ended as (
        update offence_version set until_change = :change
        where
            force = :force
            and offence_id = :offence_id
            and since_change = :seen
            and until_change is null
            and status = 'recorded'
        returning *
    )
insert into offence_version (
    force,
    offence_id,
    since_change,
    area,
    cancelled_reason,
    code,
    committed_from,
    committed_to,
    crime_ref,
    decided_by,
    duplicate_of,
    location,
    outcome,
    outcome_on,
    reason,
    recorded_at,
    recorded_by,
    recorded_on,
    reported_at,
    reported_by,
    status,
    transferred_from,
    transferred_to,
    victims,
    victims_told_on
)
select
    force,
    offence_id,
    :change,
    area,
    :cancelled_reason,
    code,
    committed_from,
    committed_to,
    crime_ref,
    :decided_by,
    :duplicate_of,
    location,
    outcome,
    outcome_on,
    :reason,
    recorded_at,
    recorded_by,
    recorded_on,
    reported_at,
    reported_by,
    'cancelled',
    transferred_from,
    :transferred_to,
    victims,
    coalesce(:victims_told_on, victims_told_on)
from ended
returning *
;

-- name: has_not_come$
-- Does this day lie in the future?
select coalesce(:day::date > civil_day(:changed_at), false) as future
;

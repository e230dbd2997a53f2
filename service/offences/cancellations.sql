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
insert into offence_version ({{ offence_version.columns }})
select
    {% call offence_version.version(after="ended") %}
    :cancelled_reason as cancelled_reason,
    :decided_by as decided_by,
    :duplicate_of as duplicate_of,
    :reason as reason,
    'cancelled' as status,
    :transferred_to as transferred_to,
    coalesce(:victims_told_on, ended.victims_told_on) as victims_told_on
    {% endcall %}
from ended
returning *
;

-- name: has_not_come$
-- Does this day lie in the future?
select coalesce(:day::date > civil_day(:changed_at), false) as future
;

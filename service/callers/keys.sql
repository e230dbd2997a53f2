-- name: bearer^
-- Whose key has this digest, and was it used within the hour? Only one that is in use at this
-- instant. And which is the newest change, for those who would be answered alike until the next?
select
    caller.name,
    caller.scopes,
    caller.forces,
    key.digest,
    key.key_id,
    coalesce(used.used_at > :at::timestamptz - interval '1 hour', false) as noted,
    (select id from change order by id desc limit 1) as newest_change,
    (select at from change order by id desc limit 1) as newest_at
from caller_key_version as key
join caller using (caller_id)
left join caller_key_use as used using (key_id)
where
    key.digest = :digest
    and key.until_change is null
    and caller.revoked_change is null
    and coalesce(key.expires_at > :at, true)
;

-- name: note_use!
-- Say to the hour when a key was last used.
insert into caller_key_use (key_id, used_at) values (:key_id, :at)
on conflict (key_id) do update set used_at = excluded.used_at where caller_key_use.used_at < excluded.used_at - interval '1 hour';

-- name: make^
-- Keep the digest of a new key.
insert into caller_key_version ({{ caller_key_version.columns }})
values ({{ caller_key_version.version(stated=":", first=True) }})
returning caller_id, key_id, since_change as created_change, since_change, expires_at, null::bigint as revoked_change;

-- name: overlap!
-- Let the other keys of a caller that would last longer end at that instant.
with
    ended as (
        update caller_key_version set until_change = :change
        where
            caller_id = :caller_id
            and key_id <> :key_id
            and until_change is null
            and coalesce(expires_at > :overlap_ends, true)
        returning *
    )
insert into caller_key_version ({{ caller_key_version.columns }})
select
    {% call caller_key_version.version(after="ended") %}
    :overlap_ends as expires_at
    {% endcall %}
from ended
;

-- name: revoke!
-- From this change on it opens nothing.
update caller_key_version
set
    until_change = :change where key_id = :key_id and until_change is null;

-- name: read^
-- What is known of this key? One that was revoked stands as it was then.
select
    key.caller_id,
    key.key_id,
    key.expires_at,
    (
        select min(first.since_change)
        from caller_key_version as first
        where first.key_id = key.key_id
    ) as created_change,
    case when key.until_change <= :as_of then key.until_change end as revoked_change,
    case
        when key.until_change <= :as_of then key.until_change else key.since_change
    end as since_change
from caller_key_version as key
where key.caller_id = :caller_id and key.key_id = :key_id and key.since_change <= :as_of
order by key.since_change desc
limit 1
;

-- name: list
-- Which keys has this caller had, and when was each last used?
select distinct
    on (key.key_id) key.caller_id,
    key.key_id,
    key.expires_at,
    key.until_change as revoked_change,
    min(key.since_change) over (partition by key.key_id) as created_change,
    coalesce(key.until_change, key.since_change) as since_change,
    date_trunc('hour', used.used_at) as last_used_at
from caller_key_version as key
left join caller_key_use as used using (key_id)
where
    key.caller_id = :caller_id and (:after_key_id::uuid is null or key.key_id > :after_key_id)
order by key.key_id, key.since_change desc
limit :limit
;

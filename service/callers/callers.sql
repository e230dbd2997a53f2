-- name: any_in_use$
-- Is there any key that could make others?
select
    exists (select from caller where revoked_change is null and 'administer' = any(scopes)) as found
;

-- name: create^
-- Keep the digest of a new key.
insert into caller (caller_id, created_change, digest, forces, name, scopes)
values (:caller_id, :change, :digest, :forces::text[], :name, :scopes::text[])
returning caller_id, created_change, forces, name, revoked_change, scopes, coalesce(revoked_change, created_change) as since_change;

-- name: revoke^
-- From this change on the key opens nothing.
update caller set revoked_change = :change where caller_id = :caller_id and revoked_change is null
returning caller_id, created_change, forces, name, revoked_change, scopes, revoked_change as since_change;

-- name: read^
-- Who is this, as known then?
select
    caller_id,
    created_change,
    forces,
    name,
    case when revoked_change <= :as_of then revoked_change end as revoked_change,
    scopes,
    case when revoked_change <= :as_of then revoked_change else created_change end as since_change
from caller
where caller_id = :caller_id and created_change <= :as_of
;

-- name: list
-- Who had ever had a key by then?
select
    caller_id,
    created_change,
    forces,
    name,
    case when revoked_change <= :as_of then revoked_change end as revoked_change,
    scopes,
    case when revoked_change <= :as_of then revoked_change else created_change end as since_change
from caller
where
    created_change <= :as_of
    and (:after_caller_id::uuid is null or caller_id > :after_caller_id)
order by caller_id
limit :limit
;

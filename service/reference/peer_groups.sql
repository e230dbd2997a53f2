-- name: set^
-- Begin a peer group, or a version of one.
insert into peer_group_version ({{ peer_group_version.columns }})
values (
    {% call peer_group_version.version(stated=":") %}
    :peers::text[] as peers
    {% endcall %}
)
returning *;

-- name: end!
-- End the version that was seen.
update peer_group_version
set until_change = :change
where
    force = :force
    and peer_group = :peer_group
    and since_change = :seen
    and until_change is null
;

-- name: read^
-- Who are the peers of this force, by that name?
select *
from peer_group_version
where
    force = :force
    and peer_group = :peer_group
    and known_at(since_change, until_change, :as_of)
;

-- name: list
-- Which peer groups are there, of this force, in use on that day?
select *
from peer_group_version
where
    known_at(since_change, until_change, :as_of)
    and (:force::text is null or force = :force)
    and (
        :on::date is null
        or :on between coalesce(from_on, '-infinity') and coalesce(to_on, 'infinity')
    )
    and (
        :after_force::text is null or (force, peer_group) > (:after_force, :after_peer_group)
    )
order by force, peer_group
limit :limit
;

-- name: in_use
-- Which peer groups does this force have on that day?
select *
from peer_group_version
where
    known_at(since_change, until_change, :as_of)
    and force = :force
    and :on::date between coalesce(from_on, '-infinity') and coalesce(to_on, 'infinity')
order by peer_group
;

-- name: naming
-- Which of these forces have that force among their own peers on that day?
select distinct force
from peer_group_version
where
    known_at(since_change, until_change, :as_of)
    and force = any(:peers)
    and :force = any(peers)
    and :on::date between coalesce(from_on, '-infinity') and coalesce(to_on, 'infinity')
;

{% from "audit/seal_entries.jinja" import leaf_hash, seal_entry %}

-- name: heads
-- Which heads were signed, after that one?
select tree_size, at, change, public_key, root, signature
from seal
where tree_size > :after
order by tree_size
limit :limit
;

-- name: extent^
-- How far does the newest head reach, and how much is not under it?
select
    coalesce(max(seal.tree_size), 0) as tree_size,
    coalesce(max(seal.change), 0) as change,
    count(*) as heads,
    (
        select count(*)
        from change
        where id > (select coalesce(max(sealed.change), 0) from seal as sealed)
    ) as unsealed,
    (select coalesce(max(id), 0) from change) as latest
from seal
;

-- name: entries
-- Where is what the book says, up to the newest head, not what was sealed? By change, noun and key.
with
    present as (
        select change, noun, key, since_change, closing, {{ leaf_hash("entry") }} as hash
        from {{ seal_entry }} as entry
        where change <= :change
    ),
    leaf as (
        select change, noun, key, since_change, closing, hash
        from seal_leaf
        where position < :tree_size
    )
select
    change,
    noun,
    key,
    since_change,
    closing,
    case
        when leaf.hash is null then 'added' when present.hash is null then 'missing' else 'altered'
    end as fault
from present
full join leaf using (change, noun, key, since_change, closing)
where present.hash is distinct from leaf.hash
order by change, noun collate "C", key collate "C", since_change
limit 20
;

-- name: impossible_changes
-- Which versions begin or end at a change that was never made?
select entry.change, entry.noun, entry.key, entry.since_change, entry.closing
from {{ seal_entry }} as entry
left join change on change.id = entry.change
where entry.change > :change and change.id is null
order by entry.change, entry.noun collate "C", entry.key collate "C"
limit 20
;

-- name: personal
-- Where do personal and free-text fields not agree with their digest? Erased, they and their salt
-- are gone, and the digest stays.
with
    version_now as (
        select
            force,
            offence_id,
            since_change,
            erased_change,
            {{ offence_version.personal("version") }} as personal
        from offence_version as version
        where since_change <= :change
    )
select
    coalesce(version_now.since_change, sealed.since_change) as change,
    coalesce(version_now.force, sealed.force) as force,
    coalesce(version_now.offence_id, sealed.offence_id) as offence_id,
    case
        when version_now.force is null
        then 'a digest of personal fields belongs to no sealed version'
        when sealed.digest is null
        then 'personal fields were written into it after it was sealed'
        when version_now.erased_change is not null
        then 'it was erased, and yet some of it is left'
        when sealed.salt is null
        then 'its salt is gone, and yet it was not erased'
        else 'its personal or free-text fields, or their salt, were altered'
    end as fault
from version_now
full join offence_personal_digest as sealed using (force, offence_id, since_change)
where
    (version_now.personal is not null or sealed.digest is not null)
    and case
        when version_now.force is null or sealed.digest is null
        then true
        when version_now.erased_change is not null
        then version_now.personal is not null or sealed.salt is not null
        else
            sealed.digest
            is distinct from sha256(sealed.salt || convert_to(version_now.personal, 'UTF8'))
    end
order by 1, 2, 3
limit 20
;

-- name: erasures
-- Which versions are marked as erased by no erasure, or are not marked by the erasure of their
-- record?
with
    mismatch as (
        select
            version.force,
            version.offence_id,
            version.since_change as change,
            case
                when done.change is null
                then 'it is marked as erased, and no erasure says so'
                else 'it was erased with its record, and is not marked so'
            end as fault
        from offence_version as version
        left join erasure as done using (force, offence_id)
        where version.erased_change is distinct from done.change
    )
select *
from mismatch
order by change, force, offence_id
limit 20
;

-- name: nodes
-- Which complete subtrees are not the hash of the two below them, are missing, or should not be
-- there?
with
    made as (
        select
            level + 1 as level,
            position / 2 as position,
            sha256('\x01'::bytea || string_agg(hash, ''::bytea order by position)) as hash
        from seal_subtree
        group by 1, 2
        having count(*) = 2
    )
select level, position
from made
full join seal_node as node using (level, position)
where made.hash is distinct from node.hash
order by level, position
limit 20
;

-- name: leaves^
-- Are the leaves numbered from nought without gaps, as many as the newest head covers?
select count(*) as leaves, coalesce(max(position) + 1, 0) as last
from seal_leaf
;

-- name: misplaced
-- Which leaves are not covered by the first head that reaches their change, or are covered by one
-- that does not?
with
    spanned as (
        select
            tree_size,
            change,
            coalesce(lag(tree_size) over (order by tree_size), 0) as earlier_size,
            coalesce(lag(change) over (order by tree_size), 0) as earlier_change
        from seal
    )
select leaf.change, leaf.noun, leaf.key, spanned.tree_size
from spanned
join
    seal_leaf as leaf on leaf.position >= spanned.earlier_size and leaf.position < spanned.tree_size
where leaf.change <= spanned.earlier_change or leaf.change > spanned.change
order by leaf.position
limit 20
;

-- name: gaps
-- Which changes are missing, or are not later than the one before?
select id, before_id, at, before_at
from
    (
        select
            id,
            at,
            lag(id, 1, 0) over (order by id) as before_id,
            lag(at) over (order by id) as before_at
        from change
    ) as numbered
where id <> before_id + 1 or at <= before_at
order by id
limit 20
;

-- name: proven^
-- Of how much is this the proof?
select sealed.*, digest.*, published.*
from
    (
        select
            count(*) as leaves,
            count(*) filter (where noun = 'change') as changes,
            count(*) filter (where noun = 'offence' and not closing) as offences,
            count(*) filter (where closing) as closings
        from seal_leaf
    ) as sealed
cross join
    (
        select count(*) as personal, count(*) filter (where salt is null) as erased
        from offence_personal_digest
    ) as digest
cross join (select count(*) as figures from release_figure) as published
;

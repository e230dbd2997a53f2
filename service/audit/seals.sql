{% from "audit/seal_entries.jinja" import leaf_hash, seal_entry %}
-- name: newest^
-- What is the newest head?
select tree_size, at, change, public_key, root, signature
from seal
order by tree_size desc
limit 1
;

-- name: read^
-- What is the head of the tree of that size?
select tree_size, at, change, public_key, root, signature
from seal
where tree_size = :tree_size
;

-- name: list
-- Which heads are there, in the order they were signed?
select tree_size, at, change, public_key, root, signature
from seal
where :after_tree_size::bigint is null or tree_size > :after_tree_size
order by tree_size
limit :limit
;

-- name: digest_personal!
-- Keep a salted digest of the personal and free-text fields of each version that these changes
-- opened and that has any.
insert into offence_personal_digest (force, offence_id, since_change, digest, salt)
select force, offence_id, since_change, sha256(salt || convert_to(personal, 'UTF8')), salt
from (
    select force, offence_id, since_change, {{ offence_version.personal("version") }} as personal,
           sha256(:nonce || convert_to(force || '/' || offence_id || '/' || since_change, 'UTF8')) as salt
    from offence_version as version
    where since_change > :after and since_change <= :until
) as salted
where personal is not null;

-- name: seal_leaves!
-- Put a leaf on the tree for each entry of these changes: by change, then noun, then key, an ending
-- before the beginning that follows it.
with
    made as materialized(
        select change, noun, key, since_change, closing, {{ leaf_hash("entry") }} as hash
        from {{ seal_entry }} as entry
        where change > :after and change <= :until
    )
insert into seal_leaf (position, change, closing, hash, key, noun, since_change)
select
    :tree_size::bigint
    - 1
    + row_number() over (order by change, noun collate "C", key collate "C", since_change),
    change,
    closing,
    hash,
    key,
    noun,
    since_change
from made
;

-- name: seal_nodes!
-- Put the complete subtrees of a level on those of the level below: from the first that is new to
-- before the last that is not whole yet.
insert into seal_node (level, position, hash)
select :level, position / 2, sha256('\x01'::bytea || string_agg(hash, ''::bytea order by position))
from seal_subtree
where level = :level - 1 and position >= 2 * :first::bigint and position < 2 * :last::bigint
group by position / 2;

-- name: subtrees
-- What are the hashes of these complete subtrees?
select wanted.level, wanted.position, coalesce(leaf.hash, node.hash) as hash
from unnest(:levels::int[], :positions::bigint[]) as wanted(level, position)
left join seal_leaf as leaf on wanted.level = 0 and leaf.position = wanted.position
left join
    seal_node as node
    on wanted.level > 0
    and node.level = wanted.level
    and node.position = wanted.position
;

-- name: sign^
-- Keep a signed head.
insert into seal (tree_size, at, change, public_key, root, signature)
values (:tree_size, :at, :change, :public_key, :root, :signature)
returning tree_size, at, change, public_key, root, signature;

-- name: step^
-- Up to which change should be sealed in one go? That many changes on from the last, or all there
-- are.
select max(id) as until
from (select id from change where id > :after order by id limit :most) as next
;

-- name: leaves
-- Where does this thing stand in the tree? Two at most: a second one means that since_change must
-- be said. What belongs to a force has a key that begins with it, and is there for those alone who
-- see that force's records.
select position, change, closing, hash, key, noun, since_change
from seal_leaf
where
    noun = :noun
    and key = :key
    and closing = :closing
    and (:since_change::bigint is null or since_change = :since_change)
    and (
        noun not in ('erasure', 'mapping', 'offence', 'street_record', 'submission')
        or sees(split_part(key, '/', 1))
    )
order by position
limit 2
;

-- name: key_of_offence^
-- By which key is this record sealed?
select force || '/' || offence_id as key
from offence_version
where offence_id = :offence_id
limit 1
;

-- name: entry^
-- What is the text that was sealed, as it can be made from the book today? That of a change has the
-- words that came with a file.
select entry
from {{ seal_entry }} as entry
where
    noun = :noun
    and change = :change
    and key = :key
    and closing = :closing
    and since_change = :since_change
    and not exists (
        select
        from change as made
        left join submission using (submission_id)
        where
            :noun = 'change'
            and made.id = :change
            and made.submission_id is not null
            and submission.submission_id is null
    )
;

-- name: is_hidden$
-- Is this a release under embargo, and the caller none that publishes?
select
    not :publishes
    and exists (
        select
        from release
        where :noun = 'release' and release_id::text = :key and embargo_until > :now
    ) as hidden
;

-- name: is_there^
-- Is this in the book, sealed or not?
select true as found
from {{ seal_entry }} as entry
where
    noun = :noun
    and key = :key
    and closing = :closing
    and (:since_change::bigint is null or since_change = :since_change)
limit 1
;

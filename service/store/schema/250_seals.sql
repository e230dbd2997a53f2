-- migrate:up

-- Seals: one append-only Merkle tree (RFC 9162) over everything that changes opened and closed,
-- with signed heads. Whoever keeps a head can prove later that nothing it covers was altered,
-- whatever rights somebody had in this database.

-- Stable, as convert_to is: then it is inlined.
create function leaf_hash(entry text) returns bytea
language sql stable parallel safe
return sha256('\x00'::bytea || convert_to(entry, 'UTF8'));

create function line_hash(line jsonb) returns bytea
language sql stable parallel safe
return sha256(convert_to(jsonb_strip_nulls(line)::text, 'UTF8'));

-- What is personal or free text in a version can be erased, so its entry holds a salted digest of
-- these fields and not the fields.
create function offence_personal(
    decided_by text, location text, reason text, recorded_by text, reported_by text
) returns text
language sql stable parallel safe
return case when num_nonnulls(decided_by, location, reason, recorded_by, reported_by) > 0 then
    jsonb_strip_nulls(jsonb_build_object(
        'decided_by', decided_by,
        'location', location,
        'reason', reason,
        'recorded_by', recorded_by,
        'reported_by', reported_by))::text
end;

create table offence_personal_digest (
    force        text   not null,
    offence_id   uuid   not null,
    since_change bigint not null,
    digest       bytea  not null,
    salt         bytea,
    constraint offence_personal_digest_stands_once primary key (force, offence_id, since_change),
    constraint offence_personal_digest_is_of_a_version
        foreign key (force, offence_id, since_change) references offence_version,
    constraint offence_personal_digest_is_sha256 check (octet_length(digest) = 32),
    constraint offence_personal_salt_is_sha256 check (octet_length(salt) = 32)
);
comment on table offence_personal_digest is
    'SHA-256 over salt and personal fields of each sealed version that has any. Without the salt '
    'nobody can find out by trying what they said.';
comment on column offence_personal_digest.salt is
    'Null once the version was erased; the digest stays, and so does the proof.';
grant select, insert on offence_personal_digest to crimebook_service;
grant select, update (salt) on offence_personal_digest to crimebook_eraser;
alter table offence_personal_digest enable row level security;
create policy of_own_forces on offence_personal_digest
to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

create table seal_leaf (
    position     bigint  not null,
    change       bigint  not null,
    closing      boolean not null,
    hash         bytea   not null,
    key          text    not null,
    noun         text    not null,
    since_change bigint  not null,
    constraint seal_leaf_stands_once primary key (position),
    constraint seal_leaf_seals_a_thing_once unique (noun, key, since_change, closing),
    constraint seal_leaf_counts_from_nought check (position >= 0),
    constraint seal_leaf_hash_is_sha256 check (octet_length(hash) = 32)
);
comment on table seal_leaf is
    'The leaves, in the order of changes: the hash of each entry, and where to find what it was '
    'made from.';
grant select, insert on seal_leaf to crimebook_service;
-- A leaf of the tree names a record, and is needed for the proof of any other.
alter table seal_leaf enable row level security;
create policy for_whoever_asks on seal_leaf to crimebook_service using (
    (select current_setting('crimebook.forces', true)) <> '');

create table seal_node (
    level    int    not null,
    position bigint not null,
    hash     bytea  not null,
    constraint seal_node_stands_once primary key (level, position),
    constraint seal_node_stands_above_the_leaves check (level >= 1),
    constraint seal_node_hash_is_sha256 check (octet_length(hash) = 32)
);
comment on table seal_node is
    'The complete subtrees above the leaves: that at a level and position holds the leaves from '
    'position << level on, 1 << level of them.';
grant select, insert on seal_node to crimebook_service;

create table seal (
    tree_size  bigint      not null,
    at         timestamptz not null,
    change     bigint      not null,
    public_key bytea       not null,
    root       bytea       not null,
    signature  bytea       not null,
    constraint seal_of_a_size_is_made_once primary key (tree_size),
    constraint seal_of_a_change_is_made_once unique (change),
    constraint seal_reaches_a_change foreign key (change) references change,
    constraint seal_covers_something check (tree_size >= 1),
    constraint seal_public_key_is_ed25519 check (octet_length(public_key) = 32),
    constraint seal_root_is_sha256 check (octet_length(root) = 32),
    constraint seal_signature_is_ed25519 check (octet_length(signature) = 64)
);
comment on table seal is
    'The signed heads: the root over everything up to a change. The signing key is never in the '
    'database.';
grant select, insert on seal to crimebook_service;

-- The second lock behind the grants: what is sealed stays, whoever asks. Only a salt may go, when
-- its version is erased.
create function sealed_stays_sealed() returns trigger language plpgsql as $$
begin
    raise exception 'What is sealed cannot be altered.' using errcode = '42501';
end
$$;
create trigger sealed_stays_sealed before update or delete on seal_leaf
    for each row execute function sealed_stays_sealed();
create trigger sealed_stays_sealed before update or delete on seal_node
    for each row execute function sealed_stays_sealed();
create trigger sealed_stays_sealed before update or delete on seal
    for each row execute function sealed_stays_sealed();
create trigger sealed_stays_sealed before delete on offence_personal_digest
    for each row execute function sealed_stays_sealed();
create trigger sealed_is_not_emptied before truncate on seal_leaf
    execute function sealed_stays_sealed();
create trigger sealed_is_not_emptied before truncate on seal_node
    execute function sealed_stays_sealed();
create trigger sealed_is_not_emptied before truncate on seal
    execute function sealed_stays_sealed();
create trigger sealed_is_not_emptied before truncate on offence_personal_digest
    execute function sealed_stays_sealed();
create trigger only_the_salt_goes before update on offence_personal_digest for each row
    when (
        new.salt is not null
        or (new.force, new.offence_id, new.since_change, new.digest)
           is distinct from (old.force, old.offence_id, old.since_change, old.digest))
    execute function sealed_stays_sealed();

create view seal_subtree with (security_invoker = true) as
select 0 as level, position, hash from seal_leaf
union all
select level, position, hash from seal_node;
comment on view seal_subtree is 'Leaves and nodes as one: every complete subtree there is.';
grant select on seal_subtree to crimebook_service;

-- What there is to seal. An entry is jsonb as text, which PostgreSQL writes in one way only: names
-- by length and then by bytes, no nulls. What a setting of the session would write otherwise is
-- written out here: instants in UTC, bytes in hexadecimal, days of ranges. A noun is one branch. A
-- column added later is sealed by itself; where it is not null in versions sealed before, take it
-- out here, or their entries change.
create view seal_opening_of_first_nouns with (security_invoker = true) as
select
    id as change,
    'change' as noun,
    id::text as key,
    id as since_change,
    to_jsonb(made) || jsonb_build_object('at', at at time zone 'UTC') as fields
from change as made
union all
select
    since_change,
    'offence',
    force || '/' || offence_id,
    since_change,
    to_jsonb(version) - array[
        'decided_by', 'erased_change', 'location', 'reason', 'recorded_by', 'reported_by',
        'until_change']
    || jsonb_build_object(
        'committed_from', committed_from at time zone 'UTC',
        'committed_to', committed_to at time zone 'UTC',
        'personal_digest', (
            select encode(personal.digest, 'hex') from offence_personal_digest as personal
            where (personal.force, personal.offence_id, personal.since_change)
                = (version.force, version.offence_id, version.since_change)),
        'recorded_at', recorded_at at time zone 'UTC',
        'reported_at', reported_at at time zone 'UTC')
from offence_version as version
union all
select
    since_change,
    'area',
    area,
    since_change,
    to_jsonb(version) - 'until_change'
from area_version as version
union all
select
    since_change,
    'area_ancestor',
    area || '/' || ancestor,
    since_change,
    to_jsonb(version) - 'until_change'
from area_ancestor as version
union all
select
    since_change,
    'population',
    area || '/' || year,
    since_change,
    to_jsonb(version) - 'until_change'
from population as version
union all
select
    since_change,
    'known_code',
    code,
    since_change,
    to_jsonb(known)
from known_code as known
union all
select
    since_change,
    'code',
    code,
    since_change,
    to_jsonb(version) - 'until_change' || jsonb_build_object('periods', (
        select jsonb_agg(to_jsonb(period) - array['code', 'since_change'] order by position)
        from code_period as period
        where (period.code, period.since_change) = (version.code, version.since_change)))
from code_version as version
union all
select
    since_change,
    'category',
    category,
    since_change,
    to_jsonb(version) - 'until_change' || jsonb_build_object('codes', (
        select jsonb_agg(
            to_jsonb(member) - array['category', 'definition'] order by code collate "C", position)
        from category_code as member
        where (member.category, member.definition) = (version.category, version.definition)))
from category_version as version
union all
select
    since_change,
    'target',
    target_id::text,
    since_change,
    to_jsonb(version) - 'until_change'
from target_version as version
union all
select
    since_change,
    'mapping',
    force || '/' || name,
    since_change,
    to_jsonb(version) - 'until_change'
from mapping_version as version
union all
select
    since_change,
    'coverage',
    force || '/' || category || '/' || coalesce(to_char(lower(days), 'YYYY-MM-DD'), '') || '/'
    || coalesce(to_char(upper(days), 'YYYY-MM-DD'), ''),
    since_change,
    to_jsonb(covered) || jsonb_build_object('days', jsonb_build_array(lower(days), upper(days)))
from coverage as covered
union all
select
    change,
    'submission',
    force || '/' || submission_id,
    change,
    to_jsonb(received) || jsonb_build_object(
        'at', at at time zone 'UTC', 'days', jsonb_build_array(lower(days), upper(days)))
from submission as received
where change is not null
union all
select
    since_change,
    'street_record',
    force || '/' || street_record_id,
    since_change,
    to_jsonb(version) - 'until_change'
from street_record_version as version
union all
select
    change,
    'street_submission',
    street_submission_id::text,
    change,
    to_jsonb(received) || jsonb_build_object(
        'at', at at time zone 'UTC',
        'files_digest', (
            select encode(sha256(string_agg(
                line_hash(to_jsonb(file)), ''::bytea
                order by force collate "C", month, kind collate "C")), 'hex')
            from street_submission_file as file
            where file.street_submission_id = received.street_submission_id))
from street_submission as received
where change is not null
union all
select
    change,
    'return',
    return_id::text,
    change,
    to_jsonb(received) || jsonb_build_object(
        'cells_digest', (
            select encode(sha256(string_agg(
                line_hash(to_jsonb(counted)), ''::bytea order by counted.cell)), 'hex')
            from return_cell as counted
            where counted.return_id = received.return_id),
        'faults_digest', (
            select encode(sha256(string_agg(
                line_hash(to_jsonb(fault)), ''::bytea order by cell, field collate "C")), 'hex')
            from return_fault as fault
            where fault.return_id = received.return_id),
        'outcomes_digest', (
            select encode(sha256(string_agg(
                line_hash(to_jsonb(counted)), ''::bytea order by counted.cell)), 'hex')
            from return_outcome_cell as counted
            where counted.return_id = received.return_id),
        'wordings_digest', (
            select encode(sha256(string_agg(
                line_hash(to_jsonb(said)), ''::bytea order by said.wording)), 'hex')
            from return_wording as said
            where said.return_id = received.return_id))
from return as received
union all
select
    since_change,
    'release',
    release_id::text,
    since_change,
    to_jsonb(made) || jsonb_build_object(
        'embargo_until', embargo_until at time zone 'UTC',
        'definitions_digest', (
            select encode(sha256(string_agg(
                line_hash(to_jsonb(definition)), ''::bytea order by category collate "C")), 'hex')
            from release_definition as definition
            where definition.release_id = made.release_id),
        'figures_digest', (
            select encode(sha256(string_agg(
                line_hash(to_jsonb(figure)), ''::bytea order by position)), 'hex')
            from release_figure as figure
            where figure.release_id = made.release_id))
from release as made
union all
select change, 'erasure', force || '/' || offence_id, change, to_jsonb(done)
from erasure as done
union all
select
    created_change,
    'caller',
    caller_id::text,
    created_change,
    to_jsonb(made) - 'revoked_change' || jsonb_build_object('digest', encode(digest, 'hex'))
from caller as made;
comment on view seal_opening_of_first_nouns is
    'What each change opened, and the change itself: the columns of which the entry is made.';

-- The nouns whose entries are the same in every book from the first seals on stand above; those
-- that came later, here.
create view seal_opening with (security_invoker = true) as
select change, noun, key, since_change, fields
from seal_opening_of_first_nouns
union all
select
    since_change,
    'operation',
    operation_id::text,
    since_change,
    to_jsonb(version) - 'until_change'
from operation_version as version
union all
select
    since_change,
    'operation_tag',
    force || '/' || operation_id || '/' || offence_id,
    since_change,
    to_jsonb(version) - 'until_change'
from operation_tag as version
union all
select
    since_change,
    'peer_group',
    force || '/' || peer_group,
    since_change,
    to_jsonb(version) - 'until_change'
from peer_group_version as version
union all
select
    since_change,
    'series_break',
    series_break,
    since_change,
    to_jsonb(version) - 'until_change'
from series_break_version as version
union all
select
    since_change,
    'measure',
    measure,
    since_change,
    to_jsonb(version) - 'until_change'
from measure_version as version
union all
select
    since_change,
    'observation',
    observation_id::text,
    since_change,
    to_jsonb(version) - 'until_change'
from observation_version as version
union all
select
    since_change,
    'household_count',
    area || '/' || year,
    since_change,
    to_jsonb(version) - 'until_change'
from household_count as version
union all
select
    since_change,
    'severity_weight',
    code || '/' || position,
    since_change,
    to_jsonb(weighed)
from severity_weight as weighed
union all
select
    since_change,
    'caller_key',
    key_id::text,
    since_change,
    to_jsonb(version) - 'until_change' || jsonb_build_object(
        'digest', encode(digest, 'hex'), 'expires_at', expires_at at time zone 'UTC')
from caller_key_version as version;
comment on view seal_opening is
    'What each change opened, and the change itself: the columns of which the entry is made.';

create view seal_closing_of_first_nouns with (security_invoker = true) as
select until_change as change, 'offence' as noun, force || '/' || offence_id as key, since_change
from offence_version
where until_change is not null
union all
select until_change, 'area', area, since_change
from area_version
where until_change is not null
union all
select until_change, 'area_ancestor', area || '/' || ancestor, since_change
from area_ancestor
where until_change is not null
union all
select until_change, 'population', area || '/' || year, since_change
from population
where until_change is not null
union all
select until_change, 'code', code, since_change
from code_version
where until_change is not null
union all
select until_change, 'category', category, since_change
from category_version
where until_change is not null
union all
select until_change, 'street_record', force || '/' || street_record_id, since_change
from street_record_version
where until_change is not null
union all
select until_change, 'target', target_id::text, since_change
from target_version
where until_change is not null
union all
select until_change, 'mapping', force || '/' || name, since_change
from mapping_version
where until_change is not null
union all
select revoked_change, 'caller', caller_id::text, created_change
from caller
where revoked_change is not null;
comment on view seal_closing_of_first_nouns is 'What each change ended.';

create view seal_closing with (security_invoker = true) as
select change, noun, key, since_change
from seal_closing_of_first_nouns
union all
select until_change, 'operation', operation_id::text, since_change
from operation_version
where until_change is not null
union all
select
    until_change,
    'operation_tag',
    force || '/' || operation_id || '/' || offence_id,
    since_change
from operation_tag
where until_change is not null
union all
select until_change, 'peer_group', force || '/' || peer_group, since_change
from peer_group_version
where until_change is not null
union all
select until_change, 'series_break', series_break, since_change
from series_break_version
where until_change is not null
union all
select until_change, 'measure', measure, since_change
from measure_version
where until_change is not null
union all
select until_change, 'observation', observation_id::text, since_change
from observation_version
where until_change is not null
union all
select until_change, 'household_count', area || '/' || year, since_change
from household_count
where until_change is not null
union all
select until_change, 'caller_key', key_id::text, since_change
from caller_key_version
where until_change is not null;
comment on view seal_closing is 'What each change ended.';

create view seal_entry with (security_invoker = true) as
select
    change,
    noun,
    key,
    since_change,
    false as closing,
    (jsonb_strip_nulls(fields) || jsonb_build_object('noun', noun))::text as entry
from seal_opening
union all
select
    change,
    noun,
    key,
    since_change,
    true,
    jsonb_build_object(
        'key', key, 'noun', noun, 'since_change', since_change, 'until_change', change)::text
from seal_closing;
comment on view seal_entry is
    'Every entry that is or will be sealed, as the very text whose bytes are hashed.';
grant select on seal_opening_of_first_nouns, seal_opening to crimebook_service;
grant select on seal_closing_of_first_nouns, seal_closing, seal_entry to crimebook_service;

-- migrate:down

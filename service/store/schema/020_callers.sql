-- migrate:up

-- Who may do what. A key is shown once and kept as its digest.

create table caller (
    caller_id      uuid   not null,
    created_change bigint not null,
    digest         bytea  not null,
    forces         text[] not null,
    name           text   not null,
    revoked_change bigint,
    scopes         text[] not null,
    constraint caller_stands_once primary key (caller_id),
    constraint caller_digest_is_its_own unique (digest),
    constraint caller_was_created_by_a_change foreign key (created_change) references change,
    constraint caller_was_revoked_by_a_change foreign key (revoked_change) references change,
    constraint caller_is_named check (name ~ '^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,99}$'),
    constraint caller_scopes_are_known check (
        scopes <@ array['read', 'record', 'publish', 'audit', 'erase', 'administer']
        and cardinality(scopes) > 0)
);
create unique index caller_name_present on caller (name) where revoked_change is null;
comment on column caller.digest is
    'Of the key that the caller was made with; all its keys are in caller_key_version.';
comment on column caller.forces is
    'Area codes of the forces whose records it may see and write; empty means every force.';
comment on constraint caller_is_named on caller is
    'A caller''s name is up to 100 letters, digits, spaces and . _ @ -, and begins with a letter '
    'or digit.';
comment on index caller_name_present is
    'Another caller in use has that name: choose a different one, or revoke it first.';
grant select, insert on caller to crimebook_service;
grant update (revoked_change) on caller to crimebook_service;

-- A caller may have several keys, so that one can take the place of another with an overlap. A key
-- ends when its day comes, when its version is ended, or with its caller. The first key of each
-- caller is the one that it was made with.
create table caller_key_version (
    caller_id    uuid   not null,
    key_id       uuid   not null,
    since_change bigint not null,
    until_change bigint,
    digest       bytea  not null,
    expires_at   timestamptz,
    constraint caller_key_version_stands_once primary key (key_id, since_change),
    constraint caller_key_belongs_to_a_caller foreign key (caller_id) references caller,
    constraint caller_key_began_at_a_change foreign key (since_change) references change,
    constraint caller_key_ended_at_a_change foreign key (until_change) references change,
    constraint caller_key_version_ends_after_it_begins check (until_change > since_change),
    constraint caller_key_digest_is_sha256 check (octet_length(digest) = 32)
);
create unique index caller_key_digest_present on caller_key_version (digest)
    where until_change is null;
create index caller_key_by_caller on caller_key_version (caller_id, key_id);
comment on table caller_key_version is
    'Keys as digests: a version that ended and was followed by none is a key that was revoked.';
create trigger closed_version_stays_closed before update on caller_key_version
    for each row execute function closed_version_stays_closed();
grant select, insert on caller_key_version to crimebook_service;
grant update (until_change) on caller_key_version to crimebook_service;

-- When was a key last used? No fact of the book: it is kept to the hour, outside any change.
create table caller_key_use (
    key_id  uuid        not null,
    used_at timestamptz not null,
    constraint caller_key_use_is_told_once primary key (key_id)
);
grant select, insert, update (used_at) on caller_key_use to crimebook_service;

-- Row-level security. A transaction says whose records it is to see by `set local
-- crimebook.forces`: '*' is every force, else their codes with commas; and who asks, by `set local
-- crimebook.caller`. Where nothing was said nothing is seen. The subqueries of the policies are
-- worked out once a statement. The owner of the tables is not bound by them.
create function sees(force text) returns boolean language sql stable parallel safe as $$
    select current_setting('crimebook.forces', true) = '*'
        or sees.force = any (string_to_array(current_setting('crimebook.forces', true), ','))
$$;
comment on function sees is
    'Are records of this force to be seen in this transaction? As the policies say it, for what '
    'names a force in other words.';

create function somebody_asks() returns boolean language sql stable parallel safe as $$
    select current_setting('crimebook.forces', true) <> ''
$$;
comment on function somebody_asks is 'Was it said in whose name this transaction asks?';

-- Answers to POSTs that carried an Idempotency-Key, kept with the effect they answered, so that a
-- repeat gets the same bytes. An answer is kept for its caller; what is erased is forgotten in
-- everybody's.
create table given_answer (
    caller          text        not null,
    idempotency_key text        not null,
    at              timestamptz not null,
    body            bytea       not null,
    fingerprint     text        not null,
    headers         jsonb       not null,
    status          int         not null,
    constraint given_answer_is_given_once primary key (caller, idempotency_key)
);
create index given_answer_by_age on given_answer (at);
grant select, insert, delete on given_answer to crimebook_service;
grant update (at, body, fingerprint, headers, status) on given_answer to crimebook_service;
grant select, delete on given_answer to crimebook_eraser;
alter table given_answer enable row level security;
create policy of_its_caller on given_answer to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or caller = (select current_setting('crimebook.caller', true)));
create policy forgotten_for_all on given_answer to crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) <> '');

-- migrate:down

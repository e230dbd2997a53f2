-- migrate:up

-- Who may do what. A key is shown once and kept as its digest.

create table caller (
    caller_id       uuid   not null,
    created_change  bigint not null,
    digest          bytea  not null,
    forces          text[] not null,
    name            text   not null,
    revoked_change  bigint,
    scopes          text[] not null,
    constraint caller_stands_once primary key (caller_id),
    constraint caller_digest_is_its_own unique (digest),
    constraint caller_was_created_by_a_change foreign key (created_change) references change,
    constraint caller_was_revoked_by_a_change foreign key (revoked_change) references change,
    constraint caller_is_named check (name ~ '^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,99}$'),
    constraint caller_scopes_are_known check (scopes <@ array['read', 'record', 'administer'] and cardinality(scopes) > 0)
);
create unique index caller_name_present on caller (name) where revoked_change is null;
comment on column caller.forces is 'Area codes of the forces whose records it may write; empty means every force.';
comment on constraint caller_is_named on caller is 'A caller''s name is up to 100 letters, digits, spaces and . _ @ -, and begins with a letter or digit.';
comment on index caller_name_present is 'Another caller in use has that name: choose a different one, or revoke it first.';
grant select, insert on caller to crimebook_service;
grant update (revoked_change) on caller to crimebook_service;

-- Answers to POSTs that carried an Idempotency-Key, kept with the effect they answered, so that a repeat gets the same bytes.
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
grant select, insert, delete, update (at, body, fingerprint, headers, status) on given_answer to crimebook_service;

-- migrate:down
drop table given_answer, caller;

-- migrate:up

-- Who did what to which records, when and why (Data Protection Act 2018, section 62). Each row is
-- committed before the first byte of the answer leaves, and every read waits for it: so no foreign
-- keys, which would lock the rows they point at, no checks, which are read anew for each statement,
-- and few indexes.

create type access_kind as enum (
    'collection', 'alteration', 'consultation', 'disclosure', 'combination', 'erasure'
);

create table access (
    access_id         uuid        not null,
    at                timestamptz not null,
    asked             jsonb       not null,
    caller            text        not null,
    change            bigint,
    first_offence_id  uuid,
    first_recorded_on date,
    force             text,
    justification     text,
    kind              access_kind not null,
    last_offence_id   uuid,
    last_recorded_on  date,
    media_type        text,
    method            text,
    offence_id        uuid,
    offence_ids       uuid[],
    operation         text        not null,
    path              text,
    recipient         text,
    records           int,
    trace_id          text        not null,
    constraint access_is_logged_once primary key (access_id)
);
create index access_of_one on access (offence_id) where offence_id is not null;
create index access_of_many on access (access_id) where offence_id is null;
comment on table access is
    'Every access to records. access_id is a UUIDv7 of the instant at, so the log is in the order '
    'of time.';
comment on column access.asked is
    'The question as it was evaluated, areas and categories by code; never free text.';
comment on column access.change is 'The change that the answer reflects, or that was made.';
comment on column access.first_offence_id is
    'With first_recorded_on: the first record that was shown of a list, as the last two columns '
    'are the last.';
comment on column access.offence_ids is
    'The records that were shown, where the question alone cannot tell.';
comment on column access.recipient is
    'To whom records were disclosed: a caller, or the force they were transferred to.';
comment on column access.records is
    'How many records; null for a stream, of which access_end tells.';
grant select, insert on access to crimebook_service;

-- How a stream ended: what had been handed over when it was done, broke off, or its reader went
-- away.
create table access_end (
    access_id         uuid        not null,
    at                timestamptz not null,
    complete          boolean     not null,
    first_offence_id  uuid,
    first_recorded_on date,
    last_offence_id   uuid,
    last_recorded_on  date,
    offence_ids       uuid[],
    records           int         not null,
    constraint access_ends_once primary key (access_id),
    constraint access_end_records_can_be_counted check (records >= 0)
);
comment on table access_end is
    'How each streamed access ended. One without a row here is under way, or its process was '
    'killed.';
grant select, insert on access_end to crimebook_service;

create function access_log_only_grows() returns trigger language plpgsql as $$
begin
    raise exception 'The access log only grows: no row of it can be altered or taken away.'
        using errcode = '42501';
end
$$;
create trigger access_log_only_grows before update or delete or truncate on access
    for each statement execute function access_log_only_grows();
create trigger access_log_only_grows before update or delete or truncate on access_end
    for each statement execute function access_log_only_grows();

-- Everything may be written down; what was asked of all forces is read by those who see them all.
alter table access enable row level security;
create policy of_own_forces on access for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));
create policy written_by_all on access for insert to crimebook_service with check (true);
alter table access_end enable row level security;
create policy as_its_access on access_end for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or exists (select from access where access.access_id = access_end.access_id));
create policy written_by_all on access_end for insert to crimebook_service with check (true);

-- The least UUIDv7 that a millisecond can have: where in the log an instant lies.
create function first_id_of(millisecond numeric) returns uuid
language sql immutable strict parallel safe
return (lpad(to_hex(greatest(millisecond, 0)::bigint), 12, '0') || '00000000000000000000')::uuid;

-- migrate:down

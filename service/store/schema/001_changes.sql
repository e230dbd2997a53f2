-- migrate:up

-- Every write is a change: one row for each writing transaction, numbered in commit order.
-- The number is taken under one advisory lock, so a reader that has seen change 1042 has seen all before it, for ever.

do $$
begin
    create role crimebook_service nologin;
exception
    when duplicate_object or unique_violation then null;    -- roles belong to the server: another database made it
end
$$;
grant crimebook_service to current_user;
grant usage on schema public to crimebook_service;
grant select on schema_migrations to crimebook_service;     -- /ready asks which schema it has

create table change (
    id              bigint      not null,
    at              timestamptz not null,
    caller          text        not null,
    reason          text        not null,
    trace_id        text        not null,
    submission_id   uuid,
    constraint change_has_one_number primary key (id),
    constraint change_has_its_own_instant unique (at),
    constraint change_numbers_begin_at_one check (id >= 1),
    constraint change_names_its_caller check (caller <> ''),
    constraint change_gives_its_reason check (reason <> '')
);
comment on table change is 'Who changed the book, when and why; what a commit is to git. Ids have no gaps and follow commit order, as do the instants.';
comment on constraint change_gives_its_reason on change is 'Every change needs a reason: say in a few words why it is made.';
grant select, insert on change to crimebook_service;

-- The second lock behind the grants: a version that has ended is history, whoever asks.
create function closed_version_stays_closed() returns trigger language plpgsql as $$
begin
    if old.until_change is not null then
        raise exception 'A version that ended at change % cannot be altered.', old.until_change using errcode = '42501';
    end if;
    return new;
end
$$;

-- The civil day of an instant, where every force of England and Wales lives.
create function civil_day(instant timestamptz) returns date
language sql immutable strict parallel safe
return (instant at time zone 'Europe/London')::date;

create function known_at(since_change bigint, until_change bigint, as_of bigint) returns boolean
language sql immutable parallel safe
return since_change <= as_of and (until_change is null or until_change > as_of);
comment on function known_at is 'Is a version that begins at one change and ends at another the one known as of a change? Inlined by the planner.';

-- migrate:down
drop function known_at;
drop function civil_day;
drop function closed_version_stays_closed;
drop table change;

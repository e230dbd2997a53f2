-- migrate:up

-- Every write is a change: one row for each writing transaction, numbered in commit order. The
-- number is taken under one advisory lock, so a reader that has seen change 1042 has seen all
-- before it, for ever.

-- The service works in a role that owns nothing. It may add versions and end them, and nothing
-- else; for an erasure it takes another role for a few statements. Roles belong to the server and
-- not to a database, so those that another database made are there already.
do $$
begin
    create role crimebook_service nologin;
exception
    when duplicate_object or unique_violation then null;
end
$$;
do $$
begin
    create role crimebook_eraser nologin;
exception
    when duplicate_object or unique_violation then null;
end
$$;
do $$
begin
    alter role crimebook_service noinherit;    -- it may become the eraser, and is not meanwhile
    grant crimebook_eraser to crimebook_service;
exception
    when insufficient_privilege then null;     -- the owner of another database has done it
end
$$;
grant crimebook_service to current_user;
grant usage on schema public to crimebook_service;
grant usage on schema public to crimebook_eraser;
grant select on schema_migrations to crimebook_service;     -- /ready asks which schema it has

-- Lines of a file are staged in temporary tables, which the service may analyse: a plan for a
-- million lines is not one for ten.
do $$
begin
    execute format('grant temporary on database %I to crimebook_service', current_database());
end
$$;

create table change (
    id            bigint      not null,
    at            timestamptz not null,
    caller        text        not null,
    reason        text        not null,
    trace_id      text        not null,
    submission_id uuid,
    constraint change_has_one_number primary key (id),
    constraint change_has_its_own_instant unique (at),
    constraint change_numbers_begin_at_one check (id >= 1),
    constraint change_names_its_caller check (caller <> ''),
    constraint change_gives_its_reason check (reason <> '')
);
comment on table change is
    'Who changed the book, when and why; what a commit is to git. Ids have no gaps and follow '
    'commit order, as do the instants.';
comment on constraint change_gives_its_reason on change is
    'Every change needs a reason: say in a few words why it is made.';
grant select, insert on change to crimebook_service;

-- The second lock behind the grants: a version that has ended is history, whoever asks.
create function closed_version_stays_closed() returns trigger language plpgsql as $$
begin
    if old.until_change is not null then
        raise exception 'A version that ended at change % cannot be altered.', old.until_change
            using errcode = '42501';
    end if;
    return new;
end
$$;

create function known_at(since_change bigint, until_change bigint, as_of bigint) returns boolean
language sql immutable parallel safe
return since_change <= as_of and (until_change is null or until_change > as_of);
comment on function known_at is
    'Is a version that begins at one change and ends at another the one known as of a change? '
    'Inlined by the planner.';

-- The civil day of an instant, where every force of England and Wales lives.
create function civil_day(instant timestamptz) returns date
language sql immutable strict parallel safe
return (instant at time zone 'Europe/London')::date;

create function month_of(day date) returns date
language sql immutable parallel safe
return date_trunc('month', day::timestamp)::date;
comment on function month_of is 'The first day of its month. Inlined by the planner.';
grant execute on function month_of to crimebook_service;

-- How many months is a day's month after the month of another?
create function months_between(earlier date, later date) returns int
language sql immutable parallel safe as $$
    select (
        (extract(year from later) - extract(year from earlier)) * 12
        + extract(month from later) - extract(month from earlier)
    )::int
$$;

-- migrate:down

-- migrate:up

-- The Home Office's offence codes through time.

create table known_code (
    code         text   not null,
    since_change bigint not null,
    constraint known_code_is_named_once primary key (code),
    constraint known_code_became_known_at_a_change foreign key (since_change) references change,
    constraint offence_code_reads_well check (code ~ '^[A-Za-z0-9][A-Za-z0-9 ./]{0,23}$')
);
comment on table known_code is
    'Every offence code ever used here: what records and returns may point at.';
comment on column known_code.since_change is
    'When it was first said here that there is such a code: every code, as of a change, is those '
    'known by then.';
comment on constraint offence_code_reads_well on known_code is
    'An offence code is up to 24 letters, digits, spaces, full stops and slashes, and begins with '
    'a letter or digit, like 28A.';
grant select, insert on known_code to crimebook_service;

create table code_version (
    code            text   not null,
    since_change    bigint not null,
    until_change    bigint,
    from_on         date,
    old_group       text,
    old_subgroup    text,
    severity_weight numeric,
    to_on           date,
    constraint code_version_begins_once primary key (code, since_change),
    constraint code_is_known foreign key (code) references known_code,
    constraint code_began_at_a_change foreign key (since_change) references change,
    constraint code_ended_at_a_change foreign key (until_change) references change,
    constraint code_version_ends_after_it_begins check (until_change > since_change),
    constraint code_ends_on_or_after_it_begins check (from_on <= to_on),
    constraint severity_weight_is_not_negative check (severity_weight >= 0)
);
create unique index code_present on code_version (code) where until_change is null;
comment on column code_version.from_on is
    'First day on which a crime may be recorded under it; null where it is older than our sources.';
comment on column code_version.to_on is 'Last such day; null while it is open.';
comment on column code_version.old_group is 'Group in use before July 2013.';
comment on column code_version.severity_weight is
    'The last of its severity weights; null where none was published.';
comment on constraint code_ends_on_or_after_it_begins on code_version is
    'A code cannot end before it begins: check from_on and to_on.';
comment on constraint severity_weight_is_not_negative on code_version is
    'A severity weight cannot be below nought.';
create trigger closed_version_stays_closed before update on code_version
    for each row execute function closed_version_stays_closed();
grant select, insert on code_version to crimebook_service;
grant update (until_change) on code_version to crimebook_service;

create table code_period (
    code             text   not null,
    since_change     bigint not null,
    position         int    not null,
    description      text   not null,
    from_on          date,
    offence_group    text   not null,
    offence_subgroup text   not null,
    to_on            date,
    constraint code_period_stands_once primary key (code, since_change, position),
    constraint code_period_belongs_to_a_version
        foreign key (code, since_change) references code_version,
    constraint code_period_ends_on_or_after_it_begins check (from_on <= to_on)
);
comment on table code_period is
    'What a code was called and where it was grouped, from day to day; the part of its version '
    'that varies with time.';
comment on constraint code_period_ends_on_or_after_it_begins on code_period is
    'A period cannot end before it begins: check from_on and to_on.';
grant select, insert on code_period to crimebook_service;

-- Weights are dated: those of one edition may hold for crimes of some years only. They belong to a
-- version of their code.
create table severity_weight (
    code         text    not null,
    since_change bigint  not null,
    position     int     not null,
    edition      text,
    from_on      date,
    to_on        date,
    weight       numeric not null,
    constraint severity_weight_stands_once primary key (code, since_change, position),
    constraint severity_weight_belongs_to_a_version
        foreign key (code, since_change) references code_version,
    constraint severity_weight_ends_after_it_begins check (from_on <= to_on),
    constraint severity_weight_weighs_nought_or_more check (weight >= 0)
);
comment on table severity_weight is
    'How grave a crime of a code weighs, from day to day; the days of one code do not overlap.';
comment on constraint severity_weight_ends_after_it_begins on severity_weight is
    'A weight cannot end before it begins: check from_on and to_on.';
comment on constraint severity_weight_weighs_nought_or_more on severity_weight is
    'A severity weight cannot be below nought.';
grant select, insert on severity_weight to crimebook_service;

create function codes_known(as_of bigint)
returns table (
    code text, from_on date, old_group text, old_subgroup text, periods jsonb,
    severity_weight numeric, severity_weights jsonb, since_change bigint, to_on date
)
language sql stable parallel safe as $$
    select
        version.code,
        version.from_on,
        version.old_group,
        version.old_subgroup,
        (
            select jsonb_agg(
                jsonb_build_object(
                    'description', description,
                    'from_on', period.from_on,
                    'offence_group', offence_group,
                    'offence_subgroup', offence_subgroup,
                    'to_on', period.to_on
                ) order by position)
            from code_period as period
            where (period.code, period.since_change) = (version.code, version.since_change)
        ),
        version.severity_weight,
        coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'edition', edition,
                    'from_on', weighed.from_on,
                    'to_on', weighed.to_on,
                    'weight', weight
                ) order by position)
            from severity_weight as weighed
            where (weighed.code, weighed.since_change) = (version.code, version.since_change)
        ), '[]'),
        version.since_change,
        version.to_on
    from code_version as version
    where known_at(version.since_change, version.until_change, codes_known.as_of)
$$;

-- migrate:down

-- migrate:up

-- The Home Office's offence codes through time, and the named sets of codes that figures are asked by.

create table known_code (
    code            text   not null,
    since_change    bigint not null,
    constraint known_code_is_named_once primary key (code),
    constraint known_code_became_known_at_a_change foreign key (since_change) references change,
    constraint offence_code_reads_well check (code ~ '^[A-Za-z0-9][A-Za-z0-9 ./]{0,23}$')
);
comment on table known_code is 'Every offence code ever used here: what records and returns may point at.';
comment on column known_code.since_change is 'When it was first said here that there is such a code: every code, as of a change, is those known by then.';
comment on constraint offence_code_reads_well on known_code is
    'An offence code is up to 24 letters, digits, spaces, full stops and slashes, and begins with a letter or digit, like 28A.';

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
comment on column code_version.from_on is 'First day on which a crime may be recorded under it; null where it is older than our sources.';
comment on column code_version.to_on is 'Last such day; null while it is open.';
comment on column code_version.old_group is 'Group in use before July 2013.';
comment on column code_version.severity_weight is 'ONS Crime Severity Score weight; null where none was published.';
comment on constraint code_ends_on_or_after_it_begins on code_version is 'A code cannot end before it begins: check from_on and to_on.';
comment on constraint severity_weight_is_not_negative on code_version is 'A severity weight cannot be below nought.';

create table code_period (
    code            text   not null,
    since_change    bigint not null,
    position        int    not null,
    description     text   not null,
    from_on         date,
    offence_group   text   not null,
    offence_subgroup text  not null,
    to_on           date,
    constraint code_period_stands_once primary key (code, since_change, position),
    constraint code_period_belongs_to_a_version foreign key (code, since_change) references code_version,
    constraint code_period_ends_on_or_after_it_begins check (from_on <= to_on)
);
comment on table code_period is 'What a code was called and where it was grouped, from day to day; the part of its version that varies with time.';
comment on constraint code_period_ends_on_or_after_it_begins on code_period is 'A period cannot end before it begins: check from_on and to_on.';

create table known_category (
    category        text   not null,
    constraint known_category_is_named_once primary key (category)
);

create table category_version (
    category        text    not null,
    since_change    bigint  not null,
    until_change    bigint,
    aliases         text[]  not null default '{}',
    definition      int     not null,
    derived         boolean not null default false,
    description     text    not null,
    every_code      boolean not null default false,
    name            text    not null,
    part_of         text,
    constraint category_version_begins_once primary key (category, since_change),
    constraint category_definition_is_numbered_once unique (category, definition),
    constraint category_is_known foreign key (category) references known_category,
    constraint category_part_of_is_known foreign key (part_of) references known_category,
    constraint category_began_at_a_change foreign key (since_change) references change,
    constraint category_ended_at_a_change foreign key (until_change) references change,
    constraint category_version_ends_after_it_begins check (until_change > since_change),
    constraint category_definitions_begin_at_one check (definition >= 1),
    constraint category_reads_well check (category ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
create unique index category_present on category_version (category) where until_change is null;
comment on column category_version.aliases is 'Other names that returns use for it.';
comment on column category_version.part_of is 'The ONS group of a subgroup, and all-crime for a group: what the parts of a return add up to.';
comment on column category_version.every_code is 'Takes in every code, those of tomorrow too: all recorded crime.';
comment on column category_version.derived is 'Follows the classification: an ONS group or subgroup, defined again whenever a code moves.';
comment on constraint category_part_of_is_known on category_version is 'A category can only be part_of one that /v1/categories lists.';
comment on constraint category_reads_well on category_version is 'A category is lower-case words joined by single hyphens, like vehicle-crime.';

-- Months are whole in every definition, so that a month of the tally is in or out and never split.
create table category_code (
    category        text   not null,
    definition      int    not null,
    code            text   not null,
    position        int    not null default 0,
    from_on         date,
    to_on           date,
    constraint category_code_stands_once primary key (category, definition, code, position),
    constraint category_code_belongs_to_a_definition foreign key (category, definition) references category_version (category, definition),
    constraint category_code_is_known foreign key (code) references known_code,
    constraint category_code_ends_on_or_after_it_begins check (from_on <= to_on),
    constraint category_code_begins_with_a_month check (extract(day from from_on) = 1),
    constraint category_code_ends_with_a_month check (extract(day from to_on + 1) = 1)
);
comment on constraint category_code_is_known on category_code is 'A category can only hold codes that /v1/offence-codes lists.';
comment on constraint category_code_begins_with_a_month on category_code is 'Codes enter and leave groups on the first and last day of a month.';
comment on constraint category_code_ends_with_a_month on category_code is 'Codes enter and leave groups on the first and last day of a month.';

create trigger closed_version_stays_closed before update on code_version for each row execute function closed_version_stays_closed();
create trigger closed_version_stays_closed before update on category_version for each row execute function closed_version_stays_closed();
grant select, insert on known_code, code_version, code_period, known_category, category_version, category_code to crimebook_service;
grant update (until_change) on code_version, category_version to crimebook_service;

create function category_member(category text, as_of bigint) returns table (code text, from_on date, to_on date)
language sql stable parallel safe as $$
    select member.code, member.from_on, member.to_on
    from category_version as version join category_code as member using (category, definition)
    where version.category = category_member.category and known_at(version.since_change, version.until_change, category_member.as_of)
    union all
    select known_code.code, null, null
    from category_version as version cross join known_code
    where version.category = category_member.category and version.every_code
      and known_at(version.since_change, version.until_change, category_member.as_of)
      and known_code.since_change <= category_member.as_of
$$;
comment on function category_member is 'The codes of a category as it was defined at a change, each with the days between which it belongs.';

create function codes_known(as_of bigint)
returns table (code text, from_on date, old_group text, old_subgroup text, periods jsonb, severity_weight numeric, since_change bigint, to_on date)
language sql stable parallel safe as $$
    select version.code, version.from_on, version.old_group, version.old_subgroup,
           (select jsonb_agg(jsonb_build_object('description', description, 'from_on', period.from_on, 'offence_group', offence_group,
                                                'offence_subgroup', offence_subgroup, 'to_on', period.to_on) order by position)
            from code_period as period where (period.code, period.since_change) = (version.code, version.since_change)),
           version.severity_weight, version.since_change, version.to_on
    from code_version as version
    where known_at(version.since_change, version.until_change, codes_known.as_of)
$$;

create function categories_known(as_of bigint)
returns table (aliases text[], category text, codes jsonb, definition int, derived boolean, description text, every_code boolean, name text,
               part_of text, since_change bigint)
language sql stable parallel safe as $$
    select version.aliases, version.category,
           coalesce((
               select jsonb_agg(jsonb_build_object('code', code, 'from_on', from_on, 'to_on', to_on) order by code, position)
               from category_code as member where (member.category, member.definition) = (version.category, version.definition)
           ), '[]'),
           version.definition, version.derived, version.description, version.every_code, version.name, version.part_of, version.since_change
    from category_version as version
    where known_at(version.since_change, version.until_change, categories_known.as_of)
$$;

-- migrate:down
drop function categories_known;
drop function codes_known;
drop function category_member;
drop table category_code, category_version, known_category, code_period, code_version, known_code;

-- migrate:up

-- The named sets of offence codes that figures are asked by.

create table known_category (
    category text not null,
    constraint known_category_is_named_once primary key (category)
);
grant select, insert on known_category to crimebook_service;

create table category_version (
    category     text    not null,
    since_change bigint  not null,
    until_change bigint,
    aliases      text[]  not null default '{}',
    definition   int     not null,
    derived      boolean not null default false,
    description  text    not null,
    every_code   boolean not null default false,
    name         text    not null,
    part_of      text,
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
comment on column category_version.part_of is
    'The ONS group of a subgroup, and all-crime for a group: what the parts of a return add up to.';
comment on column category_version.every_code is
    'Takes in every code, those of tomorrow too: all recorded crime.';
comment on column category_version.derived is
    'Follows the classification: an ONS group or subgroup, defined again whenever a code moves.';
comment on constraint category_part_of_is_known on category_version is
    'A category can only be part_of one that /v1/categories lists.';
comment on constraint category_reads_well on category_version is
    'A category is lower-case words joined by single hyphens, like vehicle-crime.';
create trigger closed_version_stays_closed before update on category_version
    for each row execute function closed_version_stays_closed();
grant select, insert on category_version to crimebook_service;
grant update (until_change) on category_version to crimebook_service;

-- Months are whole in every definition, so that a month of the tally is in or out and never split.
create table category_code (
    category   text not null,
    definition int  not null,
    code       text not null,
    position   int  not null default 0,
    from_on    date,
    to_on      date,
    constraint category_code_stands_once primary key (category, definition, code, position),
    constraint category_code_belongs_to_a_definition
        foreign key (category, definition) references category_version (category, definition),
    constraint category_code_is_known foreign key (code) references known_code,
    constraint category_code_ends_on_or_after_it_begins check (from_on <= to_on),
    constraint category_code_begins_with_a_month check (extract(day from from_on) = 1),
    constraint category_code_ends_with_a_month check (extract(day from to_on + 1) = 1)
);
create index category_code_by_code on category_code (code);
comment on constraint category_code_is_known on category_code is
    'A category can only hold codes that /v1/offence-codes lists.';
comment on constraint category_code_begins_with_a_month on category_code is
    'Codes enter and leave groups on the first and last day of a month.';
comment on constraint category_code_ends_with_a_month on category_code is
    'Codes enter and leave groups on the first and last day of a month.';
grant select, insert on category_code to crimebook_service;

create view category_member_now with (security_invoker = true) as
select
    category,
    member.code,
    coalesce(member.from_on, '-infinity') as from_on,
    coalesce(member.to_on, 'infinity') as to_on
from category_version as version
join category_code as member using (category, definition)
where version.until_change is null
union all
select version.category, known_code.code, '-infinity', 'infinity'
from category_version as version cross join known_code
where version.every_code and version.until_change is null;
comment on view category_member_now is
    'The codes of each category as it is defined now, each with the days between which it belongs.';
grant select on category_member_now to crimebook_service;

create function category_member(category text, as_of bigint)
returns table (code text, from_on date, to_on date)
language sql stable parallel safe as $$
    select member.code, member.from_on, member.to_on
    from category_version as version join category_code as member using (category, definition)
    where version.category = category_member.category
      and known_at(version.since_change, version.until_change, category_member.as_of)
    union all
    select known_code.code, null, null
    from category_version as version cross join known_code
    where version.category = category_member.category
      and version.every_code
      and known_at(version.since_change, version.until_change, category_member.as_of)
      and known_code.since_change <= category_member.as_of
$$;
comment on function category_member is
    'The codes of a category as it was defined at a change, each with the days between which it '
    'belongs.';

create function categories_known(as_of bigint)
returns table (
    aliases text[], category text, codes jsonb, definition int, derived boolean, description text,
    every_code boolean, name text, part_of text, since_change bigint
)
language sql stable parallel safe as $$
    select
        version.aliases,
        version.category,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('code', code, 'from_on', from_on, 'to_on', to_on)
                order by code, position)
            from category_code as member
            where (member.category, member.definition) = (version.category, version.definition)
        ), '[]'),
        version.definition,
        version.derived,
        version.description,
        version.every_code,
        version.name,
        version.part_of,
        version.since_change
    from category_version as version
    where known_at(version.since_change, version.until_change, categories_known.as_of)
$$;

-- Categories as they were defined at a change, code by code.
create function counted_by(categories text[], as_of bigint)
returns table (category text, codes jsonb, definition int, every_code boolean, name text)
language sql stable parallel safe as $$
    select
        version.category,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('code', code, 'from_on', from_on, 'to_on', to_on)
                order by code, from_on nulls first)
            from category_member(version.category, counted_by.as_of)
        ), '[]'),
        version.definition,
        version.every_code,
        version.name
    from category_version as version
    where version.category = any (categories)
      and known_at(version.since_change, version.until_change, counted_by.as_of)
$$;

-- The days on which a category takes in each code, as defined at one change and at another. A
-- category of every code takes in those of tomorrow too, so a record under a code that is new since
-- the first change was not let in by a new definition.
create function member_days(categories text[], known bigint, as_of bigint)
returns table (category text, code text, days_then datemultirange, days_now datemultirange)
language sql stable parallel safe as $$
    select
        version.category,
        member.code,
        range_agg(member.days)
            filter (where known_at(version.since_change, version.until_change, member_days.known)),
        range_agg(member.days)
            filter (where known_at(version.since_change, version.until_change, member_days.as_of))
    from category_version as version
    join (
        select category, definition, code, daterange(from_on, to_on, '[]') as days
        from category_code
        union all
        select every.category, every.definition, known_code.code, daterange(null, null)
        from category_version as every cross join known_code
        where every.every_code and known_code.since_change <= member_days.as_of
    ) as member using (category, definition)
    where version.category = any (categories)
      and (
          known_at(version.since_change, version.until_change, member_days.known)
          or known_at(version.since_change, version.until_change, member_days.as_of))
    group by 1, 2
$$;

create function answering_group(categories text[], from_on date, to_on date, as_of bigint)
returns table (asked text, category text, within text[])
language sql stable parallel safe as $$
    with recursive known as (
        select version.category, version.part_of
        from category_version as version
        where known_at(version.since_change, version.until_change, answering_group.as_of)
    ), ancestry as (
        select known.category, known.category as whole from known
        union
        select ancestry.category, known.part_of
        from ancestry join known on known.category = ancestry.whole
        where known.part_of is not null
    ), place as (
        -- A whole always stands above its parts, so of two groups at most one is within the other.
        select ancestry.category, count(*) as depth from ancestry group by 1
    ), codes as (
        select known.category, array_agg(distinct member.code order by member.code) as codes
        from known cross join category_member(known.category, answering_group.as_of) as member
        where coalesce(member.from_on, '-infinity') <= coalesce(answering_group.to_on, 'infinity')
          and coalesce(member.to_on, 'infinity') >= coalesce(answering_group.from_on, '-infinity')
        group by 1
    ), answering as (
        select name as asked, ancestry.category
        from unnest(categories) as name join ancestry on ancestry.whole = name
        union
        select wanted.category, ancestry.category
        from codes as wanted
        join codes as same using (codes)
        join ancestry on ancestry.whole = same.category
        where wanted.category = any (categories)
    )
    select answering.asked, answering.category, array(
        select other.category
        from answering as other
        join place as above on above.category = other.category
        join place as below on below.category = answering.category
        where other.asked = answering.asked
          and (above.depth, above.category) < (below.depth, below.category)
          and (
              exists (
                  select from ancestry
                  where ancestry.category = answering.category and ancestry.whole = other.category)
              or exists (
                  select from codes as mine join codes as same using (codes)
                  where mine.category = answering.category and same.category = other.category)))
    from answering
$$;
comment on function answering_group is
    'The groups that answer for a category: it, its parts, and those with the same codes in that '
    'span; within are those that count all of one.';

-- migrate:down

-- migrate:up

-- Places as official statistics name them. They are dated and nest many-to-many: a district lies in
-- a force and often in one partnership, a partnership may span districts, and an abolished district
-- lies in the authority that took its land.

create table known_area (
    area text not null,
    constraint known_area_is_named_once primary key (area),
    constraint area_code_reads_well check (area ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,39}$')
);
comment on table known_area is
    'Every area code ever used here: what records and returns may point at.';
comment on constraint area_code_reads_well on known_area is
    'An area code is up to 40 letters, digits and hyphens, and begins with a letter or digit, '
    'like E07000154.';
grant select, insert on known_area to crimebook_service;

create table area_version (
    area         text   not null,
    since_change bigint not null,
    until_change bigint,
    aliases      text[] not null default '{}',
    from_on      date,
    kind         text   not null,
    name         text   not null,
    parents      text[] not null default '{}',
    slug         text   not null,
    to_on        date,
    constraint area_version_begins_once primary key (area, since_change),
    constraint area_is_known foreign key (area) references known_area,
    constraint area_began_at_a_change foreign key (since_change) references change,
    constraint area_ended_at_a_change foreign key (until_change) references change,
    constraint area_version_ends_after_it_begins check (until_change > since_change),
    constraint area_kind_is_known check (
        kind in ('beat', 'district', 'partnership', 'force', 'body', 'region', 'nation')),
    constraint area_ends_on_or_after_it_begins check (from_on <= to_on),
    constraint area_slug_reads_well check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
create unique index area_present on area_version (area) where until_change is null;
create unique index area_slug_present on area_version (slug) where until_change is null;
comment on column area_version.aliases is
    'Other names that returns use for it: "London, City of" for City of London.';
comment on column area_version.kind is
    'body: a reporting body without land, such as British Transport Police or Action Fraud.';
comment on constraint area_kind_is_known on area_version is
    'An area is a beat, district, partnership, force, body, region or nation.';
comment on constraint area_ends_on_or_after_it_begins on area_version is
    'An area cannot end before it begins: check from_on and to_on.';
comment on constraint area_slug_reads_well on area_version is
    'A slug is lower-case words joined by single hyphens, like west-northamptonshire.';
comment on index area_slug_present is
    'Another area already has this slug: choose a different one.';
create trigger closed_version_stays_closed before update on area_version
    for each row execute function closed_version_stays_closed();
grant select, insert on area_version to crimebook_service;
grant update (until_change) on area_version to crimebook_service;

create view area with (security_invoker = true) as
select
    area,
    since_change,
    aliases,
    from_on,
    kind,
    name,
    parents,
    slug,
    to_on
from area_version
where until_change is null;
grant select on area to crimebook_service;

-- The nesting, followed to the top: which areas lie in which, as known at each change. Every area
-- lies in itself.
create table area_ancestor (
    area          text   not null,
    ancestor      text   not null,
    since_change  bigint not null,
    until_change  bigint,
    ancestor_kind text   not null,
    constraint area_ancestor_begins_once primary key (area, ancestor, since_change),
    constraint area_ancestor_area_is_known foreign key (area) references known_area,
    constraint area_ancestor_is_known foreign key (ancestor) references known_area,
    constraint area_ancestor_ends_after_it_begins check (until_change > since_change)
);
create index area_ancestor_downwards on area_ancestor (ancestor, area);
create trigger closed_version_stays_closed before update on area_ancestor
    for each row execute function closed_version_stays_closed();
grant select, insert on area_ancestor to crimebook_service;
grant update (until_change) on area_ancestor to crimebook_service;

create table population (
    area         text   not null,
    year         int    not null,
    since_change bigint not null,
    until_change bigint,
    residents    int    not null,
    source       text   not null,
    constraint population_begins_once primary key (area, year, since_change),
    constraint population_area_is_known foreign key (area) references known_area,
    constraint population_began_at_a_change foreign key (since_change) references change,
    constraint population_ended_at_a_change foreign key (until_change) references change,
    constraint population_ends_after_it_begins check (until_change > since_change),
    constraint population_is_not_negative check (residents >= 0)
);
create unique index population_present on population (area, year) where until_change is null;
comment on table population is 'Usual residents in the middle of a year.';
comment on constraint population_is_not_negative on population is
    'A population cannot be below nought.';
create trigger closed_version_stays_closed before update on population
    for each row execute function closed_version_stays_closed();
grant select, insert on population to crimebook_service;
grant update (until_change) on population to crimebook_service;

-- Households stand beside residents: published by others, for other years.
create table household_count (
    area         text   not null,
    year         int    not null,
    since_change bigint not null,
    until_change bigint,
    households   int    not null,
    source       text   not null,
    constraint household_count_begins_once primary key (area, year, since_change),
    constraint household_count_area_is_known foreign key (area) references known_area,
    constraint household_count_began_at_a_change foreign key (since_change) references change,
    constraint household_count_ended_at_a_change foreign key (until_change) references change,
    constraint household_count_ends_after_it_begins check (until_change > since_change),
    constraint household_count_is_not_negative check (households >= 0)
);
create unique index household_count_present on household_count (area, year)
    where until_change is null;
comment on table household_count is 'Households in the middle of a year.';
create trigger closed_version_stays_closed before update on household_count
    for each row execute function closed_version_stays_closed();
grant select, insert on household_count to crimebook_service;
grant update (until_change) on household_count to crimebook_service;

create table rate_withheld (
    area   text not null,
    reason text not null,
    source text not null,
    constraint rate_withheld_is_told_once primary key (area)
);
comment on table rate_withheld is
    'Areas whose rates, and those of areas within them, official statistics do not show.';
grant select on rate_withheld to crimebook_service;
insert into rate_withheld (area, reason, source) values
    ('E23000034',
     'few people live in the City of London beside those who work and visit there, so a rate by '
     'residents or households would mislead',
     'ONS, police force area data tables, mark [u1]');

create function area_named(name text, as_of bigint) returns text
language sql stable parallel safe as $$
    select area from area_version
    where (area_version.area = area_named.name or area_version.slug = lower(area_named.name))
      and known_at(since_change, until_change, area_named.as_of)
    order by area_version.area <> area_named.name
    limit 1
$$;
comment on function area_named is
    'The code of the area that a caller names by code or slug; null when there is none. What is '
    'the code of one and the slug of another means the code.';

create function area_rank(kind text) returns int language sql immutable strict parallel safe as $$
    select case kind
        when 'beat' then 1
        when 'district' then 2
        when 'partnership' then 2
        when 'force' then 3
        when 'body' then 3
        when 'region' then 4
        when 'nation' then 5
    end
$$;
comment on function area_rank is
    'How high a kind stands: an area lies in areas that stand as high or higher. Districts and '
    'partnerships lie in each other.';

-- Inlined by the planner, as are its like for codes and categories: conditions on the rows reach
-- the tables. An area is as new as the newest of what is shown of it: its version, or a number of
-- residents or households begun or ended since.
create function areas_known(as_of bigint)
returns table (
    area text, aliases text[], from_on date, households jsonb, kind text, name text, parents text[],
    populations jsonb, since_change bigint, slug text, to_on date
)
language sql stable parallel safe as $$
    select
        place.area,
        place.aliases,
        place.from_on,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('households', households, 'source', source, 'year', year)
                order by year)
            from household_count as counted
            where counted.area = place.area
              and known_at(counted.since_change, counted.until_change, areas_known.as_of)
        ), '[]'),
        place.kind,
        place.name,
        place.parents,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('residents', residents, 'source', source, 'year', year)
                order by year)
            from population as counted
            where counted.area = place.area
              and known_at(counted.since_change, counted.until_change, areas_known.as_of)
        ), '[]'),
        greatest(place.since_change, (
            select max(case
                when counted.until_change <= areas_known.as_of then counted.until_change
                else counted.since_change
            end)
            from population as counted
            where counted.area = place.area and counted.since_change <= areas_known.as_of
        ), (
            select max(case
                when counted.until_change <= areas_known.as_of then counted.until_change
                else counted.since_change
            end)
            from household_count as counted
            where counted.area = place.area and counted.since_change <= areas_known.as_of
        )),
        place.slug,
        place.to_on
    from area_version as place
    where known_at(place.since_change, place.until_change, areas_known.as_of)
$$;

create function area_part(areas text[], as_of bigint)
returns table (area text, kind text, part text)
language sql stable parallel safe as $$
    select asked.area, leaf.kind, leaf.area
    from area_version as asked
    join area_ancestor as inside
      on inside.ancestor = asked.area
     and known_at(inside.since_change, inside.until_change, area_part.as_of)
    join area_version as leaf
      on leaf.area = inside.area
     and known_at(leaf.since_change, leaf.until_change, area_part.as_of)
     and case
             when asked.kind in ('region', 'nation') then leaf.kind in ('force', 'body')
             else leaf.area = asked.area
         end
    where asked.area = any (areas)
      and known_at(asked.since_change, asked.until_change, area_part.as_of)
$$;
comment on function area_part is
    'The places whose counts make up an area: the forces and bodies of a region or nation, else '
    'the area itself.';

-- In which district is a place? It, where it is one; else the lowest that it lies in; none for a
-- place that lies in none, like a force.
create function district_of(as_of bigint) returns table (area text, district text)
language sql stable parallel safe as $$
    select distinct on (inside.area) inside.area, inside.ancestor
    from area_ancestor as inside
    join area_ancestor as above
      on above.area = inside.ancestor
     and known_at(above.since_change, above.until_change, district_of.as_of)
    where inside.ancestor_kind = 'district'
      and known_at(inside.since_change, inside.until_change, district_of.as_of)
    group by inside.area, inside.ancestor
    order by inside.area, count(*) desc, inside.ancestor
$$;
comment on function district_of is
    'The district of each place: of several, the one that lies in the most others, and so lies in '
    'those that took over its land.';

-- Which areas lay in each of these, as drawn at one change and at another?
create function lying_in(areas text[], known bigint, as_of bigint)
returns table (area text, place text, lay boolean, lies boolean)
language sql stable parallel safe as $$
    select
        ancestor,
        area,
        bool_or(known_at(since_change, until_change, lying_in.known)),
        bool_or(known_at(since_change, until_change, lying_in.as_of))
    from area_ancestor
    where ancestor = any (areas)
      and (
          known_at(since_change, until_change, lying_in.known)
          or known_at(since_change, until_change, lying_in.as_of))
    group by 1, 2
$$;

-- Why is no rate shown of this area? Null where it is.
create function rate_withheld_of(area text, as_of bigint) returns text
language sql stable parallel safe as $$
    select min(told.reason)
    from rate_withheld as told join area_ancestor as inside on inside.ancestor = told.area
    where inside.area = rate_withheld_of.area
      and known_at(inside.since_change, inside.until_change, rate_withheld_of.as_of)
$$;

-- migrate:down

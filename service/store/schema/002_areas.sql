-- migrate:up

-- Places as official statistics name them. They are dated and nest many-to-many: a district lies in a force and often in one
-- partnership, a partnership may span districts, and an abolished district lies in the authority that took its land.

create table known_area (
    area            text   not null,
    constraint known_area_is_named_once primary key (area),
    constraint area_code_reads_well check (area ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,39}$')
);
comment on table known_area is 'Every area code ever used here: what records and returns may point at.';
comment on constraint area_code_reads_well on known_area is 'An area code is up to 40 letters, digits and hyphens, and begins with a letter or digit, like E07000154.';

create table area_version (
    area            text   not null,
    since_change    bigint not null,
    until_change    bigint,
    aliases         text[] not null default '{}',
    from_on         date,
    kind            text   not null,
    name            text   not null,
    parents         text[] not null default '{}',
    slug            text   not null,
    to_on           date,
    constraint area_version_begins_once primary key (area, since_change),
    constraint area_is_known foreign key (area) references known_area,
    constraint area_began_at_a_change foreign key (since_change) references change,
    constraint area_ended_at_a_change foreign key (until_change) references change,
    constraint area_version_ends_after_it_begins check (until_change > since_change),
    constraint area_kind_is_known check (kind in ('beat', 'district', 'partnership', 'force', 'body', 'region', 'nation')),
    constraint area_ends_on_or_after_it_begins check (from_on <= to_on),
    constraint area_slug_reads_well check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
create unique index area_present on area_version (area) where until_change is null;
create unique index area_slug_present on area_version (slug) where until_change is null;
comment on column area_version.aliases is 'Other names that returns use for it: "London, City of" for City of London.';
comment on column area_version.kind is 'body: a reporting body without land, such as British Transport Police or Action Fraud.';
comment on constraint area_kind_is_known on area_version is 'An area is a beat, district, partnership, force, body, region or nation.';
comment on constraint area_ends_on_or_after_it_begins on area_version is 'An area cannot end before it begins: check from_on and to_on.';
comment on constraint area_slug_reads_well on area_version is 'A slug is lower-case words joined by single hyphens, like west-northamptonshire.';
comment on index area_slug_present is 'Another area already has this slug: choose a different one.';

-- The nesting, followed to the top: which areas lie in which, as known at each change. Every area lies in itself.
create table area_ancestor (
    area            text   not null,
    ancestor        text   not null,
    since_change    bigint not null,
    until_change    bigint,
    ancestor_kind   text   not null,
    constraint area_ancestor_begins_once primary key (area, ancestor, since_change),
    constraint area_ancestor_area_is_known foreign key (area) references known_area,
    constraint area_ancestor_is_known foreign key (ancestor) references known_area,
    constraint area_ancestor_ends_after_it_begins check (until_change > since_change)
);
create index area_ancestor_downwards on area_ancestor (ancestor, area);

create table population (
    area            text   not null,
    year            int    not null,
    since_change    bigint not null,
    until_change    bigint,
    residents       int    not null,
    source          text   not null,
    constraint population_begins_once primary key (area, year, since_change),
    constraint population_area_is_known foreign key (area) references known_area,
    constraint population_began_at_a_change foreign key (since_change) references change,
    constraint population_ended_at_a_change foreign key (until_change) references change,
    constraint population_ends_after_it_begins check (until_change > since_change),
    constraint population_is_not_negative check (residents >= 0)
);
create unique index population_present on population (area, year) where until_change is null;
comment on table population is 'Usual residents in the middle of a year.';
comment on constraint population_is_not_negative on population is 'A population cannot be below nought.';

create trigger closed_version_stays_closed before update on area_version for each row execute function closed_version_stays_closed();
create trigger closed_version_stays_closed before update on area_ancestor for each row execute function closed_version_stays_closed();
create trigger closed_version_stays_closed before update on population for each row execute function closed_version_stays_closed();
grant select, insert on known_area, area_version, area_ancestor, population to crimebook_service;
grant update (until_change) on area_version, area_ancestor, population to crimebook_service;

create view area with (security_invoker = true) as
select area, since_change, aliases, from_on, kind, name, parents, slug, to_on from area_version where until_change is null;
grant select on area to crimebook_service;

create function area_named(name text, as_of bigint) returns text language sql stable parallel safe as $$
    select area from area_version
    where (area_version.area = area_named.name or area_version.slug = lower(area_named.name))
      and known_at(since_change, until_change, area_named.as_of)
    order by area_version.area <> area_named.name
    limit 1
$$;
comment on function area_named is
    'The code of the area that a caller names by code or slug; null when there is none. What is the code of one and the slug of another means the code.';

create function area_rank(kind text) returns int language sql immutable strict parallel safe as $$
    select case kind when 'beat' then 1 when 'district' then 2 when 'partnership' then 2 when 'force' then 3 when 'body' then 3
                     when 'region' then 4 when 'nation' then 5 end
$$;
comment on function area_rank is 'How high a kind stands: an area lies in areas that stand as high or higher. Districts and partnerships lie in each other.';

-- Inlined by the planner, as are its like for codes and categories: conditions on the rows reach the tables.
-- An area is as new as the newest of what is shown of it: its version, or a population begun or ended since.
create function areas_known(as_of bigint)
returns table (area text, aliases text[], from_on date, kind text, name text, parents text[], populations jsonb, since_change bigint,
               slug text, to_on date)
language sql stable parallel safe as $$
    select place.area, place.aliases, place.from_on, place.kind, place.name, place.parents,
           coalesce((
               select jsonb_agg(jsonb_build_object('residents', residents, 'source', source, 'year', year) order by year)
               from population as counted
               where counted.area = place.area and known_at(counted.since_change, counted.until_change, areas_known.as_of)
           ), '[]'),
           greatest(place.since_change, (
               select max(case when counted.until_change <= areas_known.as_of then counted.until_change else counted.since_change end)
               from population as counted
               where counted.area = place.area and counted.since_change <= areas_known.as_of
           )),
           place.slug, place.to_on
    from area_version as place
    where known_at(place.since_change, place.until_change, areas_known.as_of)
$$;

-- migrate:down
drop function areas_known;
drop function area_rank;
drop function area_named;
drop view area;
drop table population, area_ancestor, area_version, known_area;

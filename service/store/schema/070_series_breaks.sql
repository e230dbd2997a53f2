-- migrate:up

create table series_break_version (
    series_break text   not null,
    since_change bigint not null,
    until_change bigint,
    categories   text[] not null default '{}',
    codes        text[] not null default '{}',
    from_on      date   not null,
    kind         text   not null,
    name         text   not null,
    note         text   not null,
    source       text   not null,
    constraint series_break_version_begins_once primary key (series_break, since_change),
    constraint series_break_began_at_a_change foreign key (since_change) references change,
    constraint series_break_ended_at_a_change foreign key (until_change) references change,
    constraint series_break_version_ends_after_it_begins check (until_change > since_change),
    constraint series_break_kind_is_known check (kind in ('counted', 'moved')),
    constraint series_break_that_moved_names_what check (
        kind = 'counted' or cardinality(categories) + cardinality(codes) > 0),
    constraint series_break_reads_well check (series_break ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
create unique index series_break_present on series_break_version (series_break)
    where until_change is null;
comment on table series_break_version is
    'Days from which crime is counted otherwise, so that figures before and after do not compare '
    'as they stand.';
comment on column series_break_version.from_on is
    'The first day on which it is counted the new way.';
comment on column series_break_version.kind is
    'counted: whatever holds one of these codes is counted otherwise; moved: offences moved '
    'between these codes, so what holds all of them does not break.';
comment on column series_break_version.codes is
    'The codes concerned, with all those of the categories; every code where neither is named.';
comment on constraint series_break_reads_well on series_break_version is
    'A break is lower-case words joined by single hyphens, like burglary-2017.';
comment on constraint series_break_that_moved_names_what on series_break_version is
    'A break by which offences moved names the codes or categories between which they did.';
create trigger closed_version_stays_closed before update on series_break_version
    for each row execute function closed_version_stays_closed();
grant select, insert on series_break_version to crimebook_service;
grant update (until_change) on series_break_version to crimebook_service;

-- Which breaks concern which of these categories, of those later than one day and not later than
-- another, and by which codes?
create function break_concerning(categories text[], after date, until date, as_of bigint)
returns table (category text, series_break text, from_on date, name text, note text, codes text[])
language sql stable parallel safe as $$
    with held as materialized (
        select version.* from series_break_version as version
        where known_at(version.since_change, version.until_change, break_concerning.as_of)
          and version.from_on > break_concerning.after
          and version.from_on <= break_concerning.until
    ), concerned as (
        select held.series_break, code from held cross join unnest(held.codes) as code
        union
        select held.series_break, member.code
        from held
        cross join unnest(held.categories) as named (category)
        cross join category_member(named.category, break_concerning.as_of) as member
    ), wanted as materialized (
        select distinct named.category, member.code
        from (
            select name as category from unnest(break_concerning.categories) as name
            where exists (select from held)
        ) as named
        cross join category_member(named.category, break_concerning.as_of) as member
    ), met as (
        select
            held.series_break,
            named.category,
            array_agg(wanted.code order by wanted.code)
                filter (where wanted.code is not null) as codes,
            bool_and(wanted.code is not null) as all_held
        from held
        cross join unnest(break_concerning.categories) as named (category)
        left join concerned on concerned.series_break = held.series_break
        left join wanted on (wanted.category, wanted.code) = (named.category, concerned.code)
        group by 1, 2
    )
    select
        met.category,
        held.series_break,
        held.from_on,
        held.name,
        held.note,
        met.codes
    from held join met using (series_break)
    where cardinality(held.codes) + cardinality(held.categories) = 0
       or (met.codes is not null and (held.kind = 'counted' or not met.all_held))
$$;
comment on function break_concerning is
    'The breaks after one day and up to another that concern a category, with its codes that they '
    'concern; null codes are every code.';

-- migrate:down

-- migrate:up

-- Official returns: files of counts that somebody published, kept as published. Counts may be negative. Never mixed with records.

create table return (
    return_id       uuid        not null,
    source          text        not null,
    edition         text        not null,
    cells           int         not null,
    change          bigint      not null,
    digest          text        not null,
    first_day       date,
    last_day        date,
    layout          text        not null,
    refused         int         not null default 0,
    title           text        not null,
    total           bigint      not null,
    constraint return_stands_once primary key (return_id),
    constraint return_edition_is_received_once unique (source, edition),
    constraint return_made_a_change foreign key (change) references change,
    constraint return_source_reads_well check (source ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and source <> 'records'),
    constraint return_edition_sorts check (edition ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$')
);
comment on column return.edition is 'When it was published: year, month or day. A later edition supersedes; the earlier stays readable.';
comment on column return.refused is 'Lines that could not be understood; GET /v1/returns/{return_id}/faults lists them.';
comment on constraint return_edition_is_received_once on return is
    'This edition of that source has been received already, with other bytes: give the new file its own edition.';
comment on constraint return_source_reads_well on return is 'A source is lower-case words joined by single hyphens, like home-office-pfa, and not records.';
comment on constraint return_edition_sorts on return is 'An edition is the day, month or year of publication: 2026-04-23, 2026-04 or 2026.';

create table return_cell (
    return_id       uuid   not null,
    area            text   not null,
    category        text,
    code            text,
    count           int    not null,
    from_on         date   not null,
    line            int    not null,
    to_on           date   not null,
    constraint return_cell_stands_once primary key (return_id, line),
    constraint return_cell_belongs_to_a_return foreign key (return_id) references return deferrable initially deferred,
    constraint return_cell_area_is_known foreign key (area) references known_area,
    constraint return_cell_code_is_known foreign key (code) references known_code,
    constraint return_cell_category_is_known foreign key (category) references known_category,
    constraint return_cell_counts_a_code_or_a_category check (num_nonnulls(code, category) = 1),
    constraint return_cell_ends_on_or_after_it_begins check (from_on <= to_on)
);
-- A code that joins several, like 1/4.1/4.10/4.2, may have a line for each of them.
create unique index return_cell_is_given_once on return_cell
    (return_id, area, from_on, to_on, coalesce(code, category), (case when strpos(code, '/') > 0 then line else 0 end));

create table return_fault (
    return_id       uuid   not null,
    line            int    not null,
    detail          text   not null,
    field           text   not null,
    value           text,
    constraint return_fault_stands_once primary key (return_id, line, field),
    constraint return_fault_belongs_to_a_return foreign key (return_id) references return deferrable initially deferred
);

grant select, insert on return, return_cell, return_fault to crimebook_service;

-- How a return answers a question: which places, which periods and which groups it counts towards an area, a span and a category.
-- Figures add up what these functions give, and the list behind a figure shows the same, so that the two cannot part.

create function area_part(areas text[], as_of bigint) returns table (area text, kind text, part text)
language sql stable parallel safe as $$
    select asked.area, leaf.kind, leaf.area
    from area_version as asked
    join area_ancestor as inside on inside.ancestor = asked.area and known_at(inside.since_change, inside.until_change, area_part.as_of)
    join area_version as leaf on leaf.area = inside.area and known_at(leaf.since_change, leaf.until_change, area_part.as_of)
     and case when asked.kind in ('region', 'nation') then leaf.kind in ('force', 'body') else leaf.area = asked.area end
    where asked.area = any (areas) and known_at(asked.since_change, asked.until_change, area_part.as_of)
$$;
comment on function area_part is 'The places whose counts make up an area: the forces and bodies of a region or nation, else the area itself.';

create function answering_group(categories text[], from_on date, to_on date, as_of bigint)
returns table (asked text, category text, within text[])
language sql stable parallel safe as $$
    with recursive known as (
        select version.category, version.part_of from category_version as version
        where known_at(version.since_change, version.until_change, answering_group.as_of)
    ), ancestry as (
        select known.category, known.category as whole from known
        union
        select ancestry.category, known.part_of from ancestry join known on known.category = ancestry.whole where known.part_of is not null
    ), place as (      -- a whole always stands above its parts, so of two groups at most one is within the other
        select ancestry.category, count(*) as depth from ancestry group by 1
    ), codes as (
        select known.category, array_agg(distinct member.code order by member.code) as codes
        from known cross join category_member(known.category, answering_group.as_of) as member
        where coalesce(member.from_on, '-infinity') <= coalesce(answering_group.to_on, 'infinity')
          and coalesce(member.to_on, 'infinity') >= coalesce(answering_group.from_on, '-infinity')
        group by 1
    ), answering as (
        select name as asked, ancestry.category from unnest(categories) as name join ancestry on ancestry.whole = name
        union
        select wanted.category, ancestry.category
        from codes as wanted join codes as same using (codes) join ancestry on ancestry.whole = same.category
        where wanted.category = any (categories)
    )
    select answering.asked, answering.category, array(
        select other.category from answering as other
        join place as above on above.category = other.category join place as below on below.category = answering.category
        where other.asked = answering.asked and (above.depth, above.category) < (below.depth, below.category)
          and (exists (select from ancestry where ancestry.category = answering.category and ancestry.whole = other.category)
               or exists (select from codes as mine join codes as same using (codes)
                          where mine.category = answering.category and same.category = other.category)))
    from answering
$$;
comment on function answering_group is
    'The groups that answer for a category: it, its parts, and those with the same codes in that span; within are those that count all of one.';

create function counted_period(areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint)
returns table (area text, return_id uuid, part text, kind text, from_on date, to_on date)
language sql stable parallel safe as $$
    with recursive held as (
        select distinct edition.area, edition.return_id, place.part, place.kind, cell.from_on, cell.to_on
        from unnest(areas, return_ids) as edition (area, return_id)
        join area_part(areas, counted_period.as_of) as place on place.area = edition.area
        join return_cell as cell on cell.return_id = edition.return_id and cell.area = place.part
         and cell.from_on >= coalesce(counted_period.from_on, '-infinity') and cell.to_on <= coalesce(counted_period.to_on, 'infinity')
    ), period as (
        select held.return_id, held.from_on, min(held.to_on) as to_on from held group by 1, 2
    ), following as (
        select period.return_id, period.from_on, period.to_on, min(later.from_on) as next_on
        from period left join period as later on later.return_id = period.return_id and later.from_on > period.to_on
        group by 1, 2, 3
    ), chosen as (
        select following.* from following
        where (following.return_id, following.from_on) in (select period.return_id, min(period.from_on) from period group by 1)
        union all
        select following.* from chosen join following on following.return_id = chosen.return_id and following.from_on = chosen.next_on
    )
    select held.* from held
    where counted_period.from_on is null or counted_period.to_on is null
       or (held.return_id, held.from_on, held.to_on) in (select chosen.return_id, chosen.from_on, chosen.to_on from chosen)
$$;
comment on function counted_period is
    'The periods that count towards a span, for every part of an area: from its first day on, none that overlaps the one before. Every period without a span.';

create function counted_cell(areas text[], return_ids uuid[], categories text[], from_on date, to_on date, as_of bigint)
returns table (asked_area text, asked_category text, return_id uuid, line int, code text, count int)
language sql stable parallel safe as $$
    with cell as materialized (
        select period.area as asked_area, given.*
        from counted_period(areas, return_ids, counted_cell.from_on, counted_cell.to_on, counted_cell.as_of) as period
        join return_cell as given on given.return_id = period.return_id and given.area = period.part
         and given.from_on = period.from_on and given.to_on = period.to_on
    ), answering as materialized (
        select * from answering_group(categories, counted_cell.from_on, counted_cell.to_on, counted_cell.as_of)
    )
    select cell.asked_area, wanted.category, cell.return_id, cell.line, cell.code, cell.count
    from unnest(categories) as wanted (category) cross join category_member(wanted.category, counted_cell.as_of) as member
    join cell on cell.code = member.code
     and coalesce(member.from_on, '-infinity') <= cell.from_on and coalesce(member.to_on, 'infinity') >= cell.to_on
    union all
    select cell.asked_area, answering.asked, cell.return_id, cell.line, cell.code, cell.count
    from cell join answering on answering.category = cell.category
    where not exists (         -- a total given beside its parts counts once
        select from cell as total
        where total.return_id = cell.return_id and total.asked_area = cell.asked_area and total.area = cell.area
          and total.from_on = cell.from_on and total.to_on = cell.to_on and total.category = any (answering.within))
$$;
comment on function counted_cell is 'The cells of returns that count towards categories in areas, each area by its own return, in a span or in all its periods.';

-- migrate:down
drop function counted_cell, counted_period, answering_group, area_part;
drop table return_fault, return_cell, return;

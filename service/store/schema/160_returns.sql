-- migrate:up

-- Official returns: files of counts that somebody published, kept as published. Counts may be
-- negative. Never mixed with records. Outcomes have a table of their own, so that no figure of
-- offences can ever count one.

create table withheld_mark (
    mark    text not null,
    meaning text not null,
    constraint withheld_mark_is_told_once primary key (mark),
    constraint withheld_mark_is_in_small_letters check (mark = lower(mark))
);
comment on table withheld_mark is
    'What stands in published tables in place of a count, and what it means. None of them is '
    'nought.';
grant select on withheld_mark to crimebook_service;
insert into withheld_mark (mark, meaning) values
    ('[c]', 'withheld: confidential'),
    ('[u]', 'withheld: the count is too small to be relied on'),
    ('[u1]', 'withheld: not shown for the City of London'),
    ('[x]', 'not available'),
    ('[z]', 'not applicable'),
    ('n/a', 'not applicable'),
    ('n/a - offence code expired', 'not applicable: the offence code has expired');

create table return (
    return_id uuid   not null,
    source    text   not null,
    edition   text   not null,
    cells     int    not null,
    change    bigint not null,
    digest    text   not null,
    first_day date,
    last_day  date,
    layout    text   not null,
    refused   int    not null default 0,
    title     text   not null,
    total     bigint not null,
    constraint return_stands_once primary key (return_id),
    constraint return_edition_is_received_once unique (source, edition),
    constraint return_made_a_change foreign key (change) references change,
    constraint return_source_reads_well check (
        source ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and source <> 'records'),
    constraint return_edition_sorts check (edition ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$')
);
comment on column return.edition is
    'When it was published: year, month or day. A later edition supersedes; the earlier stays '
    'readable.';
comment on column return.refused is
    'Lines that could not be understood; GET /v1/returns/{return_id}/faults lists them.';
comment on constraint return_edition_is_received_once on return is
    'This edition of that source has been received already, with other bytes: give the new file '
    'its own edition.';
comment on constraint return_source_reads_well on return is
    'A source is lower-case words joined by single hyphens, like home-office-pfa, and not records.';
comment on constraint return_edition_sorts on return is
    'An edition is the day, month or year of publication: 2026-04-23, 2026-04 or 2026.';
grant select, insert on return to crimebook_service;

create table return_cell (
    return_id  uuid not null,
    area       text not null,
    category   text,
    code       text,
    count      int,
    from_on    date not null,
    line       int  not null,
    to_on      date not null,
    cell       int  not null,
    sheet      text,
    unassigned text,
    withheld   text,
    constraint return_cell_stands_once primary key (return_id, cell),
    constraint return_cell_belongs_to_a_return
        foreign key (return_id) references return deferrable initially deferred,
    constraint return_cell_area_is_known foreign key (area) references known_area,
    constraint return_cell_code_is_known foreign key (code) references known_code,
    constraint return_cell_category_is_known foreign key (category) references known_category,
    constraint return_cell_withheld_mark_is_known foreign key (withheld) references withheld_mark,
    constraint return_cell_counts_a_code_or_a_category check (num_nonnulls(code, category) = 1),
    constraint return_cell_counts_or_says_why_not check (num_nonnulls(count, withheld) = 1),
    constraint return_cell_ends_on_or_after_it_begins check (from_on <= to_on)
);
-- A code that joins several, like 1/4.1/4.10/4.2, may have a line for each of them.
create unique index return_cell_is_given_once on return_cell (
    return_id, area, from_on, to_on, coalesce(code, category), coalesce(unassigned, ''),
    (case when strpos(code, '/') > 0 then cell else 0 end));
comment on column return_cell.cell is
    'Its number among the cells of the return, in the order of the file: a line of a wide table '
    'holds many.';
comment on column return_cell.sheet is 'The sheet of a workbook on which the line stands.';
comment on column return_cell.unassigned is
    'What the table calls a part of the force that no partnership has, like Unassigned or an '
    'airport; null where the cell is of the whole area.';
grant select, insert on return_cell to crimebook_service;

create table return_fault (
    return_id uuid not null,
    line      int  not null,
    detail    text not null,
    field     text not null,
    value     text,
    cell      int  not null,
    sheet     text,
    constraint return_fault_stands_once primary key (return_id, cell, field),
    constraint return_fault_belongs_to_a_return
        foreign key (return_id) references return deferrable initially deferred
);
grant select, insert on return_fault to crimebook_service;

create table return_outcome_cell (
    return_id uuid not null,
    cell      int  not null,
    area      text not null,
    basis     text not null,
    category  text,
    code      text,
    count     int,
    from_on   date not null,
    line      int  not null,
    outcome   text not null,
    sheet     text,
    to_on     date not null,
    withheld  text,
    constraint return_outcome_cell_stands_once primary key (return_id, cell),
    constraint return_outcome_cell_belongs_to_a_return
        foreign key (return_id) references return deferrable initially deferred,
    constraint return_outcome_cell_area_is_known foreign key (area) references known_area,
    constraint return_outcome_cell_code_is_known foreign key (code) references known_code,
    constraint return_outcome_cell_category_is_known
        foreign key (category) references known_category,
    constraint return_outcome_cell_outcome_is_known foreign key (outcome) references outcome_type,
    constraint return_outcome_cell_mark_is_known foreign key (withheld) references withheld_mark,
    constraint return_outcome_cell_basis_is_known check (basis in ('assigned', 'recorded')),
    constraint return_outcome_cell_counts_a_code_or_a_category check (
        num_nonnulls(code, category) = 1),
    constraint return_outcome_cell_counts_or_says_why_not check (num_nonnulls(count, withheld) = 1),
    constraint return_outcome_cell_ends_after_it_begins check (from_on <= to_on)
);
create unique index return_outcome_cell_is_given_once on return_outcome_cell (
    return_id, area, from_on, to_on, coalesce(code, category), outcome, basis,
    (case when strpos(code, '/') > 0 then cell else 0 end));
comment on column return_outcome_cell.basis is
    'assigned: outcomes given in the period, whenever the crime was recorded; recorded: outcomes, '
    'so far, of the crimes recorded in the period.';
grant select, insert on return_outcome_cell to crimebook_service;

-- A table of the Home Office says in its own words what stands in each line; kept once for all
-- lines that say the same, so that the table can be given back as it came.
create table return_wording (
    return_id        uuid  not null,
    wording          int   not null,
    code             text  not null,
    description      text  not null,
    force_name       text  not null,
    lines            int[] not null,
    offence_group    text  not null,
    offence_subgroup text  not null,
    constraint return_wording_stands_once primary key (return_id, wording),
    constraint return_wording_belongs_to_a_return
        foreign key (return_id) references return deferrable initially deferred
);
comment on column return_wording.lines is 'The lines of the file that say this.';
grant select, insert on return_wording to crimebook_service;

-- How a return answers a question: which places, which periods and which groups it counts towards
-- an area, a span and a category. Figures add up what these functions give, and the list behind a
-- figure shows the same, so that the two cannot part.

create function given_whole(return_id uuid, area text, from_on date, to_on date) returns boolean
language sql stable parallel safe as $$
    select exists (
        select from return_cell as cell
        where cell.return_id = given_whole.return_id
          and cell.area = given_whole.area
          and cell.unassigned is null
          and cell.from_on >= coalesce(given_whole.from_on, '-infinity')
          and cell.to_on <= coalesce(given_whole.to_on, 'infinity'))
$$;
comment on function given_whole is 'Has a return a count of its own for all of an area, in a span?';

create function answering_place(
    areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint
) returns table (area text, return_id uuid, part text, kind text, remainder boolean)
language sql stable parallel safe as $$
    with asked as (
        select
            edition.area,
            edition.return_id,
            version.kind,
            given_whole(
                edition.return_id, edition.area, answering_place.from_on, answering_place.to_on
            ) as given
        from unnest(areas, return_ids) as edition (area, return_id)
        join area_version as version
          on version.area = edition.area
         and known_at(version.since_change, version.until_change, answering_place.as_of)
    ), place as (
        select
            asked.area,
            asked.return_id,
            leaf.part,
            leaf.kind,
            given_whole(
                asked.return_id, leaf.part, answering_place.from_on, answering_place.to_on
            ) as given
        from asked join area_part(areas, answering_place.as_of) as leaf on leaf.area = asked.area
        where not asked.given
    )
    select asked.area, asked.return_id, asked.area, asked.kind, false
    from asked
    where asked.given
    union all
    select place.area, place.return_id, place.part, place.kind, false
    from place
    where place.given
    union all
    select place.area, place.return_id, version.area, version.kind, false
    from place
    join area_ancestor as inside
      on inside.ancestor = place.part
     and known_at(inside.since_change, inside.until_change, answering_place.as_of)
    join area_version as version
      on version.area = inside.area
     and version.kind in ('partnership', 'district')
     and known_at(version.since_change, version.until_change, answering_place.as_of)
    where place.kind = 'force' and not place.given
    union all
    select place.area, place.return_id, place.part, place.kind, true
    from place
    where place.kind = 'force' and not place.given
$$;
comment on function answering_place is
    'The places whose counts in a return make up an area: the area where it has a count of its '
    'own; else its forces and bodies; in place of a force that has none, its partnerships and '
    'what is unassigned.';

create function force_partnership(from_on date, to_on date, as_of bigint)
returns table (force text, partnership text)
language sql stable parallel safe as $$
    select inside.ancestor, version.area
    from area_version as version
    join area_ancestor as inside
      on inside.area = version.area
     and known_at(inside.since_change, inside.until_change, force_partnership.as_of)
    join area_version as force
      on force.area = inside.ancestor
     and force.kind = 'force'
     and known_at(force.since_change, force.until_change, force_partnership.as_of)
    where version.kind = 'partnership'
      and known_at(version.since_change, version.until_change, force_partnership.as_of)
      and coalesce(version.from_on, '-infinity') <= force_partnership.to_on
      and coalesce(version.to_on, 'infinity') >= force_partnership.from_on
      and not exists (
          -- One that was joined to another is counted in that.
          select from area_ancestor as joined
          join area_version as other on other.area = joined.ancestor and other.kind = 'partnership'
          where joined.area = version.area
            and joined.ancestor <> version.area
            and known_at(joined.since_change, joined.until_change, force_partnership.as_of)
            and known_at(other.since_change, other.until_change, force_partnership.as_of))
$$;
comment on function force_partnership is
    'The partnerships that a force must have in a table of partnerships for its sum to be whole.';

create function counted_period(
    areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint
) returns table (
    area text, return_id uuid, part text, kind text, from_on date, to_on date, remainder boolean
)
language sql stable parallel safe as $$
    with recursive held as (
        select distinct
            place.area,
            place.return_id,
            place.part,
            place.kind,
            cell.from_on,
            cell.to_on,
            place.remainder
        from answering_place(
            areas, return_ids, counted_period.from_on, counted_period.to_on, counted_period.as_of
        ) as place
        join return_cell as cell
          on cell.return_id = place.return_id
         and cell.area = place.part
         and (cell.unassigned is not null) = place.remainder
         and cell.from_on >= coalesce(counted_period.from_on, '-infinity')
         and cell.to_on <= coalesce(counted_period.to_on, 'infinity')
    ), period as (
        select held.return_id, held.from_on, min(held.to_on) as to_on from held group by 1, 2
    ), following as (
        select period.return_id, period.from_on, period.to_on, min(later.from_on) as next_on
        from period
        left join period as later
          on later.return_id = period.return_id and later.from_on > period.to_on
        group by 1, 2, 3
    ), chosen as (
        select following.* from following
        where (following.return_id, following.from_on)
           in (select period.return_id, min(period.from_on) from period group by 1)
        union all
        select following.* from chosen
        join following
          on following.return_id = chosen.return_id and following.from_on = chosen.next_on
    )
    select held.* from held
    where counted_period.from_on is null
       or counted_period.to_on is null
       or (held.return_id, held.from_on, held.to_on)
          in (select chosen.return_id, chosen.from_on, chosen.to_on from chosen)
$$;
comment on function counted_period is
    'The periods that count towards a span, for every part of an area: from its first day on, '
    'none that overlaps the one before. Every period without a span.';

create function counted_cell(
    areas text[], return_ids uuid[], categories text[], from_on date, to_on date, as_of bigint
) returns table (
    asked_area text, asked_category text, return_id uuid, line int, code text, count int, cell int
)
language sql stable parallel safe as $$
    with cell as materialized (
        select period.area as asked_area, given.*
        from counted_period(
            areas, return_ids, counted_cell.from_on, counted_cell.to_on, counted_cell.as_of
        ) as period
        join return_cell as given
          on given.return_id = period.return_id
         and given.area = period.part
         and given.from_on = period.from_on
         and given.to_on = period.to_on
         and (given.unassigned is not null) = period.remainder
    ), answering as materialized (
        select * from answering_group(
            categories, counted_cell.from_on, counted_cell.to_on, counted_cell.as_of)
    )
    select
        cell.asked_area,
        wanted.category,
        cell.return_id,
        cell.line,
        cell.code,
        cell.count,
        cell.cell
    from unnest(categories) as wanted (category)
    cross join category_member(wanted.category, counted_cell.as_of) as member
    join cell
      on cell.code = member.code
     and coalesce(member.from_on, '-infinity') <= cell.from_on
     and coalesce(member.to_on, 'infinity') >= cell.to_on
    union all
    select
        cell.asked_area,
        answering.asked,
        cell.return_id,
        cell.line,
        cell.code,
        cell.count,
        cell.cell
    from cell join answering on answering.category = cell.category
    where not exists (
        -- A total given beside its parts counts once.
        select from cell as total
        where total.return_id = cell.return_id
          and total.asked_area = cell.asked_area
          and total.area = cell.area
          and total.unassigned is not distinct from cell.unassigned
          and total.from_on = cell.from_on
          and total.to_on = cell.to_on
          and total.category = any (answering.within))
$$;
comment on function counted_cell is
    'The cells of returns that count towards categories in areas, each area by its own return, in '
    'a span or in all its periods.';

create function counted_outcome(
    areas text[], return_id uuid, category text, from_on date, to_on date, as_of bigint
) returns table (cell int, outcome text, basis text, count int)
language sql stable parallel safe as $$
    with given as materialized (
        select held.* from return_outcome_cell as held
        join area_part(areas, counted_outcome.as_of) as place on place.part = held.area
        where held.return_id = counted_outcome.return_id
          and held.from_on >= coalesce(counted_outcome.from_on, '-infinity')
          and held.to_on <= coalesce(counted_outcome.to_on, 'infinity')
    ), answering as materialized (
        select * from answering_group(
            array[counted_outcome.category], counted_outcome.from_on, counted_outcome.to_on,
            counted_outcome.as_of)
    )
    select given.cell, given.outcome, given.basis, given.count
    from category_member(counted_outcome.category, counted_outcome.as_of) as member
    join given
      on given.code = member.code
     and coalesce(member.from_on, '-infinity') <= given.from_on
     and coalesce(member.to_on, 'infinity') >= given.to_on
    union all
    select given.cell, given.outcome, given.basis, given.count
    from given join answering on answering.category = given.category
    where not exists (
        -- A total given beside its parts counts once.
        select from given as total
        where (total.area, total.from_on, total.to_on, total.outcome, total.basis)
            = (given.area, given.from_on, given.to_on, given.outcome, given.basis)
          and total.category = any (answering.within))
$$;
comment on function counted_outcome is
    'The outcome cells of a return that count towards a category in areas, in a span or in all '
    'its periods.';

create function answering_edition(
    areas text[], source text, begins date[], ends date[], as_of bigint
) returns table (
    area text, from_on date, to_on date, return_id uuid, edition text, complete boolean
)
language sql stable parallel safe as $$
    with span as materialized (
        select distinct from_on, to_on from unnest(begins, ends) as asked (from_on, to_on)
    ), edition as materialized (
        -- The latest that has anything to say of each place and span.
        select distinct on (place.area, span.from_on, span.to_on)
            place.area,
            span.from_on,
            span.to_on,
            return.return_id,
            return.edition
        from unnest(areas) as place (area)
        cross join span
        join return
          on return.source = answering_edition.source and return.change <= answering_edition.as_of
        where exists (
            select from answering_place(
                array[place.area], array[return.return_id], span.from_on, span.to_on,
                answering_edition.as_of
            ) as answering
            join return_cell as cell
              on cell.return_id = return.return_id
             and cell.area = answering.part
             and (cell.unassigned is not null) = answering.remainder
            where cell.from_on >= span.from_on and cell.to_on <= span.to_on)
        order by place.area, span.from_on, span.to_on, return.edition desc
    ), question as materialized (
        select
            edition.from_on,
            edition.to_on,
            array_agg(edition.area) as areas,
            array_agg(edition.return_id) as return_ids
        from edition
        group by 1, 2
    ), filled as (
        -- How many days of the span are given for each part of the place?
        select
            question.from_on,
            question.to_on,
            period.area,
            period.part,
            period.kind,
            sum(period.to_on - period.from_on + 1) as days
        from question
        cross join counted_period(
            question.areas, question.return_ids, question.from_on, question.to_on,
            answering_edition.as_of
        ) as period
        where not period.remainder
        group by 1, 2, 3, 4, 5
    ), joined as (
        -- For which forces are all partnerships given, and all their days?
        select
            span.from_on,
            span.to_on,
            place.area,
            place.part,
            bool_and(coalesce(filled.days = span.to_on - span.from_on + 1, false)) as complete
        from span
        cross join area_part(areas, answering_edition.as_of) as place
        join force_partnership(span.from_on, span.to_on, answering_edition.as_of) as partner
          on partner.force = place.part
        left join filled
          on (filled.from_on, filled.to_on, filled.area, filled.part)
           = (span.from_on, span.to_on, place.area, partner.partnership)
        where exists (select from filled where filled.kind = 'partnership')
        group by 1, 2, 3, 4
    ), tiled as (
        -- All of it, as a whole or for every force? A body without land need not be there, for such
        -- come and go; where it is, it must be there throughout.
        select
            span.from_on,
            span.to_on,
            place.area,
            coalesce(bool_or(whole.days = span.to_on - span.from_on + 1), false)
            or bool_and(coalesce(
                filled.days = span.to_on - span.from_on + 1,
                place.kind = 'body' or coalesce(joined.complete, false))) as complete
        from span
        cross join area_part(areas, answering_edition.as_of) as place
        left join filled
          on (filled.from_on, filled.to_on, filled.area, filled.part)
           = (span.from_on, span.to_on, place.area, place.part)
        left join joined
          on (joined.from_on, joined.to_on, joined.area, joined.part)
           = (span.from_on, span.to_on, place.area, place.part)
        left join filled as whole
          on (whole.from_on, whole.to_on, whole.area, whole.part)
           = (span.from_on, span.to_on, place.area, place.area)
        group by 1, 2, 3
    )
    select
        tiled.area,
        tiled.from_on,
        tiled.to_on,
        edition.return_id,
        edition.edition,
        tiled.complete
    from tiled
    left join edition
      on (edition.area, edition.from_on, edition.to_on) = (tiled.area, tiled.from_on, tiled.to_on)
$$;
comment on function answering_edition is
    'Which return of a source answers for each area in each span, its latest edition that has '
    'anything to say, and does it say it of all of the span?';

-- migrate:down

-- migrate:up

-- Figures through time ask the same of many spans at once. What was said of one span and its base in a statement is said here of any number,
-- so that a figure and the point of a series for the same days cannot part.

create function complete_between(areas text[], categories text[], begins date[], ends date[], as_of bigint)
returns table (area text, category text, from_on date, to_on date, complete boolean) language sql stable parallel safe as $$
    with force as materialized (
        select asked.area, other.area as force
        from unnest(areas) as asked (area)
        join area_ancestor as nested on known_at(nested.since_change, nested.until_change, complete_between.as_of)
         and (nested.area = asked.area or nested.ancestor = asked.area)
        join area_version as other on known_at(other.since_change, other.until_change, complete_between.as_of)
         and other.area = case when nested.area = asked.area then nested.ancestor else nested.area end
         and (other.kind = 'force' or other.kind = 'body' and other.area = asked.area)
        group by 1, 2
    ), span as materialized (
        select distinct from_on, to_on from unnest(begins, ends) as asked (from_on, to_on)
    ), covering as (       -- what a file covers is its category as it was defined then
        select distinct coverage.category, coverage.definition
        from coverage join category_version as version using (category, definition)
        where coverage.since_change <= complete_between.as_of and not version.every_code
    ), gap as materialized (           -- codes that such a category does not hold for all the days that they are wanted
        select named.category, member.code, covering.category as covering, covering.definition,
               coalesce(member.from_on, '-infinity') as from_on, coalesce(member.to_on, 'infinity') as to_on
        from unnest(categories) as named (category) cross join category_member(named.category, complete_between.as_of) as member
        cross join covering
        where not exists (
            select from category_code as held
            where (held.category, held.definition, held.code) = (covering.category, covering.definition, member.code)
              and coalesce(held.from_on, '-infinity') <= coalesce(member.from_on, '-infinity')
              and coalesce(held.to_on, 'infinity') >= coalesce(member.to_on, 'infinity'))
    ), lacking as materialized (       -- a file that covers one category covers every category within it, and no other
        select distinct gap.category, gap.covering, gap.definition, span.from_on, span.to_on
        from gap join span on gap.from_on <= span.to_on and gap.to_on >= span.from_on
        where not exists (
            select from category_code as held
            where (held.category, held.definition, held.code) = (gap.covering, gap.definition, gap.code)
              and coalesce(held.from_on, '-infinity') <= greatest(gap.from_on, span.from_on)
              and coalesce(held.to_on, 'infinity') >= least(gap.to_on, span.to_on))
    ), covered as (
        select coverage.force, named.category, span.from_on, span.to_on, range_agg(coverage.days) as days
        from unnest(categories) as named (category) cross join span
        join coverage on coverage.days && daterange(span.from_on, span.to_on, '[]') and coverage.since_change <= complete_between.as_of
        left join lacking on (lacking.category, lacking.from_on, lacking.to_on) = (named.category, span.from_on, span.to_on)
         and (lacking.covering, lacking.definition) = (coverage.category, coverage.definition)
        where lacking.category is null
        group by 1, 2, 3, 4
    )
    select force.area, named.category, span.from_on, span.to_on,
           bool_and(coalesce(covered.days @> daterange(span.from_on, span.to_on, '[]'), false))
    from force cross join span cross join unnest(categories) as named (category)
    left join covered on (covered.force, covered.category, covered.from_on, covered.to_on)
                       = (force.force, named.category, span.from_on, span.to_on)
    group by 1, 2, 3, 4
$$;
comment on function complete_between is
    'Has every force concerned sent all its records of each category, for all the days of each span? A body without land answers for itself alone.';

create function answering_edition(areas text[], source text, begins date[], ends date[], as_of bigint)
returns table (area text, from_on date, to_on date, return_id uuid, edition text, complete boolean) language sql stable parallel safe as $$
    with span as materialized (
        select distinct from_on, to_on from unnest(begins, ends) as asked (from_on, to_on)
    ), edition as materialized (       -- the latest that has anything to say of each place and span
        select distinct on (place.area, span.from_on, span.to_on) place.area, span.from_on, span.to_on, return.return_id, return.edition
        from unnest(areas) as place (area) cross join span
        join return on return.source = answering_edition.source and return.change <= answering_edition.as_of
        where exists (select from answering_place(array[place.area], array[return.return_id], span.from_on, span.to_on,
                                                  answering_edition.as_of) as answering
                      join return_cell as cell on cell.return_id = return.return_id and cell.area = answering.part
                       and (cell.unassigned is not null) = answering.remainder
                      where cell.from_on >= span.from_on and cell.to_on <= span.to_on)
        order by place.area, span.from_on, span.to_on, return.edition desc
    ), question as materialized (
        select edition.from_on, edition.to_on, array_agg(edition.area) as areas, array_agg(edition.return_id) as return_ids
        from edition group by 1, 2
    ), filled as (         -- how many days of the span are given for each part of the place?
        select question.from_on, question.to_on, period.area, period.part, period.kind, sum(period.to_on - period.from_on + 1) as days
        from question
        cross join counted_period(question.areas, question.return_ids, question.from_on, question.to_on, answering_edition.as_of) as period
        where not period.remainder
        group by 1, 2, 3, 4, 5
    ), joined as (         -- for which forces are all partnerships given, and all their days?
        select span.from_on, span.to_on, place.area, place.part,
               bool_and(coalesce(filled.days = span.to_on - span.from_on + 1, false)) as complete
        from span cross join area_part(areas, answering_edition.as_of) as place
        join force_partnership(span.from_on, span.to_on, answering_edition.as_of) as partner on partner.force = place.part
        left join filled on (filled.from_on, filled.to_on, filled.area, filled.part)
                          = (span.from_on, span.to_on, place.area, partner.partnership)
        where exists (select from filled where filled.kind = 'partnership')
        group by 1, 2, 3, 4
    ), tiled as (
        -- All of it, as a whole or for every force? A body without land need not be there, for such come and go; where it is, it must be
        -- there throughout.
        select span.from_on, span.to_on, place.area,
               coalesce(bool_or(whole.days = span.to_on - span.from_on + 1), false)
               or bool_and(coalesce(filled.days = span.to_on - span.from_on + 1, place.kind = 'body' or coalesce(joined.complete, false)))
                   as complete
        from span cross join area_part(areas, answering_edition.as_of) as place
        left join filled on (filled.from_on, filled.to_on, filled.area, filled.part) = (span.from_on, span.to_on, place.area, place.part)
        left join joined on (joined.from_on, joined.to_on, joined.area, joined.part) = (span.from_on, span.to_on, place.area, place.part)
        left join filled as whole on (whole.from_on, whole.to_on, whole.area, whole.part) = (span.from_on, span.to_on, place.area, place.area)
        group by 1, 2, 3
    )
    select tiled.area, tiled.from_on, tiled.to_on, edition.return_id, edition.edition, tiled.complete
    from tiled left join edition on (edition.area, edition.from_on, edition.to_on) = (tiled.area, tiled.from_on, tiled.to_on)
$$;
comment on function answering_edition is
    'Which return of a source answers for each area in each span, its latest edition that has anything to say, and does it say it of all of the span?';

-- migrate:down
drop function answering_edition;
drop function complete_between;

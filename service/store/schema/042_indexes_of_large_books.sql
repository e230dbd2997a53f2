-- migrate:up

-- What ten million records showed (bench/RESULTS.md).

-- A nation has a cell for each of its forces, 160,000 in three years: read from the index alone, in the order in which they are summed.
-- The policy of the tally looks at force, so without it every cell was fetched from the table.
drop index tally_by_area;
create index tally_by_area on tally (area, month, code) include (force, offences, victims);

-- The evidence of a figure is a few hundred of the 20,000 records of an area and year: told apart by their code before any is fetched.
drop index offence_by_area;
create index offence_by_area on offence_version (area, recorded_on, code);

-- Reading from the index alone needs pages that vacuum has seen; a fifth of ten million cells, as is usual, would be long in coming.
alter table tally set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
                       autovacuum_analyze_scale_factor = 0.02);
alter table offence_version set (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

-- As before, of the coverage of the forces concerned alone and not of all 43.
create or replace function complete_between(areas text[], categories text[], begins date[], ends date[], as_of bigint)
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
        join coverage on coverage.force in (select force.force from force)
         and coverage.days && daterange(span.from_on, span.to_on, '[]') and coverage.since_change <= complete_between.as_of
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

-- migrate:down
create or replace function complete_between(areas text[], categories text[], begins date[], ends date[], as_of bigint)
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
alter table offence_version reset (autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
alter table tally reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
drop index offence_by_area;
create index offence_by_area on offence_version (area, recorded_on);
drop index tally_by_area;
create index tally_by_area on tally (area, month) include (code, offences, victims);

-- migrate:up

-- For which days has a force sent all it has recorded? A figure over other days is incomplete and
-- says so. Which days are complete is of no person: everybody who asks sees all, and writes its
-- own.
create table coverage (
    force        text      not null,
    since_change bigint    not null,
    category     text      not null,
    days         daterange not null,
    definition   int       not null,
    constraint coverage_begins_once primary key (force, since_change, category, days),
    constraint coverage_force_is_known foreign key (force) references known_area,
    constraint coverage_definition_is_known
        foreign key (category, definition) references category_version (category, definition),
    constraint coverage_began_at_a_change foreign key (since_change) references change,
    constraint coverage_has_days check (not isempty(days))
);
create index coverage_newest on coverage (since_change);
grant select, insert on coverage to crimebook_service;
alter table coverage enable row level security;
create policy seen_by_all on coverage for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) <> '');
create policy written_for_own_forces on coverage to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- Who sends a file each night has thousands of rows of coverage after ten years. Here they are
-- summed up as they are known now, a row for each force and category; only of a past before the
-- newest of them they are summed when it is asked for.
create table coverage_now (
    force      text           not null,
    category   text           not null,
    definition int            not null,
    days       datemultirange not null,
    constraint coverage_now_is_summed_once primary key (force, category, definition)
);
comment on table coverage_now is
    'Coverage summed up: the days of which each force has sent every record, as they are known '
    'now.';
grant select, insert on coverage_now to crimebook_service;
grant update (days) on coverage_now to crimebook_service;
alter table coverage_now enable row level security;
create policy seen_by_all on coverage_now for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) <> '');
create policy written_for_own_forces on coverage_now to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

create function covered_at(as_of bigint)
returns table (force text, category text, definition int, days datemultirange)
language sql stable parallel safe as $$
    select present.force, present.category, present.definition, present.days
    from coverage_now as present
    where coalesce((select max(since_change) from coverage), 0) <= covered_at.as_of
    union all
    select told.force, told.category, told.definition, range_agg(told.days)
    from coverage as told
    where told.since_change <= covered_at.as_of
      and coalesce((select max(since_change) from coverage), 0) > covered_at.as_of
    group by 1, 2, 3
$$;
comment on function covered_at is
    'Days of which each force had sent every record, by the category that it said it sent and its '
    'definition then. Inlined by the planner.';
grant execute on function covered_at to crimebook_service;

create function complete_between(
    areas text[], categories text[], begins date[], ends date[], as_of bigint
) returns table (area text, category text, from_on date, to_on date, complete boolean)
language sql stable parallel safe as $$
    with force as materialized (
        select asked.area, other.area as force
        from unnest(areas) as asked (area)
        join area_ancestor as nested
          on known_at(nested.since_change, nested.until_change, complete_between.as_of)
         and (nested.area = asked.area or nested.ancestor = asked.area)
        join area_version as other
          on known_at(other.since_change, other.until_change, complete_between.as_of)
         and other.area = case
                 when nested.area = asked.area then nested.ancestor
                 else nested.area
             end
         and (other.kind = 'force' or other.kind = 'body' and other.area = asked.area)
        group by 1, 2
    ), span as materialized (
        select distinct from_on, to_on from unnest(begins, ends) as asked (from_on, to_on)
    ), sent as materialized (
        select
            covered.force,
            covered.category,
            covered.definition,
            version.every_code,
            covered.days
        from covered_at(complete_between.as_of) as covered
        join category_version as version using (category, definition)
        where covered.force in (select force.force from force)
    ), covering as (
        -- What a file covers is its category as it was defined then.
        select distinct sent.category, sent.definition from sent where not sent.every_code
    ), gap as materialized (
        -- Codes that such a category does not hold for all the days that they are wanted.
        select
            named.category,
            member.code,
            covering.category as covering,
            covering.definition,
            coalesce(member.from_on, '-infinity') as from_on,
            coalesce(member.to_on, 'infinity') as to_on
        from unnest(categories) as named (category)
        cross join category_member(named.category, complete_between.as_of) as member
        cross join covering
        where not exists (
            select from category_code as held
            where (held.category, held.definition, held.code)
                = (covering.category, covering.definition, member.code)
              and coalesce(held.from_on, '-infinity') <= coalesce(member.from_on, '-infinity')
              and coalesce(held.to_on, 'infinity') >= coalesce(member.to_on, 'infinity'))
    ), lacking as materialized (
        -- A file that covers one category covers every category within it, and no other.
        select distinct gap.category, gap.covering, gap.definition, span.from_on, span.to_on
        from gap join span on gap.from_on <= span.to_on and gap.to_on >= span.from_on
        where not exists (
            select from category_code as held
            where (held.category, held.definition, held.code)
                = (gap.covering, gap.definition, gap.code)
              and coalesce(held.from_on, '-infinity') <= greatest(gap.from_on, span.from_on)
              and coalesce(held.to_on, 'infinity') >= least(gap.to_on, span.to_on))
    ), covered as (
        select
            sent.force,
            named.category,
            span.from_on,
            span.to_on,
            range_agg(sent.days) as days
        from unnest(categories) as named (category)
        cross join span
        join sent on sent.days && daterange(span.from_on, span.to_on, '[]')
        left join lacking
          on (lacking.category, lacking.from_on, lacking.to_on)
           = (named.category, span.from_on, span.to_on)
         and (lacking.covering, lacking.definition) = (sent.category, sent.definition)
        where lacking.category is null
        group by 1, 2, 3, 4
    )
    select
        force.area,
        named.category,
        span.from_on,
        span.to_on,
        bool_and(coalesce(covered.days @> daterange(span.from_on, span.to_on, '[]'), false))
    from force
    cross join span
    cross join unnest(categories) as named (category)
    left join covered
      on (covered.force, covered.category, covered.from_on, covered.to_on)
       = (force.force, named.category, span.from_on, span.to_on)
    group by 1, 2, 3, 4
$$;
comment on function complete_between is
    'Has every force concerned sent all its records of each category, for all the days of each '
    'span? A body without land answers for itself alone.';

-- Which days of a span does each force concerned hold whole, of each category? As
-- figures.completeness asks, but answered in days. A file that covers one category covers every
-- category within it, as defined then.
create function days_held(areas text[], categories text[], first date, last date, as_of bigint)
returns table (area text, category text, force text, days datemultirange)
language sql stable parallel safe as $$
    with force as (
        select asked.area, other.area as force
        from unnest(areas) as asked (area)
        join area_ancestor as nested
          on known_at(nested.since_change, nested.until_change, days_held.as_of)
         and (nested.area = asked.area or nested.ancestor = asked.area)
        join area_version as other
          on known_at(other.since_change, other.until_change, days_held.as_of)
         and other.area = case
                 when nested.area = asked.area then nested.ancestor
                 else nested.area
             end
         and (other.kind = 'force' or other.kind = 'body' and other.area = asked.area)
        group by 1, 2
    ), wanted as (
        select
            named.category,
            member.code,
            greatest(coalesce(member.from_on, '-infinity'), first) as from_on,
            least(coalesce(member.to_on, 'infinity'), last) as to_on
        from unnest(categories) as named (category)
        cross join category_member(named.category, days_held.as_of) as member
        where coalesce(member.from_on, '-infinity') <= last
          and coalesce(member.to_on, 'infinity') >= first
    ), sent as materialized (
        select
            covered.force,
            covered.category,
            covered.definition,
            version.every_code,
            covered.days
        from covered_at(days_held.as_of) as covered
        join category_version as version using (category, definition)
        where covered.force in (select force.force from force)
    ), covering as (
        select distinct sent.category, sent.definition, sent.every_code from sent
    ), holds as (
        select named.category, covering.category as covering, covering.definition
        from unnest(categories) as named (category) cross join covering
        where covering.every_code or not exists (
            select from wanted
            left join category_code as held
              on (held.category, held.definition, held.code)
               = (covering.category, covering.definition, wanted.code)
             and coalesce(held.from_on, '-infinity') <= wanted.from_on
             and coalesce(held.to_on, 'infinity') >= wanted.to_on
            where wanted.category = named.category and held.code is null)
    )
    select force.area, named.category, force.force, coalesce(covered.days, '{}')
    from force cross join unnest(categories) as named (category)
    left join (
        select sent.force, holds.category, range_agg(sent.days) as days
        from sent
        join holds on (holds.covering, holds.definition) = (sent.category, sent.definition)
        group by 1, 2
    ) as covered on (covered.force, covered.category) = (force.force, named.category)
$$;

-- migrate:down

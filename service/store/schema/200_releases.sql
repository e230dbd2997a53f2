-- migrate:up

-- A release: figures frozen as they were published, at the change at which they were known, with
-- the definitions they were counted by.

create table release (
    release_id    uuid   not null,
    since_change  bigint not null,
    areas         text[] not null,
    base_from     date,
    base_period   text,
    base_to       date,
    categories    text[] not null,
    change        bigint not null,
    embargo_until timestamptz,
    from_on       date   not null,
    measure       text   not null,
    period        text   not null,
    source        text   not null,
    title         text   not null,
    to_on         date   not null,
    percent_rule  text,
    constraint release_stands_once primary key (release_id),
    constraint release_was_made_at_a_change foreign key (since_change) references change,
    constraint release_was_known_at_a_change foreign key (change) references change,
    constraint release_was_known_before_it_was_made check (change < since_change),
    constraint release_has_areas_and_categories check (
        cardinality(areas) > 0 and cardinality(categories) > 0),
    constraint release_period_has_days check (from_on <= to_on),
    constraint release_base_is_given_whole check (
        num_nonnulls(base_from, base_period, base_to) in (0, 3)),
    constraint release_base_has_days check (base_from <= base_to),
    constraint release_measure_is_known check (measure in ('offences', 'victims')),
    constraint release_percent_rule_is_known check (
        percent_rule in ('either-under-50', 'current-under-50', 'none'))
);
comment on table release is
    'What was asked and published. Nothing of it is ever changed: what has moved since is told by '
    'its revisions.';
comment on column release.change is 'The change at which its figures were known.';
comment on column release.since_change is 'The change that made it.';
comment on column release.embargo_until is
    'Until this instant only callers with scope publish see it.';
-- By which rule percentages were withheld is kept; null is either-under-50, as all releases had it
-- before there was a choice.
grant select, insert on release to crimebook_service;

create table release_definition (
    release_id uuid    not null,
    category   text    not null,
    codes      jsonb   not null,
    definition int     not null,
    every_code boolean not null,
    name       text    not null,
    constraint release_definition_stands_once primary key (release_id, category),
    constraint release_definition_belongs_to_a_release
        foreign key (release_id) references release,
    constraint release_definition_is_one_of_a_category
        foreign key (category, definition) references category_version (category, definition)
);
comment on column release_definition.codes is
    'The codes it counted by, each with the days between which it belongs.';
grant select, insert on release_definition to crimebook_service;

create table release_figure (
    release_id   uuid not null,
    position     int  not null,
    area         text not null,
    base_edition text,
    base_value   bigint,
    category     text not null,
    edition      text,
    figure       text not null,
    value        bigint,
    constraint release_figure_stands_once primary key (release_id, position),
    constraint release_figure_is_of_a_definition
        foreign key (release_id, category) references release_definition,
    constraint release_figure_area_is_known foreign key (area) references known_area,
    constraint release_figures_begin_at_one check (position >= 1)
);
-- Each figure asks as what it was first published: of all that was ever published, no other index
-- tells what is of its area.
create index release_figure_of on release_figure (area, category, release_id);
comment on column release_figure.figure is
    'The whole figure as JSON, byte for byte as it was answered.';
grant select, insert on release_figure to crimebook_service;

-- The second lock behind the grants: what was published stays as it was, whoever asks.
create function published_stays_as_it_was() returns trigger language plpgsql as $$
begin
    raise exception 'What was published cannot be altered.' using errcode = '42501';
end
$$;
create trigger published_stays_as_it_was before update or delete on release
    for each row execute function published_stays_as_it_was();
create trigger published_stays_as_it_was before update or delete on release_definition
    for each row execute function published_stays_as_it_was();
create trigger published_stays_as_it_was before update or delete on release_figure
    for each row execute function published_stays_as_it_was();

-- Which records may have moved a count of a release since? Those of which anything was said in
-- between, and those in its periods whose code or area counts otherwise. Each with what was known
-- then and what is now; one that was not known then has no other aspect then than now.
create function record_moved(release_id uuid, known bigint, as_of bigint)
returns table (
    force text, offence_id uuid, known_then boolean, transferred_in boolean,
    transferred_out boolean, status_then boolean, status_now boolean, day_then date, day_now date,
    area_then text, area_now text, code_then text, code_now text, victims_then int,
    victims_now int
)
language sql stable parallel safe as $$
    with asked as materialized (
        select release.areas, release.categories, named.from_on, named.to_on
        from release
        cross join lateral (values (from_on, to_on), (base_from, base_to)) as named (from_on, to_on)
        where release.release_id = record_moved.release_id
          and release.source = 'records'
          and named.from_on is not null
    ), place as materialized (
        select lying.place, bool_or(lying.lay is distinct from lying.lies) as redrawn
        from (select areas from asked limit 1) as asked
        cross join lying_in(asked.areas, record_moved.known, record_moved.as_of) as lying
        group by 1
    ), redefined as materialized (
        select distinct days.code
        from (select categories from asked limit 1) as asked
        cross join member_days(asked.categories, record_moved.known, record_moved.as_of) as days
        where days.days_then is distinct from days.days_now
    ), moved as (
        select held.force, held.offence_id
        from offence_version as held
        where held.since_change > record_moved.known
          and held.since_change <= record_moved.as_of
          and exists (select from asked)
        union
        select held.force, held.offence_id
        from asked
        cross join place
        join offence_version as held
          on held.area = place.place
         and held.recorded_on between asked.from_on and asked.to_on
         and known_at(held.since_change, held.until_change, record_moved.as_of)
        where place.redrawn
        union
        select held.force, held.offence_id
        from asked
        cross join place
        join offence_version as held
          on held.area = place.place
         and held.recorded_on between asked.from_on and asked.to_on
         and known_at(held.since_change, held.until_change, record_moved.as_of)
        where exists (select from redefined) and held.code in (select code from redefined)
    )
    select
        after.force,
        after.offence_id,
        before.offence_id is not null,
        after.transferred_from is not null,
        after.cancelled_reason = 'transferred',
        coalesce(before.status, after.status) = 'recorded',
        after.status = 'recorded',
        coalesce(before.recorded_on, after.recorded_on),
        after.recorded_on,
        coalesce(before.area, after.area),
        after.area,
        coalesce(before.code, after.code),
        after.code,
        coalesce(before.victims, after.victims),
        after.victims
    from moved
    join offence_version as after
      on after.force = moved.force
     and after.offence_id = moved.offence_id
     and known_at(after.since_change, after.until_change, record_moved.as_of)
    left join offence_version as before
      on before.force = moved.force
     and before.offence_id = moved.offence_id
     and known_at(before.since_change, before.until_change, record_moved.known)
    where (before.area in (select place from place) or after.area in (select place from place))
      and exists (
          select from asked
          where before.recorded_on between from_on and to_on
             or after.recorded_on between from_on and to_on)
$$;

-- Why has each count of a release moved since? Each record is taken from what was known then to
-- what is known now, one aspect at a time and always in the same order: known at all, status, day,
-- place (as drawn then), code (as defined then), definition, geography, victims. A part is what a
-- count gained or lost by one aspect; so the parts of a record add up to what the count gained or
-- lost by it, and all parts to the difference.
create function release_movement(release_id uuid, known bigint, as_of bigint)
returns table (
    "position" int, role text, force text, offence_id uuid, part text, contribution bigint
)
language sql stable parallel safe as $$
    with asked as materialized (
        select
            release.areas,
            release.categories,
            release.measure,
            named.role,
            daterange(named.from_on, named.to_on, '[]') as days
        from release
        cross join lateral (
            values ('value', from_on, to_on), ('base', base_from, base_to)
        ) as named (role, from_on, to_on)
        where release.release_id = release_movement.release_id and named.from_on is not null
    ), told as materialized (
        select * from record_moved(
            release_movement.release_id, release_movement.known, release_movement.as_of)
    ), lying as materialized (
        -- Of each pair of places: did that of then lie in an area as drawn then, did that of now,
        -- does it now?
        select
            pair.area_then,
            pair.area_now,
            inside.area,
            bool_or(inside.place = area_then and inside.lay) as lay,
            bool_or(inside.place = area_now and inside.lay) as moved,
            bool_or(inside.place = area_now and inside.lies) as lies
        from (select distinct area_then, area_now from told) as pair
        cross join lateral unnest(array[area_then, area_now]) as its (place)
        join (
            select within.* from (select areas from asked limit 1) as asked
            cross join lying_in(
                asked.areas, release_movement.known, release_movement.as_of) as within
        ) as inside on inside.place = its.place
        group by 1, 2, 3
    ), counted as materialized (
        -- Of each pair of codes: on which days did a category take in that of then, and that of
        -- now, and does it now?
        select
            pair.code_then,
            pair.code_now,
            member.category,
            coalesce(range_agg(days_then) filter (where member.code = code_then), '{}')
                as belonged,
            coalesce(range_agg(days_then) filter (where member.code = code_now), '{}')
                as reclassified,
            coalesce(range_agg(days_now) filter (where member.code = code_now), '{}')
                as belongs
        from (select distinct code_then, code_now from told) as pair
        cross join lateral unnest(array[code_then, code_now]) as its (code)
        join (
            select days.* from (select categories from asked limit 1) as asked
            cross join member_days(
                asked.categories, release_movement.known, release_movement.as_of) as days
        ) as member on member.code = its.code
        group by 1, 2, 3
    )
    select
        figure.position,
        asked.role,
        told.force,
        told.offence_id,
        step.part,
        step.contribution
    from told
    join lying using (area_then, area_now)
    join counted using (code_then, code_now)
    cross join asked
    join release_figure as figure
      on figure.release_id = release_movement.release_id
     and figure.area = lying.area
     and figure.category = counted.category
    cross join lateral (
        select
            (status_then and asked.days @> day_then and lay and belonged @> day_then)::int as was,
            (status_now and asked.days @> day_then and lay and belonged @> day_then)::int as stands,
            (status_now and asked.days @> day_now and lay and belonged @> day_now)::int as dated,
            (status_now and asked.days @> day_now and moved and belonged @> day_now)::int as placed,
            (status_now and asked.days @> day_now and moved and reclassified @> day_now)::int
                as classed,
            (status_now and asked.days @> day_now and moved and belongs @> day_now)::int as defined,
            (status_now and asked.days @> day_now and lies and belongs @> day_now)::int as counts,
            case asked.measure when 'victims' then victims_then else 1 end as weight,
            case asked.measure when 'victims' then victims_now - victims_then else 0 end as heavier
    ) as its
    cross join lateral (values
        (case when transferred_in then 'transferred_in' else 'recorded_late' end,
         case when known_then then 0 else was * weight end::bigint),
        (case
            when stands > was then 'reinstated'
            when transferred_out then 'transferred'
            else 'cancelled'
         end, (stands - was) * weight),
        ('redated', (dated - stands) * weight),
        ('moved_area', (placed - dated) * weight),
        (case when classed > placed then 'reclassified_in' else 'reclassified_out' end,
         (classed - placed) * weight),
        ('redefined', (defined - classed) * weight),
        ('redrawn', (counts - defined) * weight),
        ('victims_corrected', counts * heavier)
    ) as step (part, contribution)
    where (asked.days @> day_then or asked.days @> day_now) and step.contribution <> 0
$$;

-- By how much has each part moved a count of a release, and how many records are behind it? Counted
-- in the name of the owner, as figures are; it names no record.
create function release_parts(release_id uuid, known bigint, as_of bigint)
returns table ("position" int, role text, part text, difference bigint, records bigint)
language plpgsql stable parallel safe security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if somebody_asks() then
        return query
            select
                moved.position,
                moved.role,
                moved.part,
                sum(moved.contribution)::bigint,
                count(distinct moved.offence_id)
            from release_movement(
                release_parts.release_id, release_parts.known, release_parts.as_of
            ) as moved
            group by 1, 2, 3;
    end if;
end
$$;
revoke all on function release_parts from public;
grant execute on function release_parts to crimebook_service;

-- migrate:down

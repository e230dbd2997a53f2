-- migrate:up

-- What is measured besides offences and victims: rates by dated populations and households, severity by dated weights, outcomes, and
-- what others report, such as pounds saved, observation by observation.

create table built_in_measure (
    measure         text   not null,
    position        int    not null,
    better          text   not null,
    decimals        int    not null,
    description     text   not null,
    name            text   not null,
    unit            text   not null,
    constraint built_in_measure_is_told_once primary key (measure)
);
comment on table built_in_measure is 'What the service itself works out from records or from a return.';
grant select on built_in_measure to crimebook_service;
insert into built_in_measure (position, measure, name, unit, decimals, better, description) values
    (1, 'offences', 'Offences', 'offences', 0, 'lower', 'Offences recorded in the period that count.'),
    (2, 'victims', 'Victims', 'victims', 0, 'lower', 'Victims of the offences recorded in the period that count. Records only.'),
    (3, 'rate', 'Rate per 1,000 residents', 'offences per 1,000 residents', 4, 'lower',
     '1,000 × offences / usual residents in the middle of the year in which the period begins. Of a period that is not a year it is the rate of that period, not of a year.'),
    (4, 'household-rate', 'Rate per 1,000 households', 'offences per 1,000 households', 4, 'lower',
     '1,000 × offences / households in the middle of the year in which the period begins: meant for residential burglary, which it counts where no category is asked for.'),
    (5, 'severity', 'Severity score', 'weight per resident', 2, 'lower',
     'ONS Crime Severity Score: Σ offences × weight / usual residents, by the weights in force on the first day of the period. Offences of codes without a weight are left out and listed.'),
    (6, 'outcomes', 'Outcomes', 'outcomes', 0, 'higher',
     'Outcomes of investigations: those assigned in the period, or with basis=recorded those so far of the crimes recorded in it. Type 0, not yet assigned, is no outcome; 1A, 2A and 3A are counted in 1, 2 and 3.'),
    (7, 'positive-outcome-rate', 'Positive outcome rate', 'per cent', 1, 'higher',
     '100 × positive outcomes / all outcomes assigned in the period, or with basis=recorded / all crimes recorded in the period, with an outcome or not yet. GET /v1/outcomes says which are positive.');

create table known_measure (
    measure         text   not null,
    constraint known_measure_is_named_once primary key (measure),
    constraint measure_reads_well check (measure ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
comment on constraint measure_reads_well on known_measure is 'A measure is lower-case words joined by single hyphens, like savings-gbp.';

create table measure_version (
    measure         text   not null,
    since_change    bigint not null,
    until_change    bigint,
    adds_up         text   not null,
    better          text   not null,
    decimals        int    not null,
    description     text   not null,
    name            text   not null,
    unit            text   not null,
    constraint measure_version_begins_once primary key (measure, since_change),
    constraint measure_is_known foreign key (measure) references known_measure,
    constraint measure_began_at_a_change foreign key (since_change) references change,
    constraint measure_ended_at_a_change foreign key (until_change) references change,
    constraint measure_version_ends_after_it_begins check (until_change > since_change),
    constraint measure_adds_up_in_a_known_way check (adds_up in ('sum', 'mean', 'last')),
    constraint measure_is_better_in_a_known_way check (better in ('higher', 'lower', 'neither')),
    constraint measure_decimals_are_few check (decimals between 0 and 6)
);
create unique index measure_present on measure_version (measure) where until_change is null;
comment on table measure_version is 'Reported measures: what their values mean and how those of parts of a period make up the whole.';

create table observation_version (
    observation_id  uuid    not null,
    since_change    bigint  not null,
    until_change    bigint,
    area            text    not null,
    measure         text    not null,
    note            text,
    period          text    not null,
    period_from     date    not null,
    period_to       date    not null,
    value           numeric not null,
    constraint observation_version_begins_once primary key (observation_id, since_change),
    constraint observation_area_is_known foreign key (area) references known_area,
    constraint observation_measure_is_known foreign key (measure) references known_measure,
    constraint observation_began_at_a_change foreign key (since_change) references change,
    constraint observation_ended_at_a_change foreign key (until_change) references change,
    constraint observation_version_ends_after_it_begins check (until_change > since_change),
    constraint observation_period_has_days check (period_from <= period_to)
);
create unique index observation_present on observation_version (observation_id) where until_change is null;
create unique index observation_is_made_once on observation_version (measure, area, period_from, period_to) where until_change is null;
create index observation_listed on observation_version (measure, observation_id);
comment on index observation_is_made_once is
    'There is an observation of this measure for that area and period already: list it with GET /v1/measures/{measure}/observations and correct it with PUT.';

-- Households stand beside residents: published by others, for other years.
create table household_count (
    area            text   not null,
    year            int    not null,
    since_change    bigint not null,
    until_change    bigint,
    households      int    not null,
    source          text   not null,
    constraint household_count_begins_once primary key (area, year, since_change),
    constraint household_count_area_is_known foreign key (area) references known_area,
    constraint household_count_began_at_a_change foreign key (since_change) references change,
    constraint household_count_ended_at_a_change foreign key (until_change) references change,
    constraint household_count_ends_after_it_begins check (until_change > since_change),
    constraint household_count_is_not_negative check (households >= 0)
);
create unique index household_count_present on household_count (area, year) where until_change is null;
comment on table household_count is 'Households in the middle of a year.';

-- Weights are dated: those of one edition may hold for crimes of some years only. They belong to a version of their code.
create table severity_weight (
    code            text    not null,
    since_change    bigint  not null,
    position        int     not null,
    edition         text,
    from_on         date,
    to_on           date,
    weight          numeric not null,
    constraint severity_weight_stands_once primary key (code, since_change, position),
    constraint severity_weight_belongs_to_a_version foreign key (code, since_change) references code_version,
    constraint severity_weight_ends_after_it_begins check (from_on <= to_on),
    constraint severity_weight_weighs_nought_or_more check (weight >= 0)
);
comment on table severity_weight is 'How grave a crime of a code weighs, from day to day; the days of one code do not overlap.';
comment on constraint severity_weight_ends_after_it_begins on severity_weight is 'A weight cannot end before it begins: check from_on and to_on.';
comment on constraint severity_weight_weighs_nought_or_more on severity_weight is 'A severity weight cannot be below nought.';
comment on column code_version.severity_weight is 'The last of its severity weights; null where none was published.';
insert into severity_weight (code, since_change, position, weight)
select code, since_change, 1, severity_weight from code_version where severity_weight is not null;

create trigger closed_version_stays_closed before update on measure_version for each row execute function closed_version_stays_closed();
create trigger closed_version_stays_closed before update on observation_version for each row execute function closed_version_stays_closed();
create trigger closed_version_stays_closed before update on household_count for each row execute function closed_version_stays_closed();
grant select, insert on known_measure, measure_version, observation_version, household_count, severity_weight to crimebook_service;
grant update (until_change) on measure_version, observation_version, household_count to crimebook_service;

create table rate_withheld (
    area            text   not null,
    reason          text   not null,
    source          text   not null,
    constraint rate_withheld_is_told_once primary key (area)
);
comment on table rate_withheld is 'Areas whose rates, and those of areas within them, official statistics do not show.';
grant select on rate_withheld to crimebook_service;
insert into rate_withheld (area, reason, source) values
    ('E23000034', 'few people live in the City of London beside those who work and visit there, so a rate by residents or households would mislead',
     'ONS, police force area data tables, mark [u1]');

create table positive_outcome (
    outcome         text   not null,
    source          text   not null,
    constraint positive_outcome_is_told_once primary key (outcome),
    constraint positive_outcome_is_a_type foreign key (outcome) references outcome_type
);
comment on table positive_outcome is
    'The outcomes in which something was done with an offender: charged or summonsed, out of court, taken into consideration, diverted. Each from the day on which it could be assigned.';
grant select on positive_outcome to crimebook_service;
insert into positive_outcome (outcome, source)
select outcome, 'Home Office crime outcomes open data, group: ' || outcome_group from outcome_type
where outcome in ('1', '1A', '2', '2A', '3', '3A', '4', '6', '7', '8', '22');

create index offence_by_outcome_day on offence_version (force, outcome_on) where outcome_on is not null;

-- By what is a rate of an area divided? The number of that year, or of the nearest earlier year that is held, which the note says.
create function denominator_of(area text, divided_by text, year int, as_of bigint)
returns table (year int, number int, source text, note text)
language sql stable parallel safe as $$
    select held.year, held.number, held.source,
           case when held.year < denominator_of.year then format('the number of %s is held for mid-%s and not for mid-%s', divided_by, held.year, denominator_of.year) end
    from (select counted.area, counted.year, counted.residents as number, counted.source from population as counted
          where denominator_of.divided_by = 'residents' and known_at(counted.since_change, counted.until_change, denominator_of.as_of)
          union all
          select counted.area, counted.year, counted.households, counted.source from household_count as counted
          where denominator_of.divided_by = 'households' and known_at(counted.since_change, counted.until_change, denominator_of.as_of)) as held
    where held.area = denominator_of.area and held.year <= denominator_of.year
    order by held.year desc
    limit 1
$$;

-- Why is no rate shown of this area? Null where it is.
create function rate_withheld_of(area text, as_of bigint) returns text
language sql stable parallel safe as $$
    select min(told.reason)
    from rate_withheld as told join area_ancestor as inside on inside.ancestor = told.area
    where inside.area = rate_withheld_of.area and known_at(inside.since_change, inside.until_change, rate_withheld_of.as_of)
$$;

-- What a rate says against another: two counts, each with what it is divided by and how long its period is, so that both exposures differ.
-- Rate ratio and 95 per cent interval: exp(ln RR ± 1.96 √(1/c + 1/b)). Percentage of unrounded rates, rounded once, half away from zero.
create function rate_compared(value bigint, number bigint, length int, base bigint, base_number bigint, base_length int, withheld text)
returns table (percent numeric, percent_withheld text, rate_ratio numeric, interval_low numeric, interval_high numeric, share numeric)
language sql immutable parallel safe as $$
    select case when reason is null then round(100 * (value::numeric * base_number / (number * base::numeric) - 1), 1) end, reason,
           round(ratio::numeric, 3), round(exp(ln(ratio) - spread)::numeric, 3), round(exp(ln(ratio) + spread)::numeric, 3),
           case when withheld is null and number > 0 and base_number > 0
                then number::numeric * length / (number::numeric * length + base_number::numeric * base_length) end
    from (select
        case
            when withheld is not null then withheld
            when value is null or base is null then 'one of the counts is not available'
            when coalesce(number, 0) = 0 or coalesce(base_number, 0) = 0 then 'one of the numbers to divide by is not available'
            when base = 0 then 'the base count is nought'
            when least(value, base) < 50 then 'a count is under 50'
            when length <> base_length then 'the periods differ in length'
        end as reason,
        case when withheld is null and value > 0 and base > 0 and number > 0 and base_number > 0
             then (value::float8 / number / length) / (base::float8 / base_number / base_length) end as ratio,
        case when withheld is null and value > 0 and base > 0 then 1.96 * sqrt(1.0::float8 / value + 1.0::float8 / base) end as spread
    ) as worked
$$;

drop function areas_known;
create function areas_known(as_of bigint)
returns table (area text, aliases text[], from_on date, households jsonb, kind text, name text, parents text[], populations jsonb,
               since_change bigint, slug text, to_on date)
language sql stable parallel safe as $$
    select place.area, place.aliases, place.from_on,
           coalesce((
               select jsonb_agg(jsonb_build_object('households', households, 'source', source, 'year', year) order by year)
               from household_count as counted
               where counted.area = place.area and known_at(counted.since_change, counted.until_change, areas_known.as_of)
           ), '[]'),
           place.kind, place.name, place.parents,
           coalesce((
               select jsonb_agg(jsonb_build_object('residents', residents, 'source', source, 'year', year) order by year)
               from population as counted
               where counted.area = place.area and known_at(counted.since_change, counted.until_change, areas_known.as_of)
           ), '[]'),
           greatest(place.since_change, (
               select max(case when counted.until_change <= areas_known.as_of then counted.until_change else counted.since_change end)
               from population as counted
               where counted.area = place.area and counted.since_change <= areas_known.as_of
           ), (
               select max(case when counted.until_change <= areas_known.as_of then counted.until_change else counted.since_change end)
               from household_count as counted
               where counted.area = place.area and counted.since_change <= areas_known.as_of
           )),
           place.slug, place.to_on
    from area_version as place
    where known_at(place.since_change, place.until_change, areas_known.as_of)
$$;

drop function codes_known;
create function codes_known(as_of bigint)
returns table (code text, from_on date, old_group text, old_subgroup text, periods jsonb, severity_weight numeric, severity_weights jsonb,
               since_change bigint, to_on date)
language sql stable parallel safe as $$
    select version.code, version.from_on, version.old_group, version.old_subgroup,
           (select jsonb_agg(jsonb_build_object('description', description, 'from_on', period.from_on, 'offence_group', offence_group,
                                                'offence_subgroup', offence_subgroup, 'to_on', period.to_on) order by position)
            from code_period as period where (period.code, period.since_change) = (version.code, version.since_change)),
           version.severity_weight,
           coalesce((
               select jsonb_agg(jsonb_build_object('edition', edition, 'from_on', weighed.from_on, 'to_on', weighed.to_on, 'weight', weight)
                                order by position)
               from severity_weight as weighed where (weighed.code, weighed.since_change) = (version.code, version.since_change)
           ), '[]'),
           version.since_change, version.to_on
    from code_version as version
    where known_at(version.since_change, version.until_change, codes_known.as_of)
$$;

-- A change that touched a measure or an observation says so.
create or replace function thing_touched(after_change bigint, to_change bigint)
returns table (change bigint, noun text, name text, what text)
language sql stable parallel safe as $$
    with opened as (
        select 'areas' as noun, area as name, since_change, until_change from area_version
        union all select 'offence-codes', code, since_change, until_change from code_version
        union all select 'categories', category, since_change, until_change from category_version
        union all select 'measures', measure, since_change, until_change from measure_version
        union all select 'measures', measure || '/observations/' || observation_id, since_change, until_change from observation_version
        union all select 'targets', target_id::text, since_change, until_change from target_version
    ), moved as (
        select since_change as change, noun, name, 1 as begun, 0 as ended from opened
        where since_change > thing_touched.after_change and since_change <= thing_touched.to_change
        union all
        select until_change, noun, name, 0, 1 from opened
        where until_change > thing_touched.after_change and until_change <= thing_touched.to_change
    )
    select moved.change, moved.noun, moved.name,
           case when sum(moved.ended) = 0 then 'begun' when sum(moved.begun) = 0 then 'ended' else 'altered' end
    from moved group by moved.change, moved.noun, moved.name
    union all
    select return.change, 'returns', return_id::text, 'begun' from return
    where return.change > thing_touched.after_change and return.change <= thing_touched.to_change
    union all
    select since_change, 'releases', release_id::text, 'begun' from release
    where since_change > thing_touched.after_change and since_change <= thing_touched.to_change
    union all
    select created_change, 'callers', caller_id::text, 'begun' from caller
    where created_change > thing_touched.after_change and created_change <= thing_touched.to_change
    union all
    select revoked_change, 'callers', caller_id::text, 'ended' from caller
    where revoked_change > thing_touched.after_change and revoked_change <= thing_touched.to_change
$$;

-- migrate:down
create or replace function thing_touched(after_change bigint, to_change bigint)
returns table (change bigint, noun text, name text, what text)
language sql stable parallel safe as $$
    with opened as (
        select 'areas' as noun, area as name, since_change, until_change from area_version
        union all select 'offence-codes', code, since_change, until_change from code_version
        union all select 'categories', category, since_change, until_change from category_version
        union all select 'targets', target_id::text, since_change, until_change from target_version
    ), moved as (
        select since_change as change, noun, name, 1 as begun, 0 as ended from opened
        where since_change > thing_touched.after_change and since_change <= thing_touched.to_change
        union all
        select until_change, noun, name, 0, 1 from opened
        where until_change > thing_touched.after_change and until_change <= thing_touched.to_change
    )
    select moved.change, moved.noun, moved.name,
           case when sum(moved.ended) = 0 then 'begun' when sum(moved.begun) = 0 then 'ended' else 'altered' end
    from moved group by moved.change, moved.noun, moved.name
    union all
    select return.change, 'returns', return_id::text, 'begun' from return
    where return.change > thing_touched.after_change and return.change <= thing_touched.to_change
    union all
    select since_change, 'releases', release_id::text, 'begun' from release
    where since_change > thing_touched.after_change and since_change <= thing_touched.to_change
    union all
    select created_change, 'callers', caller_id::text, 'begun' from caller
    where created_change > thing_touched.after_change and created_change <= thing_touched.to_change
    union all
    select revoked_change, 'callers', caller_id::text, 'ended' from caller
    where revoked_change > thing_touched.after_change and revoked_change <= thing_touched.to_change
$$;
drop function codes_known;
create function codes_known(as_of bigint)
returns table (code text, from_on date, old_group text, old_subgroup text, periods jsonb, severity_weight numeric, since_change bigint, to_on date)
language sql stable parallel safe as $$
    select version.code, version.from_on, version.old_group, version.old_subgroup,
           (select jsonb_agg(jsonb_build_object('description', description, 'from_on', period.from_on, 'offence_group', offence_group,
                                                'offence_subgroup', offence_subgroup, 'to_on', period.to_on) order by position)
            from code_period as period where (period.code, period.since_change) = (version.code, version.since_change)),
           version.severity_weight, version.since_change, version.to_on
    from code_version as version
    where known_at(version.since_change, version.until_change, codes_known.as_of)
$$;
drop function areas_known;
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
drop function rate_compared, rate_withheld_of, denominator_of;
drop index offence_by_outcome_day;
drop table positive_outcome, rate_withheld, severity_weight, household_count, observation_version, measure_version, known_measure, built_in_measure;
comment on column code_version.severity_weight is 'ONS Crime Severity Score weight; null where none was published.';

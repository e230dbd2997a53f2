-- migrate:up

-- What a target may aim at, beside a reduction by per cent: a number, a direction, nothing at all, a rank, a sum, bounds. What a kind does not
-- take is null, so a target set before there were these kinds is the row that it was.

create function milestones_lie_within(milestones jsonb, first date, last date) returns boolean
language sql immutable parallel safe as $$
    select milestones is null or jsonb_typeof(milestones) = 'array' and coalesce((
        select bool_and(coalesce(said.on_day between first and last and said.amount >= 0, false)) and count(*) = count(distinct said.on_day)
        from (select (one ->> 'on')::date as on_day, (one ->> 'amount')::numeric as amount from jsonb_array_elements(milestones) as one) as said
    ), true)
$$;
comment on function milestones_lie_within is 'Is each milestone an amount by a day of the period, and no day named twice?';

alter table target_version
    alter base_from drop not null, alter base_period drop not null, alter base_to drop not null,
    alter category drop not null, alter percent drop not null,
    add amount numeric, add base_release uuid, add ceiling numeric, add floor numeric, add milestones jsonb, add rank int, add source text,
    drop constraint target_kind_is_known, drop constraint target_measure_is_known, drop constraint target_percent_is_a_reduction;
alter table target_version
    add constraint target_kind_is_known check (kind in
        ('reduce-by-percent', 'reduce-to', 'raise-by-percent', 'raise-to', 'reduce', 'raise', 'eliminate', 'rank', 'save', 'keep-within')),
    add constraint target_measure_reads_well check (measure ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    add constraint target_percent_is_a_reduction check (percent > 0 and percent <= case kind when 'raise-by-percent' then 1000 else 100 end),
    add constraint target_by_percent_has_percent_and_base check (kind not in ('reduce-by-percent', 'raise-by-percent')
        or num_nonnulls(percent, base_period) = 2 and num_nonnulls(amount, ceiling, floor, rank) = 0),
    add constraint target_to_a_number_has_amount check (kind not in ('reduce-to', 'raise-to')
        or amount is not null and num_nonnulls(ceiling, floor, percent, rank) = 0),
    add constraint target_of_direction_has_base check (kind not in ('reduce', 'raise')
        or base_period is not null and num_nonnulls(amount, ceiling, floor, percent, rank) = 0),
    add constraint target_to_eliminate_has_no_number check (kind <> 'eliminate' or num_nonnulls(amount, ceiling, floor, percent, rank) = 0),
    add constraint target_of_rank_has_rank check (kind <> 'rank'
        or rank is not null and num_nonnulls(amount, base_period, ceiling, floor, milestones, percent) = 0),
    add constraint target_to_save_has_amount_and_own_measure check (kind <> 'save'
        or amount is not null and category is null and num_nonnulls(base_period, ceiling, floor, percent, rank) = 0),
    add constraint target_to_keep_within_has_floor_and_ceiling check (kind <> 'keep-within'
        or num_nonnulls(ceiling, floor) = 2 and num_nonnulls(amount, base_period, milestones, percent, rank) = 0),
    add constraint target_floor_is_not_above_its_ceiling check (floor <= ceiling),
    add constraint target_numbers_are_nought_or_more check (amount >= 0 and amount < 1e15 or amount is null),
    add constraint target_bounds_are_nought_or_more check ((floor is null or floor >= 0) and (ceiling is null or ceiling < 1e15)),
    add constraint target_rank_begins_at_one check (rank >= 1),
    add constraint target_of_police_counts_has_a_category check ((measure in ('offences', 'victims', 'rate', 'household-rate', 'severity', 'outcomes', 'positive-outcome-rate'))
        = (category is not null)),
    add constraint target_source_is_of_counts check (source is null or source <> 'records' and category is not null and measure <> 'victims'),
    add constraint target_base_is_given_whole check (num_nonnulls(base_from, base_period, base_to) in (0, 3)),
    add constraint target_base_release_has_a_base_period check (base_release is null or base_period is not null),
    add constraint target_base_release_is_known foreign key (base_release) references release,
    add constraint target_milestones_lie_within check (milestones_lie_within(milestones, period_from, period_to));

comment on constraint target_measure_reads_well on target_version is
    'A measure is offences, victims, rate, severity or a reported one in lower-case words joined by single hyphens, like savings-gbp.';
comment on constraint target_percent_is_a_reduction on target_version is
    'percent is the change aimed at: above 0, and at most 100 for a reduction or 1,000 for a rise.';
comment on constraint target_by_percent_has_percent_and_base on target_version is
    'A target by per cent needs percent and base_period, and takes no amount, ceiling, floor or rank.';
comment on constraint target_to_a_number_has_amount on target_version is
    'A target to a number needs amount, and takes no ceiling, floor, percent or rank.';
comment on constraint target_of_direction_has_base on target_version is
    'A target of direction only needs base_period, and takes no amount, ceiling, floor, percent or rank.';
comment on constraint target_to_eliminate_has_no_number on target_version is
    'A target to eliminate aims at nought, and takes no amount, ceiling, floor, percent or rank.';
comment on constraint target_of_rank_has_rank on target_version is
    'A target of rank needs rank, and takes no amount, base_period, ceiling, floor, milestones or percent.';
comment on constraint target_to_save_has_amount_and_own_measure on target_version is
    'A target to save needs amount and a reported measure like savings-gbp, and takes no category, base_period, ceiling, floor, percent or rank.';
comment on constraint target_to_keep_within_has_floor_and_ceiling on target_version is
    'A target to keep within needs floor and ceiling, and takes no amount, base_period, milestones, percent or rank.';
comment on constraint target_floor_is_not_above_its_ceiling on target_version is 'floor is above ceiling: nothing can lie within.';
comment on constraint target_numbers_are_nought_or_more on target_version is 'amount is nought or more, and under a thousand million million.';
comment on constraint target_bounds_are_nought_or_more on target_version is
    'floor and ceiling are nought or more, and under a thousand million million.';
comment on constraint target_rank_begins_at_one on target_version is 'rank is 1 for the best, or more.';
comment on constraint target_of_police_counts_has_a_category on target_version is
    'offences, victims, rate, household-rate, severity, outcomes and positive-outcome-rate need a category; a reported measure takes none.';
comment on constraint target_source_is_of_counts on target_version is 'A return counts no victims and holds nothing that is reported: give source with another measure.';
comment on constraint target_base_is_given_whole on target_version is 'A base has a period with a first and a last day.';
comment on constraint target_base_release_has_a_base_period on target_version is
    'base_release says where the base was published, so it needs the base_period that was.';
comment on constraint target_base_release_is_known on target_version is 'No release has the id that base_release gives.';
comment on constraint target_milestones_lie_within on target_version is
    'Each milestone is an amount of nought or more by a day of the period, and no day is named twice.';
comment on column target_version.amount is 'The number to reduce or raise to, or the sum to save.';
comment on column target_version.base_release is 'The release whose figure is the base for ever; null where the base is what the book counts.';
comment on column target_version.source is 'The source of the return that is counted; null for records.';

drop index target_is_set_once;
create unique index target_is_set_once on target_version (owner, area, coalesce(category, ''), measure, period_from, period_to)
    where until_change is null;
comment on index target_is_set_once is 'This owner already has a target for that area, category, measure and period: correct it with PUT instead.';

create view target_shown with (security_invoker = true) as
    select target_id, since_change, until_change, amount, area, base_from, case when base_period is not null then
               case when base_release is null then 'live' else 'frozen' end end as base_is, base_period, base_release, base_to, category, ceiling,
           floor, kind, measure, coalesce(milestones, '[]') as milestones, name, owner, percent, period, period_from, period_to, rank, set_on,
           coalesce(source, 'records') as source
    from target_version;
comment on view target_shown is 'Targets as they are answered: what is left out where it is usual is said.';
grant select on target_shown to crimebook_service;

-- Which days of a span does each force concerned hold whole, of each category? As figures.completeness asks, but answered in days.
-- A file that covers one category covers every category within it, as defined then.
create function days_held(areas text[], categories text[], first date, last date, as_of bigint)
returns table (area text, category text, force text, days datemultirange) language sql stable parallel safe as $$
    with force as (
        select asked.area, other.area as force
        from unnest(areas) as asked (area)
        join area_ancestor as nested on known_at(nested.since_change, nested.until_change, days_held.as_of)
         and (nested.area = asked.area or nested.ancestor = asked.area)
        join area_version as other on known_at(other.since_change, other.until_change, days_held.as_of)
         and other.area = case when nested.area = asked.area then nested.ancestor else nested.area end
         and (other.kind = 'force' or other.kind = 'body' and other.area = asked.area)
        group by 1, 2
    ), wanted as (
        select named.category, member.code, greatest(coalesce(member.from_on, '-infinity'), first) as from_on,
               least(coalesce(member.to_on, 'infinity'), last) as to_on
        from unnest(categories) as named (category) cross join category_member(named.category, days_held.as_of) as member
        where coalesce(member.from_on, '-infinity') <= last and coalesce(member.to_on, 'infinity') >= first
    ), covering as (
        select distinct coverage.category, coverage.definition, version.every_code
        from coverage join category_version as version using (category, definition)
        where coverage.since_change <= days_held.as_of
    ), holds as (
        select named.category, covering.category as covering, covering.definition
        from unnest(categories) as named (category) cross join covering
        where covering.every_code or not exists (
            select from wanted
            left join category_code as held on (held.category, held.definition, held.code) = (covering.category, covering.definition, wanted.code)
             and coalesce(held.from_on, '-infinity') <= wanted.from_on and coalesce(held.to_on, 'infinity') >= wanted.to_on
            where wanted.category = named.category and held.code is null)
    )
    select force.area, named.category, force.force, coalesce(covered.days, '{}')
    from force cross join unnest(categories) as named (category)
    left join (
        select coverage.force, holds.category, range_agg(coverage.days) as days
        from coverage join holds on (holds.covering, holds.definition) = (coverage.category, coverage.definition)
        where coverage.since_change <= days_held.as_of
        group by 1, 2
    ) as covered on (covered.force, covered.category) = (force.force, named.category)
$$;

-- Quantiles of the t distribution of Student (1908), at which a two-sided interval of 80 or 95 per cent ends: what an error may be when its size
-- was itself learnt from so many earlier errors.
create function student_quantile(errors bigint, share int) returns numeric language sql immutable strict parallel safe as $$
    select case share when 80 then (array[3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722])[least(errors, 10)]
                      when 95 then (array[12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281])[least(errors, 10)] end
$$;

-- migrate:down
drop function student_quantile;
drop function days_held;
drop view target_shown;
delete from target_version where kind <> 'reduce-by-percent' or measure <> 'offences' or source is not null or base_release is not null;
drop index target_is_set_once;
alter table target_version
    drop constraint target_milestones_lie_within, drop constraint target_base_release_is_known,
    drop constraint target_base_release_has_a_base_period, drop constraint target_base_is_given_whole, drop constraint target_source_is_of_counts,
    drop constraint target_of_police_counts_has_a_category, drop constraint target_rank_begins_at_one,
    drop constraint target_bounds_are_nought_or_more, drop constraint target_numbers_are_nought_or_more,
    drop constraint target_floor_is_not_above_its_ceiling, drop constraint target_to_keep_within_has_floor_and_ceiling,
    drop constraint target_to_save_has_amount_and_own_measure, drop constraint target_of_rank_has_rank,
    drop constraint target_to_eliminate_has_no_number, drop constraint target_of_direction_has_base, drop constraint target_to_a_number_has_amount,
    drop constraint target_by_percent_has_percent_and_base, drop constraint target_percent_is_a_reduction,
    drop constraint target_measure_reads_well, drop constraint target_kind_is_known;
alter table target_version
    drop amount, drop base_release, drop ceiling, drop floor, drop milestones, drop rank, drop source,
    alter base_from set not null, alter base_period set not null, alter base_to set not null, alter category set not null,
    alter percent set not null,
    add constraint target_kind_is_known check (kind in ('reduce-by-percent')),
    add constraint target_measure_is_known check (measure in ('offences')),
    add constraint target_percent_is_a_reduction check (percent > 0 and percent <= 100);
comment on constraint target_percent_is_a_reduction on target_version is 'percent is the reduction aimed at: above 0 and at most 100.';
create unique index target_is_set_once on target_version (owner, area, category, measure, period_from, period_to) where until_change is null;
comment on index target_is_set_once is 'This owner already has a target for that area, category, measure and period: correct it with PUT instead.';
drop function milestones_lie_within;

-- migrate:up

-- What a target may aim at: a reduction or a rise by per cent, a number, a direction, nothing at
-- all, a rank, a sum, bounds. What a kind does not take is null.

create function milestones_lie_within(milestones jsonb, first date, last date) returns boolean
language sql immutable parallel safe as $$
    select milestones is null or jsonb_typeof(milestones) = 'array' and coalesce((
        select
            bool_and(coalesce(said.on_day between first and last and said.amount >= 0, false))
            and count(*) = count(distinct said.on_day)
        from (
            select (one ->> 'on')::date as on_day, (one ->> 'amount')::numeric as amount
            from jsonb_array_elements(milestones) as one
        ) as said
    ), true)
$$;
comment on function milestones_lie_within is
    'Is each milestone an amount by a day of the period, and no day named twice?';

create table target_version (
    target_id    uuid   not null,
    since_change bigint not null,
    until_change bigint,
    area         text   not null,
    base_from    date,
    base_period  text,
    base_to      date,
    category     text,
    kind         text   not null,
    measure      text   not null default 'offences',
    name         text   not null,
    owner        text   not null,
    percent      numeric,
    period       text   not null,
    period_from  date   not null,
    period_to    date   not null,
    set_on       date,
    amount       numeric,
    base_release uuid,
    ceiling      numeric,
    floor        numeric,
    milestones   jsonb,
    rank         int,
    source       text,
    constraint target_version_begins_once primary key (target_id, since_change),
    constraint target_area_is_known foreign key (area) references known_area,
    constraint target_category_is_known foreign key (category) references known_category,
    constraint target_base_release_is_known foreign key (base_release) references release,
    constraint target_began_at_a_change foreign key (since_change) references change,
    constraint target_ended_at_a_change foreign key (until_change) references change,
    constraint target_version_ends_after_it_begins check (until_change > since_change),
    constraint target_kind_is_known check (kind in (
        'reduce-by-percent', 'reduce-to', 'raise-by-percent', 'raise-to', 'reduce', 'raise',
        'eliminate', 'rank', 'save', 'keep-within')),
    constraint target_measure_reads_well check (measure ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint target_periods_have_days check (base_from <= base_to and period_from <= period_to),
    constraint target_base_comes_before_its_period check (base_to < period_from),
    constraint target_base_is_given_whole check (
        num_nonnulls(base_from, base_period, base_to) in (0, 3)),
    constraint target_base_release_has_a_base_period check (
        base_release is null or base_period is not null),
    constraint target_percent_is_a_reduction check (
        percent > 0 and percent <= case kind when 'raise-by-percent' then 1000 else 100 end),
    constraint target_by_percent_has_percent_and_base check (
        kind not in ('reduce-by-percent', 'raise-by-percent')
        or num_nonnulls(percent, base_period) = 2
            and num_nonnulls(amount, ceiling, floor, rank) = 0),
    constraint target_to_a_number_has_amount check (
        kind not in ('reduce-to', 'raise-to')
        or amount is not null and num_nonnulls(ceiling, floor, percent, rank) = 0),
    constraint target_of_direction_has_base check (
        kind not in ('reduce', 'raise')
        or base_period is not null and num_nonnulls(amount, ceiling, floor, percent, rank) = 0),
    constraint target_to_eliminate_has_no_number check (
        kind <> 'eliminate' or num_nonnulls(amount, ceiling, floor, percent, rank) = 0),
    constraint target_of_rank_has_rank check (
        kind <> 'rank'
        or rank is not null
            and num_nonnulls(amount, base_period, ceiling, floor, milestones, percent) = 0),
    constraint target_to_save_has_amount_and_own_measure check (
        kind <> 'save'
        or amount is not null and category is null
            and num_nonnulls(base_period, ceiling, floor, percent, rank) = 0),
    constraint target_to_keep_within_has_floor_and_ceiling check (
        kind <> 'keep-within'
        or num_nonnulls(ceiling, floor) = 2
            and num_nonnulls(amount, base_period, milestones, percent, rank) = 0),
    constraint target_floor_is_not_above_its_ceiling check (floor <= ceiling),
    constraint target_numbers_are_nought_or_more check (
        amount >= 0 and amount < 1e15 or amount is null),
    constraint target_bounds_are_nought_or_more check (
        (floor is null or floor >= 0) and (ceiling is null or ceiling < 1e15)),
    constraint target_rank_begins_at_one check (rank >= 1),
    constraint target_of_police_counts_has_a_category check ((measure in (
        'offences', 'victims', 'rate', 'household-rate', 'severity', 'outcomes',
        'positive-outcome-rate'
    )) = (category is not null)),
    constraint target_source_is_of_counts check (
        source is null or source <> 'records' and category is not null and measure <> 'victims'),
    constraint target_milestones_lie_within check (
        milestones_lie_within(milestones, period_from, period_to))
);
create unique index target_present on target_version (target_id) where until_change is null;
create unique index target_is_set_once on target_version (
    owner, area, coalesce(category, ''), measure, period_from, period_to
) where until_change is null;
comment on column target_version.amount is 'The number to reduce or raise to, or the sum to save.';
comment on column target_version.base_release is
    'The release whose figure is the base for ever; null where the base is what the book counts.';
comment on column target_version.source is
    'The source of the return that is counted; null for records.';
comment on constraint target_measure_reads_well on target_version is
    'A measure is offences, victims, rate, severity or a reported one in lower-case words joined '
    'by single hyphens, like savings-gbp.';
comment on constraint target_base_comes_before_its_period on target_version is
    'The base period must end before the target''s period begins.';
comment on constraint target_base_is_given_whole on target_version is
    'A base has a period with a first and a last day.';
comment on constraint target_base_release_has_a_base_period on target_version is
    'base_release says where the base was published, so it needs the base_period that was.';
comment on constraint target_base_release_is_known on target_version is
    'No release has the id that base_release gives.';
comment on constraint target_percent_is_a_reduction on target_version is
    'percent is the change aimed at: above 0, and at most 100 for a reduction or 1,000 for a rise.';
comment on constraint target_by_percent_has_percent_and_base on target_version is
    'A target by per cent needs percent and base_period, and takes no amount, ceiling, floor or '
    'rank.';
comment on constraint target_to_a_number_has_amount on target_version is
    'A target to a number needs amount, and takes no ceiling, floor, percent or rank.';
comment on constraint target_of_direction_has_base on target_version is
    'A target of direction only needs base_period, and takes no amount, ceiling, floor, percent '
    'or rank.';
comment on constraint target_to_eliminate_has_no_number on target_version is
    'A target to eliminate aims at nought, and takes no amount, ceiling, floor, percent or rank.';
comment on constraint target_of_rank_has_rank on target_version is
    'A target of rank needs rank, and takes no amount, base_period, ceiling, floor, milestones or '
    'percent.';
comment on constraint target_to_save_has_amount_and_own_measure on target_version is
    'A target to save needs amount and a reported measure like savings-gbp, and takes no category, '
    'base_period, ceiling, floor, percent or rank.';
comment on constraint target_to_keep_within_has_floor_and_ceiling on target_version is
    'A target to keep within needs floor and ceiling, and takes no amount, base_period, '
    'milestones, percent or rank.';
comment on constraint target_floor_is_not_above_its_ceiling on target_version is
    'floor is above ceiling: nothing can lie within.';
comment on constraint target_numbers_are_nought_or_more on target_version is
    'amount is nought or more, and under a thousand million million.';
comment on constraint target_bounds_are_nought_or_more on target_version is
    'floor and ceiling are nought or more, and under a thousand million million.';
comment on constraint target_rank_begins_at_one on target_version is
    'rank is 1 for the best, or more.';
comment on constraint target_of_police_counts_has_a_category on target_version is
    'offences, victims, rate, household-rate, severity, outcomes and positive-outcome-rate need a '
    'category; a reported measure takes none.';
comment on constraint target_source_is_of_counts on target_version is
    'A return counts no victims and holds nothing that is reported: give source with another '
    'measure.';
comment on constraint target_milestones_lie_within on target_version is
    'Each milestone is an amount of nought or more by a day of the period, and no day is named '
    'twice.';
comment on index target_is_set_once is
    'This owner already has a target for that area, category, measure and period: correct it with '
    'PUT instead.';
create trigger closed_version_stays_closed before update on target_version
    for each row execute function closed_version_stays_closed();
grant select, insert on target_version to crimebook_service;
grant update (until_change) on target_version to crimebook_service;

create view target_shown with (security_invoker = true) as
select
    target_id,
    since_change,
    until_change,
    amount,
    area,
    base_from,
    case when base_period is not null then
        case when base_release is null then 'live' else 'frozen' end
    end as base_is,
    base_period,
    base_release,
    base_to,
    category,
    ceiling,
    floor,
    kind,
    measure,
    coalesce(milestones, '[]') as milestones,
    name,
    owner,
    percent,
    period,
    period_from,
    period_to,
    rank,
    set_on,
    coalesce(source, 'records') as source
from target_version;
comment on view target_shown is
    'Targets as they are answered: what is left out where it is usual is said.';
grant select on target_shown to crimebook_service;

-- migrate:down

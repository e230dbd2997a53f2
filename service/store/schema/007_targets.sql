-- migrate:up

create table target_version (
    target_id       uuid    not null,
    since_change    bigint  not null,
    until_change    bigint,
    area            text    not null,
    base_from       date    not null,
    base_period     text    not null,
    base_to         date    not null,
    category        text    not null,
    kind            text    not null,
    measure         text    not null default 'offences',
    name            text    not null,
    owner           text    not null,
    percent         numeric not null,
    period          text    not null,
    period_from     date    not null,
    period_to       date    not null,
    set_on          date,
    constraint target_version_begins_once primary key (target_id, since_change),
    constraint target_area_is_known foreign key (area) references known_area,
    constraint target_category_is_known foreign key (category) references known_category,
    constraint target_began_at_a_change foreign key (since_change) references change,
    constraint target_ended_at_a_change foreign key (until_change) references change,
    constraint target_version_ends_after_it_begins check (until_change > since_change),
    constraint target_kind_is_known check (kind in ('reduce-by-percent')),
    constraint target_measure_is_known check (measure in ('offences')),
    constraint target_percent_is_a_reduction check (percent > 0 and percent <= 100),
    constraint target_base_comes_before_its_period check (base_to < period_from),
    constraint target_periods_have_days check (base_from <= base_to and period_from <= period_to)
);
create unique index target_present on target_version (target_id) where until_change is null;
create unique index target_is_set_once on target_version (owner, area, category, measure, period_from, period_to) where until_change is null;
comment on constraint target_percent_is_a_reduction on target_version is 'percent is the reduction aimed at: above 0 and at most 100.';
comment on constraint target_base_comes_before_its_period on target_version is 'The base period must end before the target''s period begins.';
comment on index target_is_set_once is 'This owner already has a target for that area, category, measure and period: correct it with PUT instead.';

create trigger closed_version_stays_closed before update on target_version for each row execute function closed_version_stays_closed();
grant select, insert on target_version to crimebook_service;
grant update (until_change) on target_version to crimebook_service;

-- migrate:down
drop table target_version;

-- migrate:up

-- What is measured: what the service works out itself, and what others report, such as pounds
-- saved, observation by observation.

create table built_in_measure (
    measure     text not null,
    position    int  not null,
    better      text not null,
    decimals    int  not null,
    description text not null,
    name        text not null,
    unit        text not null,
    constraint built_in_measure_is_told_once primary key (measure)
);
comment on table built_in_measure is
    'What the service itself works out from records or from a return.';
grant select on built_in_measure to crimebook_service;

insert into built_in_measure (position, measure, name, unit, decimals, better, description) values
    (1, 'offences', 'Offences', 'offences', 0, 'lower',
     'Offences recorded in the period that count.'),
    (2, 'victims', 'Victims', 'victims', 0, 'lower',
     'Victims of the offences recorded in the period that count. Records only.'),
    (3, 'rate', 'Rate per 1,000 residents', 'offences per 1,000 residents', 4, 'lower',
     '1,000 × offences / usual residents in the middle of the year in which the period begins. '
     'Of a period that is not a year it is the rate of that period, not of a year.'),
    (4, 'household-rate', 'Rate per 1,000 households', 'offences per 1,000 households', 4, 'lower',
     '1,000 × offences / households in the middle of the year in which the period begins: meant '
     'for residential burglary, which it counts where no category is asked for.'),
    (5, 'severity', 'Severity score', 'weight per resident', 2, 'lower',
     'ONS Crime Severity Score: Σ offences × weight / usual residents, by the weights in force '
     'on the first day of the period. Offences of codes without a weight are left out and listed.'),
    (6, 'outcomes', 'Outcomes', 'outcomes', 0, 'higher',
     'Outcomes of investigations: those assigned in the period, or with basis=recorded those so '
     'far of the crimes recorded in it. Type 0, not yet assigned, is no outcome; 1A, 2A and 3A '
     'are counted in 1, 2 and 3.'),
    (7, 'positive-outcome-rate', 'Positive outcome rate', 'per cent', 1, 'higher',
     '100 × positive outcomes / all outcomes assigned in the period, or with basis=recorded / '
     'all crimes recorded in the period, with an outcome or not yet. GET /v1/outcomes says which '
     'are positive.');

create table known_measure (
    measure text not null,
    constraint known_measure_is_named_once primary key (measure),
    constraint measure_reads_well check (measure ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
comment on constraint measure_reads_well on known_measure is
    'A measure is lower-case words joined by single hyphens, like savings-gbp.';
grant select, insert on known_measure to crimebook_service;

create table measure_version (
    measure      text   not null,
    since_change bigint not null,
    until_change bigint,
    adds_up      text   not null,
    better       text   not null,
    decimals     int    not null,
    description  text   not null,
    name         text   not null,
    unit         text   not null,
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
comment on table measure_version is
    'Reported measures: what their values mean and how those of parts of a period make up the '
    'whole.';
create trigger closed_version_stays_closed before update on measure_version
    for each row execute function closed_version_stays_closed();
grant select, insert on measure_version to crimebook_service;
grant update (until_change) on measure_version to crimebook_service;

create table observation_version (
    observation_id uuid    not null,
    since_change   bigint  not null,
    until_change   bigint,
    area           text    not null,
    measure        text    not null,
    note           text,
    period         text    not null,
    period_from    date    not null,
    period_to      date    not null,
    value          numeric not null,
    constraint observation_version_begins_once primary key (observation_id, since_change),
    constraint observation_area_is_known foreign key (area) references known_area,
    constraint observation_measure_is_known foreign key (measure) references known_measure,
    constraint observation_began_at_a_change foreign key (since_change) references change,
    constraint observation_ended_at_a_change foreign key (until_change) references change,
    constraint observation_version_ends_after_it_begins check (until_change > since_change),
    constraint observation_period_has_days check (period_from <= period_to)
);
create unique index observation_present on observation_version (observation_id)
    where until_change is null;
create unique index observation_is_made_once
    on observation_version (measure, area, period_from, period_to)
    where until_change is null;
create index observation_listed on observation_version (measure, observation_id);
comment on index observation_is_made_once is
    'There is an observation of this measure for that area and period already: list it with '
    'GET /v1/measures/{measure}/observations and correct it with PUT.';
create trigger closed_version_stays_closed before update on observation_version
    for each row execute function closed_version_stays_closed();
grant select, insert on observation_version to crimebook_service;
grant update (until_change) on observation_version to crimebook_service;

-- migrate:down

-- migrate:up

-- Recorded offences as versions: what is true of a crime record between one change and another. Nothing is deleted.

create table offence_version (
    force           text        not null,
    offence_id      uuid        not null,
    since_change    bigint      not null,
    until_change    bigint,
    area            text        not null,
    cancelled_reason text,
    code            text        not null,
    committed_from  timestamptz not null,
    committed_to    timestamptz,
    crime_ref       text        not null,
    location        text,
    recorded_at     timestamptz,
    recorded_on     date        not null,
    reported_at     timestamptz,
    status          text        not null default 'recorded',
    victims         int         not null default 1,
    constraint offence_version_begins_once primary key (force, offence_id, since_change),
    constraint offence_force_is_known foreign key (force) references known_area,
    constraint offence_area_is_known foreign key (area) references known_area,
    constraint offence_code_is_known foreign key (code) references known_code,
    constraint offence_began_at_a_change foreign key (since_change) references change,
    constraint offence_ended_at_a_change foreign key (until_change) references change,
    constraint offence_version_ends_after_it_begins check (until_change > since_change),
    constraint offence_recorded_on_or_after_it_happened
        check (recorded_on >= civil_day(coalesce(committed_to, committed_from))),
    constraint offence_ended_on_or_after_it_began check (committed_from <= committed_to),
    constraint offence_reported_before_it_was_recorded
        check (civil_day(reported_at) <= recorded_on and (recorded_at is null or reported_at <= recorded_at)),
    constraint offence_recorded_at_falls_on_recorded_on check (civil_day(recorded_at) = recorded_on),
    constraint offence_victims_can_be_counted check (victims between 0 and 10000),
    constraint offence_status_is_known check (status in ('recorded', 'cancelled')),
    constraint offence_cancelled_for_a_reason check ((status = 'cancelled') = (cancelled_reason is not null)),
    constraint offence_cancelled_for_a_known_reason check (cancelled_reason in
        ('transferred', 'additional-information', 'duplicate', 'recorded-in-error', 'self-defence'))
);
create unique index offence_present on offence_version (force, offence_id) where until_change is null;
create unique index offence_reference_present on offence_version (force, crime_ref) where until_change is null;
create index offence_listed on offence_version (force, recorded_on, offence_id);     -- lists and evidence, in the order they are read
create index offence_by_id on offence_version (offence_id, since_change);            -- one record and its history
create index offence_by_area on offence_version (area, recorded_on);                 -- districts and beats
create index offence_opened on offence_version (since_change);                       -- what did a change open?
create index offence_closed on offence_version (until_change) where until_change is not null;

comment on constraint offence_area_is_known on offence_version is 'The area is not one that /v1/areas lists.';
comment on constraint offence_code_is_known on offence_version is 'The code is not one that /v1/offence-codes lists.';
comment on constraint offence_recorded_on_or_after_it_happened on offence_version is
    'A crime is recorded on the day it happened or later: check recorded_on, committed_from and committed_to.';
comment on constraint offence_ended_on_or_after_it_began on offence_version is 'committed_to cannot be earlier than committed_from.';
comment on constraint offence_reported_before_it_was_recorded on offence_version is
    'A crime is reported before it is recorded: check reported_at against recorded_on and recorded_at.';
comment on constraint offence_recorded_at_falls_on_recorded_on on offence_version is
    'recorded_at must fall on recorded_on, by the clock of Europe/London.';
comment on constraint offence_victims_can_be_counted on offence_version is 'victims is a number from 0 to 10,000.';
comment on constraint offence_cancelled_for_a_known_reason on offence_version is
    'A record is cancelled because it was transferred, additional-information showed no crime, it is a duplicate, was recorded-in-error, or was self-defence.';
comment on index offence_reference_present is
    'This force already has a record with that crime_ref: read it with GET /v1/offences?crime_ref=… and correct it with PUT, or give the new record its own reference.';

create trigger closed_version_stays_closed before update on offence_version for each row execute function closed_version_stays_closed();
grant select, insert on offence_version to crimebook_service;
grant update (until_change) on offence_version to crimebook_service;

create view offence with (security_invoker = true) as
select * from offence_version where until_change is null;
grant select on offence to crimebook_service;
comment on view offence is 'The present: the version of each record that no change has ended.';

-- The present counts, kept in the same transaction as the versions they count; `python -m service verify` proves it.
create table tally (
    force           text   not null,
    area            text   not null,
    month           date   not null,
    code            text   not null,
    offences        int    not null,
    victims         int    not null,
    constraint tally_counts_a_cell_once primary key (force, area, month, code),
    constraint tally_is_not_negative check (offences >= 0 and victims >= 0)
);
create index tally_by_area on tally (area, month) include (code, offences, victims);
comment on table tally is 'Records that count now, for each area above the beat, by code and month of recording.';
grant select, insert on tally to crimebook_service;
grant update (offences, victims), delete on tally to crimebook_service;

-- For which days has a force sent all it has recorded? A figure over other days is incomplete and says so.
create table coverage (
    force           text      not null,
    since_change    bigint    not null,
    category        text      not null,
    days            daterange not null,
    definition      int       not null,
    constraint coverage_begins_once primary key (force, since_change, category, days),
    constraint coverage_force_is_known foreign key (force) references known_area,
    constraint coverage_definition_is_known foreign key (category, definition) references category_version (category, definition),
    constraint coverage_began_at_a_change foreign key (since_change) references change,
    constraint coverage_has_days check (not isempty(days))
);
grant select, insert on coverage to crimebook_service;

-- migrate:down
drop table coverage, tally;
drop view offence;
drop table offence_version;

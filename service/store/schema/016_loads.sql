-- migrate:up

-- Files at the speed of the disk, files that replace what was sent for a period, and the words by which a force names its columns.

-- What a version points at is looked at once for each statement, not once for each row: of a million lines of a file that is the half of
-- the time. The service may alter none of these columns later and delete nothing that they point at.
alter table offence_version
    drop constraint offence_force_is_known,
    drop constraint offence_area_is_known,
    drop constraint offence_code_is_known,
    drop constraint offence_outcome_is_known,
    drop constraint offence_began_at_a_change;

create function offence_points_at_what_is_known() returns trigger language plpgsql as $$
declare
    fault record;
begin
    select named.broken, named.sentence into fault
    from (select distinct force, area, code, outcome, since_change from opened) as said
    cross join lateral (values
        ('offence_force_is_known', 'The force is not one that /v1/areas lists.',
            exists (select from known_area where known_area.area = said.force)),
        ('offence_area_is_known', 'The area is not one that /v1/areas lists.',
            exists (select from known_area where known_area.area = said.area)),
        ('offence_code_is_known', 'The code is not one that /v1/offence-codes lists.',
            exists (select from known_code where known_code.code = said.code)),
        ('offence_outcome_is_known', 'An outcome is one of the types that /v1/outcomes lists, 0 to 22.',
            exists (select from outcome_type where outcome_type.outcome = said.outcome)),
        ('offence_began_at_a_change', 'A version begins at a change.',
            exists (select from change where change.id = said.since_change))
    ) as named (broken, sentence, known)
    where not named.known
    limit 1;
    if found then
        raise exception '%', fault.sentence using errcode = '23503', constraint = fault.broken;
    end if;
    return null;
end
$$;
create trigger offence_points_at_what_is_known after insert on offence_version
    referencing new table as opened for each statement execute function offence_points_at_what_is_known();

-- The same rule as before in words that the planner can inline: an instant and an interval depend on the session, two instants do not.
create or replace function recorded_in_time(reported_at timestamptz, recorded_at timestamptz, recorded_on date) returns boolean
language sql immutable parallel safe
return case
    when reported_at is null then null
    when coalesce(recorded_at, (recorded_on + 1)::timestamp at time zone 'Europe/London') - reported_at
         <= case when reported_at < timestamptz '2015-03-31 23:00:00+00' then interval '72 hours' else interval '24 hours' end then true
    when coalesce(recorded_at, recorded_on::timestamp at time zone 'Europe/London') - reported_at
         > case when reported_at < timestamptz '2015-03-31 23:00:00+00' then interval '72 hours' else interval '24 hours' end then false
end;

-- A file may be all there is for a period: what it lacks is cancelled.
alter table offence_version drop constraint offence_cancelled_for_a_known_reason;
alter table offence_version add constraint offence_cancelled_for_a_known_reason check (cancelled_reason in
    ('transferred', 'additional-information', 'duplicate', 'recorded-in-error', 'self-defence', 'not-in-resubmission'));
comment on constraint offence_cancelled_for_a_known_reason on offence_version is
    'A record is cancelled because it was transferred, additional-information showed no crime, it is a duplicate, was recorded-in-error, was self-defence, or was not-in-resubmission: not in the file that replaced its period.';

alter table submission
    add column cancelled_by_replacement int,
    add column replaces text;
comment on column submission.replaces is 'The period for which the file is all there is, as it was named.';
comment on column submission.cancelled_by_replacement is 'Records of that period that it lacks: cancelled, or to be cancelled where it was only rehearsed. Null where it replaces nothing.';

create table submission_replaced (
    force           text   not null,
    submission_id   uuid   not null,
    offence_id      uuid   not null,
    area            text   not null,
    code            text   not null,
    crime_ref       text   not null,
    recorded_on     date   not null,
    constraint submission_replaced_stands_once primary key (force, submission_id, offence_id),
    constraint submission_replaced_belongs_to_a_submission foreign key (force, submission_id) references submission
);
comment on table submission_replaced is 'The records that a file cancels, or would cancel, because it lacks them.';
grant select, insert on submission_replaced to crimebook_service;

-- How a force names its columns, writes its days and codes: kept with the force, version by version.
create table mapping_version (
    force           text   not null,
    name            text   not null,
    since_change    bigint not null,
    until_change    bigint,
    codes           jsonb  not null,
    columns         jsonb  not null,
    constants       jsonb  not null,
    dates           jsonb  not null,
    ignored         text[] not null,
    constraint mapping_version_begins_once primary key (force, name, since_change),
    constraint mapping_force_is_known foreign key (force) references known_area,
    constraint mapping_began_at_a_change foreign key (since_change) references change,
    constraint mapping_ended_at_a_change foreign key (until_change) references change,
    constraint mapping_version_ends_after_it_begins check (until_change > since_change),
    constraint mapping_name_reads_well check (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(name) <= 60)
);
create unique index mapping_present on mapping_version (force, name) where until_change is null;
comment on table mapping_version is 'Which of our fields each heading of an extract is, how days are written there, and what its codes mean.';
comment on constraint mapping_name_reads_well on mapping_version is
    'The name of a mapping is up to 60 small letters, digits and hyphens between them, like niche-rms.';
create trigger closed_version_stays_closed before update on mapping_version for each row execute function closed_version_stays_closed();
grant select, insert on mapping_version to crimebook_service;
grant update (until_change) on mapping_version to crimebook_service;

alter table submission add column mapping text, add column mapping_change bigint;
comment on column submission.mapping is 'The mapping by which it was read; mapping_change is the change at which that version of it began.';

-- migrate:down
alter table submission drop column mapping, drop column mapping_change;
drop table mapping_version;
drop table submission_replaced;
alter table submission drop column cancelled_by_replacement, drop column replaces;
alter table offence_version drop constraint offence_cancelled_for_a_known_reason;
alter table offence_version add constraint offence_cancelled_for_a_known_reason check (cancelled_reason in
    ('transferred', 'additional-information', 'duplicate', 'recorded-in-error', 'self-defence'));
comment on constraint offence_cancelled_for_a_known_reason on offence_version is
    'A record is cancelled because it was transferred, additional-information showed no crime, it is a duplicate, was recorded-in-error, or was self-defence.';
create or replace function recorded_in_time(reported_at timestamptz, recorded_at timestamptz, recorded_on date) returns boolean
language sql immutable parallel safe
return case
    when reported_at is null then null
    when coalesce(recorded_at, (recorded_on + 1)::timestamp at time zone 'Europe/London')
         <= reported_at + (case when civil_day(reported_at) < date '2015-04-01' then 72 else 24 end) * interval '1 hour' then true
    when coalesce(recorded_at, recorded_on::timestamp at time zone 'Europe/London')
         > reported_at + (case when civil_day(reported_at) < date '2015-04-01' then 72 else 24 end) * interval '1 hour' then false
end;
drop trigger offence_points_at_what_is_known on offence_version;
drop function offence_points_at_what_is_known;
alter table offence_version
    add constraint offence_force_is_known foreign key (force) references known_area,
    add constraint offence_area_is_known foreign key (area) references known_area,
    add constraint offence_code_is_known foreign key (code) references known_code,
    add constraint offence_outcome_is_known foreign key (outcome) references outcome_type,
    add constraint offence_began_at_a_change foreign key (since_change) references change;
comment on constraint offence_area_is_known on offence_version is 'The area is not one that /v1/areas lists.';
comment on constraint offence_code_is_known on offence_version is 'The code is not one that /v1/offence-codes lists.';
comment on constraint offence_outcome_is_known on offence_version is 'An outcome is one of the types that /v1/outcomes lists, 0 to 22.';

-- migrate:up

-- What becomes of a record after it was made: an outcome, another class, another force, no crime after all; by whose decision and why.

alter table caller drop constraint caller_scopes_are_known;
alter table caller add constraint caller_scopes_are_known
    check (scopes <@ array['read', 'record', 'publish', 'audit', 'erase', 'administer'] and cardinality(scopes) > 0);

-- How an investigation ends, as the Home Office counts it. A type that is part_of another is an "of which" row: its records are the
-- other's too, and adding the two counts them twice.
create table outcome_type (
    outcome         text   not null,
    position        int    not null,
    from_on         date,
    name            text   not null,
    outcome_group   text   not null,
    part_of         text,
    constraint outcome_type_is_named_once primary key (outcome),
    constraint outcome_type_part_of_is_known foreign key (part_of) references outcome_type
);
comment on table outcome_type is 'The outcomes framework of April 2013 with its later types. 0, not yet assigned, is no assigned outcome.';
comment on column outcome_type.from_on is 'First day on which it could be assigned, where that is later than the framework.';
grant select on outcome_type to crimebook_service;
insert into outcome_type (position, outcome, name, outcome_group, part_of, from_on)
select row_number() over (), * from (values
    ('0', 'Not yet assigned an outcome', 'Not yet assigned', null, null::date),
    ('1', 'Charged or summonsed', 'Charged or summonsed', null, null),
    ('1A', 'Charged or summonsed: alternate offence', 'Charged or summonsed', '1', null),
    ('2', 'Caution: youths', 'Out of court (formal)', null, null),
    ('2A', 'Caution: youths, alternate offence', 'Out of court (formal)', '2', null),
    ('3', 'Caution: adults', 'Out of court (formal)', null, null),
    ('3A', 'Caution: adults, alternate offence', 'Out of court (formal)', '3', null),
    ('4', 'Taken into consideration', 'Taken into consideration', null, null),
    ('5', 'Offender died', 'Prosecution prevented or not in the public interest', null, null),
    ('6', 'Penalty notice for disorder', 'Out of court (formal)', null, null),
    ('7', 'Cannabis or khat warning', 'Out of court (informal)', null, null),
    ('8', 'Community resolution', 'Out of court (informal)', null, null),
    ('9', 'Not in the public interest: prosecutor', 'Prosecution prevented or not in the public interest', null, null),
    ('10', 'Formal action not in the public interest: police', 'Prosecution prevented or not in the public interest', null, null),
    ('11', 'Suspect under age', 'Prosecution prevented or not in the public interest', null, null),
    ('12', 'Suspect too ill', 'Prosecution prevented or not in the public interest', null, null),
    ('13', 'Victim or key witness dead or too ill', 'Prosecution prevented or not in the public interest', null, null),
    ('14', 'No suspect identified, victim does not support action', 'Evidential difficulties', null, null),
    ('15', 'Suspect identified, victim supports action, evidential difficulties', 'Evidential difficulties', null, null),
    ('16', 'Suspect identified, victim does not support action', 'Evidential difficulties', null, null),
    ('17', 'Time limit for prosecution expired', 'Prosecution prevented or not in the public interest', null, null),
    ('18', 'Investigation complete, no suspect identified', 'Investigation complete, no suspect identified', null, null),
    ('19', 'National Fraud Intelligence Bureau case', 'Fraud', null, null),
    ('20', 'Action undertaken by another body', 'Action undertaken by another body', null, date '2015-04-01'),
    ('21', 'Further investigation not in the public interest: police', 'Further investigation not in the public interest', null, date '2016-01-01'),
    ('22', 'Diversionary, educational or intervention activity', 'Diversionary, educational or intervention activity', null, date '2019-04-01')
) as told (outcome, name, outcome_group, part_of, from_on);

-- How long was it from the report to the record? In hours.
create function hours_to_record(reported_at timestamptz, recorded_at timestamptz) returns numeric
language sql immutable parallel safe
return round(extract(epoch from recorded_at - reported_at) / 3600, 2);

-- Was it recorded within 24 hours of the report, or 72 where that came before April 2015 (counting rules, section A)? Where only the
-- day of recording is known: yes where the whole of that day lies within, no where none of it does, and otherwise null: nobody can say.
create function recorded_in_time(reported_at timestamptz, recorded_at timestamptz, recorded_on date) returns boolean
language sql immutable parallel safe
return case
    when reported_at is null then null
    when coalesce(recorded_at, (recorded_on + 1)::timestamp at time zone 'Europe/London')
         <= reported_at + (case when civil_day(reported_at) < date '2015-04-01' then 72 else 24 end) * interval '1 hour' then true
    when coalesce(recorded_at, recorded_on::timestamp at time zone 'Europe/London')
         > reported_at + (case when civil_day(reported_at) < date '2015-04-01' then 72 else 24 end) * interval '1 hour' then false
end;

alter table offence_version
    add column decided_by text,
    add column duplicate_of uuid,
    add column erased_change bigint,
    add column outcome text not null default '0',
    add column outcome_on date,
    add column reason text,
    add column recorded_by text,
    add column reported_by text,
    add column transferred_from uuid,
    add column transferred_to text,
    add column victims_told_on date,
    add column hours_to_record numeric generated always as (hours_to_record(reported_at, recorded_at)) stored,
    add column recorded_in_time boolean generated always as (recorded_in_time(reported_at, recorded_at, recorded_on)) stored,
    add constraint offence_outcome_is_known foreign key (outcome) references outcome_type,
    add constraint offence_outcome_has_a_day_when_assigned check (outcome <> '0' or outcome_on is null),
    add constraint offence_transferred_to_is_known foreign key (transferred_to) references known_area,
    add constraint offence_is_transferred_to_another_force check (transferred_to <> force),
    add constraint offence_transferred_to_says_why_cancelled check (transferred_to is null or cancelled_reason = 'transferred'),
    add constraint offence_duplicate_of_says_why_cancelled check (duplicate_of is null or cancelled_reason = 'duplicate'),
    add constraint offence_is_a_duplicate_of_another check (duplicate_of <> offence_id),
    add constraint offence_was_erased_at_a_change foreign key (erased_change) references change,
    add constraint offence_erased_holds_nothing_personal check (
        erased_change is null or num_nonnulls(decided_by, location, reason, recorded_by, reported_by) = 0);
comment on column offence_version.decided_by is 'Who decided what this version says anew: the class, the cancellation, the transfer.';
comment on column offence_version.duplicate_of is 'The record, of the same force, that a record cancelled as a duplicate repeats.';
comment on column offence_version.erased_change is 'The change at which its personal and free-text fields were erased.';
comment on column offence_version.reason is 'Why this version was made, in the words of whoever made it: about a person, so it can be erased.';
comment on column offence_version.transferred_from is 'The record of another force that was transferred to this one.';
comment on column offence_version.transferred_to is 'The force that a cancelled record was transferred to.';
comment on constraint offence_outcome_is_known on offence_version is 'An outcome is one of the types that /v1/outcomes lists, 0 to 22.';
comment on constraint offence_outcome_has_a_day_when_assigned on offence_version is 'Outcome 0 is not yet assigned, so it has no outcome_on.';
comment on constraint offence_is_transferred_to_another_force on offence_version is 'A crime is transferred to another force, not to its own.';
comment on constraint offence_duplicate_of_says_why_cancelled on offence_version is 'duplicate_of goes with the reason duplicate.';
comment on constraint offence_is_a_duplicate_of_another on offence_version is 'A record is a duplicate of another, not of itself.';
comment on constraint offence_transferred_to_says_why_cancelled on offence_version is 'transferred_to goes with the reason transferred.';
create unique index offence_is_received_once on offence_version (force, transferred_from) where until_change is null and transferred_from is not null;
comment on index offence_is_received_once is 'This force has a record of that transferred crime already: read and correct that one.';

create or replace view offence with (security_invoker = true) as
select * from offence_version where until_change is null;

alter table submission add column erased int not null default 0;
comment on column submission.erased is 'Lines whose record was erased here; it is left as it is.';

-- What is wrong with a record: as before, and with its outcome.
create function offence_faults(
    force text, area_name text, area text, code text, committed_from timestamptz, committed_to timestamptz, outcome text, outcome_on date,
    recorded_at timestamptz, recorded_on date, reported_at timestamptz, transferred_from uuid, victims_told_on date, now timestamptz
) returns table (field text, detail text) language sql stable parallel safe as $$
    select * from offence_faults(
        offence_faults.force, offence_faults.area_name, offence_faults.area, offence_faults.code, offence_faults.committed_from,
        offence_faults.committed_to, offence_faults.recorded_at, offence_faults.recorded_on, offence_faults.reported_at, offence_faults.now)
    union all
    select judged.field, judged.detail
    from (values
        ('outcome', case when not exists (select from outcome_type where outcome_type.outcome = offence_faults.outcome) then
            format('No outcome %s is known. GET /v1/outcomes lists those that are.', offence_faults.outcome) end),
        ('outcome_on', case when offence_faults.outcome = '0' and offence_faults.outcome_on is not null then
            'Outcome 0 is not yet assigned, so it has no outcome_on.' end),
        ('outcome_on', case when offence_faults.outcome_on > civil_day(offence_faults.now) then
            format('%s has not come yet: an outcome is assigned today or earlier.', to_char(offence_faults.outcome_on, 'FMDD FMMonth YYYY')) end),
        ('outcome_on', (select format('Outcome %s could not be assigned before %s.', type.outcome, to_char(type.from_on, 'FMDD FMMonth YYYY'))
            from outcome_type as type where type.outcome = offence_faults.outcome and type.from_on > offence_faults.outcome_on)),
        ('transferred_from', case when offence_faults.transferred_from is not null and not exists (
                select from offence as sent
                where sent.offence_id = offence_faults.transferred_from and sent.cancelled_reason = 'transferred'
                  and sent.force <> offence_faults.force and coalesce(sent.transferred_to, offence_faults.force) = offence_faults.force) then
            format('No record %s of another force was transferred to %s.', offence_faults.transferred_from, offence_faults.force) end),
        ('victims_told_on', case when offence_faults.victims_told_on > civil_day(offence_faults.now) then
            format('%s has not come yet: victims were told today or earlier.', to_char(offence_faults.victims_told_on, 'FMDD FMMonth YYYY')) end)
    ) as judged (field, detail)
    where judged.detail is not null
$$;

-- migrate:down
drop function offence_faults(text, text, text, text, timestamptz, timestamptz, text, date, timestamptz, date, timestamptz, uuid, date, timestamptz);
alter table submission drop column erased;
drop view offence;
alter table offence_version
    drop column recorded_in_time, drop column hours_to_record, drop column victims_told_on, drop column transferred_to,
    drop column transferred_from, drop column reported_by, drop column recorded_by, drop column reason, drop column outcome_on,
    drop column outcome, drop column erased_change, drop column duplicate_of, drop column decided_by;
create view offence with (security_invoker = true) as
select * from offence_version where until_change is null;
grant select on offence to crimebook_service;
comment on view offence is 'The present: the version of each record that no change has ended.';
drop function recorded_in_time;
drop function hours_to_record;
drop table outcome_type;
alter table caller drop constraint caller_scopes_are_known;
alter table caller add constraint caller_scopes_are_known
    check (scopes <@ array['read', 'record', 'administer'] and cardinality(scopes) > 0);

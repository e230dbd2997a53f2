-- migrate:up

-- Recorded offences as versions: what is true of a crime record between one change and another.
-- Nothing is deleted.

-- How long was it from the report to the record? In hours.
create function hours_to_record(reported_at timestamptz, recorded_at timestamptz) returns numeric
language sql immutable parallel safe
return round(extract(epoch from recorded_at - reported_at) / 3600, 2);

-- Was it recorded within 24 hours of the report, or 72 where that came before April 2015 (counting
-- rules, section A)? Where only the day of recording is known: yes where the whole of that day lies
-- within, no where none of it does, and otherwise null: nobody can say. In words that the planner
-- can inline: an instant and an interval depend on the session, two instants do not.
create function recorded_in_time(reported_at timestamptz, recorded_at timestamptz, recorded_on date)
returns boolean
language sql immutable parallel safe
return case
    when reported_at is null then null
    when coalesce(recorded_at, (recorded_on + 1)::timestamp at time zone 'Europe/London')
         - reported_at
         <= case
                when reported_at < timestamptz '2015-03-31 23:00:00+00' then interval '72 hours'
                else interval '24 hours'
            end
        then true
    when coalesce(recorded_at, recorded_on::timestamp at time zone 'Europe/London')
         - reported_at
         > case
               when reported_at < timestamptz '2015-03-31 23:00:00+00' then interval '72 hours'
               else interval '24 hours'
           end
        then false
end;

create table offence_version (
    force            text        not null,
    offence_id       uuid        not null,
    since_change     bigint      not null,
    until_change     bigint,
    area             text        not null,
    cancelled_reason text,
    code             text        not null,
    committed_from   timestamptz not null,
    committed_to     timestamptz,
    crime_ref        text        not null,
    location         text,
    recorded_at      timestamptz,
    recorded_on      date        not null,
    reported_at      timestamptz,
    status           text        not null default 'recorded',
    victims          int         not null default 1,
    decided_by       text,
    duplicate_of     uuid,
    erased_change    bigint,
    outcome          text        not null default '0',
    outcome_on       date,
    reason           text,
    recorded_by      text,
    reported_by      text,
    transferred_from uuid,
    transferred_to   text,
    victims_told_on  date,
    hours_to_record  numeric
        generated always as (hours_to_record(reported_at, recorded_at)) stored,
    recorded_in_time boolean
        generated always as (recorded_in_time(reported_at, recorded_at, recorded_on)) stored,
    constraint offence_version_begins_once primary key (force, offence_id, since_change),
    constraint offence_ended_at_a_change foreign key (until_change) references change,
    constraint offence_was_erased_at_a_change foreign key (erased_change) references change,
    constraint offence_transferred_to_is_known foreign key (transferred_to) references known_area,
    constraint offence_version_ends_after_it_begins check (until_change > since_change),
    constraint offence_recorded_on_or_after_it_happened check (
        recorded_on >= civil_day(coalesce(committed_to, committed_from))),
    constraint offence_ended_on_or_after_it_began check (committed_from <= committed_to),
    constraint offence_reported_before_it_was_recorded check (
        civil_day(reported_at) <= recorded_on
        and (recorded_at is null or reported_at <= recorded_at)),
    constraint offence_recorded_at_falls_on_recorded_on check (
        civil_day(recorded_at) = recorded_on),
    constraint offence_victims_can_be_counted check (victims between 0 and 10000),
    constraint offence_status_is_known check (status in ('recorded', 'cancelled')),
    constraint offence_cancelled_for_a_reason check (
        (status = 'cancelled') = (cancelled_reason is not null)),
    constraint offence_cancelled_for_a_known_reason check (cancelled_reason in (
        'transferred', 'additional-information', 'duplicate', 'recorded-in-error', 'self-defence',
        'not-in-resubmission')),
    constraint offence_outcome_has_a_day_when_assigned check (outcome <> '0' or outcome_on is null),
    constraint offence_is_transferred_to_another_force check (transferred_to <> force),
    constraint offence_transferred_to_says_why_cancelled check (
        transferred_to is null or cancelled_reason = 'transferred'),
    constraint offence_duplicate_of_says_why_cancelled check (
        duplicate_of is null or cancelled_reason = 'duplicate'),
    constraint offence_is_a_duplicate_of_another check (duplicate_of <> offence_id),
    constraint offence_erased_holds_nothing_personal check (
        erased_change is null
        or num_nonnulls(decided_by, location, reason, recorded_by, reported_by) = 0)
) with (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

-- Whether to look in the order of days or in the areas asked for depends on how many records these
-- have, which is known of each: there are fewer areas and codes than these statistics hold.
alter table offence_version
    alter column area set statistics 1000,
    alter column code set statistics 1000;

create unique index offence_present on offence_version (force, offence_id)
    where until_change is null;
create unique index offence_reference_present on offence_version (force, crime_ref)
    where until_change is null;
create unique index offence_is_received_once on offence_version (force, transferred_from)
    where until_change is null and transferred_from is not null;
-- Lists and evidence of a force, in the order they are read; and without a force, with the oldest
-- record first.
create index offence_listed on offence_version (force, recorded_on, offence_id);
create index offence_by_day on offence_version (recorded_on, offence_id);
-- One record and its history.
create index offence_by_id on offence_version (offence_id, since_change);
-- The evidence of a figure is a few hundred of the 20,000 records of an area and year: told apart
-- by their code before any is fetched.
create index offence_by_area on offence_version (area, recorded_on, code);
-- What did a change open and close? Never looked up beside all records of its force, whatever
-- statistics say of the changes before it.
create index offence_opened on offence_version (since_change, force);
create index offence_closed on offence_version (until_change, force) where until_change is not null;
-- What counts now, and since when; what counted, and until when?
create index offence_entered on offence_version (area, month_of(recorded_on), since_change)
    where until_change is null and status = 'recorded';
create index offence_left on offence_version (area, month_of(recorded_on), until_change)
    include (since_change, code, victims)
    where until_change is not null and status = 'recorded';
-- Outcomes that were given in a period, of an area and of a force.
create index offence_by_outcome on offence_version (area, outcome_on) where outcome_on is not null;
create index offence_by_outcome_day on offence_version (force, outcome_on)
    where outcome_on is not null;

comment on column offence_version.decided_by is
    'Who decided what this version says anew: the class, the cancellation, the transfer.';
comment on column offence_version.duplicate_of is
    'The record, of the same force, that a record cancelled as a duplicate repeats.';
comment on column offence_version.erased_change is
    'The change at which its personal and free-text fields were erased.';
comment on column offence_version.reason is
    'Why this version was made, in the words of whoever made it: about a person, so it can be '
    'erased.';
comment on column offence_version.transferred_from is
    'The record of another force that was transferred to this one.';
comment on column offence_version.transferred_to is
    'The force that a cancelled record was transferred to.';
comment on constraint offence_recorded_on_or_after_it_happened on offence_version is
    'A crime is recorded on the day it happened or later: check recorded_on, committed_from and '
    'committed_to.';
comment on constraint offence_ended_on_or_after_it_began on offence_version is
    'committed_to cannot be earlier than committed_from.';
comment on constraint offence_reported_before_it_was_recorded on offence_version is
    'A crime is reported before it is recorded: check reported_at against recorded_on and '
    'recorded_at.';
comment on constraint offence_recorded_at_falls_on_recorded_on on offence_version is
    'recorded_at must fall on recorded_on, by the clock of Europe/London.';
comment on constraint offence_victims_can_be_counted on offence_version is
    'victims is a number from 0 to 10,000.';
comment on constraint offence_cancelled_for_a_known_reason on offence_version is
    'A record is cancelled because it was transferred, additional-information showed no crime, it '
    'is a duplicate, was recorded-in-error, was self-defence, or was not-in-resubmission: not in '
    'the file that replaced its period.';
comment on constraint offence_outcome_has_a_day_when_assigned on offence_version is
    'Outcome 0 is not yet assigned, so it has no outcome_on.';
comment on constraint offence_is_transferred_to_another_force on offence_version is
    'A crime is transferred to another force, not to its own.';
comment on constraint offence_duplicate_of_says_why_cancelled on offence_version is
    'duplicate_of goes with the reason duplicate.';
comment on constraint offence_is_a_duplicate_of_another on offence_version is
    'A record is a duplicate of another, not of itself.';
comment on constraint offence_transferred_to_says_why_cancelled on offence_version is
    'transferred_to goes with the reason transferred.';
comment on index offence_reference_present is
    'This force already has a record with that crime_ref: read it with GET '
    '/v1/offences?crime_ref=… and correct it with PUT, or give the new record its own reference.';
comment on index offence_is_received_once is
    'This force has a record of that transferred crime already: read and correct that one.';

grant select, insert on offence_version to crimebook_service;
grant update (until_change) on offence_version to crimebook_service;
grant select on offence_version to crimebook_eraser;
grant update (decided_by, erased_change, location, reason, recorded_by, reported_by)
    on offence_version to crimebook_eraser;
alter table offence_version enable row level security;
create policy of_own_forces on offence_version to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- In place of the plain guard: a version that has ended may lose what is personal, all of it and
-- nothing else, once.
create function offence_version_only_ends_or_is_erased() returns trigger language plpgsql as $$
declare
    personal constant text[] := array[
        'decided_by', 'erased_change', 'location', 'reason', 'recorded_by', 'reported_by',
        'hours_to_record', 'recorded_in_time'];     -- these two are worked out only after this
begin
    if new.erased_change is distinct from old.erased_change then
        if old.erased_change is not null
           or to_jsonb(new) - personal <> to_jsonb(old) - personal then
            raise exception 'An erasure takes what is personal from a version, once, '
                'and leaves all else.'
                using errcode = '42501';
        end if;
    elsif old.until_change is not null then
        raise exception 'A version that ended at change % cannot be altered.', old.until_change
            using errcode = '42501';
    end if;
    return new;
end
$$;
create trigger closed_version_stays_closed before update on offence_version
    for each row execute function offence_version_only_ends_or_is_erased();

-- What a version points at is looked at once for each statement, not once for each row by foreign
-- keys: of a million lines of a file that was half of the time. The service may alter none of these
-- columns later and delete nothing that they point at.
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
        ('offence_outcome_is_known',
            'An outcome is one of the types that /v1/outcomes lists, 0 to 22.',
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
    referencing new table as opened
    for each statement execute function offence_points_at_what_is_known();

create view offence with (security_invoker = true) as
select * from offence_version where until_change is null;
comment on view offence is 'The present: the version of each record that no change has ended.';
grant select on offence to crimebook_service;

-- Was this record of another force transferred, to this one or to nobody that was named? Asked by
-- those who receive for this force, in the name of the owner, who sees the records of both.
create function was_transferred(offence_id uuid, force text) returns boolean
language plpgsql stable parallel safe security definer set search_path = public, pg_temp as $$
begin
    return sees(was_transferred.force) and exists (
        select from offence as sent
        where sent.offence_id = was_transferred.offence_id
          and sent.cancelled_reason = 'transferred'
          and sent.force <> was_transferred.force
          and coalesce(sent.transferred_to, was_transferred.force) = was_transferred.force);
end
$$;
revoke all on function was_transferred from public;
grant execute on function was_transferred to crimebook_service;

-- What is wrong with a record, each fault with its field and a sentence that says what to do. The
-- one judge of a record that comes alone and of a million that come in a file. area is the code
-- found for the name given, or null. This is what was asked before records had outcomes; the
-- function of the same name below asks it.
create function offence_faults(
    force text, area_name text, area text, code text, committed_from timestamptz,
    committed_to timestamptz, recorded_at timestamptz, recorded_on date, reported_at timestamptz,
    now timestamptz
) returns table (field text, detail text) language sql stable parallel safe as $$
    select judged.field, judged.detail
    from (values
        ('area', case when offence_faults.area is null then
            format(
                'No area is called %s. GET /v1/areas lists those that are.',
                offence_faults.area_name) end),
        ('area', case when offence_faults.area is not null and not exists (
                select from area_ancestor as inside
                where inside.area = offence_faults.area
                  and inside.ancestor = offence_faults.force
                  and inside.until_change is null) then
            format(
                '%s does not lie in force %s: a crime is recorded by the force where it took '
                'place.',
                offence_faults.area_name, offence_faults.force) end),
        ('area', (
            select format(
                '%s (%s) was not an area on %s: it %s.',
                place.name,
                place.area,
                to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY'),
                case
                    when place.to_on < offence_faults.recorded_on
                        then 'ended on ' || to_char(place.to_on, 'FMDD FMMonth YYYY')
                    else 'began on ' || to_char(place.from_on, 'FMDD FMMonth YYYY')
                end)
            from area as place
            where place.area = offence_faults.area
              and (
                  place.to_on < offence_faults.recorded_on
                  or place.from_on > offence_faults.recorded_on))),
        ('code', case when not exists (
                select from known_code where known_code.code = offence_faults.code) then
            format(
                'No offence code %s is known. GET /v1/offence-codes lists those that are.',
                offence_faults.code) end),
        ('code', (
            select format(
                'Code %s %s, so nothing recorded on %s can be under it. '
                'GET /v1/offence-codes lists the codes of that day.',
                version.code,
                case
                    when version.to_on < offence_faults.recorded_on
                        then 'ended on ' || to_char(version.to_on, 'FMDD FMMonth YYYY')
                    else 'began on ' || to_char(version.from_on, 'FMDD FMMonth YYYY')
                end,
                to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY'))
            from code_version as version
            where version.code = offence_faults.code
              and version.until_change is null
              and (
                  version.to_on < offence_faults.recorded_on
                  or version.from_on > offence_faults.recorded_on))),
        ('recorded_on', case when offence_faults.recorded_on > civil_day(offence_faults.now) then
            format(
                '%s has not come yet: a crime is recorded today or earlier.',
                to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY')) end),
        ('recorded_on', case when offence_faults.recorded_on
                < civil_day(coalesce(offence_faults.committed_to, offence_faults.committed_from))
                then
            'A crime is recorded on the day it happened or later: '
            'check recorded_on, committed_from and committed_to.' end),
        ('committed_to', case when offence_faults.committed_to < offence_faults.committed_from then
            'committed_to cannot be earlier than committed_from.' end),
        ('reported_at', case when civil_day(offence_faults.reported_at) > offence_faults.recorded_on
                or offence_faults.reported_at > offence_faults.recorded_at then
            'A crime is reported before it is recorded: '
            'check reported_at against recorded_on and recorded_at.' end),
        ('recorded_at', case when civil_day(offence_faults.recorded_at)
                <> offence_faults.recorded_on then
            'recorded_at must fall on recorded_on, by the clock of Europe/London.' end),
        ('recorded_at', case when offence_faults.recorded_at > offence_faults.now
                and civil_day(offence_faults.recorded_at) = civil_day(offence_faults.now) then
            'recorded_at has not come yet: a crime is recorded now or earlier.' end)
    ) as judged (field, detail)
    where judged.detail is not null
$$;

-- What is wrong with a record and with its outcome.
create function offence_faults(
    force text, area_name text, area text, code text, committed_from timestamptz,
    committed_to timestamptz, outcome text, outcome_on date, recorded_at timestamptz,
    recorded_on date, reported_at timestamptz, transferred_from uuid, victims_told_on date,
    now timestamptz
) returns table (field text, detail text) language sql stable parallel safe as $$
    select * from offence_faults(
        offence_faults.force, offence_faults.area_name, offence_faults.area, offence_faults.code,
        offence_faults.committed_from, offence_faults.committed_to, offence_faults.recorded_at,
        offence_faults.recorded_on, offence_faults.reported_at, offence_faults.now)
    union all
    select judged.field, judged.detail
    from (values
        ('outcome', case when not exists (
                select from outcome_type where outcome_type.outcome = offence_faults.outcome) then
            format(
                'No outcome %s is known. GET /v1/outcomes lists those that are.',
                offence_faults.outcome) end),
        ('outcome_on', case when offence_faults.outcome = '0'
                and offence_faults.outcome_on is not null then
            'Outcome 0 is not yet assigned, so it has no outcome_on.' end),
        ('outcome_on', case when offence_faults.outcome_on > civil_day(offence_faults.now) then
            format(
                '%s has not come yet: an outcome is assigned today or earlier.',
                to_char(offence_faults.outcome_on, 'FMDD FMMonth YYYY')) end),
        ('outcome_on', (
            select format(
                'Outcome %s could not be assigned before %s.',
                type.outcome, to_char(type.from_on, 'FMDD FMMonth YYYY'))
            from outcome_type as type
            where type.outcome = offence_faults.outcome
              and type.from_on > offence_faults.outcome_on)),
        ('transferred_from', case when offence_faults.transferred_from is not null
                and not was_transferred(offence_faults.transferred_from, offence_faults.force) then
            format(
                'No record %s of another force was transferred to %s.',
                offence_faults.transferred_from, offence_faults.force) end),
        ('victims_told_on', case when offence_faults.victims_told_on
                > civil_day(offence_faults.now) then
            format(
                '%s has not come yet: victims were told today or earlier.',
                to_char(offence_faults.victims_told_on, 'FMDD FMMonth YYYY')) end)
    ) as judged (field, detail)
    where judged.detail is not null
$$;

-- The records of these days, counting or cancelled, as known at a change, once for each area asked
-- that they lie in. No areas: every record once, for its own area. No category: of every code.
-- Inlined, so that constants meet the indexes.
create function records_within(areas text[], category text, first date, last date, as_of bigint)
returns table (
    asked text, force text, offence_id uuid, since_change bigint, area text, cancelled_reason text,
    code text, hours_to_record numeric, outcome text, recorded_in_time boolean, recorded_on date,
    reported_at timestamptz, status text
)
language sql stable parallel safe as $$
    select
        inside.ancestor,
        held.force,
        held.offence_id,
        held.since_change,
        held.area,
        held.cancelled_reason,
        held.code,
        held.hours_to_record,
        held.outcome,
        held.recorded_in_time,
        held.recorded_on,
        held.reported_at,
        held.status
    from area_ancestor as inside
    join offence_version as held on held.area = inside.area
    left join category_member(records_within.category, records_within.as_of) as member
      on member.code = held.code
     and held.recorded_on
         between coalesce(member.from_on, '-infinity') and coalesce(member.to_on, 'infinity')
    where (
        inside.ancestor = any (records_within.areas)
        or records_within.areas is null and inside.ancestor = inside.area)
      and known_at(inside.since_change, inside.until_change, records_within.as_of)
      and held.recorded_on between records_within.first and records_within.last
      and known_at(held.since_change, held.until_change, records_within.as_of)
      and (records_within.category is null or member.code is not null)
$$;

-- How many records of a force counted on each day, by code? Figures are of no person and the same
-- for everybody, so they are counted in the name of the owner. What such a function gives back says
-- how many, where, when and of which code, and names no record. It takes a plan for the very days
-- that are asked, as it would if inlined.
create function recorded_by_force(force text, first date, last date, as_of bigint)
returns table (code text, recorded_on date, number bigint)
language plpgsql stable parallel safe security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select held.code, held.recorded_on, count(*)
            from offence_version as held
            where held.force = recorded_by_force.force
              and held.recorded_on between recorded_by_force.first and recorded_by_force.last
              and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, recorded_by_force.as_of)
            group by 1, 2;
    end if;
end
$$;
revoke all on function recorded_by_force from public;
grant execute on function recorded_by_force to crimebook_service;

-- Outcomes that were given in a period, or of the records of a period. They are counted by the
-- month of recording, which is what categories are made of. By basis assigned those whose outcome
-- was given on these days, and of those recorded on them the ones that have an outcome without a
-- day (undated); by basis recorded all that were recorded on these days.
create function outcomes_counted(areas text[], first date, last date, basis text, as_of bigint)
returns table (area text, code text, month date, outcome text, undated boolean, number bigint)
language plpgsql stable parallel safe security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if first > last or not somebody_asks() then
        return;
    end if;
    if outcomes_counted.basis = 'assigned' then
        return query
            select
                inside.ancestor,
                held.code,
                month_of(held.recorded_on),
                held.outcome,
                false,
                count(*)
            from area_ancestor as inside
            join offence_version as held on held.area = inside.area
            where inside.ancestor = any (outcomes_counted.areas)
              and known_at(inside.since_change, inside.until_change, outcomes_counted.as_of)
              and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, outcomes_counted.as_of)
              and held.outcome_on between outcomes_counted.first and outcomes_counted.last
            group by 1, 2, 3, 4;
    end if;
    return query
        select
            inside.ancestor,
            held.code,
            month_of(held.recorded_on),
            held.outcome,
            outcomes_counted.basis = 'assigned',
            count(*)
        from area_ancestor as inside
        join offence_version as held on held.area = inside.area
        where inside.ancestor = any (outcomes_counted.areas)
          and known_at(inside.since_change, inside.until_change, outcomes_counted.as_of)
          and held.status = 'recorded'
          and known_at(held.since_change, held.until_change, outcomes_counted.as_of)
          and held.recorded_on between outcomes_counted.first and outcomes_counted.last
          and (
              outcomes_counted.basis = 'recorded'
              or held.outcome <> '0' and held.outcome_on is null)
        group by 1, 2, 3, 4;
end
$$;
comment on function outcomes_counted is
    'Outcomes of records, counted in the name of the owner since figures are the same for '
    'everybody; it names no record.';
revoke execute on function outcomes_counted from public;
grant execute on function outcomes_counted to crimebook_service;

-- migrate:down

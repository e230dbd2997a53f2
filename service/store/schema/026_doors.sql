-- migrate:up

-- Keys of callers. A caller may have several, so that one can take the place of another with an overlap. A key ends when its day comes, when
-- its version is ended, or with its caller. The first key of each caller is the one that it was made with.
create table caller_key_version (
    caller_id    uuid   not null,
    key_id       uuid   not null,
    since_change bigint not null,
    until_change bigint,
    digest       bytea  not null,
    expires_at   timestamptz,
    constraint caller_key_version_stands_once primary key (key_id, since_change),
    constraint caller_key_belongs_to_a_caller foreign key (caller_id) references caller,
    constraint caller_key_began_at_a_change foreign key (since_change) references change,
    constraint caller_key_ended_at_a_change foreign key (until_change) references change,
    constraint caller_key_version_ends_after_it_begins check (until_change > since_change),
    constraint caller_key_digest_is_sha256 check (octet_length(digest) = 32)
);
create unique index caller_key_digest_present on caller_key_version (digest) where until_change is null;
create index caller_key_by_caller on caller_key_version (caller_id, key_id);
comment on table caller_key_version is 'Keys as digests: a version that ended and was followed by none is a key that was revoked.';
comment on column caller.digest is 'Of the key that the caller was made with; all its keys are in caller_key_version.';
comment on column caller.forces is 'Area codes of the forces whose records it may see and write; empty means every force.';
create trigger closed_version_stays_closed before update on caller_key_version for each row execute function closed_version_stays_closed();
grant select, insert on caller_key_version to crimebook_service;
grant update (until_change) on caller_key_version to crimebook_service;
insert into caller_key_version (caller_id, key_id, since_change, until_change, digest)
select caller_id, caller_id, created_change, revoked_change, digest from caller;

-- When was a key last used? No fact of the book: told to the hour, outside any change.
create table caller_key_use (
    key_id  uuid        not null,
    used_at timestamptz not null,
    constraint caller_key_use_is_told_once primary key (key_id)
);
grant select, insert, update (used_at) on caller_key_use to crimebook_service;

-- Row-level security. Whose records a transaction sees is said by `set local crimebook.forces`: '*' is every force, else their codes with
-- commas; who asks, by `set local crimebook.caller`. Where nothing was said nothing is seen. The subqueries are worked out once a statement.
-- The owner of the tables is not bound by it.
create function sees(force text) returns boolean language sql stable parallel safe as $$
    select current_setting('crimebook.forces', true) = '*'
        or sees.force = any (string_to_array(current_setting('crimebook.forces', true), ','))
$$;
comment on function sees is 'Are records of this force to be seen in this transaction? As the policies say it, for what names a force in other words.';
create function somebody_asks() returns boolean language sql stable parallel safe as $$
    select current_setting('crimebook.forces', true) <> ''
$$;
comment on function somebody_asks is 'Was it said in whose name this transaction asks?';

do $$
declare
    held constant text := '((select current_setting(''crimebook.forces'', true)) = ''*''
        or force = any ((select string_to_array(current_setting(''crimebook.forces'', true), '',''))::text[]))';
    asked constant text := '((select current_setting(''crimebook.forces'', true)) <> '''')';
    name text;
begin
    -- Records, and what is said of them: those of its own forces.
    foreach name in array array['offence_version', 'offence_personal_digest', 'erasure', 'submission', 'submission_fault',
                                'submission_replaced', 'mapping_version', 'street_record_version', 'street_submission_file'] loop
        execute format('alter table %I enable row level security', name);
        execute format('create policy of_own_forces on %I to crimebook_service, crimebook_eraser using (%s)', name, held);
    end loop;
    -- Counts and what days they are complete for are of no person: everybody who asks sees all, and writes its own.
    foreach name in array array['tally', 'coverage'] loop
        execute format('alter table %I enable row level security', name);
        execute format('create policy seen_by_all on %I for select to crimebook_service using (%s)', name, asked);
        execute format('create policy written_for_own_forces on %I to crimebook_service using (%s)', name, held);
    end loop;
    -- Who did what: everything may be written down; what was asked of all forces is read by those who see them all.
    alter table access enable row level security;
    execute format('create policy of_own_forces on access for select to crimebook_service using (%s)', held);
    create policy written_by_all on access for insert to crimebook_service with check (true);
    alter table access_end enable row level security;
    create policy as_its_access on access_end for select to crimebook_service using (
        (select current_setting('crimebook.forces', true)) = '*' or exists (select from access where access.access_id = access_end.access_id));
    create policy written_by_all on access_end for insert to crimebook_service with check (true);
    -- A receipt of files of several forces is seen by each of them, and by whoever sent them.
    foreach name in array array['street_submission', 'street_submission_fault'] loop
        execute format('alter table %I enable row level security', name);
        execute format('create policy written_by_whoever_asks on %I for insert to crimebook_service with check (%s)', name, asked);
    end loop;
    create policy as_its_files on street_submission for select to crimebook_service using (
        (select current_setting('crimebook.forces', true)) = '*' or caller = (select current_setting('crimebook.caller', true))
        or exists (select from street_submission_file as file where file.street_submission_id = street_submission.street_submission_id));
    create policy as_its_receipt on street_submission_fault for select to crimebook_service using (
        (select current_setting('crimebook.forces', true)) = '*' or exists (
            select from street_submission as receipt where receipt.street_submission_id = street_submission_fault.street_submission_id));
    -- A leaf of the tree names a record and is needed for the proof of any other.
    alter table seal_leaf enable row level security;
    execute format('create policy for_whoever_asks on seal_leaf to crimebook_service using (%s)', asked);
    -- An answer is kept for its caller; what is erased is forgotten in everybody's.
    alter table given_answer enable row level security;
    create policy of_its_caller on given_answer to crimebook_service using (
        (select current_setting('crimebook.forces', true)) = '*' or caller = (select current_setting('crimebook.caller', true)));
    execute format('create policy forgotten_for_all on given_answer to crimebook_eraser using (%s)', asked);
end
$$;

-- Figures are of no person and the same for everybody, so they are counted in the name of the owner. What these functions give back says how
-- many, where, when and of which code, and names no record. They take a plan for the very days that are asked, as they would if inlined.

-- The records that counted on these days, as known at a change, for each area that they lie in.
create or replace function recorded_between(areas text[], first date, last date, as_of bigint)
returns table (area text, code text, recorded_on date, victims int) language plpgsql stable parallel safe
security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select inside.ancestor, held.code, held.recorded_on, held.victims
            from area_ancestor as inside
            join offence_version as held on held.area = inside.area
            where inside.ancestor = any (recorded_between.areas) and known_at(inside.since_change, inside.until_change, recorded_between.as_of)
              and held.recorded_on between recorded_between.first and recorded_between.last and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, recorded_between.as_of);
    end if;
end
$$;

-- What is said of the records of a period and is no person's: the same records as `records_within`, unnamed.
create function said_of_records_within(areas text[], category text, first date, last date, as_of bigint)
returns table (asked text, cancelled_reason text, code text, hours_to_record numeric, outcome text, recorded_in_time boolean, reported boolean,
               status text) language plpgsql stable parallel safe
security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select held.asked, held.cancelled_reason, held.code, held.hours_to_record, held.outcome, held.recorded_in_time,
                   held.reported_at is not null, held.status
            from records_within(said_of_records_within.areas, said_of_records_within.category, said_of_records_within.first,
                                said_of_records_within.last, said_of_records_within.as_of) as held;
    end if;
end
$$;

-- From which code to which were records reclassified, how often, and how many of them?
create function reclassifications_counted(areas text[], category text, first date, last date, as_of bigint)
returns table (asked text, from_code text, to_code text, reclassifications bigint, records bigint) language plpgsql stable parallel safe
security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select moved.asked, moved.from_code, moved.to_code, count(*), count(distinct moved.offence_id)
            from reclassified(reclassifications_counted.areas, reclassifications_counted.category, reclassifications_counted.first,
                              reclassifications_counted.last, reclassifications_counted.as_of) as moved
            group by 1, 2, 3;
    end if;
end
$$;

-- By how much has each part moved a count of a release, and how many records are behind it?
create function release_parts(release_id uuid, known bigint, as_of bigint)
returns table ("position" int, role text, part text, difference bigint, records bigint) language plpgsql stable parallel safe
security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if somebody_asks() then
        return query
            select moved.position, moved.role, moved.part, sum(moved.contribution)::bigint, count(distinct moved.offence_id)
            from release_movement(release_parts.release_id, release_parts.known, release_parts.as_of) as moved
            group by 1, 2, 3;
    end if;
end
$$;

-- How many records of a force counted on each day, by code?
create function recorded_by_force(force text, first date, last date, as_of bigint)
returns table (code text, recorded_on date, number bigint) language plpgsql stable parallel safe
security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select held.code, held.recorded_on, count(*)
            from offence_version as held
            where held.force = recorded_by_force.force and held.recorded_on between recorded_by_force.first and recorded_by_force.last
              and held.status = 'recorded' and known_at(held.since_change, held.until_change, recorded_by_force.as_of)
            group by 1, 2;
    end if;
end
$$;

-- How many street crimes did each force publish, by month and type? Null asks of every force, area, month and type.
create function street_crimes_counted(of_force text, of_area text, from_month date, to_month date, of_type text, as_of bigint)
returns table (force text, month date, crime_type text, number bigint) language plpgsql stable parallel safe
security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
    if somebody_asks() then
        return query
            select crime.force, crime.month, crime.crime_type, count(*)
            from street_record_version as crime
            where crime.kind = 'street' and known_at(crime.since_change, crime.until_change, street_crimes_counted.as_of)
              and (street_crimes_counted.of_force is null or crime.force = street_crimes_counted.of_force)
              and (street_crimes_counted.of_area is null or crime.area in (
                  select inside.area from area_ancestor as inside
                  where inside.ancestor = street_crimes_counted.of_area
                    and known_at(inside.since_change, inside.until_change, street_crimes_counted.as_of)))
              and (street_crimes_counted.from_month is null or crime.month >= street_crimes_counted.from_month)
              and (street_crimes_counted.to_month is null or crime.month <= street_crimes_counted.to_month)
              and (street_crimes_counted.of_type is null or crime.crime_type = street_crimes_counted.of_type)
            group by 1, 2, 3;
    end if;
end
$$;

-- Was this record of another force transferred, to this one or to nobody that was named? Asked by those who receive for this force.
create function was_transferred(offence_id uuid, force text) returns boolean language plpgsql stable parallel safe
security definer set search_path = public, pg_temp as $$
begin
    return sees(was_transferred.force) and exists (
        select from offence as sent
        where sent.offence_id = was_transferred.offence_id and sent.cancelled_reason = 'transferred' and sent.force <> was_transferred.force
          and coalesce(sent.transferred_to, was_transferred.force) = was_transferred.force);
end
$$;

revoke all on function recorded_between, said_of_records_within, reclassifications_counted, release_parts, recorded_by_force,
    street_crimes_counted, was_transferred from public;
grant execute on function recorded_between, said_of_records_within, reclassifications_counted, release_parts, recorded_by_force,
    street_crimes_counted, was_transferred to crimebook_service;

-- In place of the same, which looked for the record of the other force itself.
create or replace function offence_faults(
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
        ('transferred_from', case when offence_faults.transferred_from is not null
                and not was_transferred(offence_faults.transferred_from, offence_faults.force) then
            format('No record %s of another force was transferred to %s.', offence_faults.transferred_from, offence_faults.force) end),
        ('victims_told_on', case when offence_faults.victims_told_on > civil_day(offence_faults.now) then
            format('%s has not come yet: victims were told today or earlier.', to_char(offence_faults.victims_told_on, 'FMDD FMMonth YYYY')) end)
    ) as judged (field, detail)
    where judged.detail is not null
$$;

-- migrate:down
create or replace function offence_faults(
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
drop function was_transferred, street_crimes_counted, recorded_by_force, release_parts, reclassifications_counted, said_of_records_within;
drop function recorded_between;
create function recorded_between(areas text[], first date, last date, as_of bigint)
returns table (area text, code text, recorded_on date, victims int) language sql stable parallel safe as $$
    select inside.ancestor, held.code, held.recorded_on, held.victims
    from area_ancestor as inside
    join offence_version as held on held.area = inside.area
    where inside.ancestor = any (recorded_between.areas) and known_at(inside.since_change, inside.until_change, recorded_between.as_of)
      and held.recorded_on between recorded_between.first and recorded_between.last and held.status = 'recorded'
      and known_at(held.since_change, held.until_change, recorded_between.as_of)
$$;
do $$
declare
    held record;
begin
    for held in select tablename, policyname from pg_policies where schemaname = 'public' loop
        execute format('drop policy %I on %I', held.policyname, held.tablename);
        execute format('alter table %I disable row level security', held.tablename);
    end loop;
end
$$;
drop function somebody_asks, sees;
drop table caller_key_use, caller_key_version;
comment on column caller.digest is null;
comment on column caller.forces is 'Area codes of the forces whose records it may write; empty means every force.';

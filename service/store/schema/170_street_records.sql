-- migrate:up

-- What data.police.uk publishes: a file for each force and month of street crimes, and one of
-- outcomes. Its records have a month and a coarse type, no day and no offence code; rows of
-- anti-social behaviour have no id and may be equal in every column. They are held apart from
-- recorded offences: no figure that goes by offence code reads these tables.

create table street_crime_type (
    crime_type text    not null,
    from_month date    not null,
    is_crime   boolean not null,
    to_month   date,
    constraint street_crime_type_is_named_once primary key (crime_type),
    constraint street_crime_type_ends_after_it_begins check (from_month <= to_month)
);
comment on table street_crime_type is
    'The crime types of data.police.uk, with the first and last month that has them. They answer '
    'to no offence code and no category.';
comment on column street_crime_type.is_crime is 'Anti-social behaviour is none.';
grant select on street_crime_type to crimebook_service;
insert into street_crime_type (crime_type, from_month, to_month, is_crime) values
    ('Anti-social behaviour', '2010-12-01', null, false),
    ('Bicycle theft', '2013-05-01', null, true),
    ('Burglary', '2010-12-01', null, true),
    ('Criminal damage and arson', '2011-09-01', null, true),
    ('Drugs', '2011-09-01', null, true),
    ('Other crime', '2010-12-01', null, true),
    ('Other theft', '2011-09-01', null, true),
    ('Possession of weapons', '2013-05-01', null, true),
    ('Public disorder and weapons', '2011-09-01', '2013-04-01', true),
    ('Public order', '2013-05-01', null, true),
    ('Robbery', '2010-12-01', null, true),
    ('Shoplifting', '2011-09-01', null, true),
    ('Theft from the person', '2013-05-01', null, true),
    ('Vehicle crime', '2010-12-01', null, true),
    ('Violence and sexual offences', '2013-05-01', null, true),
    ('Violent crime', '2010-12-01', '2013-04-01', true);

create table street_record_version (
    force            text   not null,
    street_record_id uuid   not null,
    since_change     bigint not null,
    until_change     bigint,
    area             text,
    content          uuid   not null,
    context          text,
    crime_id         text,
    crime_type       text,
    easting          int,
    falls_within     text,
    kind             text   not null,
    last_outcome     text,
    latitude         numeric,
    location         text,
    longitude        numeric,
    lsoa             text,
    lsoa_name        text,
    month            date   not null,
    northing         int,
    outcome_type     text,
    reported_by      text   not null,
    constraint street_record_version_begins_once
        primary key (force, street_record_id, since_change),
    constraint street_record_force_is_known foreign key (force) references known_area,
    constraint street_record_area_is_known foreign key (area) references known_area,
    constraint street_record_crime_type_is_known
        foreign key (crime_type) references street_crime_type,
    constraint street_record_began_at_a_change foreign key (since_change) references change,
    constraint street_record_ended_at_a_change foreign key (until_change) references change,
    constraint street_record_version_ends_after_it_begins check (until_change > since_change),
    constraint street_record_kind_is_known check (kind in ('street', 'outcomes')),
    constraint street_record_is_a_crime_or_an_outcome check (
        (kind = 'street') = (crime_type is not null)
        and (kind = 'outcomes') = (outcome_type is not null)),
    constraint street_record_month_is_its_first_day check (extract(day from month) = 1)
);
create index street_record_present on street_record_version (force, month, kind)
    where until_change is null;
create index street_record_by_month on street_record_version (kind, month, street_record_id);
create index street_record_by_area on street_record_version (area, kind, month);
create index street_record_by_crime_id on street_record_version (force, crime_id)
    where crime_id is not null;
comment on table street_record_version is
    'Rows of data.police.uk as published, none merged. kind is that of the file: street (crimes) '
    'or outcomes.';
comment on column street_record_version.area is
    'The district that the name of the LSOA begins with; null where there is none or no district '
    'is called so.';
comment on column street_record_version.content is
    'A digest of all that the row said, by which a file that comes again is compared.';
create trigger closed_version_stays_closed before update on street_record_version
    for each row execute function closed_version_stays_closed();
grant select, insert on street_record_version to crimebook_service;
grant update (until_change) on street_record_version to crimebook_service;
alter table street_record_version enable row level security;
create policy of_own_forces on street_record_version to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

create table street_submission (
    street_submission_id uuid        not null,
    at                   timestamptz not null,
    caller               text        not null,
    change               bigint,
    digest               text        not null,
    faults               int         not null default 0,
    passed_over          jsonb       not null default '[]',
    passed_over_count    int         not null default 0,
    reason               text        not null,
    rows                 int         not null,
    status               text        not null,
    constraint street_submission_stands_once primary key (street_submission_id),
    constraint street_submission_made_a_change foreign key (change) references change,
    constraint street_submission_status_is_known check (status in ('accepted', 'refused')),
    constraint street_submission_changes_when_accepted check (
        change is null or status = 'accepted'),
    constraint street_submission_refused_for_its_faults check ((status = 'refused') = (faults > 0))
);
comment on table street_submission is 'The receipt of a file, folder or archive of data.police.uk.';
grant select, insert on street_submission to crimebook_service;

create table street_submission_file (
    force                text not null,
    street_submission_id uuid not null,
    month                date not null,
    kind                 text not null,
    corrected            int  not null,
    ended                int  not null,
    name                 text,
    recorded             int  not null,
    rows                 int  not null,
    unchanged            int  not null,
    constraint street_submission_file_stands_once
        primary key (force, street_submission_id, month, kind),
    constraint street_submission_file_force_is_known foreign key (force) references known_area,
    constraint street_submission_file_kind_is_known check (kind in ('street', 'outcomes')),
    constraint street_submission_file_is_of_a_submission
        foreign key (street_submission_id) references street_submission
);
create index street_submission_file_by_submission on street_submission_file (street_submission_id);
grant select, insert on street_submission_file to crimebook_service;
alter table street_submission_file enable row level security;
create policy of_own_forces on street_submission_file to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

create table street_submission_fault (
    street_submission_id uuid not null,
    position             int  not null,
    detail               text not null,
    field                text not null,
    file                 text,
    line                 int  not null,
    value                text,
    constraint street_submission_fault_stands_once primary key (street_submission_id, position),
    constraint street_submission_fault_is_of_a_submission
        foreign key (street_submission_id) references street_submission
);
grant select, insert on street_submission_fault to crimebook_service;

-- A receipt of files of several forces is seen by each of them, and by whoever sent them.
alter table street_submission enable row level security;
create policy as_its_files on street_submission for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or caller = (select current_setting('crimebook.caller', true))
    or exists (
        select from street_submission_file as file
        where file.street_submission_id = street_submission.street_submission_id));
create policy written_by_whoever_asks on street_submission for insert to crimebook_service
    with check ((select current_setting('crimebook.forces', true)) <> '');
alter table street_submission_fault enable row level security;
create policy as_its_receipt on street_submission_fault for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or exists (
        select from street_submission as receipt
        where receipt.street_submission_id = street_submission_fault.street_submission_id));
create policy written_by_whoever_asks on street_submission_fault for insert to crimebook_service
    with check ((select current_setting('crimebook.forces', true)) <> '');

-- Which outcomes have a Crime ID? A row without one has none.
create function street_outcomes_of(force text, crime_id text, as_of bigint) returns jsonb
language sql stable parallel safe as $$
    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'month', held.month,
                'outcome_type', held.outcome_type,
                'street_outcome_id', held.street_record_id
            ) order by held.month, held.street_record_id),
        '[]')
    from street_record_version as held
    where held.force = street_outcomes_of.force
      and held.crime_id = street_outcomes_of.crime_id
      and held.kind = 'outcomes'
      and known_at(held.since_change, held.until_change, street_outcomes_of.as_of)
$$;

-- How many street crimes did each force publish, by month and type? Null asks of every force, area,
-- month and type. Counted in the name of the owner, as figures are; it names no record.
create function street_crimes_counted(
    of_force text, of_area text, from_month date, to_month date, of_type text, as_of bigint
) returns table (force text, month date, crime_type text, number bigint)
language plpgsql stable parallel safe security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if somebody_asks() then
        return query
            select crime.force, crime.month, crime.crime_type, count(*)
            from street_record_version as crime
            where crime.kind = 'street'
              and known_at(crime.since_change, crime.until_change, street_crimes_counted.as_of)
              and (
                  street_crimes_counted.of_force is null
                  or crime.force = street_crimes_counted.of_force)
              and (
                  street_crimes_counted.of_area is null
                  or crime.area in (
                      select inside.area from area_ancestor as inside
                      where inside.ancestor = street_crimes_counted.of_area
                        and known_at(
                            inside.since_change, inside.until_change, street_crimes_counted.as_of)))
              and (
                  street_crimes_counted.from_month is null
                  or crime.month >= street_crimes_counted.from_month)
              and (
                  street_crimes_counted.to_month is null
                  or crime.month <= street_crimes_counted.to_month)
              and (
                  street_crimes_counted.of_type is null
                  or crime.crime_type = street_crimes_counted.of_type)
            group by 1, 2, 3;
    end if;
end
$$;
revoke all on function street_crimes_counted from public;
grant execute on function street_crimes_counted to crimebook_service;

-- migrate:down

-- migrate:up

-- A file of offences from a force: staged line by line, judged as a set, applied whole or not at all, and answered with a receipt.

create table submission (
    submission_id   uuid        not null,
    force           text        not null,
    at              timestamptz not null,
    caller          text        not null,
    cancelled       int         not null default 0,
    change          bigint,
    corrected       int         not null default 0,
    covers          text        not null,
    days            daterange,
    digest          text        not null,
    faults          int         not null default 0,
    lines           int         not null,
    reason          text        not null,
    recorded        int         not null default 0,
    status          text        not null,
    unchanged       int         not null default 0,
    constraint submission_stands_once primary key (force, submission_id),
    constraint submission_force_is_known foreign key (force) references known_area,
    constraint submission_covers_a_known_category foreign key (covers) references known_category,
    constraint submission_made_a_change foreign key (change) references change,
    constraint submission_status_is_known check (status in ('accepted', 'refused', 'rehearsed')),
    constraint submission_changes_only_when_accepted check (change is null or status = 'accepted'),
    constraint submission_refused_for_its_faults check ((status = 'refused') = (faults > 0) or status = 'rehearsed')
);
comment on column submission.change is 'The change that applied it; null where every line was already known, or none was applied.';
comment on column submission.digest is 'SHA-256 of the bytes received, in hexadecimal.';
create index submission_by_id on submission (submission_id);        -- in the order they came: ids follow time

create table submission_fault (
    force           text   not null,
    submission_id   uuid   not null,
    line            int    not null,
    position        int    not null,
    detail          text   not null,
    field           text   not null,
    value           text,
    constraint submission_fault_stands_once primary key (force, submission_id, line, position),
    constraint submission_fault_belongs_to_a_submission foreign key (force, submission_id) references submission
);

-- What is wrong with a record, each fault with its field and a sentence that says what to do. The one judge of a record that comes
-- alone and of a million that come in a file. area is the code found for the name given, or null.
create function offence_faults(
    force text, area_name text, area text, code text, committed_from timestamptz, committed_to timestamptz,
    recorded_at timestamptz, recorded_on date, reported_at timestamptz, now timestamptz
) returns table (field text, detail text) language sql stable parallel safe as $$
    select judged.field, judged.detail
    from (values
        ('area', case when offence_faults.area is null then
            format('No area is called %s. GET /v1/areas lists those that are.', offence_faults.area_name) end),
        ('area', case when offence_faults.area is not null and not exists (
                select from area_ancestor as inside
                where inside.area = offence_faults.area and inside.ancestor = offence_faults.force and inside.until_change is null) then
            format('%s does not lie in force %s: a crime is recorded by the force where it took place.', offence_faults.area_name, offence_faults.force) end),
        ('area', (select format('%s (%s) was not an area on %s: it %s.', place.name, place.area, to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY'),
                    case when place.to_on < offence_faults.recorded_on then 'ended on ' || to_char(place.to_on, 'FMDD FMMonth YYYY')
                         else 'began on ' || to_char(place.from_on, 'FMDD FMMonth YYYY') end)
            from area as place
            where place.area = offence_faults.area and (place.to_on < offence_faults.recorded_on or place.from_on > offence_faults.recorded_on))),
        ('code', case when not exists (select from known_code where known_code.code = offence_faults.code) then
            format('No offence code %s is known. GET /v1/offence-codes lists those that are.', offence_faults.code) end),
        ('code', (select format('Code %s %s, so nothing recorded on %s can be under it. GET /v1/offence-codes lists the codes of that day.', version.code,
                    case when version.to_on < offence_faults.recorded_on then 'ended on ' || to_char(version.to_on, 'FMDD FMMonth YYYY')
                         else 'began on ' || to_char(version.from_on, 'FMDD FMMonth YYYY') end, to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY'))
            from code_version as version
            where version.code = offence_faults.code and version.until_change is null
              and (version.to_on < offence_faults.recorded_on or version.from_on > offence_faults.recorded_on))),
        ('recorded_on', case when offence_faults.recorded_on > civil_day(offence_faults.now) then
            format('%s has not come yet: a crime is recorded today or earlier.', to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY')) end),
        ('recorded_on', case when offence_faults.recorded_on < civil_day(coalesce(offence_faults.committed_to, offence_faults.committed_from)) then
            'A crime is recorded on the day it happened or later: check recorded_on, committed_from and committed_to.' end),
        ('committed_to', case when offence_faults.committed_to < offence_faults.committed_from then
            'committed_to cannot be earlier than committed_from.' end),
        ('reported_at', case when civil_day(offence_faults.reported_at) > offence_faults.recorded_on or offence_faults.reported_at > offence_faults.recorded_at then
            'A crime is reported before it is recorded: check reported_at against recorded_on and recorded_at.' end),
        ('recorded_at', case when civil_day(offence_faults.recorded_at) <> offence_faults.recorded_on then
            'recorded_at must fall on recorded_on, by the clock of Europe/London.' end),
        ('recorded_at', case when offence_faults.recorded_at > offence_faults.now and civil_day(offence_faults.recorded_at) = civil_day(offence_faults.now) then
            'recorded_at has not come yet: a crime is recorded now or earlier.' end)
    ) as judged (field, detail)
    where judged.detail is not null
$$;

grant select, insert on submission, submission_fault to crimebook_service;

-- Lines on their way in are staged in temporary tables, which the service may analyse: a plan for a million lines is not one for ten.
do $$
begin
    execute format('grant temporary on database %I to crimebook_service', current_database());
end
$$;

-- migrate:down
drop function offence_faults;
drop table submission_fault, submission;

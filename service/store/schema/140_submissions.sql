-- migrate:up

-- A file of offences from a force: staged line by line, judged as a set, applied whole or not at
-- all, and answered with a receipt.
create table submission (
    submission_id            uuid        not null,
    force                    text        not null,
    at                       timestamptz not null,
    caller                   text        not null,
    cancelled                int         not null default 0,
    change                   bigint,
    corrected                int         not null default 0,
    covers                   text        not null,
    days                     daterange,
    digest                   text        not null,
    faults                   int         not null default 0,
    lines                    int         not null,
    reason                   text        not null,
    recorded                 int         not null default 0,
    status                   text        not null,
    unchanged                int         not null default 0,
    erased                   int         not null default 0,
    cancelled_by_replacement int,
    replaces                 text,
    mapping                  text,
    mapping_change           bigint,
    constraint submission_stands_once primary key (force, submission_id),
    constraint submission_force_is_known foreign key (force) references known_area,
    constraint submission_covers_a_known_category foreign key (covers) references known_category,
    constraint submission_made_a_change foreign key (change) references change,
    constraint submission_status_is_known check (status in ('accepted', 'refused', 'rehearsed')),
    constraint submission_changes_only_when_accepted check (change is null or status = 'accepted'),
    constraint submission_refused_for_its_faults check (
        (status = 'refused') = (faults > 0) or status = 'rehearsed')
);
-- In the order they came: ids follow time.
create index submission_by_id on submission (submission_id);
comment on column submission.change is
    'The change that applied it; null where every line was already known, or none was applied.';
comment on column submission.digest is 'SHA-256 of the bytes received, in hexadecimal.';
comment on column submission.erased is 'Lines whose record was erased here; it is left as it is.';
comment on column submission.replaces is
    'The period for which the file is all there is, as it was named.';
comment on column submission.cancelled_by_replacement is
    'Records of that period that it lacks: cancelled, or to be cancelled where it was only '
    'rehearsed. Null where it replaces nothing.';
comment on column submission.mapping is
    'The mapping by which it was read; mapping_change is the change at which that version of it '
    'began.';
grant select, insert on submission to crimebook_service;
alter table submission enable row level security;
create policy of_own_forces on submission to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

create table submission_fault (
    force         text not null,
    submission_id uuid not null,
    line          int  not null,
    position      int  not null,
    detail        text not null,
    field         text not null,
    value         text,
    constraint submission_fault_stands_once primary key (force, submission_id, line, position),
    constraint submission_fault_belongs_to_a_submission
        foreign key (force, submission_id) references submission
);
grant select, insert on submission_fault to crimebook_service;
alter table submission_fault enable row level security;
create policy of_own_forces on submission_fault to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- A file may be all there is for a period: what it lacks is cancelled.
create table submission_replaced (
    force         text not null,
    submission_id uuid not null,
    offence_id    uuid not null,
    area          text not null,
    code          text not null,
    crime_ref     text not null,
    recorded_on   date not null,
    constraint submission_replaced_stands_once primary key (force, submission_id, offence_id),
    constraint submission_replaced_belongs_to_a_submission
        foreign key (force, submission_id) references submission
);
comment on table submission_replaced is
    'The records that a file cancels, or would cancel, because it lacks them.';
grant select, insert on submission_replaced to crimebook_service;
alter table submission_replaced enable row level security;
create policy of_own_forces on submission_replaced to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- migrate:down

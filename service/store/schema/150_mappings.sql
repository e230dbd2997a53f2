-- migrate:up

-- How a force names its columns, writes its days and codes: kept with the force, version by
-- version.
create table mapping_version (
    force        text   not null,
    name         text   not null,
    since_change bigint not null,
    until_change bigint,
    codes        jsonb  not null,
    columns      jsonb  not null,
    constants    jsonb  not null,
    dates        jsonb  not null,
    ignored      text[] not null,
    constraint mapping_version_begins_once primary key (force, name, since_change),
    constraint mapping_force_is_known foreign key (force) references known_area,
    constraint mapping_began_at_a_change foreign key (since_change) references change,
    constraint mapping_ended_at_a_change foreign key (until_change) references change,
    constraint mapping_version_ends_after_it_begins check (until_change > since_change),
    constraint mapping_name_reads_well check (
        name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(name) <= 60)
);
create unique index mapping_present on mapping_version (force, name) where until_change is null;
comment on table mapping_version is
    'Which of our fields each heading of an extract is, how days are written there, and what its '
    'codes mean.';
comment on constraint mapping_name_reads_well on mapping_version is
    'The name of a mapping is up to 60 small letters, digits and hyphens between them, like '
    'niche-rms.';
create trigger closed_version_stays_closed before update on mapping_version
    for each row execute function closed_version_stays_closed();
grant select, insert on mapping_version to crimebook_service;
grant update (until_change) on mapping_version to crimebook_service;
alter table mapping_version enable row level security;
create policy of_own_forces on mapping_version to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- migrate:down

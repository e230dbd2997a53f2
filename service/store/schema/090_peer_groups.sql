-- migrate:up

-- Which forces are most like a force, as somebody found for some time. A group is the force's own:
-- that a force has another among its peers does not put it among the other's. None is shipped:
-- whoever compares forces puts in the groups that were published.
create table peer_group_version (
    force        text   not null,
    peer_group   text   not null,
    since_change bigint not null,
    until_change bigint,
    from_on      date,
    peers        text[] not null,
    source       text   not null,
    to_on        date,
    constraint peer_group_version_begins_once primary key (force, peer_group, since_change),
    constraint peer_group_force_is_known foreign key (force) references known_area,
    constraint peer_group_began_at_a_change foreign key (since_change) references change,
    constraint peer_group_ended_at_a_change foreign key (until_change) references change,
    constraint peer_group_version_ends_after_it_begins check (until_change > since_change),
    constraint peer_group_ends_on_or_after_it_begins check (from_on <= to_on),
    constraint peer_group_has_others_only check (
        not force = any (peers) and cardinality(peers) > 0),
    constraint peer_group_name_reads_well check (
        peer_group ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(peer_group) <= 60)
);
create unique index peer_group_present on peer_group_version (force, peer_group)
    where until_change is null;
comment on table peer_group_version is
    'The forces most like a force, from day to day, as a source has them.';
comment on column peer_group_version.from_on is
    'First day on which the group was in use; null is open.';
comment on column peer_group_version.to_on is 'Last such day; null while it is in use.';
comment on constraint peer_group_ends_on_or_after_it_begins on peer_group_version is
    'A peer group cannot end before it begins: check from_on and to_on.';
comment on constraint peer_group_has_others_only on peer_group_version is
    'peers are the other forces: the average takes in the force itself in any case.';
comment on constraint peer_group_name_reads_well on peer_group_version is
    'The name of a peer group is up to 60 small letters, digits and hyphens between them, like '
    'most-similar-2013.';
create trigger closed_version_stays_closed before update on peer_group_version
    for each row execute function closed_version_stays_closed();
grant select, insert on peer_group_version to crimebook_service;
grant update (until_change) on peer_group_version to crimebook_service;

-- Which forces are alike is of no person, so everybody who asks sees it; each writes its own.
alter table peer_group_version enable row level security;
create policy seen_by_all on peer_group_version for select to crimebook_service using (
    (select current_setting('crimebook.forces', true)) <> '');
create policy written_for_own_forces on peer_group_version to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- migrate:down

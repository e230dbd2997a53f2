-- migrate:up

-- Operations a force runs under a name, and the records that belong to them.

create table operation_version (
    operation_id uuid   not null,
    since_change bigint not null,
    until_change bigint,
    areas        text[] not null,
    categories   text[] not null,
    from_on      date   not null,
    name         text   not null,
    note         text,
    tagging      text   not null,
    to_on        date,
    constraint operation_version_begins_once primary key (operation_id, since_change),
    constraint operation_began_at_a_change foreign key (since_change) references change,
    constraint operation_ended_at_a_change foreign key (until_change) references change,
    constraint operation_version_ends_after_it_begins check (until_change > since_change),
    constraint operation_tagging_is_known check (tagging in ('rule', 'hand')),
    constraint operation_has_areas check (cardinality(areas) > 0),
    constraint operation_has_categories check (cardinality(categories) > 0),
    constraint operation_ends_on_or_after_it_begins check (from_on <= to_on)
);
create unique index operation_present on operation_version (operation_id)
    where until_change is null;
create unique index operation_name_present on operation_version (lower(name))
    where until_change is null;
comment on column operation_version.tagging is
    'rule: what was recorded in its areas, categories and days belongs to it, but for what was '
    'taken out by hand. hand: only what was tagged.';
comment on constraint operation_ends_on_or_after_it_begins on operation_version is
    'An operation cannot end before it begins: check from_on and to_on.';
comment on index operation_name_present is
    'Another operation has this name: choose a different one, or correct that one with PUT.';
create trigger closed_version_stays_closed before update on operation_version
    for each row execute function closed_version_stays_closed();
grant select, insert on operation_version to crimebook_service;
grant update (until_change) on operation_version to crimebook_service;

create table operation_tag (
    force        text    not null,
    operation_id uuid    not null,
    offence_id   uuid    not null,
    since_change bigint  not null,
    until_change bigint,
    tagged       boolean not null,
    constraint operation_tag_begins_once
        primary key (force, operation_id, offence_id, since_change),
    constraint operation_tag_force_is_known foreign key (force) references known_area,
    constraint operation_tag_began_at_a_change foreign key (since_change) references change,
    constraint operation_tag_ended_at_a_change foreign key (until_change) references change,
    constraint operation_tag_ends_after_it_begins check (until_change > since_change)
);
create unique index operation_tag_present on operation_tag (force, operation_id, offence_id)
    where until_change is null;
create index operation_tag_by_operation on operation_tag (operation_id, offence_id);
comment on table operation_tag is
    'What was said by hand of single records: tagged, or not; it goes before the rule of the '
    'operation.';
create trigger closed_version_stays_closed before update on operation_tag
    for each row execute function closed_version_stays_closed();
grant select, insert on operation_tag to crimebook_service;
grant update (until_change) on operation_tag to crimebook_service;
alter table operation_tag enable row level security;
create policy of_own_forces on operation_tag to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- The records of an operation, counting or cancelled, as known at a change: by its rule, and by
-- hand before the rule.
create function operation_records(operation_id uuid, as_of bigint)
returns table (force text, offence_id uuid)
language sql stable parallel safe as $$
    select held.force, held.offence_id
    from operation_version as run
    join area_ancestor as inside
      on inside.ancestor = any (run.areas)
     and known_at(inside.since_change, inside.until_change, operation_records.as_of)
    join offence_version as held
      on held.area = inside.area
     and held.recorded_on between run.from_on and coalesce(run.to_on, 'infinity')
     and known_at(held.since_change, held.until_change, operation_records.as_of)
    where run.operation_id = operation_records.operation_id
      and known_at(run.since_change, run.until_change, operation_records.as_of)
      and run.tagging = 'rule'
      and exists (
          select from unnest(run.categories) as wanted (category)
          cross join category_member(wanted.category, operation_records.as_of) as member
          where member.code = held.code
            and held.recorded_on
                between coalesce(member.from_on, '-infinity')
                    and coalesce(member.to_on, 'infinity'))
      and not exists (
          select from operation_tag as tag
          where (tag.force, tag.operation_id, tag.offence_id)
              = (held.force, run.operation_id, held.offence_id)
            and not tag.tagged
            and known_at(tag.since_change, tag.until_change, operation_records.as_of))
    union
    select tag.force, tag.offence_id
    from operation_tag as tag
    where tag.operation_id = operation_records.operation_id
      and tag.tagged
      and known_at(tag.since_change, tag.until_change, operation_records.as_of)
$$;
comment on function operation_records is
    'Which records belong to an operation, as known at a change.';

-- migrate:down

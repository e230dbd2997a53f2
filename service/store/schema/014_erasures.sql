-- migrate:up

-- Erasure: what is personal leaves every version of a record; what counts stays, so that no total moves. It is done in a role of its own,
-- which the service takes for that one statement: in its everyday role it can blank nothing.
do $$
begin
    create role crimebook_eraser nologin;
exception
    when duplicate_object or unique_violation then null;    -- roles belong to the server: another database made it
end
$$;
do $$
begin
    alter role crimebook_service noinherit;    -- it may become the eraser, but is not the eraser meanwhile
    grant crimebook_eraser to crimebook_service;
exception
    when insufficient_privilege then null;     -- the owner of another database has done it
end
$$;
grant usage on schema public to crimebook_eraser;

create table erasure (
    force           text   not null,
    offence_id      uuid   not null,
    authority       text   not null,
    change          bigint not null,
    ground          text   not null,
    versions        int    not null,
    constraint erasure_is_done_once primary key (force, offence_id),
    constraint erasure_made_a_change foreign key (change) references change,
    constraint erasure_force_is_known foreign key (force) references known_area,
    constraint erasure_ground_is_known check (ground in ('retention', 'data-subject-request', 'court-order', 'held-unlawfully')),
    constraint erasure_names_its_authority check (authority <> '')
);
create index erasure_by_change on erasure (change, offence_id);
comment on table erasure is 'What was erased, when, by whose authority and on what ground; never the content.';
comment on column erasure.versions is 'How many versions lost their personal and free-text fields.';
comment on constraint erasure_ground_is_known on erasure is 'A record is erased for retention, a data-subject-request, a court-order, or because it was held-unlawfully.';
grant select, insert on erasure to crimebook_service;

-- In place of the plain guard: a version that has ended may lose what is personal, all of it and nothing else, once.
create function offence_version_only_ends_or_is_erased() returns trigger language plpgsql as $$
declare
    personal constant text[] := array['decided_by', 'erased_change', 'location', 'reason', 'recorded_by', 'reported_by',
                                       'hours_to_record', 'recorded_in_time'];   -- worked out only after this
begin
    if new.erased_change is distinct from old.erased_change then
        if old.erased_change is not null or to_jsonb(new) - personal <> to_jsonb(old) - personal then
            raise exception 'An erasure takes what is personal from a version, once, and leaves all else.' using errcode = '42501';
        end if;
    elsif old.until_change is not null then
        raise exception 'A version that ended at change % cannot be altered.', old.until_change using errcode = '42501';
    end if;
    return new;
end
$$;
drop trigger closed_version_stays_closed on offence_version;
create trigger closed_version_stays_closed before update on offence_version for each row execute function offence_version_only_ends_or_is_erased();

grant select, update (decided_by, erased_change, location, reason, recorded_by, reported_by) on offence_version to crimebook_eraser;
grant select, delete on given_answer to crimebook_eraser;

-- In which review group is a record, by the national retention criteria? 1 public protection and 2 other sexual, violent and serious crime
-- by category, 4 undetected (no outcome, or no suspect), 3 all other.
create function review_group(code text, recorded_on date, outcome text, first text[], second text[], as_of bigint) returns int
language sql stable parallel safe as $$
    select case when min(place) is not null then min(place) when review_group.outcome in ('0', '14', '18') then 4 else 3 end
    from (select 1 as place, unnest(review_group.first) as category union all select 2, unnest(review_group.second)) as grouped
    cross join category_member(grouped.category, review_group.as_of) as member
    where member.code = review_group.code and coalesce(member.from_on, '-infinity') <= review_group.recorded_on
      and coalesce(member.to_on, 'infinity') >= review_group.recorded_on
$$;

-- migrate:down
drop function review_group;
drop trigger closed_version_stays_closed on offence_version;
create trigger closed_version_stays_closed before update on offence_version for each row execute function closed_version_stays_closed();
drop function offence_version_only_ends_or_is_erased;
drop table erasure;
revoke all on offence_version, given_answer from crimebook_eraser;
revoke usage on schema public from crimebook_eraser;

-- migrate:up

-- Row-level security in a form that a distributed PostgreSQL takes as well, for Citus refuses a
-- policy with a subquery: a policy compares a column of the row with a setting of the transaction.
-- What it compares depends on the role, so that an index is of use to the comparison:
--   crimebook_one_force     the column is the setting
--   crimebook_some_forces   it is one of those that the setting names, with commas
--   crimebook_every_force   true, which costs nothing
-- They are members of crimebook_service, and so may do what that may; it sees no records itself.
--
-- contract: code before 0.9.0 stays in crimebook_service, which sees no records any more. It was
-- never released, and its /ready refuses a schema that is newer.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Roles can be made by who has CREATEROLE. Without it an administrator makes them beforehand, as
-- the message says, and then nothing is left to do here. Whoever may be the service may see other
-- forces in its name: it is the service that says whose records a caller sees.
do $$
declare
    needed text;
    login record;
    -- From PostgreSQL 16 on, whoever makes a role is its member and may yet not become it.
    becomes constant text := case
        when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
    foreach needed in array array[
        'crimebook_one_force', 'crimebook_some_forces', 'crimebook_every_force'] loop
        if not exists (select from pg_roles where rolname = needed) then
            begin
                execute format('create role %I nologin', needed);
            exception
                when duplicate_object or unique_violation then null;    -- another database made it
            end;
        end if;
        if not pg_has_role(needed, 'crimebook_service', 'usage') then
            execute format('grant crimebook_service to %I', needed);
        end if;
        for login in
            select current_user as name
            union
            select member.rolname
            from pg_auth_members as granted
            join pg_roles as member on member.oid = granted.member
            where granted.roleid = 'crimebook_service'::regrole
              and member.rolname not in (
                  'crimebook_one_force', 'crimebook_some_forces', 'crimebook_every_force')
        loop
            if not pg_has_role(login.name, needed, becomes) then
                execute format('grant %I to %I', needed, login.name);
            end if;
        end loop;
    end loop;
exception
    when insufficient_privilege then
        raise exception using
            errcode = '42501',
            message = format(
                '%s may not make the roles of row-level security: give it CREATEROLE for this '
                'once, or have an administrator make crimebook_one_force, crimebook_some_forces and '
                'crimebook_every_force (create role … nologin in role crimebook_service) and grant '
                'them to %s and to every other login that the service uses.',
                current_user, current_user);
end
$$;

-- How a stream ended is seen by those who see the access, so its row says the same force. The rows
-- of before are told it here, in one statement: there is one for each list that was streamed. The
-- guard of the log would refuse that as well. The column is not called force, for statements join
-- the two and say force where they mean that of the access.
alter table access_end add column access_force text;
comment on column access_end.access_force is
    'The force of its access, so that both are seen by the same.';
alter table access_end disable trigger access_log_only_grows;
update access_end set access_force = access.force
from access
where access.access_id = access_end.access_id and access.force is not null;
alter table access_end enable trigger access_log_only_grows;

-- A receipt of files of several forces is seen by each of them, and by whoever sent them; what is
-- wrong with a file that was refused, by whoever sent it, for of such a file no force is known.
alter table street_submission add column forces text[];
comment on column street_submission.forces is
    'The forces of its files, in the order of their codes; null where none was taken.';
update street_submission set forces = array(
    select distinct file.force collate "C" from street_submission_file as file
    where file.street_submission_id = street_submission.street_submission_id
    order by 1)
where status = 'accepted';
alter table street_submission_fault add column caller text;
comment on column street_submission_fault.caller is
    'As its receipt has it, so that both are seen by the same.';
update street_submission_fault set caller = receipt.caller
from street_submission as receipt
where receipt.street_submission_id = street_submission_fault.street_submission_id;

-- What was sealed before a receipt named its forces stays the entry that it was: they say again
-- what its files say, whose digest is sealed. Where they say otherwise they stay in, and the entry
-- is not the sealed one.
create or replace view seal_entry with (security_invoker = true) as
select
    change,
    noun,
    key,
    since_change,
    false as closing,
    (jsonb_strip_nulls(
        case
            when noun = 'street_submission' and fields -> 'forces' = to_jsonb(array(
                select distinct file.force collate "C" from street_submission_file as file
                where file.street_submission_id = (fields ->> 'street_submission_id')::uuid
                order by 1))
                then fields - 'forces'
            else fields
        end) || jsonb_build_object('noun', noun))::text as entry
from seal_opening
union all
select
    change,
    noun,
    key,
    since_change,
    true,
    jsonb_build_object(
        'key', key, 'noun', noun, 'since_change', since_change, 'until_change', change)::text
from seal_closing;

-- Records, and what is said of them: those of its own forces.
alter policy of_own_forces on offence_version to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on offence_version to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on offence_version to crimebook_every_force using (true);

alter policy of_own_forces on offence_personal_digest
to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on offence_personal_digest to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on offence_personal_digest to crimebook_every_force using (true);

alter policy of_own_forces on erasure to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on erasure to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on erasure to crimebook_every_force using (true);

alter policy of_own_forces on submission to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on submission to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on submission to crimebook_every_force using (true);

alter policy of_own_forces on submission_fault to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on submission_fault to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on submission_fault to crimebook_every_force using (true);

alter policy of_own_forces on submission_replaced to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on submission_replaced to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on submission_replaced to crimebook_every_force using (true);

alter policy of_own_forces on mapping_version to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on mapping_version to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on mapping_version to crimebook_every_force using (true);

alter policy of_own_forces on street_record_version to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on street_record_version to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on street_record_version to crimebook_every_force using (true);

alter policy of_own_forces on street_submission_file
to crimebook_one_force, crimebook_eraser using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on street_submission_file to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on street_submission_file to crimebook_every_force using (true);

alter policy of_own_forces on operation_tag to crimebook_one_force using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on operation_tag to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on operation_tag to crimebook_every_force using (true);

alter policy of_own_forces on access to crimebook_one_force using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on access for select to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on access for select to crimebook_every_force using (true);

drop policy as_its_access on access_end;
create policy of_own_forces on access_end for select to crimebook_one_force using (
    access_force = current_setting('crimebook.forces', true));
create policy of_some_forces on access_end for select to crimebook_some_forces using (
    access_force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on access_end for select to crimebook_every_force using (true);

-- Counts, what days they are complete for and which forces are alike are of no person: everybody
-- who asks sees all, and writes its own.
alter policy seen_by_all on tally using (
    current_setting('crimebook.forces', true) <> '');
alter policy written_for_own_forces on tally to crimebook_one_force using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on tally to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on tally to crimebook_every_force using (true);

alter policy seen_by_all on category_tally using (
    current_setting('crimebook.forces', true) <> '');
alter policy written_for_own_forces on category_tally to crimebook_one_force using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on category_tally to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on category_tally to crimebook_every_force using (true);

alter policy seen_by_all on coverage using (
    current_setting('crimebook.forces', true) <> '');
alter policy written_for_own_forces on coverage to crimebook_one_force using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on coverage to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on coverage to crimebook_every_force using (true);

alter policy seen_by_all on coverage_now using (
    current_setting('crimebook.forces', true) <> '');
alter policy written_for_own_forces on coverage_now to crimebook_one_force using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on coverage_now to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on coverage_now to crimebook_every_force using (true);

alter policy seen_by_all on peer_group_version using (
    current_setting('crimebook.forces', true) <> '');
alter policy written_for_own_forces on peer_group_version to crimebook_one_force using (
    force = current_setting('crimebook.forces', true));
create policy of_some_forces on peer_group_version to crimebook_some_forces using (
    force = any (string_to_array(current_setting('crimebook.forces', true), ',')));
create policy of_every_force on peer_group_version to crimebook_every_force using (true);

-- A leaf of the tree is needed for the proof of any other.
alter policy for_whoever_asks on seal_leaf using (
    current_setting('crimebook.forces', true) <> '');
create policy of_every_force on seal_leaf to crimebook_every_force using (true);

-- An answer is kept for its caller; what is erased is forgotten in everybody's.
alter policy of_its_caller on given_answer using (
    caller = current_setting('crimebook.caller', true));
alter policy forgotten_for_all on given_answer using (
    current_setting('crimebook.forces', true) <> '');
create policy of_every_force on given_answer to crimebook_every_force using (true);

-- Receipts of files of data.police.uk, and what was wrong with them.
drop policy as_its_files on street_submission;
create policy of_its_forces_and_its_caller on street_submission for select
to crimebook_service using (
    forces && string_to_array(current_setting('crimebook.forces', true), ',')
    or caller = current_setting('crimebook.caller', true));
alter policy written_by_whoever_asks on street_submission with check (
    current_setting('crimebook.forces', true) <> '');
create policy of_every_force on street_submission for select
    to crimebook_every_force using (true);

drop policy as_its_receipt on street_submission_fault;
create policy of_its_caller on street_submission_fault for select to crimebook_service using (
    caller = current_setting('crimebook.caller', true));
alter policy written_by_whoever_asks on street_submission_fault with check (
    current_setting('crimebook.forces', true) <> '');
create policy of_every_force on street_submission_fault for select
    to crimebook_every_force using (true);

-- migrate:down

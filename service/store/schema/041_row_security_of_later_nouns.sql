-- migrate:up

-- What came after row-level security is bound by it too: tags are of records, so they are seen by their own forces; which forces are most
-- similar to which is of no person, so everybody who asks sees it, and each force's is written in its own name.
alter table operation_tag enable row level security;
create policy of_own_forces on operation_tag to crimebook_service
    using ((select current_setting('crimebook.forces', true)) = '*'
           or force = any ((select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

alter table peer_group_version enable row level security;
create policy seen_by_all on peer_group_version for select to crimebook_service
    using ((select current_setting('crimebook.forces', true)) <> '');
create policy written_for_own_forces on peer_group_version to crimebook_service
    using ((select current_setting('crimebook.forces', true)) = '*'
           or force = any ((select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- migrate:down
drop policy written_for_own_forces on peer_group_version;
drop policy seen_by_all on peer_group_version;
alter table peer_group_version disable row level security;
drop policy of_own_forces on operation_tag;
alter table operation_tag disable row level security;

-- How the book is spread over the servers of a Citus cluster: what belongs to a force lies with the other rows of that force, what all share
-- lies on every server, and what is one for the whole service stays on the coordinator. `python -m
-- service distribute` runs this file; it may be run again, after each migration, and then does what
-- is left to do. Parents come before children, so that foreign keys hold.
-- tests/store/scaling/test_distribution.py says of which class a table has to be, and fails where a
-- table is of none.
begin
;
set local citus.enable_local_reference_table_foreign_keys = off  -- else the second foreign key from a table not yet placed fails
;
set local citus.multi_shard_modify_mode = 'sequential'
;
set local citus.enable_unsafe_triggers = on  -- ours read shared tables and refuse; they write nothing
;

-- Shared by all forces: read everywhere, changed rarely.
select create_reference_table('change')
where not exists (select from pg_dist_partition where logicalrelid = 'change'::regclass)
;
select create_reference_table('known_area')
where not exists (select from pg_dist_partition where logicalrelid = 'known_area'::regclass)
;
select create_reference_table('area_version')
where not exists (select from pg_dist_partition where logicalrelid = 'area_version'::regclass)
;
select create_reference_table('area_ancestor')
where not exists (select from pg_dist_partition where logicalrelid = 'area_ancestor'::regclass)
;
select create_reference_table('population')
where not exists (select from pg_dist_partition where logicalrelid = 'population'::regclass)
;
select create_reference_table('household_count')
where not exists (select from pg_dist_partition where logicalrelid = 'household_count'::regclass)
;
select create_reference_table('rate_withheld')
where not exists (select from pg_dist_partition where logicalrelid = 'rate_withheld'::regclass)
;
select create_reference_table('known_code')
where not exists (select from pg_dist_partition where logicalrelid = 'known_code'::regclass)
;
select create_reference_table('code_version')
where not exists (select from pg_dist_partition where logicalrelid = 'code_version'::regclass)
;
select create_reference_table('code_period')
where not exists (select from pg_dist_partition where logicalrelid = 'code_period'::regclass)
;
select create_reference_table('severity_weight')
where not exists (select from pg_dist_partition where logicalrelid = 'severity_weight'::regclass)
;
select create_reference_table('known_category')
where not exists (select from pg_dist_partition where logicalrelid = 'known_category'::regclass)
;
select create_reference_table('category_version')
where not exists (select from pg_dist_partition where logicalrelid = 'category_version'::regclass)
;
select create_reference_table('category_code')
where not exists (select from pg_dist_partition where logicalrelid = 'category_code'::regclass)
;
select create_reference_table('outcome_type')
where not exists (select from pg_dist_partition where logicalrelid = 'outcome_type'::regclass)
;
select create_reference_table('positive_outcome')
where not exists (select from pg_dist_partition where logicalrelid = 'positive_outcome'::regclass)
;
select create_reference_table('withheld_mark')
where not exists (select from pg_dist_partition where logicalrelid = 'withheld_mark'::regclass)
;
select create_reference_table('street_crime_type')
where not exists (select from pg_dist_partition where logicalrelid = 'street_crime_type'::regclass)
;
select create_reference_table('built_in_measure')
where not exists (select from pg_dist_partition where logicalrelid = 'built_in_measure'::regclass)
;
select create_reference_table('known_measure')
where not exists (select from pg_dist_partition where logicalrelid = 'known_measure'::regclass)
;
select create_reference_table('measure_version')
where not exists (select from pg_dist_partition where logicalrelid = 'measure_version'::regclass)
;
select create_reference_table('observation_version')
where
    not exists (select from pg_dist_partition where logicalrelid = 'observation_version'::regclass)
;
select create_reference_table('caller')
where not exists (select from pg_dist_partition where logicalrelid = 'caller'::regclass)
;
select create_reference_table('caller_key_version')
where not exists (select from pg_dist_partition where logicalrelid = 'caller_key_version'::regclass)
;
select create_reference_table('series_break_version')
where
    not exists (select from pg_dist_partition where logicalrelid = 'series_break_version'::regclass)
;
select create_reference_table('operation_version')
where not exists (select from pg_dist_partition where logicalrelid = 'operation_version'::regclass)
;
select create_reference_table('release')
where not exists (select from pg_dist_partition where logicalrelid = 'release'::regclass)
;
select create_reference_table('release_definition')
where not exists (select from pg_dist_partition where logicalrelid = 'release_definition'::regclass)
;
select create_reference_table('release_figure')
where not exists (select from pg_dist_partition where logicalrelid = 'release_figure'::regclass)
;
select create_reference_table('target_version')
where not exists (select from pg_dist_partition where logicalrelid = 'target_version'::regclass)
;
select create_reference_table('return')
where not exists (select from pg_dist_partition where logicalrelid = 'return'::regclass)
;
select create_reference_table('return_cell')
where not exists (select from pg_dist_partition where logicalrelid = 'return_cell'::regclass)
;
select create_reference_table('return_fault')
where not exists (select from pg_dist_partition where logicalrelid = 'return_fault'::regclass)
;
select create_reference_table('return_outcome_cell')
where
    not exists (select from pg_dist_partition where logicalrelid = 'return_outcome_cell'::regclass)
;
select create_reference_table('return_wording')
where not exists (select from pg_dist_partition where logicalrelid = 'return_wording'::regclass)
;
select create_reference_table('street_submission')
where not exists (select from pg_dist_partition where logicalrelid = 'street_submission'::regclass)
;
select create_reference_table('street_submission_file')
where
    not exists (
        select from pg_dist_partition where logicalrelid = 'street_submission_file'::regclass
    )
;
select create_reference_table('street_submission_fault')
where
    not exists (
        select from pg_dist_partition where logicalrelid = 'street_submission_fault'::regclass
    )
;
select create_reference_table('seal')
where not exists (select from pg_dist_partition where logicalrelid = 'seal'::regclass)
;

-- Of one force each: its rows of all these tables lie together, and a change of one force is made
-- on one server.
select
    create_distributed_table('offence_version', 'force', colocate_with => 'none', shard_count => 32)
where not exists (select from pg_dist_partition where logicalrelid = 'offence_version'::regclass)
;
select
    create_distributed_table('offence_personal_digest', 'force', colocate_with => 'offence_version')
where
    not exists (
        select from pg_dist_partition where logicalrelid = 'offence_personal_digest'::regclass
    )
;
select create_distributed_table('erasure', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'erasure'::regclass)
;
select create_distributed_table('tally', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'tally'::regclass)
;
select create_distributed_table('category_tally', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'category_tally'::regclass)
;
select create_distributed_table('coverage_now', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'coverage_now'::regclass)
;
select create_distributed_table('coverage', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'coverage'::regclass)
;
select create_distributed_table('submission', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'submission'::regclass)
;
select create_distributed_table('submission_fault', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'submission_fault'::regclass)
;
select create_distributed_table('submission_replaced', 'force', colocate_with => 'offence_version')
where
    not exists (select from pg_dist_partition where logicalrelid = 'submission_replaced'::regclass)
;
select create_distributed_table('mapping_version', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'mapping_version'::regclass)
;
select create_distributed_table('operation_tag', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'operation_tag'::regclass)
;
select create_distributed_table('peer_group_version', 'force', colocate_with => 'offence_version')
where not exists (select from pg_dist_partition where logicalrelid = 'peer_group_version'::regclass)
;
select
    create_distributed_table('street_record_version', 'force', colocate_with => 'offence_version')
where
    not exists (
        select from pg_dist_partition where logicalrelid = 'street_record_version'::regclass
    )
;

-- One for the whole service, on the coordinator alone: the log of who looked at what, answers
-- kept for a day, when a key was last used, the one
-- tree of seals. Whatever else is left over is of no class, and a row of it would be looked for
-- where it is not.
do $$
declare
    left_over text;
begin
    select string_agg(relname, ', ' order by relname) into left_over from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and relname <> all (array['access', 'access_end', 'caller_key_use', 'given_answer', 'schema_checksum', 'schema_migrations', 'seal_leaf', 'seal_node'])
      and not exists (select from pg_dist_partition where logicalrelid = pg_class.oid);
    if left_over is not null then
        raise exception 'Where these tables should lie, distribution.sql does not say: %.', left_over;
    end if;
end
$$;

-- Views were made when the tables lay here alone: they are made again as they are, in the order
-- in which they were.
do $$
declare
    made record;
begin
    for made in select oid::regclass as name, pg_get_viewdef(oid) as said from pg_class
                where relnamespace = 'public'::regnamespace and relkind = 'v' order by oid loop
        execute format('create or replace view %s with (security_invoker = true) as %s', made.name, made.said);
    end loop;
end
$$;

-- In whose name a transaction is opened has to be known where its rows lie.
do $$
begin
    execute format('alter database %I set citus.propagate_set_commands = ''local''', current_database());
    execute format('alter database %I set citus.enable_unsafe_triggers = on', current_database());
end
$$;
commit
;

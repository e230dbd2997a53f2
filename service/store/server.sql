-- name: schema_version$
-- Which migration was applied last?
select max(version) as version
from schema_migrations
;

-- name: schema_files
-- What was each file of the schema when it was applied here? Null where that is not known.
select version, sha256
from schema_migrations
left join schema_checksum using (version)
;

-- name: promises^
-- How far does this server go before it calls a change committed, and are its tables spread over
-- others?
select
    current_setting('synchronous_commit') as synchronous_commit,
    to_regclass('pg_dist_partition') is not null as distributed
;

-- name: server^
-- Is this a replica, with which schema, and of which book?
select
    pg_is_in_recovery() as in_recovery,
    (select max(version) from schema_migrations) as schema_version,
    (select at from change where id = 1) as begun
;

-- name: begun$
-- When was the first change made? No two books say the same.
select (select at from change where id = 1) as begun
;

-- name: behind^
-- How many changes does a replica lack whose newest is this one, and for how many seconds?
select
    coalesce(max(id), 0) - :change as changes,
    coalesce(
        round(
            extract(
                epoch from clock_timestamp() - (select at from change where id = :change + 1)
            ),
            3
        ),
        0
    )::float8 as seconds
from change
;

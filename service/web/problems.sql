-- name: sentences
-- What does each constraint and unique index say to a caller who breaks it?
select conname as name, obj_description(oid, 'pg_constraint') as sentence
from pg_constraint
where obj_description(oid, 'pg_constraint') is not null
union all
select relname, obj_description(oid, 'pg_class')
from pg_class
where relkind in ('i', 'I') and obj_description(oid, 'pg_class') is not null
;

-- name: schema_version$
-- Which migration was applied last?
select max(version) as version from schema_migrations;

"""Databases on a Citus cluster, for `CITUS_URL=… make test`; and what stands in for Citus where there is
none.

CITUS_URL is a superuser's, of a database at the coordinator where the extension knows its workers
(citus_add_node). A database of the tests is made on each server of the cluster under the same name, and
copied on each from the same database of there.
"""

from contextlib import closing
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn

from service.store import migrations
from service.store.scaling import distribution

STAND_IN = """
create schema stand_in;
grant usage on schema stand_in to public;
do $$ begin execute format('alter database %I set search_path = public, stand_in',
  current_database()); end $$;
set search_path = stand_in, public;
create function citus_version() returns text language sql return 'Citus {version} on a test';
create table pg_dist_local_group as select 0 as groupid;
create table pg_dist_node as select true as isactive, true as shouldhaveshards;
create table pg_dist_partition (logicalrelid regclass, partmethod text);
create function class_of(held regclass) returns text language sql return (select partmethod from
  pg_dist_partition where logicalrelid = held);
create function refuse_policies_with_subqueries(held text) returns void language plpgsql as $$
begin
    if exists (select from pg_policy where polrelid = held::regclass
      and concat(polqual::text, polwithcheck::text) like '%{SUBLINK %') then
        raise 'cannot create policy: subqueries are not supported in policies on distributed tables: %', held;
    end if;
end $$;
create function create_reference_table(held text) returns void language plpgsql as $$
begin
    perform refuse_policies_with_subqueries(held);
    if exists (select from pg_constraint where contype = 'f' and conrelid = held::regclass
      and class_of(confrelid) = 'h') then
        raise 'a foreign key leads from a reference table to a distributed one: %', held;
    end if;
    if class_of(held) is not null then raise 'it is placed already: %', held; end if;
    insert into pg_dist_partition values (held::regclass, 'n');
end $$;
create function create_distributed_table(held text, by_column text, colocate_with text = '',
  shard_count int = 0) returns void
language plpgsql as $$
begin
    perform refuse_policies_with_subqueries(held);
    if class_of(held) is not null then raise 'it is placed already: %', held; end if;
    if exists (select from pg_index where indrelid = held::regclass and indisunique and not (
            select attnum from pg_attribute where attrelid = held::regclass
              and attname = by_column) = any (indkey::int2[])) then
        raise 'cannot be enforced over shards: %', held;
    end if;
    if exists (select from pg_constraint where contype = 'f' and conrelid = held::regclass
      and class_of(confrelid) is null) then
        raise 'a foreign key leads to a table that is not placed yet: %', held;
    end if;
    if colocate_with not in ('none', '') and class_of(colocate_with) is null then raise 'there is no %',
      colocate_with; end if;
    insert into pg_dist_partition values (held::regclass, 'h');
end $$;
"""
"""It refuses what Citus refuses of the kind that can be told from the catalogue; it spreads nothing."""


class Cluster:
    """Databases on the servers of one cluster, made from one another, as `Databases` are on one server."""

    def __init__(self, url):
        self.coordinator = url
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute("select nodename, nodeport, groupid from pg_dist_node order by groupid")
            nodes = cursor.fetchall()
        self.workers = [(host, port) for host, port, group in nodes if group != 0]
        self.server = self  # whose superuser is its owner too
        self.everywhere = [url, *(make_dsn(url, host=host, port=port) for host, port in self.workers)]

    def run(self, statement):
        for server in self.everywhere:
            with closing(psycopg2.connect(server)) as connection:
                connection.autocommit = True
                connection.cursor().execute(statement)

    def make(self, like=None):
        name = f"test_{uuid4().hex[:12]}"
        if like:  # a database is copied while nobody is connected, and Citus keeps a process in each
            self.run(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{like}'")
        self.run(f'create database "{name}" template "{like or "template0"}"')
        if like is None:
            self.prepare(name)
        return name

    def prepare(self, name):
        """Make the new database part of a cluster of its own on the same servers."""
        for server in self.everywhere:
            with closing(psycopg2.connect(make_dsn(server, dbname=name))) as connection:
                connection.autocommit = True
                connection.cursor().execute("create extension citus")
        with closing(psycopg2.connect(self.url(name))) as connection:
            connection.autocommit = True
            cursor, said = connection.cursor(), parse_dsn(self.coordinator)
            cursor.execute(
                "select citus_set_coordinator_host(%s, %s)",
                (said.get("host", "localhost"), int(said.get("port", 5432))),
            )
            for host, port in self.workers:
                cursor.execute("select citus_add_node(%s, %s)", (host, port))

    def migrate(self, name):
        migrations.migrate(self.url(name))
        distribution.distribute(self.url(name))

    def drop(self, name):
        self.run(f'drop database if exists "{name}" with (force)')

    def url(self, name, role=None):
        return urlsplit(self.coordinator)._replace(path=f"/{name}").geturl()

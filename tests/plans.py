"""How the database goes about what a request asks: which large tables it reads, by which index, and how many
of their rows."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2

from bench.capture import Heard
from service.store import preparing

LARGE = ("access", "category_tally", "change", "coverage", "offence_version", "release_figure", "tally")
BY_INDEX = {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def indexes_of(node: dict[str, Any]) -> list[str]:
    """Its own, or those of the bitmaps below it."""
    bitmaps = [inner for inner in node.get("Plans", []) if inner["Node Type"].startswith("Bitmap")]
    return (
        [node["Index Name"]]
        if "Index Name" in node
        else [name for inner in bitmaps for name in indexes_of(inner)]
    )


def read(plan: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Relation, how it is read, and how many rows are looked at, those that a filter throws away with the
    others."""
    for node in nodes(plan):
        relation, kind = node.get("Relation Name"), node["Node Type"]
        if (
            relation in LARGE and kind in {*BY_INDEX, "Seq Scan"} and node["Actual Loops"]
        ):  # some branches are never taken
            thrown_away = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            how = f"index {' '.join(sorted(set(indexes_of(node))))}" if kind in BY_INDEX else "whole table"
            yield relation, how, round((node["Actual Rows"] + thrown_away) * node["Actual Loops"])


def explained(url: str, statements: list[Heard]) -> list[tuple[str, str, int]]:
    """What these statements read, planned as the service has them planned, one after the other in one
    transaction that is taken back."""
    found: dict[tuple[str, str], int] = {}
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "set local role crimebook_every_force; set local timezone = 'UTC'; set local crimebook.forces ="
            " '*'; set local crimebook.caller = 'a'"
        )
        for one in statements:
            if one.statement.lstrip().startswith(("begin", "commit", "rollback", "set ")):
                if "force_generic_plan" in one.statement:
                    cursor.execute("set local plan_cache_mode = force_generic_plan")
                continue
            if named := preparing.find_prepared(one.statement):
                cursor.execute("deallocate all; " + named.prepare)
            asked = named.execute if named else one.statement.rstrip().rstrip(";")
            cursor.execute(f"explain (analyze, timing off, format json) {asked}", one.values or None)
            for relation, how, rows in read(cursor.fetchone()[0][0]["Plan"]):
                found[relation, how] = found.get((relation, how), 0) + rows
        cursor.execute(
            "select relname, seq_tup_read, idx_tup_fetch from pg_stat_xact_user_tables where relname = any"
            " (%s)",
            (list(LARGE),),
        )
        for (
            relation,
            whole,
            fetched,
        ) in cursor.fetchall():  # functions that keep their plans to themselves are counted here
            found |= {
                (relation, how): rows
                for how, rows in (("read whole, all told", whole), ("fetched, all told", fetched))
                if rows
            }
        connection.rollback()
    return [(relation, how, rows) for (relation, how), rows in sorted(found.items())]

"""A consumer of the feed that may die anywhere: what it was told and how far it came are kept together, in
one transaction of its own."""

import json
import sqlite3
import sys
import urllib.request


def ask(crimebook, key, path):
    asked = urllib.request.Request(crimebook + path, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def everything(crimebook, key, path):
    while path:
        page = ask(crimebook, key, path)
        yield from page["items"]
        path = page["next"]


def consume(kept, crimebook, key):
    with sqlite3.connect(kept, isolation_level=None) as held:
        held.execute("create table if not exists seen (change, offence_id, what)")
        held.execute("create table if not exists place (change)")
        while True:
            [after] = held.execute("select coalesce(max(change), 0) from place").fetchone()
            for change in ask(crimebook, key, f"/v1/changes?after={after}&limit=5&wait=2")["items"]:
                records = list(everything(crimebook, key, f"/v1/changes/{change['change']}/offences?limit=2"))
                held.execute("begin")
                held.executemany(
                    "insert into seen values (?, ?, ?)",
                    [(change["change"], one["offence_id"], one["what"]) for one in records],
                )
                held.execute("insert into place values (?)", [change["change"]])
                held.execute("commit")


if __name__ == "__main__":
    consume(*sys.argv[1:])

"""The findings as Markdown: one table a size with ratios, then the goals, each met or not met as measured."""

import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.measuring import Found, ratios
from bench.questions import AGAIN, PLAIN, RATES
from bench.transfers import EXPORT, LOAD

PACKAGES = (
    "flask",
    "gunicorn",
    "psycopg2-binary",
    "fastapi",
    "sqlalchemy",
    "asyncpg",
    "uvicorn",
    "uvloop",
    "httptools",
)
AGAINST = {"bare": "bare route", "sql": "same SQL", "rival": "(c)", "marshal_with": "marshal_with"}
READING = """
**Processor** is the time that the server's processes and PostgreSQL together used for one request.
**Waits** is
how long a caller waits for the answer. Of an export or a load both are of the whole file. Each is the
median of
the rounds, with lowest and highest. **Against** gives the service's processor time as a part of the
other's (under
1: the service is cheaper) and the other's own milliseconds, then the same of the wait.
"""
CORRECTION = """
**Earlier ratios against (c) were wrong.** Runs up to 29 November 2026 compared requests a second, while
(c) ran
without uvloop. On Python's own event loop the two workers of uvicorn send an answer in two packets on sockets
without TCP_NODELAY, so the second packet waits until the client has acknowledged the first. A client
puts that
off by 40 ms, and so each request took 44 ms, most of which nobody worked. For a short answer those ratios
measured this pause and little else, and none of them stands. (c) now runs with uvloop and httptools, as its
users run it. uvloop sets TCP_NODELAY. What counts is processor time, and what a caller waits.
"""
COMPARED, NATION, ONE, LIST = (
    "force year against the year before",
    "nation's year against the year before",
    "one offence",
    "list of 100",
)
BUSY = 2  # our own share of the load is one client, one worker and one of PostgreSQL by turns
MOST = (
    (ONE, "bare", 1.5),
    (COMPARED, "bare", 2.2),
    (AGAIN, "bare", 2.2),
    (LIST, "marshal_with", 0.125),
    ("record one", "sql", 2),
    ("not modified (304)", "bare", 1.3),
)
LIKE_THE_PLAIN = (
    COMPARED,
    "series of ten years by month",
    RATES,
    "ranking of 43 forces",
    "progress of a target",
    "effect of an operation",
)


def about(version: str, rounds: int, seconds: float, clients: int, took: float) -> str:
    """When, on what, how."""
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    sizes = os.environ.get("SIZES")
    names = ("BENCH_ROUNDS", "BENCH_SECONDS", "BENCH_CLIENTS")
    told = (
        "".join(f"{name}={os.environ[name]} " for name in names if name in os.environ)
        + "make bench"
        + (f' SIZES="{sizes}"' if sizes else "")
    )
    processors, load = os.cpu_count() or 1, os.getloadavg()[0]
    busy = (
        f"\n\nThe machine was busy with other work: a load average of {load:.0f} on {processors} processors."
        " Waits are of that machine, and all processor times higher than on a quiet one; only ratios of"
        " processor time say much."
    )
    return (
        f"{time.strftime('%d %B %Y')}, `{told}`: PostgreSQL {version} with fsync, Python"
        f" {platform.python_version()}, {packages}; {processors} processors, load average {load:.1f} at the"
        f" end; {rounds} rounds of {seconds:g} s, clients at a time: {clients}; {took / 60:.0f} minutes in"
        " all." + (busy if load > BUSY * processors else "")
    )


def _ratio(value: float) -> str:
    return f"{value:.2f}"


def milliseconds(value: float) -> str:
    """As a reader wants it: no more digits than say something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _spread(values: list[float], written: Callable[[float], str]) -> str:
    if not values:
        return "no answer in time"
    return f"{written(statistics.median(values))} ({written(min(values))}–{written(max(values))})"


def _against(found: Found, question: str, name: str) -> str:
    held = found[question]
    if name not in held or not held[name].milliseconds or not held["service"].milliseconds:
        return ""
    mine, other = held["service"], held[name]
    parts = [
        f"**{_spread(ratios(mine.milliseconds, other.milliseconds), _ratio)}** of"
        f" {milliseconds(other.cost)} ms"
    ]
    if other.waits:
        parts.append(
            f"waits {_spread(ratios(mine.waits, other.waits), _ratio)} of {milliseconds(other.wait)} ms"
        )
    return "; ".join(parts)


def _table(found: Found) -> list[str]:
    names = [name for name in AGAINST if any(name in held for held in found.values())]
    lines = [
        "| | processor, ms | waits, ms | " + " | ".join(f"against {AGAINST[name]}" for name in names) + " |",
        "| --- " * (3 + len(names)) + "|",
    ]
    for question, held in found.items():
        mine = held["service"]
        told = " | ".join(_against(found, question, name) for name in names)
        lines.append(
            f"| {question} | {_spread(mine.milliseconds, milliseconds)} | {_spread(mine.waits, milliseconds)}"
            f" | {told} |"
        )
    return lines


def _plain(found: Found) -> list[str]:
    plain = found[PLAIN]["service"].milliseconds
    lines = [
        f"| beside the plain summary ({PLAIN}, nothing compared) | its cost, in plain summaries |",
        "| --- | --- |",
    ]
    return lines + [
        f"| {name} | {_spread(ratios(found[name]['service'].milliseconds, plain), _ratio)} |"
        for name in LIKE_THE_PLAIN
    ]


def _goals(sizes: list[Any]) -> list[tuple[str, str, bool | None]]:
    large, small = sizes[-1], sizes[0]
    found = large.found

    def cost(question: str, name: str) -> float:
        return statistics.median(
            ratios(found[question]["service"].milliseconds, found[question][name].milliseconds)
        )

    rows: list[tuple[str, str, bool | None]] = [
        (
            f"{question}: at most {most:g} of {AGAINST[name]}'s processor time",
            f"{cost(question, name):.2f}",
            cost(question, name) <= most,
        )
        for question, name, most in MOST
    ]
    for question in (AGAIN, COMPARED):
        judged = cost(question, "rival") <= 0.01 if large.offences >= 10_000_000 else None
        measured = f"{cost(question, 'rival'):.3f} at {large.offences:,}"
        rows.insert(3, (f"{question}: at most 0.01 of (c)'s processor time at 10 million", measured, judged))
    if small is not large:
        reads = [name for name in found if name not in (EXPORT, LOAD, "record one", "correct one")]
        growth = {name: found[name]["service"].cost / small.found[name]["service"].cost for name in reads}
        worst = max(growth, key=lambda name: growth[name])
        said = (
            f"{growth[worst]:.2f} at worst ({worst}); {statistics.median(growth.values()):.2f} in the median"
        )
        rows.append(
            (
                f"cost from {small.offences:,} to {large.offences:,} grows by less than 1.25 times",
                said,
                growth[worst] < 1.25,
            )
        )
    nation = found[NATION]["service"].cost / found[COMPARED]["service"].cost
    rows.append(("national summary: under 5 times the force one", f"{nation:.2f}", nation < 5))
    worst_tail = max(late / middle for middle, late, _ in large.latencies.values())
    rows.append(
        (
            "99th percentile under 10 times the median at 70 per cent load",
            f"{worst_tail:.1f} at worst",
            worst_tail < 10,
        )
    )
    rows.append(("memory per worker under 120 MB", f"{large.megabytes:.0f} MB", large.megabytes < 120))
    plain = found[PLAIN]["service"].milliseconds
    for name in LIKE_THE_PLAIN:
        times = statistics.median(ratios(found[name]["service"].milliseconds, plain))
        excepted = name.startswith("ranking")  # it simulates
        rows.append(
            (
                f"{name}: under 2 times the plain summary"
                + (" (excepted: it simulates)" if excepted else ""),
                f"{times:.2f}",
                None if excepted else times < 2,
            )
        )
    return rows


def of_one(size: Any) -> list[str]:
    """What was found of one size."""
    seeded = f"seeded in {size.seeded_in:.0f} s" if size.seeded_in else "seeded by an earlier run"
    parts = [
        f"## {size.offences:,} offences",
        "",
        f"{size.bytes / 1e9:.1f} GB, {seeded}.",
        "",
        *_table(size.found),
        "",
        *_plain(size.found),
        "",
    ]
    for question, (middle, late, rate) in size.latencies.items():
        parts.append(
            f"At 70 per cent of what the service can do ({rate:,.0f} a second) {question} takes {middle:.1f}"
            f" ms in the median, {late:.1f} ms at the 99th percentile."
        )
    return [*parts, f"The largest worker held {size.megabytes:.0f} MB.", ""]


def told(sizes: list[Any], how: str) -> str:
    """The whole of RESULTS.md."""
    parts = ["# The last full run", "", how, "", READING.strip(), "", CORRECTION.strip(), ""]
    for size in sizes:
        parts += of_one(size)
    parts += [
        f"## Goals, as measured at {sizes[-1].offences:,}",
        "",
        "| goal | measured | |",
        "| --- | --- | --- |",
    ]
    words = {True: "met", False: "**not met**", None: "not judged"}
    parts += [f"| {goal} | {measured} | {words[judged]} |" for goal, measured, judged in _goals(sizes)]
    return "\n".join(parts) + "\n"

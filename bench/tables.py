"""The findings as Markdown: one table a size with ratios, then the goals, each met or not met as measured."""

import importlib.metadata
import os
import platform
import statistics
import time
from typing import Any

from bench import load
from bench.measuring import Found, ratios
from bench.questions import AGAIN, PLAIN, RATES
from bench.transfers import EXPORT, LOAD

PACKAGES = ("flask", "gunicorn", "psycopg2-binary", "fastapi", "sqlalchemy", "asyncpg", "uvicorn")
AGAINST = {"bare": "bare route", "sql": "same SQL", "rival": "(c)", "marshal_with": "marshal_with"}
COMPARED, NATION, ONE, LIST = "force year against the year before", "nation's year against the year before", "one offence", "list of 100"
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
    return (
        f"{time.strftime('%d %B %Y')}, `{told}`: PostgreSQL {version} with fsync, Python {platform.python_version()}, {packages}; "
        f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f} at the end; {rounds} rounds of {seconds:g} s, {clients} "
        f"clients, reads asked by {load.generator()}, writes by bench/load.py; {took / 60:.0f} minutes in all."
    )


def _spread(values: list[float], digits: str) -> str:
    if not values:
        return "no answer in time"
    return f"{statistics.median(values):{digits}} ({min(values):{digits}}–{max(values):{digits}})"


def _against(found: Found, question: str, name: str) -> str:
    held = found[question]
    if name not in held or not held[name].rates or not held["service"].rates:
        return ""
    mine, other = held["service"], held[name]
    rates, costs = ratios(mine.rates, other.rates), ratios(mine.milliseconds, other.milliseconds)
    digits = ",.0f" if statistics.median(rates) >= 20 else ".2f"
    return f"{_spread(rates, digits)}; {statistics.median(costs):.2f} of {other.cost:,.3g} ms"


def _table(found: Found) -> list[str]:
    names = [name for name in AGAINST if any(name in held for held in found.values())]
    lines = [
        "| | requests/s | processor, ms | " + " | ".join(f"against {AGAINST[name]}" for name in names) + " |",
        "| --- " * (3 + len(names)) + "|",
    ]
    for question, held in found.items():
        mine = held["service"]
        told = " | ".join(_against(found, question, name) for name in names)
        lines.append(f"| {question} | {_spread(mine.rates, ',.0f')} | {_spread(mine.milliseconds, '.3g')} | {told} |")
    return lines


def _plain(found: Found) -> list[str]:
    plain = found[PLAIN]["service"].milliseconds
    lines = [f"| beside the plain summary ({PLAIN}, nothing compared) | its cost, in plain summaries |", "| --- | --- |"]
    return lines + [f"| {name} | {_spread(ratios(found[name]['service'].milliseconds, plain), '.2f')} |" for name in LIKE_THE_PLAIN]


def _goals(sizes: list[Any]) -> list[tuple[str, str, bool | None]]:
    large, small = sizes[-1], sizes[0]
    found = large.found

    def rate(question: str, name: str) -> float:
        return statistics.median(ratios(found[question]["service"].rates, found[question][name].rates))

    told: list[tuple[str, str, bool | None]] = [
        (f"{question}: at least {least} of {AGAINST[name]}'s requests/s", f"{rate(question, name):.2f}", rate(question, name) >= least)
        for question, name, least in ((ONE, "bare", 0.65), (COMPARED, "bare", 0.45), (AGAIN, "bare", 0.45), (LIST, "marshal_with", 8),
                                      ("record one", "sql", 0.5), ("not modified (304)", "bare", 0.75))
    ]  # fmt: skip
    for question in (AGAIN, COMPARED):
        times = rate(question, "rival")
        judged = times >= 100 if large.offences >= 10_000_000 else None
        told.insert(3, (f"{question}: at least 100 times (c) at 10 million", f"{times:.1f} at {large.offences:,}", judged))
    if small is not large:
        reads = [name for name in found if name not in (EXPORT, LOAD, "record one", "correct one")]
        growth = {name: found[name]["service"].cost / small.found[name]["service"].cost for name in reads}
        worst = max(growth, key=lambda name: growth[name])
        said = f"{growth[worst]:.2f} at worst ({worst}); {statistics.median(growth.values()):.2f} in the median"
        told.append((f"cost from {small.offences:,} to {large.offences:,} grows by less than 1.25 times", said, growth[worst] < 1.25))
    nation = found[NATION]["service"].cost / found[COMPARED]["service"].cost
    told.append(("national summary: under 5 times the force one", f"{nation:.2f}", nation < 5))
    worst_tail = max(late / middle for middle, late, _ in large.latencies.values())
    told.append(("99th percentile under 10 times the median at 70 per cent load", f"{worst_tail:.1f} at worst", worst_tail < 10))
    told.append(("memory per worker under 120 MB", f"{large.megabytes:.0f} MB", large.megabytes < 120))
    plain = found[PLAIN]["service"].milliseconds
    for name in LIKE_THE_PLAIN:
        times = statistics.median(ratios(found[name]["service"].milliseconds, plain))
        excepted = name.startswith("ranking")  # it simulates
        told.append((f"{name}: under 2 times the plain summary" + (" (excepted: it simulates)" if excepted else ""), f"{times:.2f}",
                     None if excepted else times < 2))  # fmt: skip
    return told


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
        parts.append(f"At 70 per cent load ({rate:,.0f} a second) {question} takes {middle:.1f} ms in the median, {late:.1f} ms at the "
                     "99th percentile.")  # fmt: skip
    return [*parts, f"The largest worker held {size.megabytes:.0f} MB.", ""]


def told(sizes: list[Any], how: str) -> str:
    """The whole of RESULTS.md."""
    parts = ["# The last full run", "", how, ""]
    for size in sizes:
        parts += of_one(size)
    parts += [f"## Goals, as measured at {sizes[-1].offences:,}", "", "| goal | measured | |", "| --- | --- | --- |"]
    words = {True: "met", False: "**not met**", None: "not judged"}
    parts += [f"| {goal} | {measured} | {words[judged]} |" for goal, measured, judged in _goals(sizes)]
    return "\n".join(parts) + "\n"

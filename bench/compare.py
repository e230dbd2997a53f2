"""`python -m bench.compare BASE`: is this tree slower than an earlier commit?

Both trees are given the same records and asked the same questions by turns, and the processor time of each
request is compared round by round. They are reached only over HTTP and by `python -m service serve`, each in
its own folder, so modules and schemas may differ. bench/README.md says how to read the table; --write puts it
into bench/RESULTS-compare.md.
"""

import argparse
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import numpy as np
import psycopg2
from scipy import stats

from bench import load, questions, records
from bench.contenders import PROJECT, serving
from bench.measuring import ratios
from bench.processes import seconds_of
from bench.questions import AGAIN, FORCE, LISTED, Question, Service
from bench.tables import milliseconds
from service.store.embedded.server import EmbeddedPostgres

RESULTS = PROJECT / "bench" / "RESULTS-compare.md"
THIS, BASE = "this", "BASE"
FILE_ROWS = 10_000
SECONDS_OF_FILES = 60
FILE = f"a file of {FILE_ROWS:,} rows"
QUESTIONS = (
    "force year against the year before",
    AGAIN,
    "not modified (304)",
    "one offence",
    "list of 100",
    "series of ten years by month",
    "nation's year against the year before",
    "ranking of 43 forces",
    "force year as of a past change",
    "progress of a target",
    "effect of an operation",
)
LOOKED_AT = (QUESTIONS[0], *QUESTIONS[5:9])
"""Of these the numbers of both trees are held against each other."""
RECORDS_CORRECTED = 20
NO_SLOWER = 1.05
DATABASE: dict[str, str | int] = {
    "autovacuum": "off",  # it would work for one tree while the other is measured
    "checkpoint_timeout": "1h",
    "max_wal_size": "8GB",
    "shared_buffers": "512MB",
}
SETTINGS = {
    "KEY_ATTEMPT_LIMIT": "none",
    "PYTHONHASHSEED": "0",
    "SEAL_EVERY_SECONDS": "0",
    "WORKERS": "1",  # one client needs one
}
FILLINGS = 2
"""Two books of the same records differ by a few per cent in what a question costs, by how their rows happen
to lie."""

Times = dict[str, dict[str, list[float]]]
"""Milliseconds of processor time of a request, by question and tree, round by round."""


@dataclass
class Asking:
    """How a tree is asked one question: a port, what makes the requests, and what comes before each round."""

    port: int
    make: load.Make
    before: Callable[[], None] = lambda: None


@dataclass
class Tree:
    """One of the two, being served: the processes that work for it, how it is asked, and the numbers it
    answered."""

    name: str
    processes: tuple[int, ...]
    asking: dict[str, Asking] = field(default_factory=dict)
    send_file: Callable[[bytes], object] = bytes
    numbers: dict[str, list[object]] = field(default_factory=dict)


def say(text: str) -> None:
    """Progress, beside the table."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def git(*arguments: str) -> str:
    """What git says in this tree."""
    return subprocess.run(
        ["git", *arguments], cwd=PROJECT, check=True, capture_output=True, text=True
    ).stdout.strip()


def named(commit: str) -> str:
    """A commit as a reader knows it."""
    return git("log", "-1", "--format=%h (%s)", commit)


@contextmanager
def checked_out(commit: str, folder: Path) -> Iterator[Path]:
    """A work tree of that commit in a folder that does not exist yet; taken away again."""
    git("worktree", "prune")  # what a run that was killed left behind
    git("worktree", "add", "--detach", str(folder), commit)
    try:
        yield folder
    finally:
        git("worktree", "remove", "--force", str(folder))


@contextmanager
def served(
    name: str, folder: Path, home: Path
) -> Iterator[tuple[Tree, Service, Callable[[records.Country, int], None]]]:
    """Serve a tree on a server of PostgreSQL of its own. Gives also what fills it, once it is known with
    what."""
    home.mkdir(mode=0o755)
    with ExitStack() as stack:
        postgres = stack.enter_context(EmbeddedPostgres(home / "postgres", durable=True, **DATABASE))
        assert postgres.process
        told = SETTINGS | {"DATABASE_URL": postgres.url(), "CRIMEBOOK_HOME": str(home)}
        port, process = stack.enter_context(
            serving(["service", "serve"], folder, LASTING_ANSWERS_MB="0", **told)
        )
        again_port, again_process = stack.enter_context(serving(["service", "serve"], folder, **told))
        tree = Tree(name, (process, again_process, postgres.process.pid))
        service = Service(port, (home / "key").read_text().strip())

        def fill(country: records.Country, offences: int) -> None:
            past = records.fill(service, country, offences)
            with closing(psycopg2.connect(postgres.url(role="postgres"))) as connection:
                connection.autocommit = True
                connection.cursor().execute("vacuum analyze")
            by_name = {question.name: question for question in questions.prepared(service, past)}
            again = Service(again_port, service.key)
            for question in (by_name[one] for one in QUESTIONS):
                tree.asking[question.name] = reading(question, again if question.again else service)
            tree.asking |= writing(service)
            tree.send_file = lambda file: records.send_text(service, FORCE, file)
            tree.numbers = {one: numbers(service.json(by_name[one].path)) for one in LOOKED_AT}

        yield tree, service, fill


@contextmanager
def both_served(
    folders: dict[str, Path], place: Path, offences: int
) -> Iterator[tuple[list[Tree], records.Country]]:
    """Serve both trees, filled with the same records."""
    place.mkdir(mode=0o755)
    with ExitStack() as stack:
        trees, country = [], None
        for name, folder in folders.items():
            say(f"starting and filling {name}")
            tree, service, fill = stack.enter_context(served(name, folder, place / name.lower()))
            country = country or records.read_country(service)
            fill(country, offences)
            trees.append(tree)
        assert country
        yield trees, country


def reading(question: Question, service: Service) -> Asking:
    """The same again and again."""
    headers = questions.headers_of(service.key, question)
    refresh = questions.refreshing(service, question, headers)
    return Asking(service.port, lambda _number, _head: load.request(question.path, headers), refresh)


def writing(service: Service) -> dict[str, Asking]:
    """Recording one after another, and correcting some by turns."""
    page = service.json("/v1/offences?" + urlencode({**LISTED, "limit": RECORDS_CORRECTED}))
    corrected = [
        {"offence_id": one["offence_id"], "crime_ref": one["crime_ref"], "tag": ""} for one in page["items"]
    ]

    def read_tags() -> None:
        for one in corrected:
            one["tag"] = dict(service.ask(f"/v1/offences/{one['offence_id']}")[1])["ETag"]

    record, correct = questions.WRITES
    return {
        record: Asking(service.port, questions.recording(service.key, "/v1/offences")),
        correct: Asking(
            service.port, questions.correcting(service.key, "/v1/offences", corrected), read_tags
        ),
    }


def numbers(answer: Any) -> list[object]:
    """What must be the same in both trees."""
    if "figures" in answer:
        return [(figure["category"]["code"], figure["value"]) for figure in answer["figures"]]
    if "series" in answer:
        return [point["value"] for point in answer["series"][0]["points"]]
    return [(place["area"]["code"], place["count"]) for place in answer["items"]]


def differing(one: Tree, other: Tree) -> set[str]:
    """The questions to which they answered different numbers."""
    return {question for question in LOOKED_AT if one.numbers[question] != other.numbers[question]}


def measure(trees: list[Tree], country: records.Country, rounds: int, seconds: float, until: float) -> Times:
    """All questions in each round, then the files, so that these do not make the book larger for the others.

    The two trees are asked request by request in turn, and each has processes of its own: what disturbs the
    machine weighs on both. The first round only warms up. After `until` no further round begins, if there was
    one.
    """
    times: Times = {question: {tree.name: [] for tree in trees} for question in (*trees[0].asking, FILE)}

    def note(question: str, number: int, work: Callable[[], int]) -> None:
        before = [seconds_of(*tree.processes) for tree in trees]
        count = work()
        for tree, began in zip(trees, before, strict=True):
            used = seconds_of(*tree.processes) - began
            if number:
                times[question][tree.name].append(1000 * used / count)

    for number in range(rounds + 1):
        if number > 1 and time.monotonic() > until:
            say(f"out of time after {number - 1} rounds")
            break
        order = trees[:: -1 if number % 2 else 1]
        for question in trees[0].asking:
            note(question, number, asking(question, order, seconds))
        say(f"round {number} of {rounds}" if number else "warmed up")
    for number in range(rounds + 1):
        if number > 1 and time.monotonic() > until + SECONDS_OF_FILES:
            break
        note(FILE, number, sending(country, number, trees[:: -1 if number % 2 else 1]))
    return times


def asking(question: str, trees: list[Tree], seconds: float) -> Callable[[], int]:
    """Make ready to ask the trees by turns; the work gives how often each was asked."""
    both = [tree.asking[question] for tree in trees]
    for one in both:
        one.before()
    return lambda: load.ask_by_turns([(one.port, one.make) for one in both], seconds)


def sending(country: records.Country, number: int, trees: list[Tree]) -> Callable[[], int]:
    """Make a file of new records ready; the work sends it to each."""
    file = records.as_csv(records.draw(country, FORCE, FILE_ROWS, f"file/{number}"))

    def send() -> int:
        for tree in trees:
            tree.send_file(file)
        return 1

    return send


def compared(this: list[float], base: list[float]) -> tuple[float, float, float]:
    """The ratio this/BASE with its 95 per cent interval: Student's t of the paired differences of the
    logarithms."""
    if this == base:
        return 1, 1, 1
    interval = stats.ttest_rel(np.log(this), np.log(base)).confidence_interval(0.95)
    return float(stats.gmean(ratios(this, base))), float(np.exp(interval.low)), float(np.exp(interval.high))


def table(times: Times) -> str:
    """One question a line, in Markdown."""
    lines = [
        "| | BASE, ms | this, ms | this/BASE | 95 per cent interval | rounds | under 1.05 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for question, of in times.items():
        ratio, low, high = compared(of[THIS], of[BASE])
        base, this = (milliseconds(statistics.median(of[name])) for name in (BASE, THIS))
        judged = "yes" if high < NO_SLOWER else "**no**"
        lines.append(
            f"| {question} | {base} | {this} | {ratio:.3f} | {low:.3f} to {high:.3f} | {len(of[THIS])} |"
            f" {judged} |"
        )
    return "\n".join(lines)


def about(arguments: argparse.Namespace, base: str, this: str, minutes: float, different: set[str]) -> str:
    """What was compared, when and how."""
    same = (
        f"The two answered different numbers to: {', '.join(sorted(different))}."
        if different
        else "Both answered the same numbers wherever that was looked at."
    )
    return f"""# This tree beside an earlier one

{time.strftime("%d %B %Y")}, `make bench-compare BASE={arguments.base}`:
BASE is {base}, this tree is {this}.

{arguments.offences:,} records, {FILLINGS} fillings, {arguments.rounds} rounds of {arguments.seconds:g} s;
one client; Python {platform.python_version()}, {os.cpu_count()} processors;
load average {os.getloadavg()[0]:.1f} at the end; {minutes:.0f} minutes in all.
{same}

Milliseconds are processor time of one request, of the service and PostgreSQL together, in the median of the
rounds. The ratio is the geometric mean of the rounds' own, with Student's interval of their logarithms.
"""


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.compare", description="Is this tree slower than an earlier commit?"
    )
    parser.add_argument("base", metavar="BASE", help="a commit, a branch or a tag")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument(
        "--seconds",
        type=float,
        default=1.2,
        help="that each question is asked in a round, of both trees by turns (1.2)",
    )
    parser.add_argument("--offences", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=12, help="after which no further round begins (12)")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    arguments = parser.parse_args()
    if arguments.rounds < FILLINGS:
        parser.error(f"at least a round for each of the {FILLINGS} fillings")
    return arguments


def stop(number: int, _frame: object) -> NoReturn:
    """Told to end: what was started is ended, and what was made taken away, without being interrupted at
    it."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main() -> int:
    """Make both trees ready, measure, tell, take away."""
    arguments, began = options(), time.monotonic()
    commit = git("rev-parse", "--verify", f"{arguments.base}^{{commit}}")
    base_name, this_name = (
        named(commit),
        named("HEAD") + (" and what is not committed" if git("status", "--porcelain", "service") else ""),
    )
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)
    times: Times = {}
    different: set[str] = set()
    with ExitStack() as stack:
        place = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="crimebook-compare-", ignore_cleanup_errors=True)
            )
        )
        place.chmod(0o755)  # where root asks, the database runs as somebody else
        folders = {BASE: stack.enter_context(checked_out(commit, place / "tree")), THIS: PROJECT}
        for filling in range(FILLINGS):
            until = began + 60 * arguments.minutes * (filling + 1) / FILLINGS
            rounds = (arguments.rounds + filling) // FILLINGS
            with both_served(folders, place / str(filling), arguments.offences) as (trees, country):
                different |= differing(*trees)
                for question, by_tree in measure(trees, country, rounds, arguments.seconds, until).items():
                    for name, values in by_tree.items():
                        times.setdefault(question, {}).setdefault(name, []).extend(values)
            folders = dict(reversed(folders.items()))  # the other is filled first
    minutes = (time.monotonic() - began) / 60
    text = f"{about(arguments, base_name, this_name, minutes, different)}\n{table(times)}\n"
    print(text)
    if arguments.write:
        RESULTS.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Each contender's way to answer each question, reads and writes."""

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import capture, contenders, load, questions
from bench.measuring import Done, Runner
from bench.questions import FORCE, WRITES, Question, Service
from service.app import create_app
from service.settings import Settings
from service.store import database

RECORDS_CORRECTED = 100  # as many scripts as pgbench takes
CLIENTS = int(os.environ.get("BENCH_CLIENTS", "1"))
Run = Callable[..., list[Any]]
"""Runs statements in a database of the server."""


def _remember(run: Run, name: str, records: list[dict[str, Any]]) -> None:
    """The tags of the records that are corrected, as they are now."""
    ids = ", ".join(f"'{one['offence_id']}'" for one in records)
    asked = f"select offence_id::text, since_change from offence where offence_id in ({ids})"  # ours # nosec B608
    held = run(asked, database_name=name)
    tags = {offence_id: f'"{since}"' for offence_id, since in held}
    for one in records:
        one["tag"] = tags[one["offence_id"]]


def _records(run: Run, name: str) -> list[dict[str, Any]]:
    rows = run(
        f"select offence_id::text, crime_ref from offence where force = '{FORCE}' order by"
        " md5(offence_id::text) "  # ours # nosec B608
        f"limit {RECORDS_CORRECTED}",
        database_name=name,
    )
    records = [{"offence_id": one, "crime_ref": crime_ref} for one, crime_ref in rows]
    _remember(run, name, records)
    return records


def _writes(
    run: Run,
    url: str,
    key: str,
    ports: dict[str, tuple[int, int]],
    floors: dict[str, str],
    records: list[dict[str, Any]],
    app: Any,
) -> dict[str, dict[str, Runner]]:
    """Recording and correcting one, by each contender."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    name, parts = (
        url.rsplit("/", 1)[1].split("?", maxsplit=1)[0],
        [records[number::CLIENTS] for number in range(CLIENTS)],
    )

    def remember() -> None:
        _remember(run, name, records)

    body = json.dumps(questions.draft("bench/captured")).encode()
    recorded = [capture.script(capture.heard(app, "POST", "/v1/offences", headers, body), url, writing=True)]
    corrections = []
    for one in records:
        body, told = json.dumps(questions.corrected(one, 0)).encode(), headers | {"If-Match": one["tag"]}
        heard = capture.heard(app, "PUT", f"/v1/offences/{one['offence_id']}", told, body)
        corrections.append(capture.script(heard, url, writing=True))
    record, correct = WRITES
    made: dict[str, dict[str, Runner]] = {
        record: {
            "sql": _running(url, recorded),
            "bare": _making(ports["bare"], [questions.recording(key, floors[record])] * CLIENTS),
        },
        correct: {
            "sql": _running(url, corrections),
            "bare": _making(ports["bare"], [questions.recording(key, floors[correct])] * CLIENTS),
        },
    }
    for contender, path in (("service", "/v1/offences"), ("rival", "/offences")):
        made[record][contender] = _making(
            ports[contender], [questions.recording(key, path) for _ in range(CLIENTS)]
        )
        made[correct][contender] = _making(
            ports[contender], [questions.correcting(key, path, part) for part in parts], remember
        )
    return made


def runners(
    run: Run,
    home: Path,
    stack: ExitStack,
    url: str,
    service: Service,
    ports: dict[str, tuple[int, int]],
    asked: list[Question],
    folder: Path,
) -> dict[str, dict[str, Runner]]:
    """By question and contender. Starts the bare route, which needs the answers of the service; `ports` are
    those of the others."""
    environment = {
        "DATABASE_URL": url,
        "LOG_LEVEL": "error",
        "CRIMEBOOK_HOME": str(home),
        "RATE_LIMIT": "none",
    }
    app = create_app(Settings.from_environment(environment))
    answers = [service.ask(one.path, headers=one.headers) for one in asked]
    one = [("Content-Type", "application/json")], answers[0][2]
    ports["bare"] = contenders.bare(stack, [*answers, (201, *one), (200, *one)], folder)
    made: dict[str, dict[str, Runner]] = {}
    for number, question in enumerate(asked):
        headers = questions.headers_of(service.key, question)
        refreshed = questions.refreshing(service, question, headers)
        statements = capture.script(
            capture.heard(app, "GET", question.path, headers, again=question.again), url
        )
        made[question.name] = {
            "service": _asking(
                ports["again" if question.again else "service"], question.path, headers, refreshed
            ),
            "bare": _asking(ports["bare"], f"/{number}", question.headers),
            "sql": _running(url, [statements]),
        }
        if question.rival:
            made[question.name]["rival"] = _asking(ports["rival"], question.rival, {})
    made["list of 100"]["marshal_with"] = _asking(ports["marshal_with"], "/offences", {})
    floors = {question_name: f"/{number}" for number, question_name in enumerate(WRITES, len(asked))}
    made |= _writes(
        run,
        url,
        service.key,
        ports,
        floors,
        _records(run, url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]),
        app,
    )
    database.release()
    return made


def _asking(
    server: tuple[int, int], path: str, headers: dict[str, str], before: Callable[[], None] = lambda: None
) -> Runner:
    return Runner(
        lambda seconds: _done(load.ask_often(server[0], path, headers, seconds, CLIENTS)),
        (server[1],),
        before,
    )


def _running(url: str, scripts: list[str]) -> Runner:
    return Runner(lambda seconds: capture.pgbench(url, scripts, seconds, CLIENTS))


def _making(
    server: tuple[int, int], makers: list[load.Make], before: Callable[[], None] = lambda: None
) -> Runner:
    return Runner(lambda seconds: _done(load.send_often(server[0], makers, seconds)), (server[1],), before)


def _done(waits: list[float]) -> Done:
    return Done(len(waits), waits=waits)

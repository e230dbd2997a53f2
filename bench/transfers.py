r"""Files in and out: a bulk load and an export over HTTP, against psql's \copy of the same rows, and against
(c)."""

import http.client
import json
import os
import subprocess
import time
from contextlib import closing
from pathlib import Path

from bench.loading import floor, lines
from bench.measuring import Done, Runner
from service.store.embedded.placement import programs

ROWS = 100_000
LOAD, EXPORT = f"bulk load of {ROWS:,} rows", f"export of {ROWS:,} rows, CSV"


def client_seconds() -> float:
    """Processor time of the clients that have ended."""
    told = os.times()
    return told.children_user + told.children_system


def loads(
    url: str, key: str, ports: dict[str, int], processes: dict[str, int], folder: Path
) -> dict[str, Runner]:
    """One file a round; each has references of its own."""
    files = iter(range(100, 900))

    def send(port: int, path: str, told: dict[str, str]) -> Done:
        file = folder / "offences.csv"
        file.write_text("".join(lines(ROWS, next(files))))
        began = time.monotonic()
        with (
            closing(http.client.HTTPConnection("127.0.0.1", port, timeout=3600)) as asked,
            file.open("rb") as body,
        ):
            headers = {"Content-Type": "text/csv", "Content-Length": str(file.stat().st_size), **told}
            asked.request("POST", path, body, headers)
            answer = json.loads(asked.getresponse().read())
        if not (answer.get("status") == "accepted" or answer.get("recorded") == ROWS):
            raise RuntimeError(str(answer)[:1000])
        return Done(1, waits=[time.monotonic() - began])

    def copied() -> Done:
        file = folder / "floor.csv"
        file.write_text("".join(lines(ROWS)))
        used = client_seconds()
        taken = floor(url, file)
        return Done(1, client_seconds() - used, [taken])

    return {
        "service": Runner(
            lambda _: send(ports["service"], "/v1/submissions", {"Authorization": f"Bearer {key}"}),
            (processes["service"],),
        ),
        "sql": Runner(lambda _: copied()),
        "rival": Runner(lambda _: send(ports["rival"], "/load", {}), (processes["rival"],)),
    }


def exports(
    url: str, key: str, ports: dict[str, int], processes: dict[str, int], days: tuple[str, str]
) -> dict[str, Runner]:
    """The records of these days, read to nowhere."""
    first, last = days

    def read(port: int, path: str, told: dict[str, str]) -> Done:
        began = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=3600)) as asked:
            asked.request("GET", f"{path}?recorded_from={first}&recorded_to={last}", headers=told)
            answer, held, rows = asked.getresponse(), memoryview(bytearray(2**20)), 0
            while size := answer.readinto(held):
                rows += bytes(held[:size]).count(b"\n")
        if rows < ROWS / 2:
            raise RuntimeError(f"an export of {rows} rows")
        return Done(1, waits=[time.monotonic() - began])

    def copied() -> Done:
        selected = (
            "select * from offence_version where until_change is null and status = 'recorded' "
            f"and recorded_on between '{first}' and '{last}' order by recorded_on, offence_id"  # days of ours # nosec B608
        )
        began, used = time.monotonic(), client_seconds()
        subprocess.run(
            [programs() / "psql", url, "-c", f"\\copy ({selected}) to /dev/null csv"],
            check=True,
            capture_output=True,
            text=True,
        )
        return Done(1, client_seconds() - used, [time.monotonic() - began])

    by_key = {"Authorization": f"Bearer {key}", "Accept": "text/csv"}
    return {
        "service": Runner(lambda _: read(ports["service"], "/v1/offences", by_key), (processes["service"],)),
        "sql": Runner(lambda _: copied()),
        "rival": Runner(lambda _: read(ports["rival"], "/export", {}), (processes["rival"],)),
    }

"""What is asked of a seeded book, in the order of the table: each read by its address; the two writes by what
they send."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from bench.load import Make, request

CATEGORIES = [
    "all-crime",
    "violence-against-the-person",
    "sexual-offences",
    "robbery",
    "residential-burglary",
    "vehicle-crime",
    "theft-offences",
    "criminal-damage",
    "drug-offences",
    "public-order-offences",
]
FORCE, NATION, PERIOD, BEFORE = "E23000022", "K04000001", "2018/19", "2017/18"
LISTED = {"force": FORCE, "recorded_from": "2016-06-01"}
TEN_YEARS = "2012-04-01..2022-03-31"
PLAIN = "force year, by category"
RATES = "force year against the year before, rates"
AGAIN = "force year against the year before, asked again"
WRITES = ("record one", "correct one")
ASKED_BEFORE = 8
_NUMBERS = count(1)


@dataclass(frozen=True)
class Question:
    """One row of the table: `rival` is the address of the same question to (c), None where it has no such
    thing; `again` is one that the service may answer with what it answered before (LASTING_ANSWERS_MB), all
    others are worked out each time.
    """

    name: str
    path: str
    rival: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True)
class Service:
    """Where to ask, with which key."""

    port: int
    key: str

    def ask(
        self, path: str, body: Any = None, method: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, list[Any], bytes]:
        """Status, headers and body of an answer; RuntimeError for a problem."""
        data = None if body is None else json.dumps(body).encode()
        told = {
            "Authorization": f"Bearer {self.key}",
            **({"Content-Type": "application/json"} if data else {}),
            **(headers or {}),
        }
        sent = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, told, method=method)
        try:
            with urllib.request.urlopen(sent, timeout=120) as answer:  # noqa: S310 # nosec B310
                return answer.status, answer.headers.items(), answer.read()
        except urllib.error.HTTPError as fault:
            if fault.code == 304:
                return 304, fault.headers.items(), b""
            raise RuntimeError(f"{path}: {fault.read().decode()}") from None

    def json(self, path: str, body: Any = None) -> Any:
        """What it answers, read."""
        return json.loads(self.ask(path, body)[2])

    def send(self, path: str, file: bytes, media_type: str) -> Any:
        """What it answers to a file, read; RuntimeError for a problem."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": media_type}
        sent = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", file, headers)
        try:
            with urllib.request.urlopen(sent, timeout=120) as answer:  # noqa: S310 # nosec B310
                return json.load(answer)
        except urllib.error.HTTPError as fault:
            raise RuntimeError(f"{path}: {fault.read().decode()}") from None


def headers_of(key: str, question: Question) -> dict[str, str]:
    """The headers of a question."""
    return {"Authorization": f"Bearer {key}"} | question.headers


def refreshing(service: Service, question: Question, headers: dict[str, str]) -> Callable[[], None]:
    """Before each round: what was recorded since has moved the tag, and an answer of 200 must not pass for
    one of 304.

    Where an answer may be given again, each worker has worked it out once before: a few questions on
    connections of their own.
    """

    def refresh() -> None:
        for _ in range(ASKED_BEFORE if question.again else 0):
            service.ask(question.path)
        if "If-None-Match" in headers:
            headers["If-None-Match"] = dict(service.ask(question.path)[1])["ETag"]
            if service.ask(question.path, headers=headers)[0] != 304:
                raise RuntimeError(f"{question.path} was modified")

    return refresh


def summary(area: str, **more: Any) -> str:
    """A figure of each category in a year."""
    return "/v1/summaries?" + urlencode(
        [("area", area), ("period", PERIOD), *more.items(), *(("category", one) for one in CATEGORIES)]
    )


def draft(crime_ref: str) -> dict[str, Any]:
    """An offence to record."""
    return {
        "area": "E07000154",
        "code": "34B",
        "committed_from": "2018-10-01T10:00:00Z",
        "crime_ref": crime_ref,
        "force": FORCE,
        "location": "1 High Street",
        "outcome": "18",
        "outcome_on": "2018-11-01",
        "recorded_at": "2018-10-02T12:00:00Z",
        "recorded_on": "2018-10-02",
        "reported_at": "2018-10-02T09:00:00Z",
        "victims": 1,
    }


def prepared(service: Service, past: int) -> list[Question]:
    """Make what the questions need, a target and an operation, and say what is asked."""
    target = service.json(
        "/v1/targets",
        {
            "area": FORCE,
            "base_period": BEFORE,
            "category": "robbery",
            "kind": "reduce-by-percent",
            "name": "Robbery down a tenth",
            "owner": "bench",
            "percent": 10,
            "period": PERIOD,
        },
    )
    operation = service.json(
        "/v1/operations",
        {
            "areas": ["E07000154"],
            "categories": ["robbery"],
            "from_on": "2018-06-01",
            "name": "Bench",
            "to_on": "2018-11-30",
        },
    )
    page = service.json("/v1/offences?" + urlencode(LISTED))
    one = page["items"][0]["offence_id"]
    compared = summary(FORCE, compare="previous")
    evidence = next(
        figure["evidence"]
        for figure in service.json(compared)["figures"]
        if figure["category"]["code"] == "robbery"
    )
    tag = dict(service.ask(compared)[1])["ETag"]
    ranked = urlencode({"area": NATION, "category": "robbery", "period": PERIOD})
    rival = {"period": PERIOD, "before": BEFORE}
    return [
        Question("one offence", f"/v1/offences/{one}", f"/offences/{one}"),
        Question("list of 100", "/v1/offences?" + urlencode(LISTED), "/offences?" + urlencode(LISTED)),
        Question(PLAIN, summary(FORCE), "/summary?" + urlencode({"area": FORCE, "period": PERIOD})),
        Question(
            "force year against the year before", compared, "/summary?" + urlencode({"area": FORCE, **rival})
        ),
        Question(AGAIN, compared, "/summary?" + urlencode({"area": FORCE, **rival}), again=True),
        Question(RATES, summary(FORCE, compare="previous", measure="rate"), None),
        Question(
            "nation's year against the year before",
            summary(NATION, compare="previous"),
            "/summary?" + urlencode({"area": NATION, **rival}),
        ),
        Question(
            "series of ten years by month",
            f"/v1/summaries/series?area={FORCE}&category=all-crime&period={TEN_YEARS}",
            f"/series?area={FORCE}",
        ),
        Question(
            "ranking of 43 forces",
            f"/v1/summaries/ranking?{ranked}",
            f"/ranking?category=robbery&period={PERIOD}",
        ),
        Question(
            "force year as of a past change",
            summary(FORCE, compare="previous", as_of=past),
            "/summary?" + urlencode({"area": FORCE, **rival, "as_of": past}),
        ),
        Question(
            "page of evidence",
            evidence,
            "/offences?"
            + urlencode(
                {
                    "force": FORCE,
                    "category": "robbery",
                    "recorded_from": "2018-04-01",
                    "recorded_to": "2019-03-31",
                }
            ),
        ),
        Question("not modified (304)", compared, None, {"If-None-Match": tag}, again=True),
        Question("progress of a target", f"/v1/targets/{target['target_id']}/progress", None),
        Question("effect of an operation", f"/v1/operations/{operation['operation_id']}/effect", None),
    ]


def recording(key: str, path: str) -> Make:
    """A client that records one offence after another, under references that nobody else gives."""
    headers, mine = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}, next(_NUMBERS)

    def make(number: int, head: bytes) -> bytes:
        return request(path, headers, "POST", json.dumps(draft(f"bench/{mine}/{time.time_ns()}")).encode())

    return make


def correcting(key: str, path: str, records: list[dict[str, Any]]) -> Make:
    """A client that corrects some records in turn, each time the version that it has made before."""

    def make(number: int, head: bytes) -> bytes:
        before, one = records[number % len(records) - 1], records[number % len(records)]
        told = [line[6:].decode() for line in head.split(b"\r\n") if line.lower().startswith(b"etag: ")]
        if told:
            before["tag"] = told[0]
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "If-Match": one["tag"],
        }
        return request(
            f"{path}/{one['offence_id']}", headers, "PUT", json.dumps(corrected(one, number)).encode()
        )

    return make


def corrected(record: dict[str, Any], number: int) -> dict[str, Any]:
    """What a correction says."""
    return draft(record["crime_ref"]) | {"location": f"{number} High Street"}

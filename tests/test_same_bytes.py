"""The same question about the same change gets the same bytes for ever, whoever writes meanwhile."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from builders import offence

from service.store import database

WRITERS, STEPS = 4, 30
CODES = ("28A", "30A", "34B", "45", "46", "92E")
PLACES = ("northampton", "kettering", "corby", "northamptonshire")
DAYS = ("2011-06-30", "2012-04-01", "2012-05-03", "2012-12-31", "2013-03-31", "2013-04-01")
FORMATS = ("application/json", "text/csv", "application/x-ndjson")


def draft(chance, number, **said):
    day = chance.choice(DAYS)
    return offence(
        area=chance.choice(PLACES),
        code=chance.choice(CODES),
        committed_from="2011-01-01T00:00:00Z",
        committed_to=None,
        crime_ref=f"R/{number}",
        recorded_on=day,
        reported_at=None,
        victims=chance.randrange(3),
        **said,
    )


class Writer:
    """One connection that does what forces do, in an order of chance, and asks questions in between."""

    def __init__(self, service, seed, remembered, lock):
        self.client, self.chance = service.application.test_client(), random.Random(seed)
        self.seed, self.remembered, self.lock, self.held = seed, remembered, lock, []

    def run(self):
        try:
            for step in range(STEPS):
                self.act(step)
                self.ask()
        finally:
            database.release()

    def act(self, step):
        act = self.chance.choice(
            (
                self.record,
                self.record,
                self.correct,
                self.reclassify,
                self.cancel,
                self.transfer,
                self.load,
                self.load,
                self.redefine,
                self.redraw,
            )
        )
        answer = (
            act(step)
            if act in (self.record, self.load, self.redefine, self.redraw) or self.held
            else self.record(step)
        )
        assert answer.status_code in (200, 201, 409, 412, 422), answer.text

    def record(self, step):
        answer = self.client.post("/v1/offences", json=draft(self.chance, f"{self.seed}-{step}"))
        self.held.append((answer.json["offence_id"], answer.headers["ETag"], answer.json["crime_ref"]))
        return answer

    def taken(self):
        offence_id, tag, reference = self.held.pop(self.chance.randrange(len(self.held)))
        return f"/v1/offences/{offence_id}", {"If-Match": tag}, reference

    def kept(self, answer):
        if answer.status_code == 200 and answer.json["status"] == "recorded":
            self.held.append((answer.json["offence_id"], answer.headers["ETag"], answer.json["crime_ref"]))
        return answer

    def correct(self, step):
        address, tag, reference = self.taken()
        sent = draft(self.chance, "x", outcome=self.chance.choice(("0", "1", "1A", "18"))) | {
            "crime_ref": reference
        }
        return self.kept(self.client.put(address, json=sent, headers=tag))

    def reclassify(self, step):
        address, tag, _ = self.taken()
        return self.kept(
            self.client.patch(
                address, json={"code": self.chance.choice(CODES), "reason": "seen again"}, headers=tag
            )
        )

    def cancel(self, step):
        address, tag, _ = self.taken()
        return self.client.delete(f"{address}?reason=duplicate", headers=tag)

    def transfer(self, step):
        address, tag, _ = self.taken()
        return self.client.post(
            f"{address}/transfer", json={"force": "leicestershire", "reason": "theirs"}, headers=tag
        )

    def load(self, step):
        rows = [
            draft(self.chance, f"{self.seed}-file-{number}") for number in range(self.chance.randrange(1, 6))
        ]
        lines = "\n".join(json.dumps(row) for row in rows)
        return self.client.post("/v1/submissions", data=lines, content_type="application/x-ndjson")

    def redefine(self, step):
        codes = [{"code": code} for code in sorted(self.chance.sample(CODES, 3))]
        tag = self.client.get("/v1/categories/asked-about").headers.get("ETag", '"0"')
        body = {"codes": codes, "description": "changes now and then", "name": "Asked about"}
        return self.client.put("/v1/categories/asked-about", json=body, headers={"If-Match": tag})

    def redraw(self, step):
        tag = self.client.get("/v1/areas/corby").headers["ETag"]
        body = {
            "kind": "district",
            "name": "Corby",
            "slug": "corby",
            "parents": self.chance.sample(
                ["northamptonshire", "north-northamptonshire", "west-northamptonshire"], 2
            ),
        }
        if "northamptonshire" not in body["parents"]:
            body["parents"].append("northamptonshire")
        return self.client.put("/v1/areas/corby", json=body, headers={"If-Match": tag})

    def ask(self):
        address, question, accept = self.question()
        answer = self.client.get(address, query_string=question, headers={"Accept": accept})
        if answer.status_code == 404:
            return
        assert answer.status_code == 200, answer.text
        with self.lock:
            self.remembered.append(
                (
                    address,
                    question,
                    accept,
                    answer.headers["Crimebook-Change"],
                    answer.headers.get("ETag"),
                    answer.get_data(),
                )
            )

    def question(self):
        area = self.chance.choice(
            ("northamptonshire", "northampton", "corby", "west-northamptonshire", "england")
        )
        category = self.chance.choice(("all-crime", "residential-burglary", "robbery", "asked-about"))
        if category == "asked-about" and self.client.get("/v1/categories/asked-about").status_code == 404:
            category = "all-crime"
        summary = {
            "area": area,
            "category": category,
            "period": self.chance.choice(("2012/13", "2012/13Q1", "2012-05-02..2013-03-31")),
            "by": self.chance.choice(([], ["code"])),
            "measure": self.chance.choice(("offences", "victims")),
        }
        compared = summary | {"compare": self.chance.choice(("previous", "last-year", "2011/12"))}
        listed = {
            "area": area,
            "category": category,
            "status": self.chance.choice(("any", "recorded", "cancelled")),
            "limit": "3",
        }
        of_one = [f"/v1/offences/{one}{part}" for one, _, _ in self.held[-1:] for part in ("", "/versions")]
        address, question, formats = self.chance.choice(
            [
                ("/v1/summaries", summary, FORMATS[:2]),
                ("/v1/summaries", compared, FORMATS[:2]),
                ("/v1/offences", listed, FORMATS),
                ("/v1/offences", {"area": area, "status": "any"}, FORMATS[1:]),
                (f"/v1/areas/{area}", {}, FORMATS[:1]),
                ("/v1/categories", {"limit": "1000"}, FORMATS),
                *((one, {}, FORMATS[:1]) for one in of_one),
                *MORE,
            ]
        )
        return address, question, self.chance.choice(formats)


MORE: list = []
"""Questions of every other noun that can be asked as of a change."""


@pytest.mark.parametrize("seed", [1, 2])
def test_every_answer_is_the_same_when_it_is_asked_again(service, seed):
    remembered, lock = [], Lock()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(
            pool.map(
                Writer.run,
                [Writer(service, 100 * seed + number, remembered, lock) for number in range(WRITERS)],
            )
        )
    assert len(remembered) > WRITERS * STEPS * 0.7
    assert len({change for _, _, _, change, _, _ in remembered}) > 20
    for address, question, accept, change, tag, body in remembered:
        for _ in range(2):
            again = service.get(
                address, query_string=question | {"as_of": change}, headers={"Accept": accept}
            )
            assert (again.headers["Crimebook-Change"], again.headers.get("ETag")) == (change, tag), (
                address,
                question,
            )
            assert again.get_data() == body, (address, question, change)
    with database.reading() as book:
        assert book.offences.tally.differences() == []
        assert book.offences.tally.category_differences() == []


def test_an_instant_means_what_was_known_then(service):
    made = [service.post("/v1/offences", json=offence()) for _ in range(3)]
    for answer in made:
        at = service.get(f"/v1/changes/{answer.json['since_change']}").json["at"]
        by_instant = service.get("/v1/offences", query_string={"as_of": at})
        by_number = service.get("/v1/offences", query_string={"as_of": answer.json["since_change"]})
        assert by_instant.get_data() == by_number.get_data()
        assert by_instant.headers["Crimebook-Change"] == str(answer.json["since_change"])

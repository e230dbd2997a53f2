"""Everything that can move a figure, done to a book in a random order."""

import random
from typing import Any

from builders import offence, record, submit
from publications import crime, put, send_years

CODES, AREAS = ("28A", "34B", "45", "58A"), ("northampton", "kettering", "northamptonshire", "nn-abi")
BEAT = {"kind": "beat", "name": "Abington", "slug": "nn-abi", "parents": ["northampton"]}
MINE = {
    "name": "Mine",
    "description": "Some of it.",
    "codes": [{"code": "28A"}, {"code": "45", "to_on": "2012-06-30"}],
}


def two_years(service: Any) -> Any:
    """Two years with forty crimes, a beat and a category of our own."""
    send_years(service, [crime(number) for number in range(40)])
    assert service.put("/v1/areas/NN-ABI", json=BEAT, headers={"If-Match": '"0"'}).status_code == 201
    assert service.put("/v1/categories/mine", json=MINE, headers={"If-Match": '"0"'}).status_code == 201
    return service


def any_record(service, rng):
    held = service.get("/v1/offences?limit=1000").json["items"]
    return rng.choice([one for one in held if one["force"] == "E23000022"])


def correct(service, held, **said):
    sent = {name: held[name] for name in offence()} | said
    return service.put(
        f"/v1/offences/{held['offence_id']}", json=sent, headers={"If-Match": f'"{held["since_change"]}"'}
    )


class Meddler:
    """Does to the book, in a random order, everything that can move a figure."""

    def __init__(self, service, seed):
        self.service, self.rng = service, random.Random(seed)

    def crime(self, **said):
        return crime(
            self.rng.randrange(40, 9999), area=self.rng.choice(AREAS), code=self.rng.choice(CODES), **said
        )

    def record(self):
        return self.service.post("/v1/offences", json=self.crime())

    def correct(self):
        day = f"201{self.rng.randrange(1, 4)}-0{self.rng.randrange(4, 10)}-11"
        said = {
            "area": self.rng.choice(AREAS),
            "victims": self.rng.randrange(4),
            "code": self.rng.choice(CODES),
            "recorded_on": day,
        }
        return correct(
            self.service, any_record(self.service, self.rng), **dict(self.rng.sample(sorted(said.items()), 2))
        )

    def reclassify(self):
        held = any_record(self.service, self.rng)
        return self.service.patch(
            f"/v1/offences/{held['offence_id']}",
            json={"code": self.rng.choice(CODES), "reason": "looked at again"},
            headers={"If-Match": f'"{held["since_change"]}"'},
        )

    def cancel(self):
        held = any_record(self.service, self.rng)
        return self.service.delete(
            f"/v1/offences/{held['offence_id']}?reason=recorded-in-error",
            headers={"If-Match": f'"{held["since_change"]}"'},
        )

    def transfer_out(self):
        held = any_record(self.service, self.rng)
        return self.service.post(
            f"/v1/offences/{held['offence_id']}/transfer",
            json={"force": "leicestershire", "reason": "it was there"},
            headers={"If-Match": f'"{held["since_change"]}"'},
        )

    def transfer_in(self):
        theirs = record(self.service, force="leicestershire", area="leicester")
        self.service.post(
            f"/v1/offences/{theirs['offence_id']}/transfer",
            json={"force": "northamptonshire", "reason": "it was here"},
            headers={"If-Match": theirs["etag"]},
        )
        return self.service.post("/v1/offences", json=self.crime(transferred_from=theirs["offence_id"]))

    def redefine(self):
        codes = [
            {"code": code, "from_on": self.rng.choice([None, "2012-05-01"])}
            for code in self.rng.sample(CODES, 2)
        ]
        return put(self.service, "/v1/categories/mine", codes=codes)

    def redraw(self):
        return put(
            self.service,
            "/v1/areas/NN-ABI",
            parents=[self.rng.choice(["northampton", "kettering", "northamptonshire"])],
        )

    def submit(self):
        return submit(
            self.service,
            [self.crime(crime_ref=f"NN/{number:04}") for number in self.rng.sample(range(60), 3)],
            force="E23000022",
        )

    def meddle(self, times):
        ways = [
            self.record,
            self.correct,
            self.correct,
            self.reclassify,
            self.cancel,
            self.transfer_out,
            self.transfer_in,
            self.redefine,
            self.redraw,
            self.submit,
        ]
        for _ in range(times):
            answer = self.rng.choice(ways)()
            assert answer is None or answer.status_code in (200, 201, 409, 422), answer.json

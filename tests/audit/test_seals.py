"""Seals: what an inspector with a key of scope audit can prove, and what stays as it is whoever asks."""

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise

import pytest
from builders import key, record
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sealed_books import PERSONAL, as_superuser, rows

from service.audit import merkle, sealing, seals, verification
from service.store import database


def prove(service, tree_size, **asked):
    return service.get(f"/v1/audit/seals/{tree_size}/inclusion", query_string=asked)


def holds(told):
    """Does an answer of inclusion prove itself, from the text of its entry upwards?"""
    leaf = sha256(b"\x00" + told["entry"].encode()).digest()
    path = [bytes.fromhex(one) for one in told["path"]]
    return leaf.hex() == told["leaf_hash"] and merkle.verify_inclusion(
        leaf, told["position"], told["tree_size"], path, bytes.fromhex(told["root"])
    )


def test_a_head_is_signed_once_for_what_changed(sealed):
    service, first_change = sealed, record(sealed)["since_change"]
    first = service.post("/v1/audit/seals")
    assert first.json["change"] == first_change
    assert (first.status_code, first.headers["Location"]) == (
        201,
        f"/v1/audit/seals/{first.json['tree_size']}",
    )
    again = service.post("/v1/audit/seals")
    assert (again.status_code, again.json) == (200, first.json)
    change = record(service)["since_change"]
    second = service.post("/v1/audit/seals").json
    assert (second["change"], second["tree_size"]) == (
        change,
        first.json["tree_size"] + 2,
    ), "the change and what it opened"
    read = service.get(f"/v1/audit/seals/{second['tree_size']}")
    assert (read.json, read.headers["Crimebook-Change"]) == (second, str(change))


def test_the_signature_is_of_the_text_shown_by_the_key_shown(sealed):
    head = sealed.head
    assert (
        head["signed"]
        == f"crimebook seal 1\n{head['tree_size']}\n{head['change']}\n{head['at']}\n{head['root']}\n"
    )
    load_pem_public_key(head["public_key"].encode()).verify(
        base64.b64decode(head["signature"]), head["signed"].encode()
    )


@pytest.mark.parametrize("microsecond", [0, 119380, 500000, 7])
def test_the_instant_of_a_head_is_shown_with_the_noughts_it_is_signed_with(microsecond):
    at = datetime(2026, 11, 24, 21, 9, 21, microsecond, tzinfo=UTC)
    shown = seals.Seal().dump({"at": at, "change": 1, "root": "", "signature": "", "tree_size": 1})["at"]
    assert (
        shown
        == sealing.signed_text(1, 1, at, b"").splitlines()[3]
        == f"2026-11-24T21:09:21.{microsecond:06}Z"
    )


def test_heads_are_listed_oldest_first_a_page_at_a_time(sealed):
    page = sealed.get("/v1/audit/seals?limit=1").json
    following = sealed.get(page["next"]).json
    assert [one["tree_size"] for one in page["items"] + following["items"]] == sorted(
        row["tree_size"] for row in rows("select tree_size from seal")
    )
    assert following["next"] is None
    assert sealed.get("/v1/audit/seals", headers={"Accept": "text/csv"}).text.startswith(
        "at,change,root,signature,tree_size\r\n"
    )
    lines = sealed.get("/v1/audit/seals", headers={"Accept": "application/x-ndjson"}).text.splitlines()
    assert [json.loads(line) for line in lines] == page["items"] + following["items"]


def test_everything_of_every_noun_can_be_proven_to_be_in_the_tree(sealed):
    leaves = rows("select * from seal_leaf")
    assert {leaf["noun"] for leaf in leaves} == set(seals.NOUNS)
    assert {leaf["noun"] for leaf in leaves if leaf["closing"]} == {
        "area",
        "area_ancestor",
        "caller",
        "caller_key",
        "category",
        "code",
        "household_count",
        "mapping",
        "measure",
        "observation",
        "offence",
        "operation",
        "operation_tag",
        "peer_group",
        "population",
        "series_break",
        "street_record",
        "target",
    }
    for leaf in leaves:
        asked = {name: leaf[name] for name in ("noun", "key", "since_change")} | {
            "closing": str(leaf["closing"]).lower()
        }
        told = prove(sealed, sealed.head["tree_size"], **asked).json
        assert holds(told), told
        assert told["root"] == sealed.head["root"]
        entry = json.loads(told["entry"])
        assert entry["noun"] == leaf["noun"], (leaf, entry)


def test_a_version_of_an_offence_its_ending_and_a_change_have_short_ways(sealed):
    size, versions = (
        sealed.head["tree_size"],
        sealed.get(f"/v1/offences/{sealed.offence_id}/versions").json["items"],
    )
    for version in versions:
        told = prove(sealed, size, offence_id=sealed.offence_id, since_change=version["since_change"]).json
        entry = json.loads(told["entry"])
        assert holds(told) and (entry["code"], entry["victims"]) == (version["code"], version["victims"])
    told = prove(
        sealed, size, offence_id=sealed.offence_id, since_change=versions[0]["since_change"], closing="true"
    ).json
    assert holds(told) and json.loads(told["entry"])["until_change"] == versions[1]["since_change"]
    told = prove(sealed, size, change=versions[0]["since_change"]).json
    assert holds(told) and json.loads(told["entry"])["reason"] == "offence recorded"


def test_each_head_grew_from_each_earlier_one(sealed):
    for _ in range(3):
        record(sealed)
        sealed.post("/v1/audit/seals")
    heads = sealed.get("/v1/audit/seals").json["items"]
    for earlier, later in [*pairwise(heads), (heads[0], heads[-1]), (heads[1], heads[1])]:
        told = sealed.get(
            f"/v1/audit/seals/{later['tree_size']}/consistency?from={earlier['tree_size']}"
        ).json
        path = [bytes.fromhex(one) for one in told["path"]]
        roots = bytes.fromhex(earlier["root"]), bytes.fromhex(later["root"])
        assert merkle.verify_consistency(earlier["tree_size"], later["tree_size"], *roots, path)


def test_a_tree_cut_back_and_grown_anew_does_not_fit_a_head_that_was_kept(sealed, databases):
    kept, first = sealed.head, sealed.get("/v1/audit/seals?limit=1").json["items"][0]["tree_size"]
    as_superuser(
        sealed,
        databases,
        f"""
        delete from seal where tree_size > {first}; delete from seal_leaf where position >= {first};
        delete from seal_node where (position + 1) << level > {first}; delete from offence_personal_digest;
        update offence_version set victims = 9 where offence_id = '{sealed.offence_id}'""",
    )
    record(sealed)
    assert sealed.get(f"/v1/audit/seals/{kept['tree_size']}").status_code == 404
    head = sealed.post("/v1/audit/seals").json
    with database.reading() as book:
        trusted = frozenset([bytes(row["public_key"]) for row in rows("select public_key from seal")])
        assert "tally says" in next(verification.findings(book, trusted)), (
            "only the counts give it away, and they can be forged too"
        )
    told = sealed.get(f"/v1/audit/seals/{head['tree_size']}/consistency?from={kept['tree_size']}").json
    path = [bytes.fromhex(one) for one in told["path"]]
    roots = bytes.fromhex(kept["root"]), bytes.fromhex(head["root"])
    assert not merkle.verify_consistency(kept["tree_size"], head["tree_size"], *roots, path)
    told = prove(
        sealed,
        head["tree_size"],
        noun="area",
        key="NN-1",
        since_change=rows("select min(since_change) as first from area_version where area = 'NN-1'")[0][
            "first"
        ],
    ).json
    assert holds(told) and not holds(told | {"root": kept["root"], "tree_size": kept["tree_size"]})


def test_personal_fields_are_not_in_the_entry_and_erasing_them_leaves_the_proof_as_it_was(sealed, databases):
    versions = sealed.get(f"/v1/offences/{sealed.offence_id}/versions").json["items"]
    asked = {"offence_id": sealed.offence_id, "since_change": versions[-1]["since_change"]}
    told = prove(sealed, sealed.head["tree_size"], **asked)
    assert json.loads(told.json["entry"])["personal_digest"]
    assert not any(value in told.text for value in (*PERSONAL.values(), "force was used", "the registrar"))
    as_superuser(
        sealed,
        databases,
        f"""
        update offence_version set decided_by = null, location = null, reason = null, recorded_by = null,
          reported_by = null, erased_change = 1
        where offence_id = '{sealed.offence_id}';
        update offence_personal_digest set salt = null where offence_id = '{sealed.offence_id}'""",
    )
    assert prove(sealed, sealed.head["tree_size"], **asked).json == told.json
    assert sealed.get(f"/v1/offences/{sealed.offence_id}").json["location"] is None


def test_a_version_erased_before_it_was_sealed_is_sealed_as_what_is_left_of_it(sealed, home):
    made = record(sealed, **PERSONAL)
    said = {"authority": "Data Protection Officer", "ground": "court-order"}
    assert sealed.post(f"/v1/offences/{made['offence_id']}/erasure", json=said).status_code == 201
    head = sealed.post("/v1/audit/seals").json
    told = prove(
        sealed, head["tree_size"], offence_id=made["offence_id"], since_change=made["since_change"]
    ).json
    assert holds(told)
    assert "personal_digest" not in json.loads(told["entry"])
    with database.reading() as book:
        assert (
            next(verification.findings(book, frozenset([sealing.read_public_key(home / "seal.key")])), None)
            is None
        )


@pytest.mark.parametrize(
    ("question", "status", "said"),
    [
        ("999999", 404, "No head was signed"),
        ("9999999999999999999999", 404, "No head was signed"),
        ("0", 404, "No head was signed"),
        ("{size}/consistency", 400, "from"),
        ("{size}/consistency?from=0", 400, "from"),
        ("{size}/consistency?from=999999", 400, "larger"),
        ("{size}/inclusion", 400, "Name one thing"),
        ("{size}/inclusion?change=1&noun=area", 400, "Name one thing"),
        ("{size}/inclusion?noun=area&key=NN-1", 400, "since_change"),
        ("{size}/inclusion?noun=planet&key=Mars", 400, "noun"),
        ("{size}/inclusion?noun=area&key=NN-9", 404, "not in the book"),
        ("{size}/inclusion?change=999999", 404, "not in the book"),
        ("{size}/inclusion?offence_id=01939f3c-7c1e-7f00-8000-000000000001", 404, "No offence"),
        ("{size}/inclusion?noun=offence&key={unsealed}", 404, "is not sealed yet"),
        ("{first}/inclusion?change=12", 404, "later head"),
    ],
)
def test_what_cannot_be_proven_is_said(sealed, question, status, said):
    unsealed = record(sealed)["offence_id"]
    first = sealed.get("/v1/audit/seals?limit=1").json["items"][0]["tree_size"]
    address = question.format(size=sealed.head["tree_size"], unsealed=f"E23000022/{unsealed}", first=first)
    answer = sealed.get(f"/v1/audit/seals/{address}")
    assert answer.status_code == status, answer.json
    assert said in answer.json["detail"]


def test_only_the_scope_audit_reads_and_makes_seals(sealed):
    for address in ("", f"/{sealed.head['tree_size']}"):
        assert (
            sealed.get(f"/v1/audit/seals{address}", headers=key(sealed, "read", "record")).status_code == 403
        )
    assert sealed.post("/v1/audit/seals", headers=key(sealed, "administer")).status_code == 403
    assert sealed.post("/v1/audit/seals", headers=key(sealed, "audit")).status_code == 201


def test_a_request_to_seal_that_is_repeated_gets_its_first_answer(sealed):
    once = {"Idempotency-Key": "seal-of-today"}
    record(sealed)
    first = sealed.post("/v1/audit/seals", headers=once)
    record(sealed)
    again = sealed.post("/v1/audit/seals", headers=once)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replay"] == "true"


def test_a_body_is_refused_since_there_is_nothing_to_say(sealed):
    answer = sealed.post("/v1/audit/seals", json={"change": 3})
    assert (answer.status_code, answer.json["detail"]) == (400, "POST /v1/audit/seals takes no body.")

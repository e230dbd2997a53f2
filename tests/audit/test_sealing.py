"""Sealing: what goes into the tree and in which order, under which key, and that it stays there."""

import random
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from builders import offence, record
from sealed_books import ENTRIES, PERSONAL, after_a_record, as_superuser, in_order, rows

from audit.test_merkle import defined_root
from service.audit import sealing, verification
from service.store import database


def test_the_root_is_that_of_the_entries_in_the_order_of_changes(sealed):
    entries = in_order()
    assert defined_root([entry.encode() for _, entry in entries]).hex() == sealed.head["root"]
    assert len(entries) == sealed.head["tree_size"]


def test_the_same_words_in_two_versions_have_digests_that_do_not_betray_it(sealed):
    digests = [bytes(row["digest"]) for row in rows("select digest from offence_personal_digest")]
    assert len(digests) == len(set(digests)) == 5
    salts = [bytes(row["salt"]) for row in rows("select salt from offence_personal_digest")]
    assert len(set(salts)) == 5


def test_no_setting_of_the_session_changes_an_entry(sealed):
    question = f"select entry from {ENTRIES} as entry order by change, noun, key, since_change"
    usual = rows(question)
    with database.connection().cursor() as cursor:
        for setting in (
            "TimeZone = 'Asia/Tokyo'",
            "DateStyle = 'SQL, DMY'",
            "bytea_output = 'escape'",
            "extra_float_digits = -5",
            "IntervalStyle = 'iso_8601'",
            "search_path = pg_catalog, public",
        ):
            cursor.execute(f"set {setting}")
    assert rows(question) == usual
    database.release()


def test_an_entry_reads_as_it_always_will(sealed):
    """These bytes are hashed into trees that people keep: the same on every major of PostgreSQL, in every
    later version of this code."""
    made = record(sealed, crime_ref="NN/1", recorded_at="2012-05-03T08:00:00.5Z")
    change = made["since_change"]
    assert (
        rows(f"select entry from {ENTRIES} as entry where noun = 'offence' and change = %s", change)[0][
            "entry"
        ]
        == '{"area": "E07000154", "code": "28A", "noun": "offence", "force": "E23000022", "status":'
        ' "recorded", "outcome": "0", "victims": 1, "crime_ref": "NN/1", "offence_id":'
        f' "{made["offence_id"]}", "recorded_at": "2012-05-03T08:00:00.5", "recorded_on": "2012-05-03",'
        ' "reported_at": "2012-05-03T07:00:00", "committed_to": "2012-05-03T06:30:00", "since_change":'
        f' {change}, "committed_from": "2012-05-02T20:00:00", "hours_to_record": 1.00, "recorded_in_time":'
        " true}"
    )


def test_sealing_amid_writers_from_several_sides_loses_nothing(sealed, app):
    def work(number):
        rng = random.Random(number)
        try:
            for _ in range(6):
                if rng.random() < 0.4:
                    assert app.test_client().post("/v1/audit/seals").status_code in (200, 201)
                else:
                    assert (
                        app.test_client().post("/v1/offences", json=offence(location="here")).status_code
                        == 201
                    )
        finally:
            database.release()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    sealed.post("/v1/audit/seals")
    with database.reading() as book:
        assert (
            next(
                verification.findings(
                    book, frozenset(bytes(row["public_key"]) for row in rows("select public_key from seal"))
                ),
                None,
            )
            is None
        )
        assert book.audit.verification.extent()["unsealed"] == 0


def test_an_erasure_waits_for_a_sealing_at_work_so_that_no_salt_of_what_it_erased_is_left(sealed, app, home):
    offence_id = record(sealed, **PERSONAL)["offence_id"]

    def erase():
        try:
            said = {"authority": "Data Protection Officer", "ground": "court-order"}
            return app.test_client().post(f"/v1/offences/{offence_id}/erasure", json=said)
        finally:
            database.release()

    with ThreadPoolExecutor(1) as pool:
        with database.preparing() as book:
            sealing.seal(book, home / "seal.key")
            erasing = pool.submit(erase)
            with pytest.raises(TimeoutError):
                erasing.result(timeout=0.7)
        assert erasing.result().status_code == 201
    assert rows("select salt from offence_personal_digest where offence_id = %s", offence_id) == [
        {"salt": None}
    ]
    with database.reading() as book:
        assert (
            next(verification.findings(book, frozenset([sealing.read_public_key(home / "seal.key")])), None)
            is None
        )


def test_what_was_cut_short_goes_on_and_comes_to_the_same(sealed, tmp_path, home):
    changes = [record(sealed)["since_change"] for _ in range(12)]
    for most in (1, 2, 5, None):
        with database.preparing() as book:
            sealing.seal(book, home / "seal.key", most)
    heads = rows("select tree_size, change, root from seal order by tree_size")
    assert [row["change"] for row in heads[2:]] == [changes[0], changes[2], changes[7], changes[11]]
    entries = [entry.encode() for _, entry in in_order()]
    for head in heads:
        assert defined_root(entries[: head["tree_size"]]) == bytes(head["root"])


def test_the_key_is_made_once_for_its_owner_alone_and_is_not_replaced_when_lost(
    sealed, databases, tmp_path, monkeypatch, app
):
    path = tmp_path / "home" / "seal.key"
    monkeypatch.setitem(app.config, "SEAL_KEY", str(path))
    assert "is missing, and this book was sealed before" in after_a_record(sealed).json["detail"]
    as_superuser(sealed, databases, "truncate seal, seal_leaf, seal_node, offence_personal_digest")
    head = after_a_record(sealed).json
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert sealing.public_key_pem(sealing.read_public_key(path)) == head["public_key"]
    path.rename(tmp_path / "elsewhere")
    refused = after_a_record(sealed)
    assert refused.status_code == 503 and "is missing" in refused.json["detail"]
    path.write_text("no key")
    assert "cannot be read" in after_a_record(sealed).json["detail"]
    (tmp_path / "elsewhere").replace(path)
    assert after_a_record(sealed).status_code == 201


@pytest.mark.parametrize(
    ("table", "altered"),
    [
        ("seal", "at = at"),
        ("seal_leaf", "key = key"),
        ("seal_node", "hash = hash"),
        ("offence_personal_digest", "digest = salt"),
        ("offence_personal_digest", "since_change = 1, salt = null"),
    ],
)
def test_what_is_sealed_cannot_be_touched_even_by_the_owner(sealed, table, altered):
    with database.connection().cursor() as cursor:
        for role in ("crimebook_service", "crimebook"):
            cursor.execute(f"set role {role}")
            for statement in (f"update {table} set {altered}", f"delete from {table}", f"truncate {table}"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(statement)
    database.release()

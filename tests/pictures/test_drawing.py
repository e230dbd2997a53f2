"""Drawing in a process of its own: who asks for something else does not wait for it, and however it ends,
somebody says so and goes on."""

import http.client
import json
import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import served

from service.pictures.process import SECONDS_FOR_A_PICTURE, SECONDS_FOR_A_TURN, Drawer, DrawingFault, drawer
from service.store import database
from service.store.connections import SECONDS_A_READER_MAY_REST
from service.web.answers import formats
from service.web.request.lasting_answers import LastingAnswers

PROJECT = Path(__file__).parents[2]
BARS = "/v1/summaries?area=northamptonshire&category=robbery&period=2012/13&compare=2011/12"
SERIES = "/v1/summaries/series?area=northamptonshire&category=robbery&period=2012-04-01..2013-03-31"
NOTHING = json.dumps({"of": "ranking", "as_what": "svg", "given": {}}).encode()


@pytest.fixture(autouse=True)
def nothing_lasts(monkeypatch):
    """Each picture is drawn, also where the same was asked before."""
    monkeypatch.setattr(LastingAnswers, "find", lambda *_: None)


def ask(service, path=BARS, media_type=formats.SVG):
    """The answer, for which a thread may be waited; its connection is closed."""
    try:
        return service.get(path, headers={"Accept": media_type})
    finally:
        database.release()


@contextmanager
def own_drawer(**times):
    """One that no other test knows."""
    made = Drawer(**times)
    yield made
    made.end()


def drawn(own, asked=NOTHING):
    """Ask for a picture that fails: the process is there and answered."""
    with pytest.raises(DrawingFault):
        own.draw(asked)
    return own.process_id


@contextmanager
def held_still():
    """The process that draws is stopped in the middle, as long as this lasts: what is asked of it stays under
    way."""
    process = drawer.process_id
    os.kill(process, signal.SIGSTOP)
    yield process
    if lives(process):
        os.kill(process, signal.SIGCONT)


def lives(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true, seconds=20):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def drawing(published):
    """A client whose process draws already."""
    assert ask(published).status_code == 200
    return published


def test_two_pictures_at_once_are_drawn_one_after_the_other_by_one_process(drawing):
    one, other = ask(drawing).get_data(), ask(drawing, SERIES).get_data()
    process = drawer.process_id
    with ThreadPoolExecutor(2) as pool, held_still():
        asked = [pool.submit(ask, drawing, path) for path in (BARS, SERIES)]
        time.sleep(0.3)
        assert not any(each.done() for each in asked)
        os.kill(process, signal.SIGCONT)
        answers = [each.result(timeout=30) for each in asked]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.get_data() for answer in answers] == [one, other]
    assert drawer.process_id == process


def test_who_asks_for_something_else_does_not_wait_for_a_picture(drawing):
    with ThreadPoolExecutor(1) as pool, held_still():
        picture = pool.submit(ask, drawing)
        time.sleep(0.2)
        assert drawing.get("/v1/areas?limit=1").status_code == 200
        assert ask(drawing, BARS, formats.JSON).status_code == 200
        assert not picture.done()
    assert picture.result().status_code == 200


def test_more_than_half_of_the_threads_do_not_wait_for_pictures_and_who_is_one_too_many_is_told_so(drawing):
    with ThreadPoolExecutor(4) as pool, held_still():
        asked = [pool.submit(ask, drawing) for _ in range(4)]
        time.sleep(0.5)
        refused = ask(drawing)
        assert (refused.status_code, refused.json["type"], refused.headers["Retry-After"]) == (
            503,
            "/docs/problems/busy",
            "5",
        )
        assert refused.json["detail"] == "4 pictures are under way already in this process."
    assert [each.result().status_code for each in asked] == [200] * 4


def test_a_turn_that_does_not_come_is_refused_in_time(drawing, monkeypatch):
    monkeypatch.setattr(drawer, "turn", 0.2)
    with ThreadPoolExecutor(1) as pool, held_still():
        first = pool.submit(ask, drawing)
        time.sleep(0.3)
        refused = ask(drawing)
        assert (refused.status_code, refused.json["type"], refused.headers["Retry-After"]) == (
            503,
            "/docs/problems/busy",
            "5",
        )
        assert "Other pictures were drawn for 0.2 seconds" in refused.json["detail"]
    assert first.result().status_code == 200


def test_who_asked_what_was_killed_in_the_middle_is_told_so_and_the_next_picture_is_drawn(drawing, caplog):
    before = ask(drawing).get_data()
    with ThreadPoolExecutor(1) as pool, held_still() as process:
        picture = pool.submit(ask, drawing)
        time.sleep(0.3)
        os.kill(process, signal.SIGKILL)
        answer = picture.result(timeout=10)
    assert (answer.status_code, answer.json["type"], answer.headers["Retry-After"]) == (
        503,
        "/docs/problems/not-drawn",
        "2",
    )
    assert "the process that draws pictures died" in caplog.text
    assert ask(drawing).get_data() == before
    assert drawer.process_id not in (process, None)


def test_what_was_killed_while_nobody_asked_is_not_missed(drawing):
    process = drawer.process_id
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: not lives(process))
    assert ask(drawing).status_code == 200


def test_a_picture_that_takes_too_long_is_given_up_and_the_next_is_drawn(drawing, monkeypatch):
    with held_still() as process:
        monkeypatch.setattr(drawer, "seconds", 0.5)
        answer = ask(drawing)
        monkeypatch.undo()
        assert not lives(process)
    assert (answer.status_code, answer.json["type"], answer.headers["Retry-After"]) == (
        503,
        "/docs/problems/took-too-long",
        "5",
    )
    assert "within 0.5 seconds" in answer.json["detail"]
    assert ask(drawing).status_code == 200


def test_waiting_and_drawing_end_before_the_database_takes_the_transaction_for_forgotten():
    assert SECONDS_FOR_A_TURN + SECONDS_FOR_A_PICTURE < SECONDS_A_READER_MAY_REST


def test_a_fault_in_drawing_is_a_fault_of_the_service_with_its_stack_in_the_log_and_the_process_goes_on(
    drawing, monkeypatch, caplog
):
    process, draw = drawer.process_id, drawer.draw
    monkeypatch.setattr(drawer, "draw", lambda asked: draw(asked.replace(b'"figures"', b'"no_figures"')))
    with caplog.at_level(logging.ERROR):
        answer = ask(drawing)
    assert (answer.status_code, answer.json["type"]) == (500, "/docs/problems/internal-fault")
    assert "KeyError" not in answer.get_data(as_text=True) and "KeyError: 'figures'" in caplog.text
    monkeypatch.undo()
    assert ask(drawing).status_code == 200
    assert drawer.process_id == process


def test_that_nothing_can_be_started_is_told_too(monkeypatch, drawing):
    drawer.end()
    monkeypatch.setattr("service.pictures.process.sys.executable", "/nowhere/python")
    assert (ask(drawing).status_code, ask(drawing).json["type"]) == (503, "/docs/problems/not-drawn")
    monkeypatch.undo()
    assert ask(drawing).status_code == 200


def test_what_is_refused_starts_no_process(published):
    drawer.end()
    answer = ask(published, "/v1/summaries?area=northampton&period=2012/13&by=code")
    assert (answer.status_code, drawer.process_id) == (400, None)


def test_it_ends_after_a_rest_and_begins_again():
    with own_drawer(rest=0.3) as own:
        first = drawn(own)
        wait_until(lambda: own.process_id is None)
        assert not lives(first)
        assert drawn(own) not in (first, None)


def test_it_does_not_rest_while_it_is_asked():
    with own_drawer(rest=2.5) as own:
        first = drawn(own)
        for _ in range(5):
            time.sleep(0.6)
            assert drawn(own) == first


def test_nobody_left_to_end_it_the_kernel_does():
    stuck = (
        "import time; from service.pictures import drawer; drawer.PICTURES['ranking'] = lambda:"
        " time.sleep(60); drawer.main()"
    )
    with own_drawer(seconds=20) as own, pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.pictures.process.DRAWER", ["-c", stuck])
        patch.setattr(own, "seconds", 0)  # of its own clock: one second
        process, line = own._living()
        patch.setattr(own, "seconds", 20)
        line.send_bytes(NOTHING)
        assert process.wait(20) == -signal.SIGALRM


def test_it_knows_nothing_of_the_web_the_book_or_the_settings():
    told = (
        "import sys; from service.pictures import drawer; print({'flask', 'gunicorn', 'psycopg2',"
        " 'service.settings'} & set(sys.modules))"
    )
    assert (
        subprocess.run([sys.executable, "-c", told], cwd=PROJECT, capture_output=True, text=True).stdout
        == "set()\n"
    )


@pytest.fixture
def serving(databases, consulted, home):
    """Gunicorn with one worker: its port, the key, and its worker, found by who answers."""
    with served(databases.url(consulted)) as port:
        key = (home / "key").read_text().strip()
        [worker] = [
            one
            for parent in descendants(os.getpid())
            if "gunicorn" in command(parent)
            for one in children(parent)
        ]
        yield port, key, worker


def children(process):
    told = (one.read_text().split() for one in Path(f"/proc/{process}/task").glob("*/children"))
    return [int(child) for held in told for child in held]


def descendants(process):
    return [found for child in children(process) for found in (child, *descendants(child))]


def command(process):
    return Path(f"/proc/{process}/cmdline").read_text() if lives(process) else ""


def sockets(process):
    """Those it holds; also connections to the database, which are files of sockets too."""
    return {
        str(held)
        for one in Path(f"/proc/{process}/fd").iterdir()
        if (held := one.readlink()).name.startswith("socket:")
    }


def asked(port, key, path, accept):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}", "Accept": accept})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, content
    return content


def test_a_worker_that_has_drawn_keeps_nothing_of_what_draws_and_both_end_together(
    serving,
):
    port, key, worker = serving
    assert asked(port, key, BARS, formats.SVG).startswith(b"<svg")
    [process] = children(worker)
    assert "service.pictures.drawer" in command(process)
    assert "vl_convert" in Path(f"/proc/{process}/maps").read_text()
    assert not {"vl_convert", "altair"} & set(
        Path(f"/proc/{worker}/maps").read_text().replace("/", " ").split()
    )
    assert len(sockets(worker)) >= 3 and not sockets(worker) & sockets(process), (
        "who listens, the database, the line to what draws"
    )
    os.kill(worker, signal.SIGTERM)
    wait_until(lambda: not lives(worker) and not lives(process))


def test_what_draws_ends_when_its_worker_is_killed(serving):
    port, key, worker = serving
    asked(port, key, BARS, formats.PNG)
    [process] = children(worker)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: not lives(process))

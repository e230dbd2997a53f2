"""Folders of the service ask only those below them. import-linter holds that for Python; this for statements,
which are reached by the name of a folder and so are no imports."""

import importlib.util
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def shape():
    """The script that measures the layout: the order of the folders is said there."""
    specification = importlib.util.spec_from_file_location("shape", PROJECT / "supply" / "shape.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_no_folder_runs_a_statement_of_one_above_it(monkeypatch):
    monkeypatch.chdir(PROJECT)
    assert shape().statements_upwards() == []


def test_a_statement_of_a_folder_above_is_found(monkeypatch, tmp_path):
    (tmp_path / "service" / "offences").mkdir(parents=True)
    (tmp_path / "service" / "offences" / "odd.py").write_text("book.targets.targets.read()\n")
    monkeypatch.chdir(tmp_path)
    assert shape().statements_upwards() == ["service/offences/odd.py:1 book.targets.targets.read("]


def test_the_order_is_the_one_that_import_linter_holds():
    written = (PROJECT / "pyproject.toml").read_text()
    layers = written.split('type = "layers"')[1].split("layers = [")[1].split("]")[0]
    listed = [tuple(line.strip().strip('",').split(" | ")) for line in layers.strip().splitlines()]
    own = [tuple(sorted(rooms)) for rooms in shape().ORDER]
    assert {room for rooms in listed for room in rooms} == {room for rooms in own for room in rooms}

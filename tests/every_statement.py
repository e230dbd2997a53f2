"""Which of the named statements a run of tests has put to a server: `pytest --every-statement` fails where
one was not."""

import pytest

from service.store.statements import statements


class _Told:
    """A statement that says so when it is run, or taken as text to be run inside another."""

    def __init__(self, statement, tell):
        self._statement, self._tell = statement, tell

    def __call__(self, *given, **parameters):
        self._tell()
        return self._statement(*given, **parameters)

    @property
    def sql(self):
        self._tell()
        return self._statement.sql


class EveryStatement:
    """A plugin of pytest; with xdist each process tells the one that started it."""

    def __init__(self):
        self.run, self.all = set(), set()
        for noun, queries in statements().items():
            for name in queries.available_queries:
                if not name.endswith("_cursor"):  # the second that aiosql makes of one that selects
                    self.all.add(whole := f"{noun}.{name}")
                    setattr(
                        queries, name, _Told(getattr(queries, name), lambda whole=whole: self.run.add(whole))
                    )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self.run |= set(getattr(node, "workeroutput", {}).get("statements", ()))

    def pytest_sessionfinish(self, session):
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["statements"] = sorted(self.run)
        elif self.run != self.all and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        missed = ", ".join(sorted(self.all - self.run))
        terminalreporter.line(
            f"{len(self.run)} of {len(self.all)} named statements were"
            f" run{': not ' if missed else ''}{missed}."
        )

"""A replica to read from, where the settings name one: for each thread a connection beside the one to the
primary.

It is left alone for some seconds, and the primary read in its place, when it does not answer, is too far
behind, has another schema than this code, holds another book, or is a primary itself: promoted, or not fenced
off. Then one thread tries it again, and no other.
"""

import logging
import threading
import time
from contextlib import suppress

import psycopg2

from service.store import connections, migrations
from service.store.book import Connection, Row
from service.store.statements import statement_at

log = logging.getLogger(__name__)
SECONDS_TO_REST = 5
SECONDS_BETWEEN_LOOKS = 1
"""At how far behind it is."""
_USUAL = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5_000,
}
_SPREADS_READERS = {"target_session_attrs": "prefer-standby", "load_balance_hosts": "random"}


class AtReplica(psycopg2.OperationalError):
    """Reading at the replica failed, where the primary may do better. Nothing was changed or shown."""


class _Thread(threading.local):
    """This thread's connection to the replica, and the moment it was opened by the monotonic clock."""

    link: Connection | None = None
    opened_at = 0.0


class Replica:
    """The replicas of one READ_DATABASE_URL, as this process knows them. `unread_because` says why the
    primary is read in their place; it is empty while they are read."""

    def __init__(self) -> None:
        self._url: str | None = None
        self._most_behind = 0
        self._thread = _Thread()
        self._opening = threading.Lock()
        self._rests_until = self._lost_at = self._look_at = 0.0
        self.unread_because = ""

    def use(self, url: str | None, most_seconds_behind: int) -> None:
        """Say which it is, if any. Opens nothing yet."""
        self.release()
        self._url, self._most_behind, self.unread_because = url, most_seconds_behind, ""
        self._rests_until = self._lost_at = self._look_at = 0.0

    @property
    def is_named(self) -> bool:
        """Do the settings name one?"""
        return self._url is not None

    def release(self) -> None:
        """Close this thread's connection, if it has one."""
        link, self._thread.link = self._thread.link, None
        if link is not None:
            with suppress(psycopg2.Error):
                link.close()

    def connection(self) -> Connection | None:
        """This thread's connection, fit to be read over; None where the primary is to be read."""
        if self._url is None or time.monotonic() < self._rests_until:
            return None
        link = self._thread.link
        if link is not None and not link.closed and self._thread.opened_at >= self._lost_at:
            return link
        if not self._opening.acquire(blocking=False):  # somebody tries it already
            return None
        try:
            return self._open(self._url)
        finally:
            self._opening.release()

    def failed(self, link: Connection, fault: psycopg2.Error) -> None:
        """Reading over this connection failed. One that is lost is opened anew for the next read; only where
        that fails, all rest."""
        log.info("a read at the replica failed", exc_info=fault)
        if link.closed:
            self.release()

    def keeps_up(self, change: int) -> bool:
        """Is it near enough to the primary, if this is its newest change? Looked at once a second; unknown
        while there is no primary."""
        now = time.monotonic()
        if now < self._look_at:
            return True
        self._look_at = now + SECONDS_BETWEEN_LOOKS
        try:
            behind = connections.ask("store.server", "behind", change=change)
        except psycopg2.Error:
            self._look_at = now + SECONDS_TO_REST
            return True
        if behind["seconds"] > self._most_behind:
            self.rest("is too far behind")
            return False
        if self.unread_because:
            log.info("the replica is read again")
            self.unread_because = ""
        return True

    def rest(self, because: str) -> None:
        """Leave it alone for a while."""
        if because != self.unread_because:
            log.warning("the replica %s, so the primary is read", because)
        self._rests_until, self.unread_because = time.monotonic() + SECONDS_TO_REST, because

    def condition(self) -> Row:
        """Is it read, else why not; and how far is it behind the primary, in changes and in seconds since the
        first that it lacks?"""
        link = self.connection()
        if link is None:
            return {"read": False, "because": self.unread_because or "is being tried"}
        try:
            newest = statement_at("store.changes.latest")(link)
        except psycopg2.Error as fault:
            self.failed(link, fault)
            return {"read": False, "because": "does not answer"}
        behind = connections.ask("store.server", "behind", change=newest["id"] if newest else 0)
        return {"read": True, "changes_behind": behind["changes"], "seconds_behind": behind["seconds"]}

    def _open(self, url: str) -> Connection | None:
        self.release()
        try:
            begun = connections.ask("store.server", "begun")
        except psycopg2.Error:  # the primary is to say so itself
            return None
        try:
            link = connections.open_to(url, _USUAL, _SPREADS_READERS)
            because = _unfit(statement_at("store.server.server")(link), begun)
        except psycopg2.Error as fault:
            log.info("the replica cannot be reached", exc_info=fault)
            self._lost_at = time.monotonic()
            self.rest("does not answer")
            return None
        if because:
            link.close()
            self.rest(because)
            return None
        self._thread.link, self._thread.opened_at = link, time.monotonic()
        return link


def _unfit(server: Row, begun: object) -> str:
    """Why this server cannot be read in place of a primary whose first change was made at that instant."""
    if not server["in_recovery"]:
        return "is no replica"
    if server["schema_version"] != migrations.newest():
        return "has another schema"
    return "" if server["begun"] == begun else "holds another book"


replica = Replica()
"""The one of this process."""

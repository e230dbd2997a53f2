"""Ids are UUIDv7, made here and not in SQL: in time order, so that an index grows at its end."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()


def ids_in_turn() -> str:
    """The beginning of the ids of one file: with a line's number behind it, as eight hexadecimal digits, it
    is a UUIDv7 of its own."""
    return str(uuid7())[:-8]

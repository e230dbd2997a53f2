"""The address of what is behind a number: exactly those records, or those cells of a return, as known at a
change."""

import functools
from datetime import date
from urllib.parse import quote_plus, urlencode
from uuid import UUID

Parameter = str | int | date | None

_quoted = functools.lru_cache(8192)(
    quote_plus
)  # names and values come again and again: a series has an address for each of its months


def address(path: str, **parameters: Parameter) -> str:
    """A path with these parameters; those that are None are left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{path}?{urlencode(given, quote_via=_quoted)}"


def records(as_of: int, **filters: Parameter) -> str:
    """The list of the records that answer to these filters of GET /v1/offences."""
    return address("/v1/offences", **filters, as_of=as_of)


def cells(as_of: int, return_id: str | UUID, **filters: Parameter) -> str:
    """The list of the cells of a return that answer to these filters of its cells."""
    return address(f"/v1/returns/{return_id}/cells", **filters, as_of=as_of)

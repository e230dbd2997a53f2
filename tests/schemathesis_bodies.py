"""How Schemathesis writes bodies that are files, as they are; and what it leaves alone: the key that it asks
with."""

import os

import schemathesis

FILES = (
    "application/x-ndjson",
    "application/zip",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
)


@schemathesis.serializer(*FILES)
def as_it_is(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Whoever rotates or revokes its own key is refused everything from then on, which would be all that is
    found."""
    own = os.environ.get("CRIMEBOOK_CALLER")
    if own and (case.path_parameters or {}).get("caller_id") == own:
        case.path_parameters["caller_id"] = "01939f3c-7c1e-7f00-8000-000000000000"

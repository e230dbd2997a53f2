"""How Schemathesis writes bodies that are files: as they are."""

import schemathesis

FILES = ("application/x-ndjson", "application/zip", "application/vnd.oasis.opendocument.spreadsheet",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv")  # fmt: skip


@schemathesis.serializer(*FILES)
def as_it_is(context, value):
    return value if isinstance(value, bytes) else str(value).encode()

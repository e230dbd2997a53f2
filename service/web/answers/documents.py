"""How every answer is written as JSON, and as a table in CSV, NDJSON and Parquet: a document by its schema, a
list by what asks for its rows."""

from functools import partial

from service.web.answers import formats
from service.web.answers.answer import Answer
from service.web.answers.pages import Listing
from service.web.answers.renderers import Rendered, register
from service.web.answers.row_formats import CSV, NDJSON, PARQUET, RowFormat
from service.web.fields import Output


def as_json(schema: Output, answer: Answer) -> Rendered:
    """One JSON value on a line: a document, or one page of a list."""
    if isinstance(answer.content, Listing):
        return answer.content.page_as_json(schema)
    return Rendered(formats.json_bytes(schema.dump(answer.content)) + b"\n")


def as_rows(row_format: RowFormat, schema: Output, answer: Answer) -> Rendered:
    """A list to its end, or one page of it where a limit was asked for; of a document its table."""
    if isinstance(answer.content, Listing):
        return answer.content.in_rows(row_format)
    content = answer.content
    rows = schema.table_items(content) if row_format.nested else schema.table_rows(content)
    return Rendered(row_format.write(schema.table_schema(), rows, {}))


register(formats.JSON, Output, as_json)
for media_type, row_format in ((formats.NDJSON, NDJSON), (formats.CSV, CSV), (formats.PARQUET, PARQUET)):
    register(media_type, Output, partial(as_rows, row_format))

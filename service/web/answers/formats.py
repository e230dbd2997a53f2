"""The representations that an answer can have, and how values are written in them."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

JSON, NDJSON, CSV, TEXT = "application/json", "application/x-ndjson", "text/csv", "text/plain"
PARQUET = "application/vnd.apache.parquet"
SVG, PNG, VEGA_LITE = "image/svg+xml", "image/png", "application/vnd.vegalite.v6+json"
PICTURES = (SVG, PNG, VEGA_LITE)
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8; header=present",
    TEXT: "text/plain; charset=utf-8",
}
"""Where it says more than the media type."""
FILES = (CSV, NDJSON, PARQUET)
"""What is taken out to be kept elsewhere, and not only shown."""


def json_bytes(value: object) -> bytes:
    """One JSON value; numerics of the database as numbers."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> int | float:
    if hasattr(value, "is_finite"):  # Decimal: whole ones as integers, others as the nearest double
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def ndjson_lines(items: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    """Each item as one line."""
    for item in items:
        yield json_bytes(item) + b"\n"


def flattened(item: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Nested members side by side: {"area": {"code": …}} becomes {"area_code": …}; lists become words with
    spaces, or JSON."""
    flat: dict[str, object] = {}
    for name, value in item.items():
        if isinstance(value, dict):
            flat.update(flattened(value, f"{prefix}{name}_"))
        elif isinstance(value, list):
            nested = any(isinstance(part, dict) for part in value)
            flat[f"{prefix}{name}"] = (
                json_bytes(value).decode() if nested else " ".join(str(part) for part in value)
            )
        else:
            flat[f"{prefix}{name}"] = _cell(value)
    return flat


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value


def csv_lines(
    header: list[str], items: Iterable[Mapping[str, object]], *, headed: bool = True
) -> Iterator[bytes]:
    """RFC 4180: a header row, CRLF, UTF-8 without a mark, only the columns named."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, header, extrasaction="ignore", restval="", lineterminator="\r\n")
    if headed:
        writer.writeheader()
    for item in items:
        writer.writerow(flattened(item))
        if buffer.tell() > 32_768:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()

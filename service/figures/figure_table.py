"""Figures as a table: a row for each, what is nested side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields

from service.figures.figure import FigureSchema
from service.figures.statuses import STATUSES
from service.web.fields import Choice, Number, side_by_side

Json = Mapping[str, Any]
"""A figure, or a part of one, as its schema writes it."""

COLUMNS = [
    "area_code",
    "area_name",
    "category_code",
    "category_name",
    "category_definition",
    "code",
    "month",
    "measure",
    "source",
    "edition",
    "period_period",
    "period_from",
    "period_to",
    "period_complete",
    "value",
    "compared_period_period",
    "compared_period_from",
    "compared_period_to",
    "compared_period_complete",
    "compared_value",
    "compared_difference",
    "compared_percent",
    "compared_percent_withheld",
    "compared_rate_ratio",
    "compared_interval_95_low",
    "compared_interval_95_high",
    "compared_p",
    "compared_change",
    "wording",
    "evidence",
    # Added later, at the end: who takes columns by their place finds the others where they were.
    "status",
    "compared_status",
    "compared_breaks",
    "compared_percent_rule",
    "compared_exposure_period",
    "compared_exposure_base",
    "compared_exposure_unit",
    "compared_interval_95_exact_low",
    "compared_interval_95_exact_high",
    "compared_dispersion_phi",
    "compared_dispersion_months",
    "compared_dispersion_p",
    "compared_dispersion_interval_95_low",
    "compared_dispersion_interval_95_high",
    "count",
    "denominator_of",
    "denominator_number",
    "denominator_year",
    "denominator_source",
    "denominator_note",
    "points",
    "left_out_codes",
    "left_out_offences",
    "basis",
    "note",
    "withheld",
    "compared_count",
    "compared_denominator_number",
    "compared_denominator_year",
    "compared_denominator_changed",
]
INTERVALS = ("interval_95", "interval_95_exact", "dispersion_interval_95")


def flatten_figure(figure: Json) -> dict[str, object]:
    """One figure, as FigureSchema writes it, as a row of CSV: nested members side by side, statuses and
    breaks by their names, intervals by their ends."""
    row = {
        **figure,
        "status": _names(figure.get("status", []), "status"),
    }  # releases made before there were any have none
    if compared := figure["compared"]:
        dispersion = dict(compared.get("dispersion") or {})
        intervals = {
            f"{name}_{end}": value for name in INTERVALS[:2] for end, value in _ends(compared.get(name))
        }
        dispersion |= {
            f"interval_95_{end}": value for end, value in _ends(dispersion.pop("interval_95", None))
        }
        row["compared"] = {
            **compared,
            **intervals,
            "dispersion": dispersion,
            "status": _names(compared.get("status", []), "status"),
            "breaks": _names(compared.get("breaks", []), "series_break"),
        }
    return row


def _names(parts: Sequence[Mapping[str, str]], name: str) -> list[str]:
    return list(dict.fromkeys(part[name] for part in parts))


def _ends(interval: list[float | None] | None) -> list[tuple[str, float | None]]:
    return list(zip(("low", "high"), interval or (None, None), strict=True))


def figure_columns() -> dict[str, fields.Field[Any]]:
    """What the columns of a table of figures hold."""
    columns: dict[str, fields.Field[Any]] = side_by_side(FigureSchema())
    columns |= {
        f"compared_{name}_{end}": Number(allow_none=True) for name in INTERVALS for end in ("low", "high")
    }
    for name in ("status", "compared_status"):
        columns[name] = fields.List(Choice("FigureStatusName", *STATUSES))
    columns["compared_breaks"] = fields.List(fields.String())
    return {name: columns[name] for name in COLUMNS}

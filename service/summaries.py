"""The figures: counts compared, with how sure they are, and the address of the records behind each."""

from typing import Any
from urllib.parse import urlencode

from flask import g
from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema
from scipy.stats import binomtest

from service import areas, categories
from service.periods import Period, PeriodField, compared_with, parse
from service.store import Book, as_json
from service.web import formats, preconditions
from service.web.fields import AsOf, Boolean, Choice, Date, Instant, Integer, Number, Output, Query, Text
from service.web.operations import Answer, operation
from service.web.problems import Problem
from service.web.transactions import reading
from service.wording import in_words

BY = ("area", "category", "code", "month")
MOST_AREAS, MOST_CATEGORIES = 100, 200
SIGNIFICANT = 0.05
summaries = Namespace("summaries", description="The figures.")


class SummaryQuery(Query):
    """Which figures."""

    area = fields.List(Text(), required=True, validate=validate.Length(min=1, max=MOST_AREAS),
                       metadata={"description": "Areas by code or slug; may be given many times."})  # fmt: skip
    as_of = AsOf()
    by = fields.List(
        Choice("SummaryGrouping", *BY), metadata={"description": "Also by code, or by month; area and category are always told apart."}
    )
    category = fields.List(Text(), validate=validate.Length(min=1, max=MOST_CATEGORIES),
                           metadata={"description": "Categories; may be given many times. all-crime where not given."})  # fmt: skip
    compare = Text(longest=40, metadata={"description": "previous, last-year, or a period."})
    measure = Choice("Measure", "offences", "victims", metadata={"description": "offences where not given."})
    period = PeriodField(required=True)
    source = Text(longest=100, metadata={"description": "records where not given, or the source of a return, like home-office-pfa."})

    @validates_schema
    def can_be_answered(self, data: dict[str, Any], **_: Any) -> None:
        """compare is a period, and a return is asked only for what it holds."""
        if "compare" in data and "period" in data:
            try:
                data["compare"] = compared_with(data["period"], data["compare"])
            except ValueError as fault:
                raise ValidationError(str(fault), "compare") from None
        if data.get("source", "records") != "records":
            if data.get("measure", "offences") != "offences":
                raise ValidationError("A return counts offences only.", "measure")
            if "month" in data.get("by", []):
                raise ValidationError("A return holds no months: ask for its quarters, each as a period.", "by")


class Place(Output):
    """An area, named."""

    code = fields.String()
    name = fields.String()


class Counted(Output):
    """A category, and which of its definitions was used."""

    code = fields.String()
    definition = Integer(least=1, most=2**31 - 1)
    name = fields.String()


class Span(Output):
    """A period, and whether all of it is known. `from` and `to` are both in."""

    complete = Boolean()
    period = fields.String()

    class Meta:
        """from and to are words of Python; the fields are added by name."""

        include = {"from": Date(), "to": Date()}


class Compared(Output):
    """What the figure says against another period's."""

    change = Choice("ChangeSeen", "rise", "fall", "within_chance", allow_none=True,
                    metadata={"description": "Two-sided exact test of two counts at 5 per cent; null where the two cannot be compared."})  # fmt: skip
    difference = Integer(least=-(2**53), most=2**53, allow_none=True)
    interval_95 = fields.List(Number(), allow_none=True, metadata={"description": "Of the rate ratio."})
    p = Number(allow_none=True)
    percent = Number(allow_none=True, metadata={"description": "On unrounded counts, rounded once, half away from zero, to one decimal."})
    percent_withheld = fields.String(allow_none=True)
    period = fields.Nested(Span)
    rate_ratio = Number(allow_none=True)
    value = Integer(least=-(2**53), most=2**53, allow_none=True)


class Figure(Output):
    """One figure."""

    area = fields.Nested(Place)
    category = fields.Nested(Counted)
    code = fields.String(allow_none=True, metadata={"description": "With by=code."})
    compared = fields.Nested(Compared, allow_none=True)
    edition = fields.String(allow_none=True, metadata={"description": "Of the return it was read from."})
    evidence = fields.String(allow_none=True, metadata={"description": "The list of exactly `value` records, or the cells of the return."})
    measure = fields.String()
    month = fields.String(allow_none=True, metadata={"description": "With by=month."})
    period = fields.Nested(Span)
    source = fields.String()
    value = Integer(least=-(2**53), most=2**53, allow_none=True)
    wording = fields.String()


class Reflected(Output):
    """The change that the figures reflect."""

    at = Instant(allow_none=True)
    change = Integer(least=0, most=2**62)


class Summary(Output):
    """Figures, and the change they reflect."""

    as_of = fields.Nested(Reflected)
    figures = fields.List(fields.Nested(Figure))


def figures(book: Book, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures asked for, as SummaryQuery loads a question. Raises 400 for an area, category or source that is not known."""
    period, base = asked["period"], asked.get("compare")
    named = areas.named(book, asked["area"])
    places = list(dict.fromkeys(row["area"] for row in named))
    counted = list(dict.fromkeys(row["category"] for row in categories.named(book, asked.get("category") or ["all-crime"])))
    source, by = asked.get("source") or "records", asked.get("by") or []
    question = {
        "areas": places, "categories": counted, "from_on": period.from_on, "to_on": period.to_on,
        "base_from": base.from_on if base else None, "base_to": base.to_on if base else None, "by_code": "code" in by,
    }  # fmt: skip
    if source == "records":
        measure = asked.get("measure") or "offences"
        tallied = book.present and all(row["kind"] != "beat" for row in named)
        rows = _with_completeness(
            book, book.summaries.figures(**question, measure=measure, by_month="month" in by, tallied=tallied), question
        )
    else:
        _require_source(book, source)
        rows = book.returns.figures(**question, source=source)
    shown = [_figure(row, asked, source, period, book.as_of) for row in rows]
    if base:
        _compare(book, shown, rows, question, base)
    for figure in shown:
        figure["wording"] = in_words(figure)
    return shown


def _require_source(book: Book, source: str) -> None:
    known = [row["source"] for row in book.returns.sources()]
    if source not in known:
        detail = f"No return has come from {source}: ask for records{''.join(f' or {name}' for name in known)}."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "source", "detail": detail}])


def _with_completeness(book: Book, rows: list[dict[str, Any]], question: dict[str, Any]) -> list[dict[str, Any]]:
    asked = {name: question[name] for name in ("areas", "categories", "from_on", "to_on", "base_from", "base_to")}
    known = {(row["area"], row["category"], row["from_on"]): row["complete"] for row in book.summaries.completeness(**asked)}
    return [
        {**row, "edition": None, "complete": known.get((row["area"], row["category"], question["from_on"]), False),
         "base_complete": known.get((row["area"], row["category"], question["base_from"]), False)}
        for row in rows
    ]  # fmt: skip


def _span(period: Period, complete: bool) -> dict[str, Any]:
    return {"period": period.period, "from": period.from_on, "to": period.to_on, "complete": complete}


def _figure(row: dict[str, Any], asked: dict[str, Any], source: str, period: Period, as_of: int) -> dict[str, Any]:
    return {
        "area": {"code": row["area"], "name": row["area_name"]},
        "category": {"code": row["category"], "name": row["category_name"], "definition": row["definition"]},
        "code": row["code"], "month": row["month"], "measure": asked.get("measure") or "offences", "source": source,
        "edition": row["edition"], "period": _span(period, row["complete"]), "value": row["value"], "compared": None,
        "evidence": _records_behind(row, period, as_of) if source == "records" else _cells_behind(row, period),
    }  # fmt: skip


def _records_behind(row: dict[str, Any], period: Period, as_of: int) -> str:
    first, last = period.from_on, period.to_on
    if row["month"]:
        month = parse(row["month"])
        first, last = max(first, month.from_on), min(last, month.to_on)
    asked = {
        "area": row["area"],
        "category": row["category"],
        "code": row["code"],
        "recorded_from": first,
        "recorded_to": last,
        "as_of": as_of,
    }
    return "/v1/offences?" + urlencode({name: value for name, value in asked.items() if value is not None})


def _cells_behind(row: dict[str, Any], period: Period) -> str | None:
    if row["return_id"] is None or row["value"] is None:
        return None
    asked = {"area": row["area"], "from_on": period.from_on, "to_on": period.to_on} | ({"code": row["code"]} if row["code"] else {})
    return f"/v1/returns/{row['return_id']}/cells?{urlencode(asked)}"


def _withheld(row: dict[str, Any]) -> str | None:
    """Why the two may not be compared, where one of them is not all there."""
    incomplete = [name for name, complete in (("period", row["complete"]), ("base period", row["base_complete"])) if not complete]
    return f"the {' and the '.join(incomplete)} {'are' if len(incomplete) > 1 else 'is'} incomplete" if incomplete else None


def _compare(book: Book, shown: list[dict[str, Any]], rows: list[dict[str, Any]], question: dict[str, Any], base: Period) -> None:
    pairs = [{"position": position, "value": row["value"], "base": row["base_value"], "withheld": _withheld(row)}
             for position, row in enumerate(rows)]  # fmt: skip
    span = {name: question[name] for name in ("from_on", "to_on", "base_from", "base_to")}
    exposures = book.summaries.exposures(**span)
    share = exposures["period"] / (exposures["period"] + exposures["base"])
    for figure, row, said in zip(shown, rows, book.summaries.compare(pairs=as_json(pairs), **span), strict=True):
        p = _exact_test(row["value"], row["base_value"], share) if _withheld(row) is None else None
        figure["compared"] = {
            "period": _span(base, row["base_complete"]), "value": row["base_value"], "difference": said["difference"],
            "percent": said["percent"], "percent_withheld": said["percent_withheld"], "rate_ratio": said["rate_ratio"],
            "interval_95": [said["interval_low"], said["interval_high"]] if said["interval_low"] is not None else None,
            "p": p, "change": _change(p, said["rate_ratio"], said["difference"]),
        }  # fmt: skip


def _exact_test(value: int | None, base: int | None, share: float) -> float | None:
    """Two-sided conditional exact test of two counts (Przyborowski and Wilenski 1940): value ~ Binomial(value + base, share of exposure)."""
    if value is None or base is None or value < 0 or base < 0 or value + base == 0:
        return None
    return float(f"{binomtest(value, value + base, share).pvalue:.3g}")


def _change(p: float | None, ratio: Any, difference: int | None) -> str | None:
    if p is None or difference is None:
        return None
    if p >= SIGNIFICANT:
        return "within_chance"
    return "rise" if (ratio > 1 if ratio is not None else difference > 0) else "fall"


COLUMNS = [
    "area_code", "area_name", "category_code", "category_name", "category_definition", "code", "month", "measure", "source", "edition",
    "period_period", "period_from", "period_to", "period_complete", "value", "compared_period_period", "compared_period_from",
    "compared_period_to", "compared_period_complete", "compared_value", "compared_difference", "compared_percent",
    "compared_percent_withheld", "compared_rate_ratio", "compared_interval_95_low", "compared_interval_95_high", "compared_p",
    "compared_change", "wording", "evidence",
]  # fmt: skip


def as_row(figure: dict[str, Any]) -> dict[str, Any]:
    """One figure as a row of CSV: nested members side by side."""
    row = dict(figure)
    if row["compared"]:
        low, high = row["compared"]["interval_95"] or (None, None)
        row["compared"] = {**row["compared"], "interval_95_low": low, "interval_95_high": high, "interval_95": []}
    return row


@summaries.route("")
class Summaries(Resource):
    """Figures asked for."""

    @operation("readSummary", "Read figures", query=SummaryQuery(), returns=Summary(), formats=(formats.JSON, formats.CSV))
    def get(self, as_of: Any, **asked: Any) -> Answer:
        """Counts by area and category in a period, compared with another where asked, from records or from a return.

        An offence belongs to the period it was recorded in. A period of which something is missing says `complete: false`.
        """
        with reading(as_of) as sql:
            preconditions.unless_seen(sql.as_of, preconditions.etag(sql.as_of, g.media_type))
            shown = figures(sql, {name: value for name, value in asked.items() if value is not None})
            if g.media_type == formats.CSV:
                rows = (as_row(item) for item in Summary().dump({"figures": shown, "as_of": {}})["figures"])
                return Answer(stream=formats.csv_lines(COLUMNS, rows), tag=sql.as_of)
            return Answer({"as_of": {"change": sql.as_of, "at": sql.at}, "figures": shown}, tag=sql.as_of)

"""What a count is and what it says against another: counted in SQL, tested by scipy, each with the address of what is behind it."""

from typing import Any
from urllib.parse import urlencode

from service import areas, categories
from service.periods import Period, parse
from service.store import Book, as_json
from service.web.problems import Problem
from service.wording import in_words

SIGNIFICANT = 0.05


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
        rows = _with_completeness(book, book.figures.count(**question, measure=measure, by_month="month" in by, tallied=tallied), question)
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
    known = {(row["area"], row["category"], row["from_on"]): row["complete"] for row in book.figures.completeness(**asked)}
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
        "evidence": _records_behind(row, period, as_of) if source == "records" else _cells_behind(row, period, as_of),
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


def _cells_behind(row: dict[str, Any], period: Period, as_of: int) -> str | None:
    if row["return_id"] is None or row["value"] is None:
        return None
    asked = {"area": row["area"], "category": row["category"], "code": row["code"], "from_on": period.from_on, "to_on": period.to_on,
             "as_of": as_of}  # fmt: skip
    return f"/v1/returns/{row['return_id']}/cells?" + urlencode({name: value for name, value in asked.items() if value is not None})


def _withheld(row: dict[str, Any]) -> str | None:
    """Why the two may not be compared, where one of them is not all there."""
    incomplete = [name for name, complete in (("period", row["complete"]), ("base period", row["base_complete"])) if not complete]
    return f"the {' and the '.join(incomplete)} {'are' if len(incomplete) > 1 else 'is'} incomplete" if incomplete else None


def _compare(book: Book, shown: list[dict[str, Any]], rows: list[dict[str, Any]], question: dict[str, Any], base: Period) -> None:
    pairs = [{"position": position, "value": row["value"], "base": row["base_value"], "withheld": _withheld(row)}
             for position, row in enumerate(rows)]  # fmt: skip
    span = {name: question[name] for name in ("from_on", "to_on", "base_from", "base_to")}
    exposures = book.figures.exposures(**span)
    share = exposures["period"] / (exposures["period"] + exposures["base"])
    for figure, row, said in zip(shown, rows, book.figures.compare(pairs=as_json(pairs), **span), strict=True):
        p = _exact_test(row["value"], row["base_value"], share) if _withheld(row) is None else None
        figure["compared"] = {
            "period": _span(base, row["base_complete"]), "value": row["base_value"], "difference": said["difference"],
            "percent": said["percent"], "percent_withheld": said["percent_withheld"], "rate_ratio": said["rate_ratio"],
            "interval_95": [said["interval_low"], said["interval_high"]] if said["interval_low"] is not None else None,
            "p": p, "change": _change(p, said["rate_ratio"], said["difference"]),
        }  # fmt: skip


def _exact_test(value: int | None, base: int | None, share: float) -> float | None:
    """Two-sided conditional exact test (Przyborowski and Wilenski 1940): value ~ Binomial(value + base, the period's share of exposure)."""
    from scipy.stats import binomtest  # here: it takes half a second and 60 MB that most commands never need

    if value is None or base is None or value < 0 or base < 0 or value + base == 0:
        return None
    return float(f"{binomtest(value, value + base, share).pvalue:.3g}")


def _change(p: float | None, ratio: Any, difference: int | None) -> str | None:
    if p is None or difference is None:
        return None
    if p >= SIGNIFICANT:
        return "within_chance"
    return "rise" if (ratio > 1 if ratio is not None else difference > 0) else "fall"

"""What a count is and what it says against another: counted in SQL, tested by scipy, each with the address of what is behind it."""

from dataclasses import dataclass
from typing import Any

from service import areas, categories, evidence
from service.periods import Period, parse
from service.store import Book, as_json
from service.web.problems import Problem
from service.wording import in_words

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Question:
    """What is asked, with every name looked up."""

    areas: list[str]
    base: Period | None
    by: tuple[str, ...]
    categories: list[str]
    measure: str
    period: Period
    source: str
    tallied: bool

    def spans(self) -> dict[str, Any]:
        """The days of the period and of the base, as statements take them."""
        base = self.base
        return {"from_on": self.period.from_on, "to_on": self.period.to_on,
                "base_from": base.from_on if base else None, "base_to": base.to_on if base else None}  # fmt: skip


def understood(book: Book, asked: dict[str, Any]) -> Question:
    """The question, as SummaryQuery loads it. Raises 400 for an area, category or source that is not known."""
    named = areas.named(book, asked["area"])
    counted = categories.named(book, asked.get("category") or ["all-crime"])
    source = asked.get("source") or "records"
    if source != "records":
        _require_source(book, source)
    return Question(
        areas=list(dict.fromkeys(row["area"] for row in named)), base=asked.get("compare"), by=tuple(asked.get("by") or ()),
        categories=list(dict.fromkeys(row["category"] for row in counted)), measure=asked.get("measure") or "offences",
        period=asked["period"], source=source, tallied=book.present and all(row["kind"] != "beat" for row in named),
    )  # fmt: skip


def figures(book: Book, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures asked for, as SummaryQuery loads a question. Raises 400 for an area, category or source that is not known."""
    return counted(book, understood(book, asked))


def counted(book: Book, question: Question) -> list[dict[str, Any]]:
    """The figures of a question that is understood."""
    subject = {"areas": question.areas, "categories": question.categories, "by_code": "code" in question.by, **question.spans()}
    if question.source == "records":
        rows = book.figures.count(**subject, measure=question.measure, by_month="month" in question.by, tallied=question.tallied)
        rows = _with_completeness(book, rows, question)
    else:
        rows = book.returns.figures(**subject, source=question.source)
    shown = [_figure(row, question, book.as_of) for row in rows]
    if question.base:
        _compare(book, shown, rows, question)
    for figure in shown:
        figure["wording"] = in_words(figure)
    return shown


def _require_source(book: Book, source: str) -> None:
    known = [row["source"] for row in book.returns.sources()]
    if source not in known:
        detail = f"No return has come from {source}: ask for records{''.join(f' or {name}' for name in known)}."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "source", "detail": detail}])


def _with_completeness(book: Book, rows: list[dict[str, Any]], question: Question) -> list[dict[str, Any]]:
    held = book.figures.completeness(areas=question.areas, categories=question.categories, **question.spans())
    known = {(row["area"], row["category"], row["from_on"]): row["complete"] for row in held}
    base = question.base.from_on if question.base else None
    return [
        {**row, "edition": None, "base_edition": None,
         "complete": known.get((row["area"], row["category"], question.period.from_on), False),
         "base_complete": known.get((row["area"], row["category"], base), False)}
        for row in rows
    ]  # fmt: skip


def _days(period: Period, month: str | None) -> Period:
    """The period, or what of it lies in the month that a row is of."""
    if month is None:
        return period
    whole = parse(month)
    return Period(month, max(period.from_on, whole.from_on), min(period.to_on, whole.to_on))


def span(period: Period, complete: bool) -> dict[str, Any]:
    """A period as it is shown."""
    return {"period": period.period, "from": period.from_on, "to": period.to_on, "complete": complete}


def _figure(row: dict[str, Any], question: Question, as_of: int) -> dict[str, Any]:
    period = _days(question.period, row["month"])
    return {
        "area": {"code": row["area"], "name": row["area_name"]},
        "category": {"code": row["category"], "name": row["category_name"], "definition": row["definition"]},
        "code": row["code"], "month": row["month"], "measure": question.measure, "source": question.source,
        "edition": row["edition"], "period": span(period, row["complete"]), "value": row["value"], "compared": None,
        "evidence": records_behind(row, period, as_of) if question.source == "records" else cells_behind(row, period, as_of),
    }  # fmt: skip


def records_behind(row: dict[str, Any], period: Period, as_of: int) -> str:
    """The list of the records that a row counts."""
    return evidence.records(as_of, area=row["area"], category=row["category"], code=row["code"], recorded_from=period.from_on,
                            recorded_to=period.to_on)  # fmt: skip


def cells_behind(row: dict[str, Any], period: Period, as_of: int) -> str | None:
    """The list of the cells of a return that a row adds up."""
    if row["return_id"] is None or row["value"] is None:
        return None
    return evidence.cells(as_of, row["return_id"], area=row["area"], category=row["category"], code=row["code"], from_on=period.from_on,
                          to_on=period.to_on)  # fmt: skip


def withheld(row: dict[str, Any]) -> str | None:
    """Why the two may not be compared, where one of them is not all there."""
    incomplete = [name for name, complete in (("period", row["complete"]), ("base period", row["base_complete"])) if not complete]
    return f"the {' and the '.join(incomplete)} {'are' if len(incomplete) > 1 else 'is'} incomplete" if incomplete else None


def _compare(book: Book, shown: list[dict[str, Any]], rows: list[dict[str, Any]], question: Question) -> None:
    """Say what each count says against the base; where rows are months, month against month."""
    assert question.base is not None
    spans = question.spans() if "month" not in question.by else dict.fromkeys(question.spans(), question.period.from_on)
    pairs = [{"position": position, "value": row["value"], "base": row["base_value"], "withheld": withheld(row)}
             for position, row in enumerate(rows)]  # fmt: skip
    for figure, row, said in zip(shown, rows, book.figures.compare(pairs=as_json(pairs), **spans), strict=True):
        figure["compared"] = comparison(row, said, _days(question.base, row["base_month"]))


def comparison(row: dict[str, Any], said: dict[str, Any], base: Period) -> dict[str, Any]:
    """What a row's count says against its base's; `said` is what the statement `compare` says of the two."""
    p = _exact_test(row["value"], row["base_value"], float(said["share"])) if withheld(row) is None else None
    return {
        "period": span(base, row["base_complete"]), "value": row["base_value"], "edition": row["base_edition"],
        "difference": said["difference"], "percent": said["percent"], "percent_withheld": said["percent_withheld"],
        "rate_ratio": said["rate_ratio"], "p": p, "change": _change(p, said["rate_ratio"], said["difference"]),
        "interval_95": [said["interval_low"], said["interval_high"]] if said["interval_low"] is not None else None,
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

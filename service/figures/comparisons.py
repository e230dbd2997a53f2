"""What a count says against another period's: difference, percentage and rate ratio from SQL, certainty from
scipy, breaks crossed."""

from typing import Any, ClassVar, NamedTuple

from marshmallow import fields

from service.figures import certainty
from service.figures.breaks_crossed import Breaks
from service.figures.question import FEWEST_YEARS, Question
from service.store import Book, as_json
from service.web.fields import Choice, Date, Integer, Number, Output

EXPOSURES = ("days", "months")
CHANGES = ("rise", "fall", "within_chance")
CHANGE_EXPLAINED = (
    "Two-sided exact test at 5 per cent, over-dispersion allowed for where it is known; null where the two"
    " cannot be compared."
)
Row = dict[str, Any]


class Exposure(Output):
    """How long both periods were, in one unit: what counts are divided by before they are compared."""

    base = Integer(least=1, most=2**31 - 1)
    period = Integer(least=1, most=2**31 - 1)
    unit = Choice("ExposureUnit", *EXPOSURES)


class Dispersion(Output):
    """How much more than by chance the months before the period varied, and how sure that leaves us."""

    interval_95 = fields.List(
        Number(allow_none=True), metadata={"description": "Of the rate ratio, over-dispersion allowed for."}
    )
    months = Integer(
        least=24, most=36, metadata={"description": "How many were looked at: whole years before the period."}
    )
    p = Number(
        metadata={"description": "Over-dispersion allowed for: as though both counts were phi times smaller."}
    )
    phi = Number(
        metadata={
            "description": (
                "Pearson chi-square over degrees of freedom, season and yearly level removed; never below 1."
            )
        }
    )

    class Meta:
        """from and to are words of Python; the fields are added by name."""

        include: ClassVar = {"from": Date(), "to": Date()}


class Pair(NamedTuple):
    """A figure, the row it was made of, and the span it is compared with."""

    figure: Row
    row: Row
    base: Row


def compare(
    book: Book, pairs: list[Pair], question: Question, years: dict[tuple[str, str], int], breaks: Breaks
) -> None:
    """Say in `compared` of each figure what it says against its base; where rows are months, month against
    month.

    `years` says of how many times twelve months before the period each category in each area is complete.
    """
    said = [
        {
            "position": position,
            "value": row["value"],
            "base": row["base_value"],
            "withheld": _withheld(row),
            **_days(figure, base),
        }
        for position, (figure, row, base) in enumerate(pairs)
    ]
    known = _dispersions(book, question, years)
    answered = book.figures.comparisons.compare(
        pairs=as_json(said), exposure=question.exposure, percent_rule=question.percent_rule
    )
    for (figure, row, base), against in zip(pairs, answered, strict=True):
        phi = known.get((row["area"], row["category"], row["code"]))
        figure["compared"] = {
            "period": base,
            "value": row["base_value"],
            "edition": row["base_edition"],
            "percent_rule": question.percent_rule,
            **{name: against[name] for name in ("difference", "percent", "percent_withheld", "rate_ratio")},
            "exposure": {
                "period": against["exposure"],
                "base": against["base_exposure"],
                "unit": against["exposure_unit"],
            },
            "interval_95": (
                [against["interval_low"], against["interval_high"]]
                if against["interval_low"] is not None
                else None
            ),
            "breaks": breaks.crossed(figure, base),
            **_certainty(row, against, phi),
        }


def _days(figure: Row, base: Row) -> Row:
    period = figure["period"]
    return {
        "from_on": period["from"],
        "to_on": period["to"],
        "base_from": base["from"],
        "base_to": base["to"],
    }


def _withheld(row: Row) -> str | None:
    """Why the two may not be compared, where one of them is not all there."""
    incomplete = [
        name
        for name, complete in (("period", row["complete"]), ("base period", row["base_complete"]))
        if not complete
    ]
    return (
        f"the {' and the '.join(incomplete)} {'are' if len(incomplete) > 1 else 'is'} incomplete"
        if incomplete
        else None
    )


def _certainty(row: Row, against: Row, phi: Row | None) -> Row:
    """The exact test and interval, the same with over-dispersion allowed for where it is known, and what they
    come to."""
    value, base = (row["value"], row["base_value"]) if _withheld(row) is None else (None, None)
    share = float(against["share"])
    plain = certainty.exact(value, base, share)
    wider = certainty.dispersed(value, base, share, phi["phi"]) if phi and phi["phi"] > 1 else plain
    dispersion = None
    if phi and wider:
        dispersion = {
            "phi": phi["phi"],
            "months": phi["months"],
            "from": phi["from_on"],
            "to": phi["to_on"],
            "p": wider.p,
            "interval_95": wider.interval,
        }
    return {
        "p": plain.p if plain else None,
        "interval_95_exact": plain.interval if plain else None,
        "dispersion": dispersion,
        "change": change(wider.p if wider else None, against["rate_ratio"], against["difference"]),
    }


def change(p: float | None, ratio: Any, difference: Any) -> str | None:
    """rise, fall or within_chance; None where the two cannot be compared."""
    if p is None or difference is None:
        return None
    if p >= certainty.SIGNIFICANT:
        return "within_chance"
    return "rise" if (ratio > 1 if ratio is not None else difference > 0) else "fall"


def _dispersions(
    book: Book, question: Question, years: dict[tuple[str, str], int]
) -> dict[tuple[str, str, str | None], Row]:
    """Over-dispersion by area, category and code, where the months before the period are held; one statement,
    or none."""
    wanted = [
        {"area": area, "category": category, "years": held}
        for (area, category), held in years.items()
        if held >= FEWEST_YEARS
    ]
    if not wanted:
        return {}
    blocks = question.twelves_before()
    rows = book.figures.comparisons.dispersion(
        wanted=as_json(wanted),
        areas=list(dict.fromkeys(one["area"] for one in wanted)),
        by_code="code" in question.by,
        first=blocks[-1][0],
        last=blocks[0][1],
        measure=question.measure,
        tallied=question.tallied,
    )
    return {(row["area"], row["category"], row["code"]): row for row in rows}

"""What became of crime where an operation ran: before and after, beside how it went elsewhere. Never a proof,
and said so."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields, validate

from service.figures import evidence
from service.figures.counts import counted
from service.figures.question import Question, understood
from service.figures.spans import Span
from service.operations.controls import Sides, periods_of, refused, sides_of
from service.operations.operations import MOST_AREAS, Operation, known
from service.periods import Period
from service.reference.areas import Place
from service.reference.categories import Counted
from service.store import Book, as_json
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Boolean, Choice, Date, Integer, Number, Output, Query, Reflected, Text
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

CAUTION = (
    "This is not proof that the operation was the cause. Operations begin where and when crime is high, and"
    " high counts tend to fall by themselves; other work, and changes in reporting and recording, may differ"
    " between the two; crime may have moved next door. It shows only how the two went, and how far chance"
    " could account for the difference."
)

operation_effects = Namespace(
    "operation-effects", description="What became of crime where an operation ran.", path="/operations"
)


class EffectQuery(Query):
    """Compared with when, and with where."""

    as_of = AsOf()
    before = Text(
        longest=40,
        metadata={
            "description": "last-year (where not given), previous, or a period that ends before it began."
        },
    )
    control = Choice(
        "OperationControl",
        "rest-of-force",
        "peers",
        metadata={
            "description": (
                "rest-of-force: the forces that its areas lie in, without these areas. So where control_area"
                " is not given. peers: the peer groups of these forces, as they were in use on its first day."
            )
        },
    )
    control_area = fields.List(
        Text(),
        validate=validate.Length(min=1, max=MOST_AREAS),
        metadata={"description": "Areas to compare with instead, by code or slug."},
    )
    peer_group = Text(
        longest=60, metadata={"description": "With control=peers: its name, where a force has several."}
    )
    source = Text(
        longest=100, load_default="records", metadata={"description": "records, or the source of a return."}
    )
    until = Date(
        metadata={
            "description": (
                "The last day to count; the operation's own where not given, and needed where it has none."
            )
        }
    )


class Control(Output):
    """What it is compared with."""

    areas = fields.List(fields.Nested(Place))
    control = Choice("OperationControlUsed", "rest-of-force", "areas", "peers")
    peer_groups = fields.List(
        fields.String(), metadata={"description": "Their names, where peers are the control."}
    )


class CountBehind(Output):
    """The two counts of one area, each with the list of exactly so many records."""

    after = Integer(least=0, most=2**53, allow_none=True)
    after_evidence = fields.String(allow_none=True)
    area = fields.Nested(Place)
    before = Integer(least=0, most=2**53, allow_none=True)
    before_evidence = fields.String(
        allow_none=True, metadata={"description": "null where nothing is held that could be listed."}
    )
    complete = Boolean()
    role = Choice(
        "AreaRole",
        "treated",
        "control",
        "whole",
        metadata={
            "description": (
                "whole: a force of which the treated areas are a part; the rest of it is the control."
            )
        },
    )


class Contrast(Output):
    """Difference in differences, as a ratio: (after / before) where it ran, over (after / before) in the
    control."""

    after = Integer(least=0, most=2**53, allow_none=True)
    before = Integer(least=0, most=2**53, allow_none=True)
    change = Choice(
        "ChangeSeen",
        "rise",
        "fall",
        "within_chance",
        allow_none=True,
        metadata={"description": "By interval_95_clustered: whether it lies below 1, above, or around it."},
    )
    control_after = Integer(least=-(2**53), most=2**53, allow_none=True)
    control_before = Integer(least=-(2**53), most=2**53, allow_none=True)
    expected = Number(
        allow_none=True,
        metadata={
            "description": "after, had it gone as the control did: before × control_after / control_before."
        },
    )
    fewer = Number(allow_none=True, metadata={"description": "expected − after, in offences."})
    interval_95 = fields.List(
        Number(),
        allow_none=True,
        metadata={
            "description": (
                "Of the ratio, were counts scattered by chance alone: exp(ln ratio ± 1.96 √V), V = the sum of"
                " the counts' reciprocals."
            )
        },
    )
    interval_95_clustered = fields.List(
        Number(),
        allow_none=True,
        metadata={
            "description": (
                "With 2V, since crimes come in clusters (Farrington and others 2007). The one to go by."
            )
        },
    )
    ratio = Number(
        allow_none=True,
        metadata={"description": "Below 1: less crime than if it had gone as the control did."},
    )
    withheld = fields.String(allow_none=True, metadata={"description": "Why there is no ratio."})


class CategoryEffect(Contrast):
    """One category: the effect, the same a period earlier when there was none to see, and the counts behind
    both."""

    category = fields.Nested(Counted)
    counts = fields.List(fields.Nested(CountBehind))
    placebo = fields.Nested(
        Contrast,
        metadata={
            "description": (
                "The same between the period before and the one before that. A change here means that the two"
                " did not go alike beforehand."
            )
        },
    )
    wording = fields.String()


class OperationEffect(Output):
    """What became of crime where the operation ran."""

    as_of = fields.Nested(Reflected)
    before = fields.Nested(Span)
    caution = fields.String()
    control = fields.Nested(Control)
    effects = fields.List(fields.Nested(CategoryEffect))
    operation = fields.Nested(Operation)
    period = fields.Nested(Span)
    placebo_before = fields.Nested(Span)
    source = fields.String()


def _cells(book: Book, question: Question, sides: Sides, pair: str) -> list[dict[str, Any]]:
    """Each area's two counts of each category, and what is behind them."""
    figures, base = counted(book, question), question.base
    assert base is not None
    if pair == "effect" and question.source != "records":  # the cells of a return are known to who read it
        earlier = [figure["evidence"] for figure in counted(book, replace(question, period=base, base=None))]
    else:
        earlier = [_records(book, figure, base) for figure in figures]
    return [
        {
            "before_evidence": behind,
            "after_evidence": figure["evidence"],
            "category": figure["category"]["code"],
            "position": place,
            "pair": pair,
            "role": sides.role(figure["area"]["code"]),
            "area": figure["area"],
            "counted": figure["category"],
            "before": figure["compared"]["value"],
            "after": figure["value"],
            "complete": figure["period"]["complete"] and figure["compared"]["period"]["complete"],
        }
        for place, (figure, behind) in enumerate(zip(figures, earlier, strict=True))
    ]


def _records(book: Book, figure: dict[str, Any], span: Period) -> str:
    return evidence.records(
        book.as_of,
        area=figure["area"]["code"],
        category=figure["category"]["code"],
        recorded_from=span.from_on,
        recorded_to=span.to_on,
    )


def _contrast(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `effect` as Contrast shows it."""
    plain = [row["interval_low"], row["interval_high"]] if row["ratio"] is not None else None
    clustered = [row["clustered_low"], row["clustered_high"]] if row["ratio"] is not None else None
    return {**row, "withheld": row["why"], "interval_95": plain, "interval_95_clustered": clustered}


def in_words(name: str, run: str, effect: dict[str, Any]) -> str:
    """`Robbery: 10.2 fewer than if it had gone as the control did, within what chance alone would give`."""
    if effect["withheld"]:
        return f"{name}: not compared, because {effect['withheld']}"
    low, high = effect["interval_95_clustered"]
    fewer, share = effect["fewer"], 100 * (1 - effect["ratio"])
    chance = "; that is within what chance alone would give" if effect["change"] == "within_chance" else ""
    way = (
        "no more and no fewer"
        if fewer == 0
        else f"{abs(fewer):,.1f} {'fewer' if fewer > 0 else 'more'} ({abs(share):.1f} per cent)"
    )
    return (
        f"{name}: {way} where {run} ran than if it had gone as the control did, ratio {effect['ratio']} with"
        f" a 95 per cent interval of {low} to {high}{chance}. This is not proof that {run} was the cause."
    )


def effect(book: Book, run: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """What became of each category where the operation ran, as EffectQuery asks. Raises 400 for what cannot
    be compared."""
    period, base, earlier = periods_of(run, asked["before"] or "last-year", asked["until"])
    sides = sides_of(book, run, asked)
    question = understood(
        book,
        {
            "area": [*run["areas"], *(row["area"] for row in sides.control)],
            "category": run["categories"],
            "period": period,
            "compare": base,
            "source": asked["source"],
        },
    )
    cells = _cells(book, question, sides, "effect")
    placebo = _cells(book, replace(question, period=base, base=earlier), sides, "placebo")
    said = as_json([*cells, *placebo])
    shown = [
        _contrast(row) for row in book.operations.effects.effect(cells=said, pair="effect", rest=sides.rest)
    ]
    earlier_shown = {
        row["category"]: _contrast(row)
        for row in book.operations.effects.effect(cells=said, pair="placebo", rest=sides.rest)
    }
    complete = all(cell["complete"] for cell in cells)
    return {
        "operation": run,
        "caution": CAUTION,
        "period": _span(period, complete),
        "before": _span(base, complete),
        "placebo_before": _span(earlier, all(cell["complete"] for cell in placebo)),
        "source": asked["source"],
        "control": {
            "control": sides.called,
            "peer_groups": list(sides.peer_groups),
            "areas": [{"code": row["area"], "name": row["name"]} for row in sides.control],
        },
        "effects": [
            _category(one, cells, run) | {"placebo": earlier_shown[one["category"]]} for one in shown
        ],
    }


def _span(period: Period, complete: bool) -> dict[str, Any]:
    return {"period": period.period, "from": period.from_on, "to": period.to_on, "complete": complete}


def _category(one: dict[str, Any], cells: list[dict[str, Any]], run: dict[str, Any]) -> dict[str, Any]:
    own = [cell for cell in cells if cell["category"] == one["category"]]
    return {
        **one,
        "category": own[0]["counted"],
        "counts": own,
        "wording": in_words(own[0]["counted"]["name"], run["name"], one),
    }


@operation_effects.route("/<uuid:operation_id>/effect")
class Effect(Resource):
    """What became of crime where one operation ran."""

    @operation(
        "readOperationEffect",
        "Read what became of crime where an operation ran",
        query=EffectQuery(),
        returns=OperationEffect(),
        lasting=True,
        tagged=True,
        errors=(404,),
    )
    def get(self, operation_id: UUID, as_of: Any, **asked: Any) -> Answer:
        """Each of its categories, before and after, beside the rest of the force, its peers or areas named:
        difference in differences.

        Counts are of what was recorded in its areas, not only of what was tagged, so that before and after
        count alike.
        """
        if asked["control"] and asked["control_area"]:
            raise refused("control", "Give control or control_area, not both.")
        if asked["peer_group"] and asked["control"] != "peers":
            raise refused("peer_group", "peer_group goes with control=peers.")
        with reading(as_of) as sql:
            run = known(sql, operation_id)
            unless_unchanged(sql)
            told = effect(sql, run, asked)
            return Answer({"as_of": {"change": sql.as_of, "at": sql.at}, **told}, tag=sql.as_of)

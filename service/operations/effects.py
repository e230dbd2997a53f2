"""What became of crime where an operation ran: before and after, beside how it went elsewhere. Never a proof,
and said so."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Unpack
from uuid import UUID

from flask_restx import Namespace, Resource
from marshmallow import fields, validate

from service.figures import evidence
from service.figures.counts import count_figures
from service.figures.figure import Figure
from service.figures.question import Question, resolve_question
from service.figures.spans import Span, SpanSchema, span
from service.figures.wording import WITHIN_CHANCE
from service.operations.controls import Control, ControlParameters, find_control, find_periods, refuse
from service.operations.operations import MOST_AREAS, Operation, OperationSchema, load_operation
from service.periods import Period
from service.reference.areas import NamedArea, Place
from service.reference.categories import Counted, NamedCategory
from service.store import Book, as_json
from service.web.answers.tags import unless_unchanged
from service.web.fields import (
    AsKnown,
    AsOf,
    Boolean,
    Choice,
    Date,
    Integer,
    Number,
    Output,
    Query,
    Reflected,
    Text,
)
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

CAUTION = (
    "This is not proof that the operation was the cause. Operations begin where and when crime is high, and"
    " high counts tend to fall by themselves; other work, and changes in reporting and recording, may differ"
    " between the two; crime may have moved next door. It shows only how the two went, and how far chance"
    " could account for the difference."
)

Interval = tuple[Decimal | None, Decimal | None]

operation_effects = Namespace(
    "operation-effects", description="What became of crime where an operation ran.", path="/operations"
)


class EffectParameters(ControlParameters):
    """Compared with when, and with where, by the names of EffectQuery."""

    before: str | None
    source: str
    until: dt.date | None


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


class ControlSchema(Output):
    """What it is compared with."""

    areas = fields.List(fields.Nested(Place))
    control = Choice("OperationControlUsed", "rest-of-force", "areas", "peers")
    peer_groups = fields.List(
        fields.String(), metadata={"description": "Their names, where peers are the control."}
    )


@dataclass(frozen=True, kw_only=True)
class CountBehind:
    """The two counts of an area and a category, each with the list of exactly so many records; its `role` is
    treated, control or whole."""

    after: int | None
    after_evidence: str | None
    area: NamedArea
    before: int | None
    before_evidence: str | None
    complete: bool
    role: str


class CountBehindSchema(Output):
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


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Difference in differences, as a ratio: (after / before) where it ran, over (after / before) in the
    control; `withheld` says why there is none."""

    after: int | None
    before: int | None
    change: str | None
    control_after: int | None
    control_before: int | None
    expected: Decimal | None
    fewer: Decimal | None
    interval_95: Interval | None
    interval_95_clustered: Interval | None
    ratio: Decimal | None
    withheld: str | None


class ContrastSchema(Output):
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


@dataclass(frozen=True, kw_only=True)
class CategoryEffect(Contrast):
    """One category: the effect, the same a period earlier when there was none to see, and the counts behind
    both."""

    category: NamedCategory
    counts: list[CountBehind]
    placebo: Contrast
    wording: str


class CategoryEffectSchema(ContrastSchema):
    """One category: the effect, the same a period earlier when there was none to see, and the counts behind
    both."""

    category = fields.Nested(Counted)
    counts = fields.List(fields.Nested(CountBehindSchema))
    placebo = fields.Nested(
        ContrastSchema,
        metadata={
            "description": (
                "The same between the period before and the one before that. A change here means that the two"
                " did not go alike beforehand."
            )
        },
    )
    wording = fields.String()


@dataclass(frozen=True, kw_only=True)
class OperationEffect:
    """What became of crime where the operation ran."""

    before: Span
    caution: str
    control: Control
    effects: list[CategoryEffect]
    operation: Operation
    period: Span
    placebo_before: Span
    source: str


class OperationEffectSchema(Output):
    """What became of crime where the operation ran."""

    as_of = fields.Nested(Reflected)
    before = fields.Nested(SpanSchema)
    caution = fields.String()
    control = fields.Nested(ControlSchema)
    effects = fields.List(fields.Nested(CategoryEffectSchema))
    operation = fields.Nested(OperationSchema)
    period = fields.Nested(SpanSchema)
    placebo_before = fields.Nested(SpanSchema)
    source = fields.String()


Counts = dict[NamedCategory, list[CountBehind]]
"""The counts of each category, in the order they are asked for."""


def measure_effect(book: Book, run: Operation, parameters: EffectParameters) -> OperationEffect:
    """What became of each category where the operation ran. Raises 400 for what cannot be compared."""
    period, base, earlier = find_periods(run, parameters["before"] or "last-year", parameters["until"])
    control = find_control(book, run, parameters)
    question = resolve_question(
        book,
        area=[*run.areas, *(area.code for area in control.areas)],
        category=run.categories,
        period=period,
        compare=base,
        source=parameters["source"],
    )
    figures = count_figures(book, question)
    counts = _pair_counts(run, control, figures, _find_base_evidence(book, question, base, figures))
    figures_before = count_figures(book, replace(question, period=base, base=earlier))
    before = _pair_counts(run, control, figures_before, [None] * len(figures_before))
    effects, placebos = _contrast(book, counts, control), _contrast(book, before, control)
    complete = _are_complete(counts)
    return OperationEffect(
        operation=run,
        caution=CAUTION,
        period=span(period, complete),
        before=span(base, complete),
        placebo_before=span(earlier, _are_complete(before)),
        source=parameters["source"],
        control=control,
        effects=[
            CategoryEffect(
                **vars(effect),
                category=category,
                counts=counts[category],
                placebo=placebos[category],
                wording=word_effect(category.name, run.name, effect),
            )
            for category, effect in effects.items()
        ],
    )


def _pair_counts(
    run: Operation, control: Control, figures: list[Figure], base_evidence: Sequence[str | None]
) -> Counts:
    """Each area's two counts of each category, and what is behind them."""
    counts: Counts = {}
    for figure, behind in zip(figures, base_evidence, strict=True):
        assert figure.category is not None
        assert figure.compared is not None
        area, whole = figure.area, "whole" if control.is_rest else "control"
        counts.setdefault(figure.category, []).append(
            CountBehind(
                after=figure.counted(),
                after_evidence=figure.evidence,
                area=area,
                before=figure.compared.counted(),
                before_evidence=behind,
                complete=figure.period.complete and figure.compared.period.complete,
                role="treated" if area.code in run.areas else whole,
            )
        )
    return counts


def _find_base_evidence(
    book: Book, question: Question, base: Period, figures: list[Figure]
) -> list[str | None]:
    """The address of what is behind the base of each figure."""
    if question.source == "records":
        return [_find_records(book, figure, base) for figure in figures]
    # The cells of a return are found by reading it.
    return [figure.evidence for figure in count_figures(book, replace(question, period=base, base=None))]


def _find_records(book: Book, figure: Figure, period: Period) -> str:
    return evidence.records(
        book.as_of,
        area=figure.area.code,
        category=figure.category.code if figure.category else None,
        recorded_from=period.from_on,
        recorded_to=period.to_on,
    )


def _are_complete(counts: Counts) -> bool:
    return all(count.complete for of_category in counts.values() for count in of_category)


def _contrast(book: Book, counts: Counts, control: Control) -> dict[NamedCategory, Contrast]:
    """Each category where it ran, beside how it went in the control."""
    cells = [
        {
            "category": category.code,
            "position": position,
            "role": count.role,
            "before": count.before,
            "after": count.after,
            "complete": count.complete,
        }
        for position, (category, of_category) in enumerate(counts.items())
        for count in of_category
    ]
    contrasts = book.operations.effects.effect.all(_make_contrast, cells=as_json(cells), rest=control.is_rest)
    return dict(zip(counts, contrasts, strict=True))


def _make_contrast(
    *,
    interval_low: Decimal | None,
    interval_high: Decimal | None,
    clustered_low: Decimal | None,
    clustered_high: Decimal | None,
    **members: Any,
) -> Contrast:
    has_ratio = members["ratio"] is not None
    return Contrast(
        interval_95=(interval_low, interval_high) if has_ratio else None,
        interval_95_clustered=(clustered_low, clustered_high) if has_ratio else None,
        **members,
    )


def word_effect(name: str, run: str, effect: Contrast) -> str:
    """`Robbery: 10.2 fewer than if it had gone as the control did, within what chance alone would give`."""
    if effect.withheld or effect.interval_95_clustered is None or effect.ratio is None:
        return f"{name}: not compared, because {effect.withheld}"
    low, high = effect.interval_95_clustered
    fewer, share = effect.fewer or 0, 100 * (1 - effect.ratio)
    chance = f"; that is {WITHIN_CHANCE}" if effect.change == "within_chance" else ""
    way = (
        "no more and no fewer"
        if fewer == 0
        else f"{abs(fewer):,.1f} {'fewer' if fewer > 0 else 'more'} ({abs(share):.1f} per cent)"
    )
    return (
        f"{name}: {way} where {run} ran than if it had gone as the control did, ratio {effect.ratio} with"
        f" a 95 per cent interval of {low} to {high}{chance}. This is not proof that {run} was the cause."
    )


@operation_effects.route("/<uuid:operation_id>/effect")
class Effect(Resource):
    """What became of crime where one operation ran."""

    @operation(
        "readOperationEffect",
        "Read what became of crime where an operation ran",
        query=EffectQuery(),
        returns=OperationEffectSchema(),
        lasting=True,
        tagged=True,
        errors=(404,),
    )
    def get(self, operation_id: UUID, as_of: AsKnown, **parameters: Unpack[EffectParameters]) -> Answer:
        """Each of its categories, before and after, beside the rest of the force, its peers or areas named:
        difference in differences.

        Counts are of what was recorded in its areas, not only of what was tagged, so that before and after
        count alike.
        """
        if parameters["control"] and parameters["control_area"]:
            raise refuse("control", "Give control or control_area, not both.")
        if parameters["peer_group"] and parameters["control"] != "peers":
            raise refuse("peer_group", "peer_group goes with control=peers.")
        with reading(as_of) as sql:
            run = load_operation(sql, operation_id)
            unless_unchanged(sql)
            effect = measure_effect(sql, run, parameters)
            return Answer({"as_of": {"change": sql.as_of, "at": sql.at}, **vars(effect)}, tag=sql.as_of)

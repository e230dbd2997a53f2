"""Progress: where a target stands at the last day that is known, where it is heading, and what bears on
it."""

import datetime as dt
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from flask_restx import Resource
from marshmallow import fields

from service.figures.summaries import Figure
from service.periods import Period, days, parse, spanning, whole_months
from service.pictures import rendering
from service.pictures.rendering import Drawing
from service.reference.categories import Counted
from service.store import Book, as_json
from service.targets import trajectories
from service.targets.actuals import actual_of, adds_up, is_counted, is_divided, known_to
from service.targets.caveats import Caveat, Stood, caveats
from service.targets.projections import Projection, project, shifted
from service.targets.targets import Target, published_base, targets
from service.web.answers import formats
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsOf, Boolean, Choice, Date, Number, Output, Query, Reflected, Uuid
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.transactions import reading

STATUSES = ("met", "exceeded", "missed", "on_track", "off_track", "too_early")


class ProgressQuery(Query):
    """As known when, and up to which day."""

    as_of = AsOf()
    on = Date(
        metadata={
            "description": (
                "The last day to look at; where not given, the last day up to which everything is known."
            )
        }
    )


class Measured(Number):
    """A number that is whole where it counts something."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **keywords: Any) -> Any:
        return value if isinstance(value, int) else super()._serialize(value, attr, obj, **keywords)


class Observed(Figure):
    """What the measure came to, from the first day to the last that is known: a figure, where it is
    counted."""

    category = fields.Nested(Counted, allow_none=True)
    complete = Boolean(metadata={"description": "Is everything known of these days?"})
    reason = fields.String(allow_none=True, metadata={"description": "Why there is no value."})
    release_id = Uuid(
        allow_none=True, metadata={"description": "Of a frozen base: the release that published it."}
    )
    value = Measured(allow_none=True)  # type: ignore[assignment]  # what is reported need not be whole

    class Meta:
        """from and to are words of Python; the fields are added by name."""

        include: ClassVar = {"from": Date(), "to": Date()}


class MilestoneReached(Output):
    """A milestone, and whether it was reached."""

    actual = Number(
        allow_none=True, metadata={"description": "From the first day of the period to that day."}
    )
    amount = Number()
    on = Date()
    status = Choice("MilestoneStatus", "exceeded", "met", "missed", "too_early")


class TargetProgress(Output):
    """Where a target stands. `rule` says how its ceiling or floor is worked out, what counts as exceeded and
    met, and what decided."""

    actual = fields.Nested(Observed)
    base = fields.Nested(Observed, allow_none=True)
    base_is = Choice("TargetBase", "live", "frozen", allow_none=True)
    caveats = fields.List(fields.Nested(Caveat))
    ceiling = Number(allow_none=True, metadata={"description": "The most that meets the target."})
    complete = Boolean(metadata={"description": "Is everything known of the whole period, and of the base?"})
    distance = Number(
        allow_none=True,
        metadata={"description": "Ceiling − actual, or floor − actual where there is no ceiling."},
    )
    floor = Number(allow_none=True, metadata={"description": "The least that meets the target."})
    milestones = fields.List(fields.Nested(MilestoneReached))
    percent_so_far = Number(
        allow_none=True,
        metadata={
            "description": "The change against the same part of the base; null where a count is under 50."
        },
    )
    projections = fields.List(
        fields.Nested(Projection),
        metadata={"description": "Of the end, the one that decides first; none once the period is over."},
    )
    required_run_rate = Number(
        allow_none=True, metadata={"description": "A day, for the days left, to end on the ceiling or floor."}
    )
    rule = fields.String()
    run_rate = Number(allow_none=True, metadata={"description": "A day, so far."})
    share_of_the_way = Number(
        allow_none=True,
        metadata={
            "description": (
                "(base − actual) / (base − ceiling), in per cent; before the end, both on the same part of"
                " the base."
            )
        },
    )
    status = Choice("TargetStatus", *STATUSES)
    target = fields.Nested(Target)


def progress(book: Book, target: dict[str, Any], on: dt.date | None = None) -> dict[str, Any]:
    """Where the target stands, at a day of its period or the last that is known. Raises 400 for a day before
    the period."""
    period = parse(target["period"])
    span, known = _span(book, target, period, on)
    whole_base = parse(target["base_period"]) if target["base_period"] else None
    actual = actual_of(book, target, span, _same_part(period, span, whole_base))
    over = span.to_on == period.to_on
    part = (
        f"a {target['measure']} of a part of the period is not that of the whole"
        if is_divided(target) and not over
        else None
    )
    counted_base = actual_of(book, target, whole_base) if whole_base else None
    base = _frozen(book, target, counted_base) if counted_base and target["base_release"] else counted_base
    measured = _measured(book, target, period, span, None if part else actual["value"])
    stands = book.targets.progress.stand(
        **measured, base=base and base["value"], base_part=_base_part(actual, base, over), **_aims(target)
    )
    projections = (
        project(book, target, period, span, actual["value"])
        if known and not over and is_counted(target)
        else []
    )
    return {
        **stands,
        **_judged(
            book,
            target,
            measured,
            stands,
            projections,
            known=known and actual["period"]["complete"],
            over=over,
            base=base,
            reason=actual["reason"] or part,
        ),
        "target": target,
        "actual": _told(actual),
        "base": base and _told(base),
        "base_is": target["base_is"],
        "projections": projections,
        "complete": bool(
            known and over and actual["period"]["complete"] and (base is None or base["period"]["complete"])
        ),
        "milestones": _milestones(book, target, span, stands, known=known),
        "caveats": caveats(book, Stood(target, actual, base, counted_base)),
    }


def _span(book: Book, target: dict[str, Any], period: Period, on: dt.date | None) -> tuple[Period, bool]:
    """The days looked at, and whether all is known of them; where nothing is, all that were asked for."""
    if on and on < period.from_on:
        detail = f"{on} lies before the target's period, which begins on {period.from_on}."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "on", "detail": detail}])
    asked = days(period.from_on, min(on or period.to_on, period.to_on))
    last = known_to(book, target, asked)
    to_on = last or asked.to_on
    return period if to_on == period.to_on else spanning(period.from_on, to_on), last is not None


def _same_part(period: Period, span: Period, base: Period | None) -> Period | None:
    """The same part of the base: all of it at the end, and before it where the two begin on one day of the
    year and are as long."""
    if base is None or span is period:
        return base
    years, rest = divmod(
        (period.from_on.year - base.from_on.year) * 12 + period.from_on.month - base.from_on.month, 12
    )
    alike = rest == 0 and whole_months(period) is not None and whole_months(period) == whole_months(base)
    return shifted(span, years) if alike else None


def _base_part(actual: dict[str, Any], base: dict[str, Any] | None, over: bool) -> Any:
    """What the base came to by the same day; None where that cannot be told, as of one that was published
    whole."""
    if base is None or over:
        return base and base["value"]
    compared = actual["compared"]
    return (
        compared["value"]
        if compared and compared["period"]["complete"] and "release_id" not in base
        else None
    )


def _frozen(book: Book, target: dict[str, Any], counted: dict[str, Any]) -> dict[str, Any]:
    """The base as it was published."""
    kept = found(published_base(book, target), f"Release {target['base_release']} is not there.")
    return {
        **counted,
        "value": kept["value"],
        "period": {**counted["period"], "complete": True},
        "evidence": None,
        "release_id": target["base_release"],
        "wording": f"{kept['value']:,} as published for {target['base_period']}",
    }


def _aims(target: dict[str, Any]) -> dict[str, Any]:
    return {name: target[name] for name in ("amount", "ceiling", "floor", "percent", "rank")}


def _measured(
    book: Book, target: dict[str, Any], period: Period, span: Period, actual: Any
) -> dict[str, Any]:
    """What both statements of progress take."""
    return {
        "actual": actual,
        "additive": adds_up(book, target),
        "kind": target["kind"],
        "days_known": (span.to_on - span.from_on).days + 1,
        "days": (period.to_on - period.from_on).days + 1,
    }


def _judged(
    book: Book,
    target: dict[str, Any],
    measured: dict[str, Any],
    stands: dict[str, Any],
    projections: list[dict[str, Any]],
    *,
    known: bool,
    over: bool,
    base: dict[str, Any] | None,
    reason: str | None,
) -> dict[str, Any]:
    """Status and rule."""
    deciding: dict[str, Any] = next(
        (one for one in projections if one["interval_80"]), {"interval_80": {}, "method": None}
    )
    row: dict[str, Any] = book.targets.progress.judge(
        **measured,
        ceiling=stands["ceiling"],
        floor=stands["floor"],
        low=deciding["interval_80"].get("low"),
        high=deciding["interval_80"].get("high"),
        method=deciding["method"],
        known=known,
        over=over,
        base_complete=base is not None and base["period"]["complete"],
        reason=reason,
    )
    return row


def _told(figure: dict[str, Any]) -> dict[str, Any]:
    period = figure["period"]
    return {
        "release_id": None,
        **figure,
        "from": period["from"],
        "to": period["to"],
        "complete": period["complete"],
    }


def _milestones(
    book: Book, target: dict[str, Any], span: Period, stands: dict[str, Any], *, known: bool
) -> list[dict[str, Any]]:
    """Each with the count to its day, where that is known."""
    told = []
    for one in target["milestones"]:
        day = dt.date.fromisoformat(one["on"])
        reached = known and day <= span.to_on
        told.append(
            {
                **one,
                "actual": (
                    actual_of(book, target, replace(span, period=f"{span.from_on}..{day}", to_on=day))[
                        "value"
                    ]
                    if reached
                    else None
                ),
            }
        )
    rows: list[dict[str, Any]] = book.targets.progress.milestones(
        milestones=as_json(told), ceiling=stands["ceiling"]
    )
    return rows


class ProgressSource(NamedTuple):
    """What the picture of a target's progress needs besides: its way up to a day is read only for that."""

    book: Book
    target: dict[str, Any]
    to_on: dt.date


def picture_of(shown: dict[str, Any], source: ProgressSource) -> Drawing:
    """What is drawn of a `TargetProgress`, as it is dumped: its way so far, and the change it reflects."""
    so_far = trajectories.trajectory(source.book, source.target, source.to_on)
    reflected = Reflected().dump({"change": source.book.as_of, "at": source.book.at})
    return Drawing("progress", {"told": shown, "trajectory": so_far, "reflected": reflected})


rendering.register(TargetProgress, picture_of)


@targets.route("/<uuid:target_id>/progress")
class Progress(Resource):
    """Where one target stands."""

    @operation(
        "readTargetProgress",
        "Read where a target stands",
        query=ProgressQuery(),
        returns=TargetProgress(),
        tagged=True,
        lasting=True,
        formats=(formats.JSON, *formats.PICTURES),
        errors=(404,),
    )
    def get(self, target_id: UUID, as_of: Any, on: dt.date | None) -> Answer:
        """Ceiling or floor, actual, distance and status with the rule that decided; where it is heading, and
        what bears on it.

        A picture is its trajectory: a count by the end of each month, the ceiling or floor, and the fan of
        the projection that decides.
        """
        with reading(as_of) as sql:
            target = found(
                sql.targets.targets.read(target_id=target_id),
                f"No target has the id {target_id} at change {sql.as_of}.",
            )
            unless_unchanged(sql)
            answer = progress(sql, target, on)
            source = ProgressSource(sql, target, answer["actual"]["to"])
            return Answer(answer, made_of=source, tag=sql.as_of)

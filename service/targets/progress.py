"""Progress: where a target stands at the last day that is known, where it is heading, and what bears on
it."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from flask_restx import Resource
from marshmallow import fields

from service.figures.figure import Value
from service.periods import Period, days, spanning
from service.pictures import rendering
from service.pictures.rendering import Drawing
from service.store import Book, as_json
from service.targets.actuals import (
    Actual,
    Observation,
    ObservedSchema,
    Span,
    is_counted,
    is_divided,
    observe,
)
from service.targets.caveats import Caveat, CaveatSchema, Standing, list_caveats
from service.targets.parts import cut_off, same_part
from service.targets.projections import Projection, ProjectionSchema, project
from service.targets.target import Target, TargetSchema, load_target, read_published_base
from service.targets.targets import targets
from service.targets.trajectories import read_trajectory
from service.web.answers import formats
from service.web.answers.tags import unless_unchanged
from service.web.fields import AsKnown, AsOf, Boolean, Choice, Date, Number, Output, Query, Reflected
from service.web.problems import Problem
from service.web.request.operation import Answer, operation
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


@dataclass(frozen=True)
class MilestoneReached:
    """A milestone, what the measure came to by its day, and whether it was reached."""

    on: dt.date
    amount: Decimal
    actual: Decimal | None
    status: str


class MilestoneReachedSchema(Output):
    """A milestone, and whether it was reached."""

    actual = Number(
        allow_none=True, metadata={"description": "From the first day of the period to that day."}
    )
    amount = Number()
    on = Date()
    status = Choice("MilestoneStatus", "exceeded", "met", "missed", "too_early")


@dataclass(frozen=True)
class Judgement:
    """How the actual stands to the aim, and which rule decided the status: a row of the statement `stand`."""

    ceiling: Decimal | None
    floor: Decimal | None
    distance: Decimal | None
    percent_so_far: Decimal | None
    share_of_the_way: Decimal | None
    run_rate: Decimal | None
    required_run_rate: Decimal | None
    status: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class TargetProgress(Judgement):
    """Where a target stands; what each member says, the schema says."""

    target: Target
    actual: Actual
    base: Actual | None
    base_is: str | None
    caveats: list[Caveat]
    complete: bool
    milestones: list[MilestoneReached]
    projections: list[Projection]


class TargetProgressSchema(Output):
    """Where a target stands. `rule` says how its ceiling or floor is worked out, what counts as exceeded and
    met, and what decided."""

    actual = fields.Nested(ObservedSchema)
    base = fields.Nested(ObservedSchema, allow_none=True)
    base_is = Choice("TargetBase", "live", "frozen", allow_none=True)
    caveats = fields.List(fields.Nested(CaveatSchema))
    ceiling = Number(allow_none=True, metadata={"description": "The most that meets the target."})
    complete = Boolean(metadata={"description": "Is everything known of the whole period, and of the base?"})
    distance = Number(
        allow_none=True,
        metadata={"description": "Ceiling − actual, or floor − actual where there is no ceiling."},
    )
    floor = Number(allow_none=True, metadata={"description": "The least that meets the target."})
    milestones = fields.List(fields.Nested(MilestoneReachedSchema))
    percent_so_far = Number(
        allow_none=True,
        metadata={
            "description": "The change against the same part of the base; null where a count is under 50."
        },
    )
    projections = fields.List(
        fields.Nested(ProjectionSchema),
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
    target = fields.Nested(TargetSchema)


def measure_progress(book: Book, target: Target, on: dt.date | None = None) -> TargetProgress:
    """Where the target stands, at a day of its period or the last that is known. Raises 400 for a day before
    the period."""
    observation = observe(book, target)
    part, is_known = _find_part(observation, on)
    is_over = part.to_on == target.days.to_on
    spans: list[Span] = [(part, _find_base_part(target, part))]
    if target.base_days:
        spans.append((target.base_days, None))
    actual, *bases = observation.read_actuals(spans)
    counted_base = bases[0] if bases else None
    base = _freeze(book, target, counted_base) if counted_base and target.base_release else counted_base
    projections = (
        project(observation, part, actual.counted())
        if is_known and not is_over and is_counted(target)
        else []
    )
    judgement = _judge(observation, part, actual, base, projections, is_known=is_known, is_over=is_over)
    return TargetProgress(
        **vars(judgement),
        target=target,
        actual=actual,
        base=base,
        base_is=target.base_is,
        caveats=list_caveats(book, Standing(target, actual, base, counted_base)),
        complete=is_known and is_over and actual.period.complete and (base is None or base.period.complete),
        milestones=_read_milestones(observation, part, judgement, is_known=is_known),
        projections=projections,
    )


def _find_part(observation: Observation, on: dt.date | None) -> tuple[Period, bool]:
    """The days looked at, and whether all is known of them; where nothing is, all that were asked for."""
    period = observation.target.days
    if on and on < period.from_on:
        detail = f"{on} lies before the target's period, which begins on {period.from_on}."
        raise Problem("invalid-parameter", detail, errors=[{"parameter": "on", "detail": detail}])
    wanted = days(period.from_on, min(on or period.to_on, period.to_on))
    last = observation.find_last_day(wanted)
    to_on = last or wanted.to_on
    return period if to_on == period.to_on else spanning(period.from_on, to_on), last is not None


def _find_base_part(target: Target, part: Period) -> Period | None:
    """The same part of the base: at the end all of it, whatever its length."""
    return target.base_days if part is target.days else same_part(target.days, part, target.base_days)


def _freeze(book: Book, target: Target, counted: Actual) -> Actual:
    """The base as it was published."""
    assert target.base_release is not None
    value = read_published_base(
        book,
        target.base_release,
        target.base_days,
        area=target.area,
        category=target.category,
        measure=target.measure,
        source=target.source,
    )
    if value is None:
        raise Problem("not-found", f"Release {target.base_release} is not there.")
    return replace(
        counted,
        value=value,
        period=replace(counted.period, complete=True),
        evidence=None,
        release_id=target.base_release,
        wording=f"{value:,} as published for {target.base_period}",
    )


def _judge(
    observation: Observation,
    part: Period,
    actual: Actual,
    base: Actual | None,
    projections: list[Projection],
    *,
    is_known: bool,
    is_over: bool,
) -> Judgement:
    target, whole = observation.target, observation.target.days
    unfit = (
        f"a {target.measure} of a part of the period is not that of the whole"
        if is_divided(target) and not is_over
        else None
    )
    method, interval = next(
        ((projection.method, projection.interval_80) for projection in projections if projection.interval_80),
        (None, None),
    )
    judgement = observation.book.targets.progress.stand.one(
        Judgement,
        actual=None if unfit else actual.value,
        additive=observation.adds_up,
        amount=target.amount,
        base=base and base.value,
        base_complete=base is not None and base.period.complete,
        base_part=_find_base_value(actual, base, is_over=is_over),
        ceiling=target.ceiling,
        days=(whole.to_on - whole.from_on).days + 1,
        days_known=(part.to_on - part.from_on).days + 1,
        floor=target.floor,
        high=interval and interval.high,
        kind=target.kind,
        known=is_known and actual.period.complete,
        low=interval and interval.low,
        method=method,
        over=is_over,
        percent=target.percent,
        rank=target.rank,
        reason=actual.reason or unfit,
    )
    assert judgement is not None
    return judgement


def _find_base_value(actual: Actual, base: Actual | None, *, is_over: bool) -> Value | None:
    """What the base came to by the same day; None where that cannot be told, as of one that was published
    whole."""
    if base is None:
        return None
    if is_over:
        return base.value
    compared = actual.compared
    return compared.value if compared and compared.period.complete and base.release_id is None else None


def _read_milestones(
    observation: Observation, part: Period, judgement: Judgement, *, is_known: bool
) -> list[MilestoneReached]:
    """Each milestone with the count to its day, where that is known."""
    milestones = [
        {
            "on": milestone.on,
            "amount": milestone.amount,
            "actual": (
                observation.read_actual(cut_off(part, milestone.on)).value
                if is_known and milestone.on <= part.to_on
                else None
            ),
        }
        for milestone in observation.target.milestones
    ]
    if not milestones:
        return []
    return observation.book.targets.progress.milestones.all(
        MilestoneReached, milestones=as_json(milestones), ceiling=judgement.ceiling
    )


@dataclass(frozen=True)
class ProgressSource:
    """What the picture of a target's progress needs besides: its way up to a day is read only for that."""

    book: Book
    target: Target
    to_on: dt.date


def draw_progress(dumped: dict[str, object], source: ProgressSource) -> Drawing:
    """What is drawn of a `TargetProgress`, as it is dumped: its way so far, and the change it reflects."""
    trajectory = [vars(point) for point in read_trajectory(source.book, source.target, source.to_on)]
    reflected = Reflected().dump({"change": source.book.as_of, "at": source.book.at})
    return Drawing("progress", {"told": dumped, "trajectory": trajectory, "reflected": reflected})


rendering.register(TargetProgressSchema, draw_progress)


@targets.route("/<uuid:target_id>/progress")
class Progress(Resource):
    """Where one target stands."""

    @operation(
        "readTargetProgress",
        "Read where a target stands",
        query=ProgressQuery(),
        returns=TargetProgressSchema(),
        tagged=True,
        lasting=True,
        formats=(formats.JSON, *formats.PICTURES),
        errors=(404,),
    )
    def get(self, target_id: UUID, as_of: AsKnown, on: dt.date | None) -> Answer:
        """Ceiling or floor, actual, distance and status with the rule that decided; where it is heading, and
        what bears on it.

        A picture is its trajectory: a count by the end of each month, the ceiling or floor, and the fan of
        the projection that decides.
        """
        with reading(as_of) as sql:
            target = load_target(sql, target_id)
            unless_unchanged(sql)
            progress = measure_progress(sql, target, on)
            source = ProgressSource(sql, target, progress.actual.period.to_on)
            return Answer(progress, made_of=source, tag=sql.as_of)

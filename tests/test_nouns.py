"""A noun and the schema that writes it have the same members: what one has, the other knows, null where the
other allows it."""

import dataclasses
import types
import typing

import pytest
from marshmallow import fields

from service.figures import breaks_crossed, figure, spans, statuses
from service.figures.ranking import nouns as ranking
from service.figures.series import nouns as series
from service.operations import controls, effects, operations, tags
from service.reference import areas, breaks, categories, measures, offence_codes, peer_groups
from service.reference.areas import Place
from service.reference.categories import Counted
from service.releases import parts
from service.targets import actuals, caveats, kinds, progress, projections, target, targets

WRITTEN = [
    (spans.Span, spans.SpanSchema),
    (breaks_crossed.BreakCrossed, breaks_crossed.BreakCrossedSchema),
    (statuses.FigureStatus, statuses.FigureStatusSchema),
    (figure.NamedArea, Place),
    (figure.NamedCategory, Counted),
    (figure.Denominator, figure.DenominatorSchema),
    (figure.LeftOut, figure.LeftOutSchema),
    (figure.Exposure, figure.ExposureSchema),
    (figure.Dispersion, figure.DispersionSchema),
    (figure.Comparison, figure.ComparedSchema),
    (figure.Figure, figure.FigureSchema),
    (series.SeriesSignal, series.SeriesSignalSchema),
    (series.SeriesPoint, series.SeriesPointSchema),
    (series.SeriesChart, series.SeriesChartSchema),
    (series.SeriesDispersion, series.SeriesDispersionSchema),
    (series.SeriesSeason, series.SeriesSeasonSchema),
    (series.Series, series.SeriesSchema),
    (ranking.RankingDenominator, ranking.RankingDenominatorSchema),
    (ranking.Ranked, ranking.RankedSchema),
    (ranking.RankingCoverage, ranking.RankingCoverageSchema),
    (ranking.RankingCentre, ranking.RankingCentreSchema),
    (ranking.RankingDraws, ranking.RankingDrawsSchema),
    (ranking.RankedPeers, ranking.RankedPeersSchema),
    (ranking.RankingLeftOut, ranking.RankingLeftOutSchema),
    (ranking.Ranking, ranking.RankingSchema),
    (parts.Part, parts.PartSchema),
    (parts.Revision, parts.RevisionSchema),
    (measures.Measure, measures.MeasureSchema),
    (peer_groups.PeerGroup, peer_groups.PeerGroupSchema),
    (target.Milestone, kinds.MilestoneSchema),
    (target.Target, target.TargetSchema),
    (actuals.Actual, actuals.ObservedSchema),
    (caveats.Caveat, caveats.CaveatSchema),
    (projections.ProjectedInterval, projections.ProjectedIntervalSchema),
    (projections.BackTest, projections.BackTestSchema),
    (projections.Projection, projections.ProjectionSchema),
    (progress.MilestoneReached, progress.MilestoneReachedSchema),
    (progress.TargetProgress, progress.TargetProgressSchema),
    (operations.Operation, operations.OperationSchema),
    (tags.TagReceipt, tags.TagReceiptSchema),
    (controls.Control, effects.ControlSchema),
    (effects.CountBehind, effects.CountBehindSchema),
    (effects.Contrast, effects.ContrastSchema),
    (effects.CategoryEffect, effects.CategoryEffectSchema),
    (effects.OperationEffect, effects.OperationEffectSchema),
]
OF_THE_ANSWER = {"as_of": (ranking.RankingSchema, effects.OperationEffectSchema)}
"""What a schema has besides the noun: the change that the whole answer reflects."""
NOT_WRITTEN = {actuals.Actual: {"cautions"}}
"""What a noun has besides its schema: it becomes a part of something else."""
LOADED = [
    (kinds.TargetBody, targets.TargetDraft),
    (kinds.MilestoneBody, kinds.MilestoneSchema),
    (operations.OperationBody, operations.OperationDraft),
    (tags.TagBody, tags.TagDraft),
    (areas.AreaBody, areas.AreaDraft),
    (areas.PopulationBody, areas.Population),
    (areas.HouseholdsBody, areas.Households),
    (breaks.BreakBody, breaks.BreakDraft),
    (categories.CategoryBody, categories.CategoryDraft),
    (categories.CodeBody, categories.CategoryCode),
    (measures.MeasureBody, measures.MeasureDraft),
    (offence_codes.OffenceCodeBody, offence_codes.OffenceCodeDraft),
    (offence_codes.PeriodBody, offence_codes.CodePeriod),
    (offence_codes.WeightBody, offence_codes.SeverityWeight),
    (peer_groups.PeerGroupBody, peer_groups.PeerGroupDraft),
]
"""Bodies as a schema loads them."""


def members_of(noun):
    """The types of a noun's members, without None; and those that may be None."""
    types_of, nullable = {}, set()
    for name, kind in typing.get_type_hints(noun).items():
        if name in NOT_WRITTEN.get(noun, ()):
            continue
        options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
        types_of[name] = [option for option in options if option is not types.NoneType]
        if types.NoneType in options:
            nullable.add(name)
    return types_of, nullable


def fields_of(schema):
    """The fields of a schema by the attribute that each is read from."""
    return {
        field.attribute or name: field
        for name, field in schema().fields.items()
        if schema not in OF_THE_ANSWER.get(name, ()) and "." not in (field.attribute or "")
    }


def noun_in(kinds):
    """The noun that a member is, or is a list of."""
    [kind, *_] = [option for given in kinds for option in (*typing.get_args(given), given)]
    return kind if dataclasses.is_dataclass(kind) else None


@pytest.mark.parametrize(("noun", "schema"), WRITTEN, ids=lambda one: one.__name__)
def test_a_noun_and_its_schema_have_the_same_members(noun, schema):
    types_of, nullable = members_of(noun)
    written = fields_of(schema)
    assert types_of.keys() == written.keys()
    assert nullable == {name for name, field in written.items() if field.allow_none}


@pytest.mark.parametrize(("noun", "schema"), WRITTEN, ids=lambda one: one.__name__)
def test_what_lies_in_a_noun_is_written_by_the_schema_of_that_noun(noun, schema):
    types_of, _ = members_of(noun)
    nested = {}
    for name, field in fields_of(schema).items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            nested[name] = type(inner.schema)
    nouns = {name: found for name, kinds in types_of.items() if (found := noun_in(kinds))}
    assert {name: dict(WRITTEN)[found] for name, found in nouns.items()} == nested


@pytest.mark.parametrize(("noun", "schema"), WRITTEN, ids=lambda one: one.__name__)
def test_a_noun_cannot_be_altered(noun, schema):
    assert noun.__dataclass_params__.frozen


@pytest.mark.parametrize(("body", "schema"), LOADED, ids=lambda one: one.__name__)
def test_a_body_has_the_members_that_its_schema_loads(body, schema):
    types_of, nullable = members_of(body)
    assert types_of.keys() == schema().fields.keys()
    assert nullable == {name for name, field in schema().fields.items() if field.allow_none}

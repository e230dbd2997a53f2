"""What the doors work with and what the contract says of it are the same: no member is in one alone."""

import dataclasses

import pytest

from service.intake.faults import Fault
from service.intake.offences import mapping_guess, mappings
from service.intake.offences import receipts as offence_receipts
from service.intake.offences.options import SubmissionOptions, SubmissionQuery
from service.intake.offences.translation import Mapping
from service.intake.police_uk import receipts as street_receipts
from service.intake.returns.options import ReturnOptions, ReturnQuery
from service.intake.returns.returns import ReturnFault

NUMBERED_WHEN_KEPT = {"cell", "position"}


def members(kind):
    """The fields of a dataclass and its properties, by name."""
    properties = {name for name in dir(kind) if isinstance(getattr(kind, name), property)}
    return {field.name for field in dataclasses.fields(kind)} | properties


@pytest.mark.parametrize(
    ("kind", "schema", "inner"),
    [
        (offence_receipts.SubmissionReceipt, offence_receipts.Submission, {"changed_records", "days"}),
        (street_receipts.StreetReceipt, street_receipts.StreetSubmission, set()),
        (street_receipts.StreetFileEffect, street_receipts.StreetFile, set()),
        (street_receipts.PassedOverFile, street_receipts.PassedOver, set()),
        (SubmissionOptions, SubmissionQuery, set()),
        (ReturnOptions, ReturnQuery, set()),
        (mapping_guess.Guess, mappings.Guess, set()),
        (mapping_guess.GuessedColumn, mappings.GuessedColumn, set()),
        (mapping_guess.GuessedMapping, mappings.GuessedMapping, set()),
        (Mapping, mappings.MappingDraft, {"change", "name"}),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_noun_has_the_members_that_its_schema_has(kind, schema, inner):
    assert members(kind) - inner == set(schema().fields)
    assert inner <= members(kind)


def test_a_fault_has_the_members_that_the_schemas_of_the_three_doors_have():
    schemas = (offence_receipts.Fault(), street_receipts.StreetFault(), ReturnFault())
    of_schemas = set().union(*(schema.fields for schema in schemas))
    assert members(Fault) == of_schemas - NUMBERED_WHEN_KEPT


def test_members_that_may_be_null_are_null_in_the_schema_too():
    for kind, schema in (
        (offence_receipts.SubmissionReceipt, offence_receipts.Submission),
        (street_receipts.StreetReceipt, street_receipts.StreetSubmission),
        (street_receipts.StreetFileEffect, street_receipts.StreetFile),
    ):
        nullable = {field.name for field in dataclasses.fields(kind) if "None" in str(field.type)}
        shown = {name for name, field in schema().fields.items() if field.allow_none}
        assert nullable == shown & {field.name for field in dataclasses.fields(kind)}, kind.__name__

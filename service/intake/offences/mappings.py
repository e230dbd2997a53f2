"""Mappings: which of our fields the headings of a force's extract are, how its days are written, what its
codes mean."""

from typing import Any

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema

from service.callers.callers import require_force
from service.intake.offences import mapping_guess
from service.intake.offences.translation import FIELDS, FORMS, Mapping, fold_heading, is_form_of
from service.offences.offences import OffenceDraft
from service.reference import areas
from service.store import Book, as_json, database
from service.web.answers import formats
from service.web.answers.pages import Paged, listed, page_of
from service.web.fields import AsOf, Input, Integer, Known, Number, OfRelease, Output, Text
from service.web.problems import Problem
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

MOST_HEADINGS = 200
mappings = Namespace("mappings", description="The words of a force's own extracts.")


class OffenceCells(OffenceDraft):
    """What constants may be: an offence of which every field is text."""

    from_text = True


class MappingDraft(Input):
    """How to read an extract. Every heading is either a column or ignored, and every field that an offence
    needs comes from one."""

    codes = fields.Dict(
        fields.String(),
        fields.Dict(fields.String(), Text(longest=200)),
        load_default=dict,
        metadata={
            "description": "For a field: {their code: ours}. A cell that is none of them stays as it is."
        },
    )
    columns = fields.Dict(
        Text(longest=200),
        fields.String(),
        required=True,
        validate=validate.Length(1, MOST_HEADINGS),
        metadata={"description": "{their heading: our field}; capitals and doubled spaces do not matter."},
    )
    constants = fields.Dict(
        fields.String(),
        Text(longest=500),
        load_default=dict,
        metadata={"description": "For a field that no column gives: what it is on every line."},
    )
    dates = fields.Dict(
        fields.String(),
        fields.List(fields.String(), validate=validate.Length(1, 10)),
        load_default=dict,
        metadata={
            "description": (
                "For a field: the forms its days have, tried in turn, like DD/MM/YYYY or DD/MM/YYYY HH:MM, by"
                " the clock of Europe/London; YYYY-MM-DD and RFC 3339 where not given."
            )
        },
    )
    ignored = fields.List(Text(longest=200), load_default=list, validate=validate.Length(0, MOST_HEADINGS))

    @validates_schema
    def check_members(self, data: dict[str, Any], **_: object) -> None:
        """Fields are ours, each comes from one place, forms are known, constants are what the field takes."""
        faults = _MappingFaults()
        _check_columns(data.get("columns", {}), data.get("ignored", []), faults)
        _check_fields(data, faults)
        given = {*data.get("columns", {}).values(), *data.get("constants", {})}
        for name, field in FIELDS.items():
            if field.required and name not in {*given, "force"}:
                faults.note(
                    "columns",
                    name,
                    f"No column gives {name}, which every offence has: name the heading, or a constant.",
                )
        if faults:
            raise ValidationError(dict(faults))


class _MappingFaults(dict[str, dict[str, list[str]]]):
    """What is wrong, by member and key, as marshmallow lists it."""

    def note(self, member: str, key: str, sentence: str) -> None:
        """One thing more; the key becomes a part of a JSON Pointer."""
        self.setdefault(member, {}).setdefault(key.replace("~", "~0").replace("/", "~1"), []).append(sentence)


def _check_columns(columns: dict[str, str], ignored: list[str], faults: _MappingFaults) -> None:
    """Each heading stands once, and each is a field of its own."""
    headings = [fold_heading(heading) for heading in (*columns, *ignored)]
    for heading in (*columns, *ignored):
        if headings.count(fold_heading(heading)) > 1:
            faults.note("columns", heading, "This heading stands there more than once.")
    for heading, name in columns.items():
        if name not in FIELDS:
            faults.note(
                "columns",
                heading,
                f"{name[:60]} is no field of an offence; fields are {', '.join(sorted(FIELDS))}.",
            )
        elif list(columns.values()).count(name) > 1:
            faults.note("columns", heading, f"{name} comes from more than one column.")


def _check_fields(data: dict[str, Any], faults: _MappingFaults) -> None:
    """Codes, constants and dates are of fields that there are, and of forms and values that these take."""
    for member in ("codes", "constants", "dates"):
        for name in data.get(member, {}):
            if name not in FIELDS:
                faults.note(member, name, f"{name[:60]} is no field of an offence.")
    for name, value in data.get("constants", {}).items():
        if name in data.get("columns", {}).values():
            faults.note("constants", name, f"{name} comes from a column already.")
        elif name in FIELDS and (wrong := OffenceCells(only=(name,)).validate({name: value})):
            faults.note("constants", name, " ".join(wrong[name]))
    for name, forms in data.get("dates", {}).items():
        for form in forms if name in FIELDS else ():
            if not is_form_of(name, form):
                faults.note(
                    "dates",
                    name,
                    f"{form[:40]} is no form that {name} can have; forms are {', '.join(FORMS)}.",
                )


class GuessedMapping(Output):
    """A mapping, and nothing of where it is kept."""

    codes = fields.Dict(
        keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.String())
    )
    columns = fields.Dict(keys=fields.String(), values=fields.String())
    constants = fields.Dict(keys=fields.String(), values=fields.String())
    dates = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    ignored = fields.List(fields.String())


class StoredMapping(GuessedMapping):
    """A mapping as known at a change."""

    table_key = ("force", "name")

    force = fields.String()
    name = fields.String()
    since_change = Integer(least=1, most=2**62)


class MappingFilter(Paged):
    """Which mappings."""

    as_of = AsOf()
    force = Text()


class Header(Input):
    """The headings of a file, and some of its rows where there are any at hand: they tell how days are
    written."""

    headings = fields.List(Text(longest=200), required=True, validate=validate.Length(1, MOST_HEADINGS))
    rows = fields.List(fields.List(fields.String()), load_default=list, validate=validate.Length(0, 100))


class GuessedColumn(Output):
    """What a heading probably is."""

    confidence = Number(
        metadata={"description": "1 where the heading is one we know, less the less it is like one."}
    )
    field = fields.String(allow_none=True)
    heading = fields.String()


class Guess(Output):
    """A mapping to look over before it is used: nothing is kept."""

    columns = fields.List(fields.Nested(GuessedColumn))
    mapping = fields.Nested(GuessedMapping)
    missing = fields.List(
        fields.String(), metadata={"description": "Fields that every offence has and no heading is like."}
    )


def choose_mapping(book: Book, force: str | None, mapping: Mapping | str | None) -> Mapping | None:
    """The mapping that a submission names, of its force; one that is given whole is taken as it is. Raises
    400 where there is none."""
    if mapping is None or isinstance(mapping, Mapping):
        return mapping
    detail = f"The force has no mapping called {mapping}. GET /v1/mappings lists them."
    if force is None:
        detail = "A mapping is a force's own: name the force of the file with ?force=…"
    elif row := book.intake.offences.mappings.read(force=force, name=mapping):
        members = ("codes", "columns", "constants", "dates", "ignored", "name")
        return Mapping(**{name: row[name] for name in members}, change=row["since_change"])
    raise Problem("invalid-parameter", detail, errors=[{"parameter": "mapping", "detail": detail}])


def _find_force(book: Book, name: str) -> str:
    """The force's code. Raises 404 for what is no force."""
    row = book.reference.areas.find(names=[name])
    if not row or row[0]["kind"] not in ("force", "body"):
        raise Problem("not-found", f"No force is called {name}.")
    return str(row[0]["code"])


@mappings.route("")
class Mappings(Resource):
    """Every mapping."""

    @operation(
        "listMappings",
        "List mappings",
        query=MappingFilter(),
        returns=page_of(StoredMapping, "MappingPage"),
        formats=(formats.JSON, formats.NDJSON),
        listed=True,
    )
    def get(self, as_of: database.AsOf | OfRelease, force: str | None, **paging: Any) -> Answer:
        """By force and name."""
        with reading(as_of) as sql:
            of_force = areas.find_code(sql, force, "force")
            return listed(
                sql,
                sql.intake.offences.mappings.list,
                StoredMapping(),
                {"force": str, "name": str},
                force=of_force,
                **paging,
            )


@mappings.route("/guess")
class MappingGuess(Resource):
    """A first draft of one."""

    @operation("guessMapping", "Guess a mapping from a header", body=Header(), returns=Guess())
    def post(self, body: dict[str, Any]) -> mapping_guess.Guess:
        """Each heading with the field that it is most like, and how much. Nothing is kept: look it over, then
        PUT it."""
        return mapping_guess.guess_mapping(body["headings"], body["rows"])


@mappings.route("/<string:force>/<string:name>")
class OneMapping(Resource):
    """One mapping of a force."""

    @operation(
        "readMapping", "Read a mapping", query=Known(), returns=StoredMapping(), tagged=True, errors=(404,)
    )
    def get(self, force: str, name: str, as_of: database.AsOf | OfRelease) -> dict[str, Any]:
        """As known at a change."""
        with reading(as_of) as sql:
            return found(
                sql.intake.offences.mappings.read(force=_find_force(sql, force), name=name),
                f"{force} has no mapping called {name}.",
            )

    @operation(
        "setMapping",
        "Set a mapping",
        body=MappingDraft(),
        returns=StoredMapping(),
        scope="record",
        guarded=True,
        tagged=True,
        creates=True,
        errors=(404, 409),
    )
    def put(self, force: str, name: str, body: dict[str, Any], seen: int) -> Answer:
        """A new version of a mapping, or with `If-Match: "0"` a new one. Files that came before keep the
        version they were read by."""
        with writing("mapping set") as sql:
            code = _find_force(sql, force)
            require_force(code)
            present = sql.intake.offences.mappings.read(force=code, name=name)
            require_seen(present or {"since_change": 0}, seen)
            sql.intake.offences.mappings.end(force=code, name=name, seen=seen)
            as_columns = {
                member: as_json(body[member]) for member in ("codes", "columns", "constants", "dates")
            }
            row = sql.intake.offences.mappings.set(force=code, name=name, **body | as_columns)
            status, headers = (200, {}) if present else (201, {"Location": f"/v1/mappings/{code}/{name}"})
            return Answer(row, headers, status=status)

    @operation(
        "withdrawMapping",
        "Withdraw a mapping",
        returns=StoredMapping(),
        scope="record",
        guarded=True,
        errors=(404,),
    )
    def delete(self, force: str, name: str, seen: int) -> dict[str, Any]:
        """It can still be read as of an earlier change."""
        with writing("mapping withdrawn") as sql:
            code = _find_force(sql, force)
            require_force(code)
            present: dict[str, Any] = found(
                sql.intake.offences.mappings.read(force=code, name=name),
                f"{force} has no mapping called {name}.",
            )
            require_seen(present, seen)
            sql.intake.offences.mappings.end(force=code, name=name, seen=seen)
            return present

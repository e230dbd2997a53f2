"""marshmallow schemas and fields as JSON Schema 2020-12, in the subset that client generators agree on."""

from collections.abc import Callable
from functools import singledispatchmethod
from typing import Any, cast

from marshmallow import RAISE, Schema, fields, missing, validate

from service.periods import EXPLAINED, PeriodField
from service.web.fields import AS_OF_EXPLAINED, AsOf, Choice, Field, Instant, Output, Text

JsonObject = dict[str, object]
"""A part of a document that is written as JSON."""


class Shapes:
    """marshmallow schemas and fields as JSON Schema 2020-12. Raises TypeError for what it does not know,
    rather than guess."""

    def __init__(self) -> None:
        self.components: JsonObject = {}
        self._named: dict[str, object] = {}

    def reference(self, name: str, of: object, make: Callable[[], JsonObject]) -> JsonObject:
        """A named component, made once. Raises TypeError where something else has its name, and one would be
        described as the other."""
        if self._named.setdefault(name, of) != of:
            raise TypeError(f"Two things are called {name}: each needs a name of its own.")
        if name not in self.components:
            self.components[name] = {}
            self.components[name] = make()
        return {"$ref": f"#/components/schemas/{name}"}

    def schema(self, schema: Schema) -> JsonObject:
        """A schema as a named component: FigureSchema is called Figure, as the noun that it writes."""
        name = schema.__class__.__name__.removesuffix("Schema") + ("Patch" if schema.partial else "")
        return self.reference(name, type(schema), lambda: self._object(schema))

    def _object(self, schema: Schema) -> JsonObject:
        properties = {name: self.field(one) for name, one in schema.fields.items()}
        shape: JsonObject = {"type": "object", "properties": properties}
        if schema.__doc__:
            shape["description"] = schema.__doc__.split("\n\n")[0].replace("\n", " ")
        required = (
            list(properties)
            if isinstance(schema, Output)
            else [name for name, one in schema.fields.items() if one.required and not schema.partial]
        )
        if required:
            shape["required"] = required
        if schema.unknown == RAISE and not isinstance(schema, Output):
            shape["additionalProperties"] = False
        return shape

    def field(self, field: Field) -> JsonObject:
        """A field with what every field may say: null, description, default."""
        shape = dict(self.shape(field))
        if field.allow_none:
            shape = (
                {"anyOf": [shape, {"type": "null"}]}
                if "$ref" in shape
                else {**shape, "type": [shape["type"], "null"]}
            )
        if "description" in field.metadata and "$ref" not in shape:
            shape["description"] = field.metadata["description"]
        if (
            field.load_default is not missing
            and field.load_default is not None
            and not callable(field.load_default)
            and "$ref" not in shape
        ):
            shape["default"] = field.load_default
        return shape

    @singledispatchmethod
    def shape(self, field: Field) -> JsonObject:
        """The type of a field."""
        raise TypeError(f"No JSON Schema is known for {type(field).__name__}.")

    @shape.register
    def _(self, field: fields.String) -> JsonObject:
        return {"type": "string"}

    @shape.register
    def _(self, field: Text) -> JsonObject:
        length = next(one for one in field.validators if isinstance(one, validate.Length))
        pattern = r"^[^\u0000\s]([^\u0000]*[^\u0000\s])?$"
        return {"type": "string", "minLength": length.min, "maxLength": length.max, "pattern": pattern}

    @shape.register
    def _(self, field: Choice) -> JsonObject:
        return self.reference(
            field.called, field.choices, lambda: {"type": "string", "enum": list(field.choices)}
        )

    @shape.register
    def _(self, field: fields.Integer) -> JsonObject:
        bounds = next((one for one in field.validators if isinstance(one, validate.Range)), None)
        size = {"format": "int64"} if bounds and bounds.max > 2**31 else {"format": "int32"}
        return {"type": "integer", **size} | (
            {"minimum": bounds.min, "maximum": bounds.max} if bounds else {}
        )

    @shape.register
    def _(self, field: fields.Float) -> JsonObject:
        return {"type": "number", "format": "double"}

    @shape.register
    def _(self, field: fields.Boolean) -> JsonObject:
        return {"type": "boolean"}

    @shape.register
    def _(self, field: fields.UUID) -> JsonObject:
        return {"type": "string", "format": "uuid"}

    @shape.register
    def _(self, field: fields.Date) -> JsonObject:
        return {"type": "string", "format": "date"}

    @shape.register
    def _(self, field: Instant) -> JsonObject:
        return {"type": "string", "format": "date-time"}

    @shape.register
    def _(self, field: AsOf) -> JsonObject:
        return {
            "type": "string",
            "maxLength": 44,
            "description": f"{AS_OF_EXPLAINED[0].upper()}{AS_OF_EXPLAINED[1:]}",
        }

    @shape.register
    def _(self, field: PeriodField) -> JsonObject:
        return self.reference(
            "Period",
            PeriodField,
            lambda: {
                "type": "string",
                "minLength": 4,
                "maxLength": 22,
                "description": EXPLAINED,
                "examples": ["2012/13"],
            },
        )

    @shape.register
    def _(self, field: fields.Nested) -> JsonObject:
        return self.schema(field.schema)

    @shape.register(fields.List)
    def _(self, field: fields.List[Any]) -> JsonObject:
        length = next((one for one in field.validators if isinstance(one, validate.Length)), None)
        limits = {"minItems": length.min, "maxItems": length.max} if length else {}
        return {"type": "array", "items": self.field(field.inner), **limits}

    @shape.register(fields.Dict)
    def _(self, field: fields.Dict) -> JsonObject:
        length = next((one for one in field.validators if isinstance(one, validate.Length)), None)
        limits = {"minProperties": length.min, "maxProperties": length.max} if length else {}
        return {
            "type": "object",
            "additionalProperties": self.field(cast("Field", field.value_field)),
            **limits,
        }

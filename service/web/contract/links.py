"""Where an answer leads: OpenAPI links from each operation to those that take what it answered, with the ETag
where they need it."""

import re

from marshmallow import fields

from service.web.contract.served import Served
from service.web.contract.shapes import JsonObject
from service.web.declaration import Operation

_SCALAR = (fields.String, fields.UUID, fields.Integer)


def links(source: Served, served: list[Served]) -> JsonObject:
    """The operations whose every path parameter is in the answer of this one, by name.

    One that needs If-Match is reached from the thing it changes only, since only that answer carries its
    ETag. A list leads to reading, and so does a thing of another noun: a release tells its measure, but
    nobody who reads it wants to report one.
    """
    answered = _answered_members(source.promised)
    following: JsonObject = {}
    for target in served:
        wanted = _parameters(target.path)
        if target.promised is source.promised or not wanted or not set(wanted) <= set(answered):
            continue
        if target.verb != "get" and (source.promised.listed or _noun(source.path) != _noun(target.path)):
            continue
        parameters = {f"path.{name}": answered[name] for name in wanted}
        if target.promised.guarded:
            if not _is_of_the_same_thing(source, target):
                continue
            parameters["header.If-Match"] = "$response.header.ETag"
        following[target.promised.name] = {"operationId": target.promised.name, "parameters": parameters}
    return dict(sorted(following.items()))


def _parameters(path: str) -> list[str]:
    return re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", path)


def _noun(path: str) -> str:
    return path.removeprefix("/v1").split("/")[1]


def _is_of_the_same_thing(source: Served, target: Served) -> bool:
    if not source.promised.tagged or source.promised.listed:
        return False
    own = source.path + "/<" if source.verb == "post" else source.path
    return target.path.startswith(own)


def _answered_members(promised: Operation) -> dict[str, str]:
    """Where in the answer each scalar is that is never null; of a list, in its first item."""
    if promised.returns is None:
        return {}
    members, place = promised.returns.fields, "$response.body#/"
    items = members.get("items")
    if isinstance(items, fields.List) and isinstance(items.inner, fields.Nested):
        members, place = items.inner.schema.fields, "$response.body#/items/0/"
    return {
        name: place + name for name, one in members.items() if isinstance(one, _SCALAR) and not one.allow_none
    }

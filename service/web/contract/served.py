"""The operations that an application serves, with their addresses: what the contract is written from."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import flask_restx

from service.web.declaration import Operation


class Served(NamedTuple):
    """An operation where it is served. `path` is as Flask routes it; `verb` in small letters."""

    path: str
    verb: str
    promised: Operation


class ServedMethod(NamedTuple):
    """The same with its namespace and the method whose docstring describes it."""

    served: Served
    namespace: flask_restx.Namespace
    method: Callable[..., object]


def methods(api: flask_restx.Api) -> Iterator[ServedMethod]:
    """Every operation in the order in which namespaces and routes were added, verbs by the alphabet."""
    for namespace in api.namespaces:
        for route in namespace.resources:
            for url in api.ns_urls(namespace, route.urls):
                for verb in sorted(name.lower() for name in route.resource.methods):
                    method = getattr(route.resource, verb)
                    yield ServedMethod(Served("/v1" + url, verb, method.operation), namespace, method)

"""Who may ask: callers, their keys, and tokens of an authorisation server."""

from service.callers import callers, keys

namespaces = (
    callers.callers,
    keys.keys,
)

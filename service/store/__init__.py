"""The book: reading it as known at a change, and writing a change into it."""

from service.store.database import Book, connect, reading, reflected_change, writing
from service.store.statements import as_json

__all__ = ["Book", "as_json", "connect", "reading", "reflected_change", "writing"]

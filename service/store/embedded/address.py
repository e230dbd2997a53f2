"""Where the book is, for a command that does not start a server of its own."""

from service.settings import Settings
from service.store.embedded.server import EmbeddedPostgres


class NoBook(RuntimeError):
    """DATABASE_URL is not set and no embedded server is running here."""


def find_database_url(settings: Settings) -> str:
    """DATABASE_URL, or the URL of the embedded server that `run` or `serve` has started on the same
    CRIMEBOOK_HOME. Raises NoBook."""
    if settings.database_url is not None:
        return settings.database_url
    root = settings.home / "postgres"
    pid_file = root / "data" / "postmaster.pid"
    if not pid_file.exists():
        raise NoBook(
            f"No book is being served from {settings.home}: start it with `make run`, or set DATABASE_URL."
        )
    embedded = EmbeddedPostgres(root)
    embedded.socket_directory = type(embedded.socket_directory)(pid_file.read_text().splitlines()[4])
    return embedded.url()

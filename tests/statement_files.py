"""The files of SQL that the service is made of: its statements by folder and noun, and its migrations."""

from pathlib import Path

from service.store import statements

SERVICE = Path(__file__).parents[1] / "service"
MIGRATIONS = sorted((SERVICE / "store" / "schema").glob("*.sql"))
NO_STATEMENTS = {
    *MIGRATIONS,
    SERVICE / "store" / "schema.sql",
    SERVICE / "store" / "scaling" / "distribution.sql",
}
STATEMENTS = sorted(set(SERVICE.rglob("*.sql")) - NO_STATEMENTS)


def address_of(path: Path) -> str:
    """Folders and noun: `offences.cancellations`."""
    return ".".join(path.relative_to(SERVICE).with_suffix("").parts)


def code_of(path: Path) -> str:
    """The statements without their comments, every mark written out."""
    return "\n".join(line.split("--")[0] for line in statements.written_out(path).splitlines()).lower()

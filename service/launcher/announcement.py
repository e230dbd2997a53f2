"""What a newcomer sees when the service is up: a table of figures, where the key is, and what to type
first."""

from pathlib import Path

from service.releases import bulletin
from service.settings import Settings
from service.store import database


def announce(settings: Settings, database_url: str, first_key: str | None) -> None:
    """Print the address, the key when it was just made, three curls that work as printed, and the release
    table."""
    address = f"http://{settings.host}:{settings.port}"
    database.connect(database_url)
    with database.reading() as book:
        table = (
            bulletin.write_bulletin(book, "northamptonshire", "2012/13")
            if book.reference.areas.find(names=["northamptonshire"])
            else ""
        )
    print(
        "\n".join(
            ["", table, *_word_key(settings.home, first_key), *list_commands(settings.home, address), ""]
        ),
        flush=True,
    )


def _word_key(home: Path, first_key: str | None) -> list[str]:
    if first_key is None:
        return [f"The administrator's key is in {home / 'key'}."]
    return [
        f"The administrator's key, shown this once: {first_key}",
        f"It is kept in {home / 'key'}, readable by you alone.",
    ]


def list_commands(home: Path, address: str) -> list[str]:
    """The lines that say where the service is and what to type first."""
    key = f"'Authorization: Bearer '\"$(cat '{home / 'key'}')\""
    figure = (
        "area=northamptonshire&area=northampton&category=residential-burglary&period=2012/13&compare=2011/12"
    )
    records = "area=northampton&category=robbery&recorded_from=2013-03-01&recorded_to=2013-03-31"
    return [
        f"Crimebook is at {address}, its contract at {address}/docs. Try:",
        "",
        f"curl -H {key} '{address}/v1/summaries?{figure}'",
        f"curl -H {key} -H 'Accept: text/csv' '{address}/v1/offences?{records}'",
        f"curl -H {key} '{address}/v1/changes?after=0'",
    ]

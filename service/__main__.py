"""`python -m service …`: everything that is done from a terminal."""

import argparse
import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2

from service.audit import sealing, verification
from service.callers import callers
from service.callers.scopes import SCOPES
from service.intake.police_uk import submissions
from service.intake.returns import returns
from service.launcher import files
from service.periods import parse
from service.releases import bulletin
from service.settings import Settings, SettingsFault
from service.store import database
from service.store.embedded import address
from service.web import logs
from service.web.problems import Problem, from_database


def _book(settings: Settings) -> None:
    """Connect to the book: the one that DATABASE_URL names, or the embedded one that `serve` or `run` is
    serving."""
    database.connect(address.of_the_book(settings), settings.statement_timeout_seconds)


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    from service.launcher.serving import serve

    return serve(settings, demonstration=arguments.command == "run")


def _migrate(settings: Settings, arguments: argparse.Namespace) -> int:
    from service.store.migrations import migrate

    migrate(settings.owner_database_url or address.of_the_book(settings))
    return 0


def _distribute(settings: Settings, arguments: argparse.Namespace) -> int:
    from service.store.scaling.distribution import distribute

    placed = distribute(settings.owner_database_url or address.of_the_book(settings))
    print(f"Placed {', '.join(placed)}." if placed else "Every table is where it should be already.")
    return 0


def _reference(settings: Settings, arguments: argparse.Namespace) -> int:
    from service.reference import open_data

    open_data.load(address.of_the_book(settings), put_back=True)
    return 0


def _load(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.guess:
        for path in arguments.files:
            print(
                json.dumps(
                    files.guessed(path, settings.largest_submission_bytes), indent=2, ensure_ascii=False
                )
            )
        return 0
    _book(settings)
    period, replaces = (parse(said) if said else None for said in (arguments.period, arguments.replaces))
    asked = {
        "covers": arguments.covers,
        "force": arguments.force,
        "reason": arguments.reason,
        "validate_only": arguments.validate_only,
        "mapping": files.mapping_of(arguments.mapping),
        "period_from": period and period.from_on,
        "period_to": period and period.to_on,
        "replaces": replaces,
    }
    worst = 0
    for path in arguments.files:
        receipt = files.load_file(path, asked, settings.largest_submission_bytes)
        print(json.dumps(dict(receipt), default=str))
        if receipt["faults"]:
            worst = 1
            _print_faults(receipt)
    return worst


def _print_faults(receipt: dict[str, Any]) -> None:
    with database.reading() as book:
        of_it = {"force": receipt["force"], "submission_id": receipt["submission_id"]}
        faults = book.intake.offences.submissions.list_faults(
            **of_it, after_line=None, after_position=None, limit=20
        )
    for one in faults:
        print(f"line {one['line']}, {one['field']}: {one['detail']}", file=sys.stderr)
    print(
        f"{receipt['faults']:,} faults in all; /v1/submissions/{receipt['submission_id']}/faults lists them.",
        file=sys.stderr,
    )


def _load_police_uk(settings: Settings, arguments: argparse.Namespace) -> int:
    _book(settings)
    worst = 0
    for path in arguments.paths:
        receipt = files.load_street_files(path, settings.largest_submission_bytes, arguments.reason)
        print(json.dumps(dict(receipt), default=str))
        if receipt["faults"]:
            worst = 1
            with database.reading() as book:
                print(files.said_plainly(submissions.refusal(book, receipt)), file=sys.stderr)
    return worst


def _load_return(settings: Settings, arguments: argparse.Namespace) -> int:
    _book(settings)
    asked = {
        "source": arguments.source,
        "edition": arguments.edition,
        "title": arguments.title,
        "understood_only": arguments.understood_only,
        "basis": arguments.basis,
        "period": parse(arguments.period) if arguments.period else None,
    }
    print(json.dumps(files.load_return(arguments.file.read_bytes(), asked), default=str))
    return 0


def _key(settings: Settings, arguments: argparse.Namespace) -> int:
    _book(settings)
    with database.writing(
        f"key made for {arguments.name}", caller=callers.OWN_NAME, trace_id=secrets.token_hex(16)
    ) as book:
        _, key = callers.create(book, arguments.name, arguments.scope, arguments.force)
    print(key)
    return 0


def _release(settings: Settings, arguments: argparse.Namespace) -> int:
    _book(settings)
    with database.reading() as book:
        print(bulletin.as_printed(book, arguments.area, arguments.period), end="")
    return 0


def _verify(settings: Settings, arguments: argparse.Namespace) -> int:
    _book(settings)
    files = arguments.public_key or ([settings.sealing_key] if settings.sealing_key.exists() else [])
    trusted = frozenset(sealing.read_public_key(file) for file in files)
    with database.reading(seconds=3600) as book:
        first = next(verification.findings(book, trusted, dict(arguments.kept_head)), None)
        told = verification.proven(book) if first is None else [first]
    print("\n".join(told))
    return 0 if first is None else 1


def _kept_head(text: str) -> tuple[int, str]:
    tree_size, root = text.split(":")
    return int(tree_size), bytes.fromhex(root).hex()


def _seal(settings: Settings, arguments: argparse.Namespace) -> int:
    logs.configure(settings.log_level)
    _book(settings)
    if arguments.every:
        sealing.keep_sealing(settings.sealing_key, arguments.every)
    elif head := sealing.seal_everything(settings.sealing_key):
        print(sealing.said(head))
    else:
        print("Nothing to seal: nothing has changed since the newest head.")
    return 0


def _openapi(settings: Settings, arguments: argparse.Namespace) -> int:
    import dataclasses

    import yaml

    class Plain(yaml.SafeDumper):
        """Says the same again where it is meant again: generators stumble over anchors."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    from service.app import create_app
    from service.web.contract.openapi import document

    app = create_app(
        dataclasses.replace(settings, database_url=settings.database_url or "postgresql:///unused")
    )
    yaml.dump(document(app.api), sys.stdout, Plain, sort_keys=False, allow_unicode=True, width=140)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(
        name: str, run: Callable[[Settings, argparse.Namespace], int], told: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=told, description=told)
        made.set_defaults(run=run)
        return made

    command(
        "run",
        _serve,
        "serve with the demonstration's data, on an embedded PostgreSQL where DATABASE_URL is not set",
    )
    command("serve", _serve, "serve what the book holds")
    command("migrate", _migrate, "bring the schema up to date")
    command("distribute", _distribute, "spread the book over the servers of a Citus cluster, by force")
    command(
        "reference", _reference, "make areas, offence codes and categories say what the reference data say"
    )
    load = command("load", _load, "submit files of offences (.csv, .ndjson, each also .gz)")
    load.add_argument("files", nargs="+", type=Path, metavar="FILE")
    load.add_argument("--force", help="the force they come from, where lines do not say")
    load.add_argument("--covers", help="the category of which they hold every record (all-crime)")
    load.add_argument(
        "--period", help="the period of which they hold every record (the months of the records)"
    )
    load.add_argument(
        "--mapping",
        metavar="NAME|FILE.json",
        help="the mapping by which they are read: one of the force's, or a file",
    )
    load.add_argument(
        "--guess", action="store_true", help="print a mapping guessed from the header, and load nothing"
    )
    load.add_argument(
        "--replaces",
        metavar="PERIOD",
        help="the period for which it is all there is: what it lacks is cancelled",
    )
    load.add_argument("--reason", help="why they are loaded")
    load.add_argument("--validate-only", action="store_true", help="rehearse: change nothing")
    street = command(
        "load-police-uk",
        _load_police_uk,
        "submit files of data.police.uk: .csv, .csv.gz, a folder or a .zip of them",
    )
    street.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    street.add_argument("--reason", help="why they are loaded")
    received = command(
        "load-return", _load_return, "receive a file of official counts (.csv, .csv.gz, .ods, .xlsx)"
    )
    received.add_argument("file", type=Path)
    received.add_argument("--source", required=True)
    received.add_argument("--edition", required=True)
    received.add_argument("--title")
    received.add_argument("--basis", choices=returns.BASES, help="of outcomes whose heading does not say it")
    received.add_argument(
        "--period", help="of a table of ONS that does not say it in a title, like 12m:2024-12"
    )
    received.add_argument(
        "--understood-only", action="store_true", help="keep the lines that are understood, list the others"
    )
    key = command("key", _key, "make a key and print it, this once")
    key.add_argument("name")
    key.add_argument("--scope", action="append", required=True, choices=SCOPES)
    key.add_argument(
        "--force", action="append", default=[], help="may write for this force only; may be given many times"
    )
    release = command("release", _release, "print the figures as a release would")
    release.add_argument("--area", default="northamptonshire")
    release.add_argument("--period", default="2012/13")
    seal = command("seal", _seal, "seal what changed since the newest head")
    seal.add_argument("--every", type=int, metavar="SECONDS", help="and go on doing so")
    verify = command(
        "verify", _verify, "prove that nobody altered what was sealed, and that the tally is the records"
    )
    verify.add_argument(
        "--kept-head",
        action="append",
        default=[],
        type=_kept_head,
        metavar="TREE_SIZE:ROOT",
        help=(
            "a head that you kept elsewhere, and that the tree must have grown from; may be given many times"
        ),
    )
    verify.add_argument(
        "--public-key",
        action="append",
        type=Path,
        metavar="FILE",
        help="of those who sealed, PEM; that of SEAL_KEY where none is given; may be given many times",
    )
    command("openapi", _openapi, "write the contract, as YAML")
    return parser


def main() -> int:
    """Run the command; faults a user can mend are one line each, without a stack."""
    arguments = _parser().parse_args()
    try:
        return int(arguments.run(Settings.from_environment(), arguments))
    except Problem as fault:
        print(files.said_plainly(fault), file=sys.stderr)
    except (SettingsFault, ValueError, OSError, RuntimeError, psycopg2.OperationalError) as fault:
        print(str(fault).strip(), file=sys.stderr)
    except psycopg2.Error as fault:
        print(files.said_plainly(from_database(fault)), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

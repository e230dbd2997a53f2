"""`python -m service …`: everything that is done from a terminal."""

import argparse
import dataclasses
import json
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg2

from service.audit import sealing, verification
from service.callers import callers
from service.callers.scopes import SCOPES
from service.intake.faults import FAULTS_IN_A_PROBLEM, read_faults
from service.intake.offences.options import SubmissionOptions
from service.intake.offences.receipts import SubmissionReceipt
from service.intake.police_uk.submissions import word_refusal
from service.intake.returns.options import BASES, ReturnOptions
from service.launcher import files
from service.periods import parse
from service.releases import bulletin
from service.settings import Settings, SettingsFault
from service.store import database
from service.store.embedded import address
from service.web import logs
from service.web.problems import Problem, from_database


def _connect(settings: Settings) -> None:
    """Connect to the book that DATABASE_URL names, or the embedded one that `serve` or `run` is serving."""
    database.connect(address.find_database_url(settings), settings.statement_timeout_seconds)


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    from service.launcher.serving import serve

    return serve(settings, demonstration=arguments.command == "run")


def _migrate(settings: Settings, arguments: argparse.Namespace) -> int:
    from service.store.migrations import migrate

    migrate(settings.owner_database_url or address.find_database_url(settings))
    return 0


def _distribute(settings: Settings, arguments: argparse.Namespace) -> int:
    from service.store.scaling.distribution import distribute

    placed = distribute(settings.owner_database_url or address.find_database_url(settings))
    print(f"Placed {', '.join(placed)}." if placed else "Every table is where it should be already.")
    return 0


def _reference(settings: Settings, arguments: argparse.Namespace) -> int:
    from service.reference import open_data

    open_data.load(address.find_database_url(settings), put_back=True)
    return 0


def _load(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.guess:
        for path in arguments.files:
            guess = files.guess_mapping(path, settings.largest_submission_bytes)
            print(json.dumps(dataclasses.asdict(guess), indent=2, ensure_ascii=False))
        return 0
    _connect(settings)
    period, replaces = (parse(text) if text else None for text in (arguments.period, arguments.replaces))
    if arguments.confirm is not None and replaces is None:
        raise ValueError("--confirm goes with --replaces: a file without it cancels nothing.")
    options = SubmissionOptions(
        confirm=arguments.confirm,
        covers=arguments.covers,
        force=arguments.force,
        reason=arguments.reason,
        validate_only=arguments.validate_only,
        mapping=files.load_mapping(arguments.mapping),
        period_from=period.from_on if period else None,
        period_to=period.to_on if period else None,
        replaces=replaces,
    )
    code = 0
    for path in arguments.files:
        receipt = files.load_file(path, options, settings.largest_submission_bytes)
        with database.reading() as book:
            row = book.intake.offences.submissions.read(submission_id=receipt.submission_id)
        print(json.dumps(dict(row), default=str))
        if receipt.faults:
            code = 1
            _print_faults(receipt)
    return code


def _print_faults(receipt: SubmissionReceipt) -> None:
    with database.reading() as book:
        rows = book.intake.offences.submissions.list_faults(
            force=receipt.force,
            submission_id=receipt.submission_id,
            after_line=None,
            after_position=None,
            limit=FAULTS_IN_A_PROBLEM,
        )
    for fault in read_faults(rows):
        print(f"line {fault.line}, {fault.field}: {fault.detail}", file=sys.stderr)
    print(
        f"{receipt.faults:,} faults in all; /v1/submissions/{receipt.submission_id}/faults lists them.",
        file=sys.stderr,
    )


def _load_police_uk(settings: Settings, arguments: argparse.Namespace) -> int:
    _connect(settings)
    code = 0
    for path in arguments.paths:
        receipt = files.load_street_files(path, settings.largest_submission_bytes, arguments.reason)
        with database.reading() as book:
            row = book.intake.police_uk.submissions.read(street_submission_id=receipt.street_submission_id)
            print(json.dumps(dict(row), default=str))
            if receipt.faults:
                code = 1
                print(files.write_problem(word_refusal(book, receipt)), file=sys.stderr)
    return code


def _load_return(settings: Settings, arguments: argparse.Namespace) -> int:
    _connect(settings)
    options = ReturnOptions(
        source=arguments.source,
        edition=arguments.edition,
        title=arguments.title,
        understood_only=arguments.understood_only,
        basis=arguments.basis,
        period=parse(arguments.period) if arguments.period else None,
    )
    print(json.dumps(files.load_return(arguments.file.read_bytes(), options), default=str))
    return 0


def _key(settings: Settings, arguments: argparse.Namespace) -> int:
    _connect(settings)
    with database.writing(
        f"key made for {arguments.name}", caller=callers.OWN_NAME, trace_id=secrets.token_hex(16)
    ) as book:
        _, key = callers.create(book, arguments.name, arguments.scope, arguments.force)
    print(key)
    return 0


def _release(settings: Settings, arguments: argparse.Namespace) -> int:
    _connect(settings)
    with database.reading() as book:
        print(bulletin.write_bulletin(book, arguments.area, arguments.period), end="")
    return 0


def _verify(settings: Settings, arguments: argparse.Namespace) -> int:
    _connect(settings)
    keys = arguments.public_key or ([settings.sealing_key] if settings.sealing_key.exists() else [])
    trusted = frozenset(sealing.read_public_key(key) for key in keys)
    with database.reading(seconds=3600) as book:
        first = next(verification.findings(book, trusted, dict(arguments.kept_head)), None)
        lines = verification.proven(book) if first is None else [first]
    print("\n".join(lines))
    return 0 if first is None else 1


def _kept_head(text: str) -> tuple[int, str]:
    tree_size, root = text.split(":")
    return int(tree_size), bytes.fromhex(root).hex()


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of records.")
    return int(text)


def _seal(settings: Settings, arguments: argparse.Namespace) -> int:
    logs.configure(settings.log_level)
    _connect(settings)
    if arguments.every:
        sealing.keep_sealing(settings.sealing_key, arguments.every)
    elif head := sealing.seal_everything(settings.sealing_key):
        print(sealing.as_line(head))
    else:
        print("Nothing to seal: nothing has changed since the newest head.")
    return 0


def _openapi(settings: Settings, arguments: argparse.Namespace) -> int:
    import yaml

    class Plain(yaml.SafeDumper):
        """Writes what is used twice out twice: generators stumble over anchors."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    from service.app import create_app
    from service.web.contract.openapi import document

    app = create_app(
        dataclasses.replace(settings, database_url=settings.database_url or "postgresql:///unused")
    )
    yaml.dump(document(app.api), sys.stdout, Plain, sort_keys=False, allow_unicode=True, width=140)
    return 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def add_command(
        name: str, run: Callable[[Settings, argparse.Namespace], int], description: str
    ) -> argparse.ArgumentParser:
        parser = commands.add_parser(name, help=description, description=description)
        parser.set_defaults(run=run)
        return parser

    add_command(
        "run",
        _serve,
        "serve with the demonstration's data, on an embedded PostgreSQL where DATABASE_URL is not set",
    )
    add_command("serve", _serve, "serve what the book holds")
    add_command("migrate", _migrate, "bring the schema up to date")
    add_command("distribute", _distribute, "spread the book over the servers of a Citus cluster, by force")
    add_command(
        "reference", _reference, "make areas, offence codes and categories say what the reference data say"
    )
    load = add_command("load", _load, "submit files of offences (.csv, .ndjson, each also .gz)")
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
    load.add_argument(
        "--confirm",
        type=_count,
        metavar="NUMBER",
        help="how many records each may cancel at most: what its rehearsal gave as cancelled_by_replacement",
    )
    load.add_argument("--reason", help="why they are loaded")
    load.add_argument("--validate-only", action="store_true", help="rehearse: change nothing")
    street = add_command(
        "load-police-uk",
        _load_police_uk,
        "submit files of data.police.uk: .csv, .csv.gz, a folder or a .zip of them",
    )
    street.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    street.add_argument("--reason", help="why they are loaded")
    received = add_command(
        "load-return", _load_return, "receive a file of official counts (.csv, .csv.gz, .ods, .xlsx)"
    )
    received.add_argument("file", type=Path)
    received.add_argument("--source", required=True)
    received.add_argument("--edition", required=True)
    received.add_argument("--title")
    received.add_argument("--basis", choices=BASES, help="of outcomes whose heading does not say it")
    received.add_argument(
        "--period", help="of a table of ONS that does not say it in a title, like 12m:2024-12"
    )
    received.add_argument(
        "--understood-only", action="store_true", help="keep the lines that are understood, list the others"
    )
    key = add_command("key", _key, "make a key and print it, this once")
    key.add_argument("name")
    key.add_argument("--scope", action="append", required=True, choices=SCOPES)
    key.add_argument(
        "--force", action="append", default=[], help="may write for this force only; may be given many times"
    )
    release = add_command("release", _release, "print the figures as a release would")
    release.add_argument("--area", default="northamptonshire")
    release.add_argument("--period", default="2012/13")
    seal = add_command("seal", _seal, "seal what changed since the newest head")
    seal.add_argument("--every", type=int, metavar="SECONDS", help="and go on doing so")
    verify = add_command(
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
    add_command("openapi", _openapi, "write the contract, as YAML")
    return parser


def main() -> int:
    """Run the command; faults that a user can put right are one line each, without a stack."""
    arguments = _make_parser().parse_args()
    try:
        return int(arguments.run(Settings.from_environment(), arguments))
    except Problem as fault:
        print(files.write_problem(fault), file=sys.stderr)
    except (SettingsFault, ValueError, OSError, RuntimeError, psycopg2.OperationalError) as fault:
        print(str(fault).strip(), file=sys.stderr)
    except psycopg2.Error as fault:
        print(files.write_problem(from_database(fault)), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

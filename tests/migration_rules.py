"""The rule that each migration after the baseline obeys, so that a book of any size can be migrated while it
is served by the version before: what squawk finds, and what it cannot know."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

SQUAWK = shutil.which("squawk", path=str(Path(sys.executable).parent))
OLDEST_POSTGRESQL = "15"
LARGE = (
    "access",
    "area_ancestor",
    "category_tally",
    "change",
    "coverage",
    "erasure",
    "given_answer",
    "observation_version",
    "offence_personal_digest",
    "offence_version",
    "operation_tag",
    "release_figure",
    "return_cell",
    "return_outcome_cell",
    "seal_leaf",
    "seal_node",
    "street_record_version",
    "submission_fault",
    "submission_replaced",
    "tally",
)
"""Tables with a row for each record, count, cell, leaf or request."""

DERIVED = ("category_tally", "coverage_now", "tally")
CONTRACTS = (
    r"drop (?:table|column|function|view|policy|trigger|type|constraint|role|owned)",
    r"rename (?:to|column)|\brename \w+ to\b",
    r"revoke\b",
    r"alter policy",
    r"set not null",
)
"""What takes something away from the version before, or gives it another meaning."""

OTHER_RULES = (
    "ban-drop-column",
    "ban-drop-function",
    "ban-drop-not-null",
    "ban-drop-table",
    "ban-drop-view",
    "renaming-column",
    "renaming-table",  # these are contracts, and say so
    "prefer-bigint-over-int",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",  # of taste
)
OF_SEVERAL_STATEMENTS = (
    "require-lock-timeout",
    "require-statement-timeout",
)  # where a file is one statement, none can come before it


def faults(path: Path) -> list[str]:
    """A sentence for each thing in which a migration breaks the rule; empty where it keeps to it."""
    text = path.read_text()
    apart = "transaction:false" in text.splitlines()[0]
    found = [*_squawked(path, apart=apart), *(_alone(text) if apart else _in_a_transaction(text))]
    code = _code(text)
    found += [
        f"{table} is large: alter its rows in batches, each committed, in one `do` or procedure of a file of"
        " its own"
        for table in LARGE
        if "commit;" not in code
        and re.search(rf"\b(?:update|delete from|truncate(?: table)?|cluster)\s+(?:only\s+)?{table}\b", code)
    ]
    found += [
        f"{table} is worked out: fill it by a function that the version before calls too"
        for table in DERIVED
        if re.search(rf"\b(?:insert into|update|delete from|truncate(?: table)?)\s+{table}\b", code)
    ]
    contracts = [match[0] for pattern in CONTRACTS for match in re.finditer(pattern, code)]
    if contracts and not re.search(r"^-- contract: \S", text, re.MULTILINE):
        found.append(
            f"`{contracts[0]}` takes something away: say in a line `-- contract: …` why no version still"
            " uses it"
        )
    return found


def _code(text: str) -> str:
    """The statements without comments, in small letters, with single spaces."""
    up, _, _ = text.partition("-- migrate:down")
    return " ".join("\n".join(line.split("--")[0] for line in up.splitlines()).lower().split())


def _statements(code: str) -> list[str]:
    """Split at semicolons, but for those of bodies and texts."""
    bare = re.sub(r"(\$\w*\$).*?\1|'(?:[^']|'')*'", "''", code, flags=re.DOTALL)
    return [statement for statement in bare.split(";") if statement.strip()]


def _in_a_transaction(text: str) -> list[str]:
    first = _statements(_code(text))[:1]
    return (
        []
        if first and first[0].startswith("set local lock_timeout = ")
        else ["it begins with `set local lock_timeout = '5s';`"]
    )


def _alone(text: str) -> list[str]:
    """Several statements that are sent together are one transaction after all."""
    statements = _statements(_code(text))
    if len(statements) == 1 and re.match(
        r"\s*(?:create (?:unique )?index concurrently|drop index concurrently|reindex|do|call)\b",
        statements[0],
    ):
        return []
    return [
        "a file without a transaction holds one statement: an index, concurrently, or a `do` or `call` that"
        " commits its batches"
    ]


def _squawked(path: Path, *, apart: bool) -> list[str]:
    """What squawk says. It exits with 1 where it says anything."""
    excluded = [*OTHER_RULES, *(OF_SEVERAL_STATEMENTS if apart else ())]
    assumed = "--no-assume-in-transaction" if apart else "--assume-in-transaction"
    command = [
        SQUAWK,
        "--pg-version",
        OLDEST_POSTGRESQL,
        "--reporter",
        "json",
        "--exclude",
        ",".join(excluded),
        assumed,
        path,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return [
        f"line {one['line'] + 1}: {one['message']} ({one['rule_name']})" for one in json.loads(done.stdout)
    ]

"""The shape of the code, measured: `make shape` prints each number beside its goal."""

import ast
import io
import re
import statistics
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp

SERVICE = Path("service")
ORDER = (
    ("app", "launcher", "__main__"),
    ("audit",),
    ("releases",),
    ("targets", "operations", "intake"),
    ("figures",),
    ("offences",),
    ("callers",),
    ("reference",),
    ("pictures",),
    ("web",),
    ("store",),
    ("settings",),
    ("admittance", "periods", "processes"),
)
"""Folders and files of the service from the top down: each asks only those below it."""
FLOOR = {room: floor for floor, rooms in enumerate(reversed(ORDER)) for room in rooms}
STATEMENT = re.compile(
    r"\b\w+\.(audit|releases|targets|operations|intake|figures|offences|reference|callers)\.\w+\.\w+\("
)


def python_files() -> list[Path]:
    """Every file of Python in the service."""
    return sorted(SERVICE.rglob("*.py"))


def sql_files() -> list[Path]:
    """Every file of SQL that is written by hand: not the schema, which `make schema` writes."""
    return sorted(set(SERVICE.rglob("*.sql")) - {SERVICE / "store" / "schema.sql"})


def largest_folder() -> tuple[int, str]:
    """How many files of Python the fullest folder holds, and which it is."""
    return max(
        (count, str(folder)) for folder, count in Counter(path.parent for path in python_files()).items()
    )


def room_of(module: str) -> str:
    """`service.figures.counts` is of the room `figures`; a folder within a room is a room of its own."""
    parts = module.split(".")[1:]
    return ".".join(parts[:-1]) if len(parts) > 1 else ".".join(parts)


def arrows() -> tuple[set[tuple[str, str]], int, list[str]]:
    """The arrows between rooms, the floors they make, and those that run back up."""
    graph = grimp.build_graph("service", exclude_type_checking_imports=False, cache_dir=None)
    found: set[tuple[str, str]] = set()
    upwards: list[str] = []
    for module in graph.modules:
        for asked in graph.find_modules_directly_imported_by(module):
            from_room, to_room = room_of(module), room_of(asked)
            if from_room and to_room and from_room != to_room:
                found.add((from_room, to_room))
            if FLOOR.get(from_room.split(".")[0], 0) < FLOOR.get(to_room.split(".")[0], 0):
                upwards.append(f"{module} -> {asked}")
    rooms = {room for arrow in found for room in arrow}
    depth: dict[str, int] = {}

    def floor_of(room: str, seen: frozenset[str] = frozenset()) -> int:
        if room not in depth:
            below = [to for begins, to in found if begins == room and to not in seen]
            depth[room] = 1 + max((floor_of(one, seen | {room}) for one in below), default=0)
        return depth[room]

    return found, max(floor_of(room) for room in rooms), upwards


def statements_upwards() -> list[str]:
    """Where a room runs a statement of a room above it."""
    found = []
    for path in python_files():
        room = path.relative_to(SERVICE).parts[0].removesuffix(".py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found += [
                f"{path}:{number} {match[0]}"
                for match in STATEMENT.finditer(line)
                if FLOOR[match[1]] > FLOOR.get(room, 0)
            ]
    return found


def tokens_a_line() -> float:
    """Tokens a line of code: blank lines and comments are neither."""
    tokens = lines = 0
    beside_the_point = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for path in python_files():
        found = list(tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline))
        meant = [one for one in found if one.type not in beside_the_point and one.string]
        tokens += len(meant)
        lines += len({one.start[0] for one in meant})
    return tokens / lines


def functions() -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of the service."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def loose_signatures() -> tuple[int, int]:
    """How many parameters, and how many answers, are `dict[str, Any]` or hold one."""
    parameters = answers = 0
    for function in functions():
        given = function.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        parameters += sum("dict[str, Any]" in ast.unparse(one.annotation) for one in every if one.annotation)
        answers += bool(function.returns and "dict[str, Any]" in ast.unparse(function.returns))
    return parameters, answers


def long_lines(paths: list[Path], most: int) -> tuple[int, int]:
    """How many lines are longer than that, and how many there are."""
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return sum(len(line) > most for line in lines), len(lines)


def lengths() -> tuple[float, float, int]:
    """The lines of a function: the median, the ninth of ten, the longest."""
    found = sorted((one.end_lineno or one.lineno) - one.lineno + 1 for one in functions())
    return statistics.median(found), statistics.quantiles(found, n=10)[-1], found[-1]


def main() -> int:
    """Print the table; 1 where an arrow runs up, in Python or in SQL."""
    largest, folder = largest_folder()
    found, floors, upwards = arrows()
    upwards += statements_upwards()
    text = [path.read_text(encoding="utf-8") for path in python_files()]
    lines = sum(one.count("\n") for one in text)
    loose = loose_signatures()
    too_long = long_lines(python_files(), 110)[0]
    sql_long, sql_lines = long_lines(sql_files(), 120)
    median, ninth, longest = lengths()
    rooms = {room for arrow in found for room in arrow}
    anys = sum(len(re.findall(r"\bAny\b", one)) for one in text)
    for name, value, goal in (
        ("Python files in the largest folder", f"{largest} ({folder})", "20"),
        ("rooms / floors / arrows between them", f"{len(rooms)} / {floors} / {len(found)}", "26 / 11 / 110"),
        ("arrows that run back up, in Python or SQL", f"{len(upwards)}", "0"),
        ("tokens a line of Python", f"{tokens_a_line():.1f}", "follows from short lines"),
        ("Python lines over 110 characters", f"{too_long}", "0"),
        ("SQL lines over 120 characters", f"{100 * sql_long / sql_lines:.1f} per cent", "under 1 per cent"),
        (
            "lines that the formatter may not touch",
            f"{sum(one.count('fmt: ' + 'skip') for one in text)}",
            "0",
        ),
        ("`Any` per 1,000 lines", f"{1000 * anys / lines:.1f}", "12 or fewer"),
        ("parameters, answers of `dict[str, Any]`", f"{loose[0]}, {loose[1]}", "under 60 in all"),
        (
            "lines of a function: median / p90 / longest",
            f"{median:.0f} / {ninth:.0f} / {longest}",
            "6 / 15 / 51",
        ),
    ):
        print(f"{name:<46} {value:<28} goal: {goal}")
    for one in upwards:
        print(f"runs back up: {one}", file=sys.stderr)
    return bool(upwards)


if __name__ == "__main__":
    sys.exit(main())

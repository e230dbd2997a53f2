"""Is the book what it was when it was sealed? A list of checks, each of which gives a sentence for everything
it finds wrong."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from service.audit import sealing
from service.audit.sealing import Head
from service.releases import releases
from service.store import Book

HEADS_AT_ONCE = 1000

Check = Callable[[Book, frozenset[bytes]], Iterator[str]]
"""Takes the book in one snapshot and the public keys that are trusted; gives what is wrong, first things
first."""


def findings(
    book: Book, trusted: frozenset[bytes], kept: Mapping[int, str] = MappingProxyType({})
) -> Iterator[str]:
    """Everything that is wrong with the book, a check at a time in the order of CHECKS. Whoever wants the
    first stops there.

    `kept` holds heads that somebody kept outside the database, root by tree size: the one thing that shows a
    tree cut back and grown anew.
    """
    for check in CHECKS:
        yield from check(book, trusted)
    for tree_size, root in sorted(kept.items()):
        yield from _check_kept_head(book, tree_size, root)


def signatures(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """Every head is signed with a key that is trusted."""
    for head in _heads(book):
        named = f"The head of tree size {head.tree_size}, sealed at change {head.change},"
        if head.public_key not in trusted:
            yield (
                f"{named} is signed with a key that is not trusted here (--public-key names those that are):"
                f" {head.public_key.hex()}."
            )
        elif not head.is_signed():
            yield f"{named} is not what was signed: its size, change, instant, root or signature was altered."


def entries(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """All that the changes under the newest head opened and ended is what was sealed, no more and no less."""
    reach = book.audit.verification.extent()
    for one in book.audit.verification.entries(change=reach["change"], tree_size=reach["tree_size"]):
        yield _describe_fault(one)
    for one in book.audit.verification.impossible_changes(change=reach["change"]):
        yield f"{_name_entry(one)} is dated at change {one['change']}, which was never made."


def personal(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """Personal and free-text fields agree with their digests, or are erased."""
    for one in book.audit.verification.personal(change=book.audit.verification.extent()["change"]):
        yield (
            f"The offence {one['force']}/{one['offence_id']}, version since change {one['change']}:"
            f" {one['fault']}."
        )


def erasures(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """What is marked as erased was erased, and what was erased is marked."""
    for one in book.audit.verification.erasures():
        yield (
            f"The offence {one['force']}/{one['offence_id']}, version since change {one['change']}:"
            f" {one['fault']}."
        )


def published(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """The figures of every release are what the book counts as of their change."""
    for one in releases.find_alterations(book):
        yield (
            f"The release {one['release_id']} ({one['title']}): {one['what']} was published as"
            f" {one['published']} and is counted as {one['counted']}."
        )


def tree(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """The nodes follow from the leaves, and the roots of all heads from the nodes."""
    reach, leaves = book.audit.verification.extent(), book.audit.verification.leaves()
    if not reach["tree_size"] == leaves["leaves"] == leaves["last"]:
        yield (
            f"The tree has {leaves['leaves']} leaves, the last of them at place {leaves['last']}, and the"
            f" newest head, of change {reach['change']}, covers {reach['tree_size']}: a leaf or a head was"
            " removed or added."
        )
        return
    for one in book.audit.verification.nodes():
        yield (
            f"The seal node {one['position']} of level {one['level']} is not the hash of what stands"
            " below it."
        )
    for one in book.audit.verification.misplaced():
        yield (
            f"The seal leaf of {one['noun']} {one['key']} at change {one['change']} stands under the wrong"
            f" head, {one['tree_size']}."
        )
    yield from _roots(book)


def _roots(book: Book) -> Iterator[str]:
    for heads in _pieces_of_heads(book):
        made = sealing.run_hashes(book, [(0, head.tree_size) for head in heads])
        for head, root in zip(heads, made, strict=True):
            if head.root != root:
                yield (
                    f"The root of the head of tree size {head.tree_size}, of change {head.change}, does not"
                    " follow from its leaves."
                )


def _check_kept_head(book: Book, tree_size: int, root: str) -> Iterator[str]:
    reach = book.audit.verification.extent()
    if tree_size > reach["tree_size"]:
        yield (
            f"The head you kept covers {tree_size} leaves, and the tree has {reach['tree_size']}: it was cut"
            " back."
        )
    elif sealing.run_hashes(book, [(0, tree_size)])[0].hex() != root.lower():
        yield (
            f"The first {tree_size} leaves have another root than the head you kept: the tree was cut back"
            " and grown anew."
        )


def numbering(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """Changes are numbered from one without gaps, each later than the one before."""
    for one in book.audit.verification.gaps():
        if one["id"] != one["before_id"] + 1:
            yield (
                f"Change {one['before_id'] + 1} is missing: change {one['id']} follows change"
                f" {one['before_id']}."
            )
        else:
            yield (
                f"Change {one['id']} was made at {one['at']:%Y-%m-%dT%H:%M:%SZ}, not later than the change"
                " before it."
            )


def tally(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """The counts kept are the records that count."""
    for one in book.offences.tally.differences():
        yield (
            f"{one['force']} {one['area']} {one['month']:%Y-%m} {one['code']}: {one['records']} records,"
            f" tally says {one['tally']}."
        )
    for one in book.offences.tally.category_differences():
        place = f"{one['force']} {one['area']} {one['month']:%Y-%m}"
        yield f"{place} {one['category']}: {one['by_code']} records by code, tally says {one['by_category']}."


def coverage(book: Book, trusted: frozenset[bytes]) -> Iterator[str]:
    """The days held to be complete are those of which files said so."""
    for one in book.intake.offences.submissions.coverage_differences():
        sent, complete = one["sent"] or "none", one["held"] or "none"
        yield (
            f"{one['force']} {one['category']}: files said that every record was sent of {sent}, held to be"
            f" complete are {complete}."
        )


CHECKS: tuple[Check, ...] = (
    signatures,
    entries,
    personal,
    erasures,
    tree,
    numbering,
    tally,
    coverage,
    published,
)


def proven(book: Book) -> list[str]:
    """What was proven where nothing is wrong."""
    cells, reach, sealed = (
        book.offences.tally.cells(),
        book.audit.verification.extent(),
        book.audit.verification.proven(),
    )
    return [
        f"The tally is the records: {cells['cells']:,} counts of {cells['records']:,} records that count.",
        (
            f"The seals hold: {sealed['leaves']:,} entries under {reach['heads']:,} signed heads, up to"
            f" change {reach['change']:,}: {sealed['changes']:,} changes, {sealed['offences']:,} versions of"
            f" offences, {sealed['closings']:,} endings; {sealed['personal']:,} digests of personal fields,"
            f" {sealed['erased']:,} of them erased."
        ),
        f"Every release counts up again: {sealed['figures']:,} published figures.",
        f"Not sealed yet: {reach['unsealed']:,} changes.",
    ]


def _describe_fault(one: Mapping[str, object]) -> str:
    fault = {
        "altered": "is not what was sealed",
        "missing": "was sealed and is not in the book any more",
        "added": "is in the book and was not sealed",
    }[str(one["fault"])]
    return f"{_name_entry(one)} {fault} with change {one['change']}."


def _name_entry(one: Mapping[str, object]) -> str:
    if one["noun"] == "change":
        return f"The change {one['key']}"
    version = f"{one['noun']} {one['key']}, version since change {one['since_change']},"
    return f"The ending of the {version}" if one["closing"] else f"The {version}"


def _heads(book: Book) -> Iterator[Head]:
    for heads in _pieces_of_heads(book):
        yield from heads


def _pieces_of_heads(book: Book) -> Iterator[list[Head]]:
    """All heads, some at a time: there may be one for each minute of many years."""
    after = 0
    while rows := book.audit.verification.heads(after=after, limit=HEADS_AT_ONCE):
        yield [Head.of(row) for row in rows]
        after = rows[-1]["tree_size"]

"""Merkle trees as RFC 9162, section 2.1, has them: roots and proofs made from complete subtrees, and proofs
checked without any tree.

A complete subtree is named by its level and its position on that level: (0, 5) is the sixth leaf, (3, 1)
holds the leaves 8 to 15. Every hash that a root or a proof consists of is that of a run of leaves, and every
such run is at most one complete subtree for each level.
"""

from collections.abc import Callable
from functools import reduce
from hashlib import sha256

EMPTY = sha256(b"").digest()

Subtree = tuple[int, int]
Run = tuple[int, int]
"""Leaves from the first number up to and without the second."""

Lookup = Callable[[Subtree], bytes]
"""The hash of a complete subtree."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees as one."""
    return sha256(b"\x01" + left + right).digest()


def subtrees(run: Run) -> list[Subtree]:
    """The complete subtrees that a run of a tree consists of, from left to right and so from large to
    small."""
    first, last = run
    found = []
    while first < last:
        level = (last - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def run_hash(run: Run, lookup: Lookup) -> bytes:
    """The hash of a run of a tree, MTH of the RFC; the root is that of all the leaves."""
    hashes = [lookup(one) for one in subtrees(run)]
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes)) if hashes else EMPTY


def inclusion_runs(position: int, run: Run) -> list[Run]:
    """The runs whose hashes are the inclusion path of a leaf, from the leaf upwards. Raises ValueError where
    the leaf is not in the run."""
    first, last = run
    if not first <= position < last:
        raise ValueError(f"The leaf {position} is not among {first} to {last - 1}.")
    path = []
    while last - first > 1:
        middle = first + _split(last - first)
        if position < middle:
            path.append((middle, last))
            last = middle
        else:
            path.append((first, middle))
            first = middle
    return path[::-1]


def consistency_runs(earlier: int, size: int) -> list[Run]:
    """The runs whose hashes prove that the tree of `earlier` leaves is the beginning of that of `size`.
    Raises ValueError for others."""
    if not 1 <= earlier <= size:
        raise ValueError(f"No tree of {earlier} leaves is the beginning of one of {size}.")
    first, last, root_is_known = 0, size, True
    path: list[Run] = []
    while earlier < last:
        middle = first + _split(last - first)
        if earlier <= middle:
            path.append((middle, last))
            last = middle
        else:
            path.append((first, middle))
            first, root_is_known = middle, False
    return [*([] if root_is_known else [(first, last)]), *reversed(path)]


def verify_inclusion(leaf: bytes, position: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Does the path prove that the leaf with this hash stands there in the tree of that size and root? (RFC
    9162, 2.1.3.2.)"""
    if not 0 <= position < size:
        return False
    here, last, made = position, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            made = node_hash(beside, made)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            made = node_hash(made, beside)
        here, last = here >> 1, last >> 1
    return last == 0 and made == root


def verify_consistency(earlier: int, size: int, earlier_root: bytes, root: bytes, path: list[bytes]) -> bool:
    """Does the path prove that the tree of `earlier` leaves is the beginning of that of `size`? (RFC 9162,
    2.1.4.2.)"""
    if not 1 <= earlier <= size:
        return False
    if earlier == size:
        return not path and earlier_root == root
    hashes = [earlier_root, *path] if earlier & (earlier - 1) == 0 else path
    if not hashes:
        return False
    here, last = earlier - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    made_earlier = made = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            made_earlier, made = node_hash(beside, made_earlier), node_hash(beside, made)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            made = node_hash(made, beside)
        here, last = here >> 1, last >> 1
    return last == 0 and made_earlier == earlier_root and made == root


def _split(size: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (size - 1).bit_length() - 1

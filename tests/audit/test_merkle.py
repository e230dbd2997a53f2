"""Roots and proofs against published vectors, and against the definition written out."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.audit import merkle

# The tree of eight leaves that the implementations of Certificate Transparency are tested against.
LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Paths in that tree, published with the vectors: (leaf counted from nought, size, path).
PATHS = [
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def defined_root(leaves):
    """MTH, as section 2.1.1 defines it. Nothing here is shared with the service, nor in the two functions
    below."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = largest_power_under(len(leaves))
    return sha256(b"\x01" + defined_root(leaves[:half]) + defined_root(leaves[half:])).digest()


def defined_path(position, leaves):
    """PATH, as section 2.1.3.1 defines it."""
    if len(leaves) == 1:
        return []
    half = largest_power_under(len(leaves))
    if position < half:
        return [*defined_path(position, leaves[:half]), defined_root(leaves[half:])]
    return [*defined_path(position - half, leaves[half:]), defined_root(leaves[:half])]


def defined_proof(earlier, leaves, whole=True):
    """SUBPROOF, as section 2.1.4.1 defines it."""
    if earlier == len(leaves):
        return [] if whole else [defined_root(leaves)]
    half = largest_power_under(len(leaves))
    if earlier <= half:
        return [*defined_proof(earlier, leaves[:half], whole), defined_root(leaves[half:])]
    return [*defined_proof(earlier - half, leaves[half:], False), defined_root(leaves[:half])]


def largest_power_under(size):
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def lookup(leaves):
    """The complete subtrees of these leaves, as a table of nodes holds them."""

    def look(subtree):
        level, position = subtree
        held = leaves[position << level : position + 1 << level]
        assert len(held) == 1 << level, "only complete subtrees are kept"
        return defined_root(held)

    return look


def path_of(runs, leaves):
    return [merkle.run_hash(run, lookup(leaves)) for run in runs]


def test_the_published_roots_come_out():
    assert (
        merkle.run_hash((0, 0), lookup([])).hex()
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    for size, root in enumerate(ROOTS, start=1):
        assert merkle.run_hash((0, size), lookup(LEAVES)).hex() == root
        assert defined_root(LEAVES[:size]).hex() == root


@pytest.mark.parametrize(("position", "size", "path"), PATHS)
def test_the_published_inclusion_paths_come_out(position, size, path):
    made = path_of(merkle.inclusion_runs(position, (0, size)), LEAVES)
    assert [one.hex() for one in made] == path
    assert merkle.verify_inclusion(
        merkle.leaf_hash(LEAVES[position]), position, size, made, bytes.fromhex(ROOTS[size - 1])
    )


@pytest.mark.parametrize(("earlier", "size", "path"), CONSISTENCY)
def test_the_published_consistency_paths_come_out(earlier, size, path):
    made = path_of(merkle.consistency_runs(earlier, size), LEAVES)
    assert [one.hex() for one in made] == path
    assert merkle.verify_consistency(
        earlier, size, bytes.fromhex(ROOTS[earlier - 1]), bytes.fromhex(ROOTS[size - 1]), made
    )


TREES = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


@settings(deadline=None, max_examples=60, derandomize=True, database=None)
@given(leaves=TREES, numbers=st.data())
def test_roots_and_proofs_are_what_the_definition_says_and_prove_it(leaves, numbers):
    size = len(leaves)
    root = defined_root(leaves)
    assert merkle.run_hash((0, size), lookup(leaves)) == root
    position = numbers.draw(st.integers(0, size - 1))
    path = path_of(merkle.inclusion_runs(position, (0, size)), leaves)
    assert path == defined_path(position, leaves)
    assert merkle.verify_inclusion(merkle.leaf_hash(leaves[position]), position, size, path, root)
    earlier = numbers.draw(st.integers(1, size))
    proof = path_of(merkle.consistency_runs(earlier, size), leaves)
    assert proof == defined_proof(earlier, leaves)
    assert merkle.verify_consistency(earlier, size, defined_root(leaves[:earlier]), root, proof)


@settings(deadline=None, max_examples=60, derandomize=True, database=None)
@given(leaves=TREES, numbers=st.data())
def test_nothing_else_is_proven(leaves, numbers):
    size = len(leaves)
    root, position, earlier = (
        defined_root(leaves),
        numbers.draw(st.integers(0, size - 1)),
        numbers.draw(st.integers(1, size)),
    )
    leaf, path = merkle.leaf_hash(leaves[position]), defined_path(position, leaves)
    other = sha256(b"other").digest()
    assert not merkle.verify_inclusion(other, position, size, path, root)
    assert not merkle.verify_inclusion(leaf, position, size, path, other)
    assert not merkle.verify_inclusion(leaf, position, size, [*path, other], root)
    assert not merkle.verify_inclusion(leaf, size, size, path, root)
    for at in range(len(path)):
        assert not merkle.verify_inclusion(leaf, position, size, [*path[:at], other, *path[at + 1 :]], root)
        assert not merkle.verify_inclusion(leaf, position, size, path[:at], root)
    proof, earlier_root = defined_proof(earlier, leaves), defined_root(leaves[:earlier])
    assert not merkle.verify_consistency(earlier, size, other, root, proof)
    assert not merkle.verify_consistency(earlier, size, earlier_root, other, proof)
    assert not merkle.verify_consistency(earlier, size, earlier_root, root, [*proof, other])
    assert not merkle.verify_consistency(size + 1, size, earlier_root, root, proof)
    for at in range(len(proof)):
        assert not merkle.verify_consistency(
            earlier, size, earlier_root, root, [*proof[:at], other, *proof[at + 1 :]]
        )
        assert not merkle.verify_consistency(earlier, size, earlier_root, root, proof[:at])


def test_a_leaf_or_a_size_that_the_tree_does_not_have_is_refused():
    for position in (-1, 8):
        with pytest.raises(ValueError, match="not among"):
            merkle.inclusion_runs(position, (0, 8))
    for earlier in (0, 9):
        with pytest.raises(ValueError, match="beginning"):
            merkle.consistency_runs(earlier, 8)

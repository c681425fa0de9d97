"""Tree hashing of RFC 6962."""

import hashlib

import pytest

from idp.audit.merkle import MerkleTree

# The reference implementation's own inputs and roots (certificate-transparency, merkletree tests).
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tree_of(leaves: list[bytes]) -> MerkleTree:
    tree = MerkleTree(sha256)
    for leaf in leaves:
        tree.add(leaf)
    return tree


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    """Trees of every shape up to eight leaves have the published roots (§2.1)."""
    assert tree_of([bytes.fromhex(leaf) for leaf in LEAVES[:size]]).root().hex() == ROOTS[size - 1]


def test_an_empty_tree_is_the_hash_of_nothing() -> None:
    """No leaf gives the hash of the empty string (§2.1)."""
    assert MerkleTree(sha256).root() == sha256(b"")


def test_a_node_is_no_leaf() -> None:
    """The hashes of two leaves, given as one leaf, have another root: leaves and nodes are told apart (§2.1)."""
    left, right = (sha256(b"\x00" + each) for each in (b"a", b"b"))
    assert tree_of([b"a", b"b"]).root() != tree_of([left + right]).root()
    assert tree_of([b"a", b"b"]).root() == sha256(b"\x01" + left + right)

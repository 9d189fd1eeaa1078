"""Which pairs are worth comparing: blocks whose work grows with the number of records.

Each record is filed under a handful of hashed keys (identifiers, its title in
several shortened forms, its place in a volume, its first author and year). Two
records meet where they share a key. A small block is compared pair by pair; in a
large one each record meets only its neighbours in title order, so no block
costs more than its length times a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from reviewtool.references.rules.lexicon import word_set
from reviewtool.references.rules.normalise import Key

Pairs = NDArray[np.int64]

WHOLE_BLOCK = 12
WINDOW = 6

_COMMON = word_set(
    """
    a an the of in on for and or to by with at from as is are its be study trial patients
    analysis effect effects clinical treatment therapy disease review systematic using use
    between among during after case report randomized randomised controlled results new based
    de la le des der die das und et en el los
    """
)


def hashed_keys(key: Key) -> Iterator[int]:
    """The block keys of one record, as 63-bit integers."""
    for name, value in (("d", key.doi), ("p", key.pmid), ("c", key.pmcid), ("r", key.registry)):
        if value:
            yield _hash(name, value)
    title = key.title
    if title:
        yield _hash("t", title.replace(" ", "")[:200])
        tokens = [w for w in title.split() if w not in _COMMON]
        if len(tokens) >= 4:
            yield _hash("b", " ".join(tokens[:4]))
            yield _hash("e", " ".join(tokens[-4:]))
            longest = sorted(set(tokens), key=lambda w: (-len(w), w))
            yield _hash("l", " ".join(sorted(longest[:4])))
            yield _hash("m", " ".join(sorted(w[:5] for w in longest[1:5])))
    if key.start and key.volume and key.year:
        yield _hash("v", f"{key.volume} {key.start}")
    if key.start and key.year and key.start not in ("1", "0"):
        yield _hash("y", f"{key.year} {key.start} {key.family[:4]}")
    if key.family and key.year:
        head = " ".join(title.split()[:2]) if title else ""
        yield _hash("f", f"{key.family} {key.year} {head}")
        if key.volume or not title:
            yield _hash("u", f"{key.family} {key.year} {key.volume}")


def pairs(keys: Sequence[Key], new_from: int = 0) -> Pairs:
    """Pairs (i, j) with i < j worth comparing, shape (n, 2), each once.

    With ``new_from`` > 0 only pairs that hold a record at or after that place
    are made: what was compared in an earlier run is not compared again.
    """
    hashes: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int32]] = []
    chunk = 50_000
    for begin in range(0, len(keys), chunk):
        found_hash: list[int] = []
        found_owner: list[int] = []
        for place in range(begin, min(begin + chunk, len(keys))):
            for value in hashed_keys(keys[place]):
                found_hash.append(value)
                found_owner.append(place)
        hashes.append(np.array(found_hash, dtype=np.int64))
        owners.append(np.array(found_owner, dtype=np.int32))
    if not hashes:
        return np.empty((0, 2), dtype=np.int64)
    hash_of, owner_of = np.concatenate(hashes), np.concatenate(owners)
    order = np.argsort(hash_of, kind="stable")
    hash_of, owner_of = hash_of[order], owner_of[order]
    edges = np.flatnonzero(np.diff(hash_of)) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [hash_of.size]))
    sizes = ends - starts
    return _distinct(_in_blocks(keys, owner_of, starts, sizes, new_from), len(keys))


def _in_blocks(
    keys: Sequence[Key],
    owner_of: NDArray[np.int32],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    new_from: int,
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    made: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for size in range(2, WHOLE_BLOCK + 1):
        at = starts[sizes == size]
        if not at.size:
            continue
        block = owner_of[at[:, None] + np.arange(size)].astype(np.int64)
        for i in range(size):
            for j in range(i + 1, size):
                made.append(_kept(block[:, i], block[:, j], new_from))
    for start, size in zip(starts[sizes > WHOLE_BLOCK], sizes[sizes > WHOLE_BLOCK], strict=True):
        members = np.unique(owner_of[start : start + size])
        if new_from and members[-1] < new_from:
            continue
        for order in (_by_title, _by_place):
            ranked = sorted(members.tolist(), key=lambda m, o=order: o(keys[m]))  # type: ignore[misc]
            line = np.array(ranked, dtype=np.int64)
            for step in range(1, WINDOW + 1):
                made.append(_kept(line[:-step], line[step:], new_from))
    return made


def _by_title(key: Key) -> tuple[str, str, str, str]:
    return key.title, key.family, key.volume, key.start


def _by_place(key: Key) -> tuple[int, str, str, str]:
    return key.year, key.volume, key.start, key.family


def _kept(
    a: NDArray[np.int64], b: NDArray[np.int64], new_from: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    low, high = np.minimum(a, b), np.maximum(a, b)
    keep = (low != high) & (high >= new_from)
    return low[keep], high[keep]


def _distinct(made: list[tuple[NDArray[np.int64], NDArray[np.int64]]], n: int) -> Pairs:
    if not made:
        return np.empty((0, 2), dtype=np.int64)
    codes = np.unique(np.concatenate([low * n + high for low, high in made]))
    return np.stack((codes // n, codes % n), axis=1)


def _hash(name: str, value: str) -> int:
    # Python's string hash is salted per process; only equality within a run matters.
    return hash(name + value)

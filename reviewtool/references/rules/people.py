"""Whether two author lists name the same people."""

from __future__ import annotations

from enum import IntEnum

from rapidfuzz.distance import Levenshtein

from reviewtool.references.rules.normalise import Key


class People(IntEnum):
    """How two author lists stand to each other."""

    DIFFERENT = 0
    UNKNOWN = 1  # one list is missing
    PARTLY = 2  # the first author, or half of the names
    SAME = 3


def compare(a: Key, b: Key) -> People:
    """Compare author lists by their name words, whatever their order and form."""
    if not a.authors or not b.authors:
        return People.UNKNOWN
    if a.authors == b.authors:
        return People.SAME
    names_a, names_b = set(a.authors.split()), set(b.authors.split())
    short, long = sorted((names_a, names_b), key=len)
    common = short & long
    if not common and not _alike(a.family, b.family):
        return People.SAME if _much_alike(a, b) else People.DIFFERENT
    missing = [w for w in short - common if not _spelled_otherwise(w, long - common)]
    share = 1 - len(missing) / len(short)
    family = _alike(a.family, b.family) or a.family in names_b or b.family in names_a
    if min(a.author_count, b.author_count) == 1:
        return _single(a, b, share)
    if share >= 0.6 and (family or share >= 0.8):
        return People.SAME
    if share >= 0.5 or family:
        return People.PARTLY
    return People.SAME if _much_alike(a, b) else People.DIFFERENT


def _much_alike(a: Key, b: Key) -> bool:
    """Whether the lists are one text but for slips and spaces."""
    one, other = a.authors.replace(" ", ""), b.authors.replace(" ", "")
    return Levenshtein.normalized_similarity(one, other, score_cutoff=0.8) > 0


def _single(a: Key, b: Key, share: float) -> People:
    """Where one list holds a single name: only the first author says whether it is cut short."""
    same = _alike(a.family, b.family)
    first = same or a.family in b.first.split() or b.family in a.first.split()
    if first and (share >= 0.99 or a.author_count != b.author_count):
        return People.SAME
    if first or a.family in b.authors.split() or b.family in a.authors.split():
        return People.PARTLY
    return People.DIFFERENT


def _spelled_otherwise(word: str, others: set[str]) -> bool:
    return any(_alike(word, other) for other in others)


def _alike(a: str, b: str) -> bool:
    if a == b:
        return True
    if len(a) < 4 or len(b) < 4 or (a[0] != b[0] and a[-1] != b[-1] and a[1] != b[1]):
        return False
    if a.startswith(b) or b.startswith(a):
        return True
    if abs(len(a) - len(b)) > 2:
        return False
    # Umlauts written out or dropped, mojibake, one slip of the pen.
    if a.replace("ae", "a").replace("oe", "o").replace("ue", "u") == b.replace("ae", "a").replace(
        "oe", "o"
    ).replace("ue", "u"):
        return True
    return Levenshtein.distance(a, b, score_cutoff=2) <= (1 if min(len(a), len(b)) < 7 else 2)

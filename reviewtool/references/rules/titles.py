"""How two titles differ: spelling, a missing part, or what they speak about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from reviewtool.references.rules.lexicon import word_set


class Likeness(IntEnum):
    """From two titles that cannot be one to two that say the same words."""

    DIFFERENT = 0
    MISSING = 1
    LOOSE = 2  # some words differ on both sides
    CONTAINED = 3  # one has words the other lacks, never the other way round
    SAME = 4  # the same words but for spelling


@dataclass(frozen=True, slots=True)
class Titles:
    """The comparison of two titles.

    ``only_a`` and ``only_b`` are the words without a counterpart; ``conflict``
    says that they mark two different items (another number, another part, an
    opposite); ``score`` is RapidFuzz's ratio, 0 to 100.
    """

    likeness: Likeness
    score: float
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    conflict: str = ""


_SMALL = word_set(
    """
    a an the of in on for and or to by with at from as is are its be de la le les des du et en
    un une el los las del y der die das und von im zur zum ein eine il di da do dos e o um uma
    amp s vs versus using via
    """
)
_ROMAN = {
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "xi": "11",
    "xii": "12",
}
_SINGLE_ROMAN = {"i": "1", "v": "5", "x": "10"}
_NUMBER_WORDS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "first": "1",
    "second": "2",
    "third": "3",
    "fourth": "4",
    "fifth": "5",
}
_PART = word_set(
    """
    part pt parts section chapter study paper report phase series teil parte partie volume vol
    no number stage step case update
    """
)
_OPPOSITE_PREFIXES = (
    ("hyper", "hypo"),
    ("in", ""),
    ("un", ""),
    ("non", ""),
    ("im", ""),
    ("ir", ""),
    ("a", ""),
    ("an", ""),
    ("dis", ""),
    ("pre", "post"),
    ("intra", "inter"),
    ("intra", "extra"),
    ("micro", "macro"),
    ("over", "under"),
    ("in", "ex"),
    ("in", "de"),
    ("mono", "bi"),
    ("endo", "exo"),
    ("sub", ""),
    ("anti", ""),
    ("re", ""),
    ("pro", "anti"),
    ("meta", ""),
    ("homo", "hetero"),
    ("fe", ""),
    ("wo", ""),
    ("bi", "uni"),
    ("tri", "di"),
    ("mono", "di"),
)
GENERIC = word_set(
    """
    editorial editorials introduction preface foreword correspondence letter letters reply
    comment comments commentary news abstracts abstract index contents announcement erratum
    corrigendum correction obituary conclusion conclusions discussion response summary author
    authors editor editors note notes guest special issue section book review reviews to the
    from of in and a this on chair chairs message welcome an invited panel keynote posters
    poster presentations presentation oral proceedings table program session untitled unknown
    title no not available calls call papers announcements treasurer president presidents
    message column columns obituaries books received list from front matter back cover
    overview highlights reviewer reviewers acknowledgement acknowledgment perspective
    perspectives opinion viewpoint interview report case reports column
    """
)
_ENGLISH = word_set(
    """
    the of and with for from by using among after during between their its how what is are
    """
)
_MONTHS = word_set(
    """
    january february march april may june july august september october november december
    spring summer autumn fall winter
    """
)
_KINDS = word_set(
    """
    demo demonstration tutorial poster protocol abstract reply keynote panel introduction
    supplement extended short full workshop interview podcast video answer rebuttal
    """
)
_SPELLING = (
    ("ae", "e"),
    ("oe", "e"),
    ("our", "or"),
    ("isation", "ization"),
    ("ise", "ize"),
    ("yse", "yze"),
    ("ising", "izing"),
    ("ysing", "yzing"),
    ("ll", "l"),
    ("ph", "f"),
    ("tre", "ter"),
    ("ogue", "og"),
    ("mme", "m"),
)


def is_generic(title: str) -> bool:
    """Whether ``title`` (normalised) could stand over many different items.

    >>> is_generic("editors notes")
    True
    """
    return all(w in GENERIC or w.isdigit() or len(w) < 2 for w in title.split())


def translated(a: str, b: str) -> bool:
    """Whether one title is English and the other is not."""
    return bool(a and b) and _english(a) != _english(b)


def _english(title: str) -> bool:
    return any(w in _ENGLISH for w in title.split())


def only_kind(titles: Titles) -> bool:
    """Whether one title adds only a kind of item or a date (``introduction``, ``March 2003``)."""
    added = titles.only_a or titles.only_b
    return bool(added) and all(
        w in GENERIC or w in _KINDS or w in _MONTHS or w.isdigit() for w in added
    )


def compare(a: str, b: str) -> Titles:
    """Compare two normalised titles."""
    if not a or not b:
        return Titles(Likeness.MISSING, 0.0)
    if a == b:
        return Titles(Likeness.SAME, 100.0)
    score = fuzz.ratio(a, b)
    if a.replace(" ", "") == b.replace(" ", ""):
        return Titles(Likeness.SAME, 100.0)
    if score < 60:
        shorter, longer = sorted((a, b), key=len)
        if len(shorter) < 15 or fuzz.partial_ratio(shorter, longer, score_cutoff=88) == 0:
            return Titles(Likeness.DIFFERENT, score)
    only_a, only_b = _leftover(a, b)
    conflict = _conflict(a, b, only_a, only_b)
    content_a = tuple(w for w in only_a if w not in _SMALL)
    content_b = tuple(w for w in only_b if w not in _SMALL)
    if not content_a and not content_b:
        likeness = Likeness.SAME
    elif not content_a or not content_b:
        likeness = Likeness.CONTAINED
    elif score >= 60:
        likeness = Likeness.LOOSE
    else:
        likeness = Likeness.DIFFERENT
    return Titles(likeness, score, content_a, content_b, conflict)


def _leftover(a: str, b: str) -> tuple[list[str], list[str]]:
    """The words of each title that have no counterpart in the other."""
    count_a, count_b = Counter(a.split()), Counter(b.split())
    only_a = list((count_a - count_b).elements())
    only_b = list((count_b - count_a).elements())
    if len(only_a) > 25 or len(only_b) > 25:
        return only_a, only_b
    for word in list(only_a):
        for other in only_b:
            near = word[0] == other[0] or word[-1] == other[-1] or len(word) < 6
            if near and same_word(word, other):
                only_a.remove(word)
                only_b.remove(other)
                break
    if only_a and only_b:
        _join_split_words(a, only_a, only_b)
        _join_split_words(b, only_b, only_a)
    return only_a, only_b


def _join_split_words(text: str, pieces: list[str], whole: list[str]) -> None:
    """Pair ``micro task`` in ``pieces`` with ``microtask`` in ``whole``."""
    tokens = text.split()
    for width in (2, 3):
        for i in range(len(tokens) - width + 1):
            run = tokens[i : i + width]
            joined = "".join(run)
            if joined in whole and any(w in pieces for w in run):
                whole.remove(joined)
                for w in run:
                    if w in pieces:
                        pieces.remove(w)


@lru_cache(maxsize=100_000)
def same_word(a: str, b: str) -> bool:
    """Whether two words are one word spelled, inflected or mistyped in two ways."""
    if a == b:
        return True
    one, other = _figure(a, b), _figure(b, a)
    if one or other:
        return one == other
    if len(a) > len(b):
        a, b = b, a
    if opposites(a, b):
        return False
    if _american(a) == _american(b):
        return True
    if len(a) < 4:
        return len(a) > 1 and b == a + "s"
    if b.startswith(a) and len(b) - len(a) <= 2:
        return True
    if len(a) < 8 and a[0] != b[0]:
        return False
    if len(a) == len(b) < 6:
        return sorted(a) == sorted(b)  # letters swapped; "lung" is not "long"
    distance = OSA.distance(a, b, score_cutoff=3)
    return distance <= (1 if len(a) < 8 else 2 if len(a) < 13 else 3)


def opposites(a: str, b: str) -> bool:
    """Whether two words differ by a prefix that turns the meaning round."""
    return a[-3:] == b[-3:] and a != b and _turned(a, b)


@lru_cache(maxsize=100_000)
def _turned(a: str, b: str) -> bool:
    for one, other in _OPPOSITE_PREFIXES:
        for x, y in ((a, b), (b, a)):
            if x.startswith(one) and y.startswith(other) and x[len(one) :] == y[len(other) :]:
                return len(x) - len(one) > 2
    return False


def number(word: str) -> str:
    """The number a word stands for, as digits; empty for other words."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    if word[:1].isdigit() or word[-1:].isdigit():
        return word
    return _ROMAN.get(word) or _NUMBER_WORDS.get(word) or ""


def _figure(word: str, beside: str) -> str:
    """As ``number``; a lone I, V or X counts beside a figure (``type I``, ``type 1``)."""
    return number(word) or (_SINGLE_ROMAN.get(word, "") if beside.isdigit() else "")


def _american(word: str) -> str:
    for british, american in _SPELLING:
        word = word.replace(british, american)
    return word


def _conflict(a: str, b: str, only_a: list[str], only_b: list[str]) -> str:
    """Why the leftover words mark two items; empty where they do not."""
    numbers_a = [w for w in only_a if number(w) or w in _SINGLE_ROMAN]
    numbers_b = [w for w in only_b if number(w) or w in _SINGLE_ROMAN]
    # "1,000" and "1000" are one number in two spellings.
    if numbers_a and numbers_b and "".join(numbers_a) != "".join(numbers_b):
        return f"{numbers_a[0]} in one title, {numbers_b[0]} in the other"
    for word in only_a:
        for other in only_b:
            if opposites(word, other):
                return f"{word} in one title, {other} in the other"
    if len(only_a) == 1 and len(only_b) == 1 and len(only_a[0]) == 1 and len(only_b[0]) == 1:
        return f"{only_a[0]} in one title, {only_b[0]} in the other"
    for own, text in ((only_a, a), (only_b, b)):
        marks = set(own)
        tokens = text.split()
        for i, token in enumerate(tokens[:-1]):
            following = tokens[i + 1]
            part = number(following) or following in _SINGLE_ROMAN or len(following) == 1
            if token in _PART and part and following in marks:
                return f"“{token} {following}” in one title only"
        if tokens[-1] in marks and tokens[-1] in _ROMAN:
            return f"“{tokens[-1]}” in one title only"
    for word in ("without", "non", "not"):
        if (word in only_a) != (word in only_b) and (only_a and only_b):
            return f"“{word}” in one title only"
    return ""

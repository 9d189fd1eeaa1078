"""Whether two names of a journal or conference mean the same place."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from rapidfuzz import fuzz

from reviewtool.references.rules.lexicon import word_set


class Place(IntEnum):
    """How two venue names stand to each other."""

    DIFFERENT = 0
    UNKNOWN = 1  # one is missing, or the names say too little
    SAME = 2


_SMALL = word_set(
    """
    the of in on for and to a an de la le les des du et und der die das del y e di do da amp
    international proceedings proc int intl
    """
)
_UNSAID = word_set(
    """
    the of on and in for to a an
    """
)
_ORDINALS = word_set(
    """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth annual
    """
)
_MEETING = word_set(
    """
    conference conf proceedings proc symposium symp workshop workshops congress meeting
    conferences colloquium
    """
)
_SERIAL = word_set(
    """
    journal j transactions trans annals letters bulletin record review reviews magazine
    quarterly archives
    """
)


def is_meeting(name: str) -> bool:
    """Whether a normalised venue name is that of a conference."""
    return any(w in _MEETING for w in name.split())


def is_serial(name: str) -> bool:
    """Whether a normalised venue name is that of a journal."""
    return not is_meeting(name) and any(w in _SERIAL for w in name.split())


@lru_cache(maxsize=300_000)
def compare(a: str, b: str) -> Place:
    """Compare two normalised venue names: equal, abbreviated, an acronym, or another."""
    if not a or not b:
        return Place.UNKNOWN
    if a == b:
        return Place.SAME
    if is_meeting(a) and is_serial(b) or is_meeting(b) and is_serial(a):
        return Place.DIFFERENT
    words_a, words_b = _telling(a), _telling(b)
    if not words_a or not words_b:
        return Place.UNKNOWN
    if words_a == words_b:
        return Place.SAME
    if abbreviates(words_a, words_b) or abbreviates(words_b, words_a):
        return Place.SAME
    if _acronym(words_a, b, words_b) or _acronym(words_b, a, words_a):
        return Place.SAME
    short, long = sorted((words_a, words_b), key=len)
    if short == long[: len(short)]:
        # "Circulation" may be short for "Circulation Research", or another journal.
        return Place.SAME if len(short) > 1 else Place.UNKNOWN
    if short == long[-len(short) :] and len(short) > 1:
        return Place.SAME
    if len(short) > 2 and f" {' '.join(short)} " in f" {' '.join(long)} ":
        return Place.SAME
    joined_a, joined_b = " ".join(words_a), " ".join(words_b)
    if fuzz.ratio(joined_a, joined_b) >= 88 or fuzz.token_sort_ratio(joined_a, joined_b) >= 92:
        return Place.SAME
    return Place.DIFFERENT


def abbreviates(short: list[str], long: list[str]) -> bool:
    """Whether ``short`` abbreviates ``long`` word by word (``n engl j med``)."""
    if len(short) > len(long) or len(long) - len(short) > 3:
        return False
    if len(short) == 1 and len(long) > 1 and len(short[0]) < 4:
        return False
    place = 0
    skipped = 0
    for word in short:
        while place < len(long) and not _stands_for(word, long[place]):
            place += 1
            skipped += 1
        if place == len(long):
            return False
        place += 1
    skipped += len(long) - place
    return skipped == 0 or (len(short) >= 2 and skipped <= len(short) // 2 + 1)


def _stands_for(short: str, long: str) -> bool:
    if long.startswith(short):
        return True
    if short[0] != long[0] or len(short) < 3:
        return False
    position = 0
    for letter in short:
        position = long.find(letter, position) + 1
        if position == 0:
            return False
    return len(short) * 2 <= len(long) + 3


def _telling(name: str) -> list[str]:
    """The words of a name without small words, numbers and ordinals."""
    return [w for w in name.split() if w not in _SMALL and not _ordinal(w)]


def _ordinal(word: str) -> bool:
    if word[0].isdigit():
        return word.isdigit() or word[-2:] in ("st", "nd", "rd", "th")
    return word in _ORDINALS or word.endswith(("teenth", "tieth"))


def _acronym(short: list[str], long_name: str, long: list[str]) -> bool:
    """Whether ``short`` begins or ends with the initials of ``long_name``."""
    if not short or len(long) < 3:
        return False
    initials = "".join(w[0] for w in long_name.split() if w not in _UNSAID and not _ordinal(w))
    extra = [w for w in short if w != initials]
    if len(extra) == len(short) or not 3 <= len(initials) <= 8:
        return False
    # "VLDB J" is not "Very Large Data Bases": a journal's word must be on both sides.
    return not any(w in _SERIAL and w not in long for w in extra)

"""Why two citations are the same item, perhaps the same, related, or different.

``compare`` looks at title, authors, place and identifiers one by one; ``decide``
reads the answers from the top of a table, first rule first, so every outcome
has one stated reason. RapidFuzz scores the titles.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from reviewtool.references.rules import people, titles, venues
from reviewtool.references.rules.nature import Nature
from reviewtool.references.rules.normalise import Key, words
from reviewtool.references.rules.people import People
from reviewtool.references.rules.titles import Likeness, Titles
from reviewtool.references.rules.venues import Place


class Outcome(StrEnum):
    """What a comparison of two citations comes to."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"
    RELATED = "related"
    DIFFERENT = "different"


class Agreement(StrEnum):
    """How one field of two citations compares."""

    SAME = "same"
    CLOSE = "close"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Facets:
    """The answers, field by field, that ``decide`` reads."""

    title: Titles
    people: People
    place: Place
    year: Agreement
    volume: Agreement
    issue: Agreement
    pages: Agreement
    last_page: Agreement
    doi: Agreement
    pmid: Agreement
    registry: Agreement
    abstract: Agreement
    natures: bool
    generic: bool
    wide: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the rule that led to it and a strength from 0 to 100."""

    outcome: Outcome
    reason: str
    strength: float
    facets: Facets | None = None


DIFFERENT = Verdict(Outcome.DIFFERENT, "Nothing ties these two together.", 0.0)


def compare(a: Key, b: Key, aliases: frozenset[tuple[str, str]] = frozenset()) -> Verdict:
    """Compare two citations. ``aliases`` holds pairs of venue names known to be one."""
    facets = facets_of(a, b, aliases)
    return decide(facets) if facets is not None else DIFFERENT


def facets_of(
    a: Key, b: Key, aliases: frozenset[tuple[str, str]] = frozenset()
) -> Facets | None:
    """The comparison field by field; None where a glance shows two different items."""
    same_doi = bool(a.doi) and a.doi == b.doi
    same_pmid = bool(a.pmid) and a.pmid == b.pmid
    same_pmc = bool(a.pmcid) and a.pmcid == b.pmcid
    same_spot = bool(a.start) and a.start == b.start and a.volume == b.volume
    linked = same_doi or same_pmid or same_pmc or same_spot
    title = titles.compare(a.title, b.title)
    if title.likeness is Likeness.DIFFERENT and not linked:
        return None
    if title.likeness is Likeness.LOOSE and title.score < 75 and not linked:
        return None
    place = venues.compare(a.journal, b.journal)
    if place is not Place.SAME and a.journal and b.journal:
        if a.issn and b.issn and set(a.issn.split()) & set(b.issn.split()):
            place = Place.SAME
        elif (min(a.journal, b.journal), max(a.journal, b.journal)) in aliases:
            place = Place.SAME
    return Facets(
        title=title,
        people=people.compare(a, b),
        place=place,
        year=_year(a.year, b.year),
        volume=_volume(a, b),
        issue=_plain(a.number, b.number),
        pages=_pages(a, b),
        last_page=_plain(a.end, b.end),
        doi=_doi(a.doi, b.doi),
        pmid=Agreement.SAME if same_pmc else _plain(a.pmid, b.pmid),
        registry=_plain(a.registry, b.registry),
        abstract=_abstract(a.abstract, b.abstract) if title.likeness > 0 else Agreement.UNKNOWN,
        natures=_natures_agree(a, b),
        generic=titles.is_generic(a.title) or titles.is_generic(b.title),
        wide=_page_count(a) >= 3 and _page_count(b) >= 3,
    )


def decide(f: Facets) -> Verdict:
    """The outcome of a comparison; the first rule that fits decides."""
    said = Outcome.CERTAIN, Outcome.UNCERTAIN, Outcome.RELATED, Outcome.DIFFERENT
    certain, uncertain, related, different = said
    like, score = f.title.likeness, f.title.score

    def verdict(outcome: Outcome, reason: str, strength: float) -> Verdict:
        return Verdict(outcome, reason, strength, f)

    identified = f.doi is Agreement.SAME or f.pmid is Agreement.SAME
    known_spot = f.volume is Agreement.SAME and f.pages is Agreement.SAME
    soft_spot = f.pages is Agreement.SAME and f.volume is not Agreement.CONFLICT
    spot = known_spot or (
        soft_spot and f.place is Place.SAME and f.year in (Agreement.SAME, Agreement.CLOSE)
    )
    elsewhere = f.pages is Agreement.CONFLICT or f.volume is Agreement.CONFLICT
    nearby = f.year in (Agreement.SAME, Agreement.CLOSE)
    same_people = f.people is People.SAME
    not_others = f.people is not People.DIFFERENT

    # Two items by their own words.
    if not f.natures:
        if like >= Likeness.CONTAINED and not_others:
            return verdict(related, "One is an erratum, reply or abstract of the other.", 60)
        return verdict(different, "They are different kinds of item.", 0)
    if f.title.conflict:
        if identified and known_spot and score >= 90:
            return verdict(uncertain, "One place, but the titles speak of two items.", 60)
        if same_people and score >= 80:
            return verdict(related, "Parts or counterparts by the same authors.", 50)
        return verdict(different, "The titles speak of two items.", 0)
    if f.registry is Agreement.CONFLICT and not identified:
        return verdict(different, "They are registrations of two trials.", 0)

    # An identifier, confirmed by something else.
    if identified:
        if like is Likeness.SAME:
            return verdict(certain, "Same identifier and same title.", 100)
        if like in (Likeness.CONTAINED, Likeness.LOOSE) and (
            score >= 80 or same_people or known_spot
        ):
            return verdict(certain, "Same identifier and nearly the same title.", 97)
        if like is Likeness.MISSING and not_others and not elsewhere:
            return verdict(certain, "Same identifier; one record has no title.", 95)
        if same_people and nearby and (spot or f.place is Place.SAME) and not elsewhere:
            return verdict(certain, "Same identifier, authors and place; the title is translated "
                           "or rewritten.", 92)  # fmt: skip
        if not_others and nearby:
            return verdict(uncertain, "Same identifier, but the titles differ.", 60)
        return verdict(different, "A shared identifier over two unlike titles.", 5)
    if like is Likeness.MISSING:
        if same_people and known_spot and f.year is Agreement.SAME and f.place is Place.SAME:
            return verdict(uncertain, "Same place and authors; one record has no title.", 70)
        return DIFFERENT
    if f.pmid is Agreement.CONFLICT and f.doi is Agreement.CONFLICT:
        if like is Likeness.SAME and same_people and not f.generic:
            return verdict(related, "One title over two sets of identifiers.", 50)
        return DIFFERENT

    # The same spot in the same volume.
    if spot and nearby and f.place is not Place.DIFFERENT:
        if like is Likeness.SAME and not_others:
            return verdict(certain, "Same title at the same place.", 98)
        if like is Likeness.CONTAINED and same_people:
            return verdict(certain, "Same authors and place; one title is longer.", 95)
        if like is Likeness.LOOSE and same_people and score >= 85:
            return verdict(certain, "Same authors and place, nearly the same title.", 93)
        if (
            same_people and known_spot and f.place is Place.SAME and f.wide
            and f.last_page is Agreement.SAME and f.year is Agreement.SAME
        ):  # fmt: skip
            return verdict(certain, "Same authors on exactly the same pages; the title is "
                           "translated or rewritten.", 90)  # fmt: skip
        if like >= Likeness.LOOSE and not_others and score >= 75:
            return verdict(uncertain, "Same place, but title or authors differ.", 60)
        return DIFFERENT
    if known_spot and like is Likeness.SAME and not_others and nearby:
        return verdict(certain, "Same title, volume and page; the journal is written in two "
                       "ways.", 92)  # fmt: skip

    # The words alone.
    if like is Likeness.SAME and not f.generic:
        return _same_words(f, elsewhere, nearby)
    if like is Likeness.CONTAINED and same_people and nearby and not elsewhere and not f.generic:
        if f.place is Place.SAME and f.year is Agreement.SAME and score >= 90:
            return verdict(certain, "Same authors, journal and year; one title is longer.", 88)
        if f.place is not Place.DIFFERENT and score >= 80:
            return verdict(uncertain, "Same authors; one title is longer.", 60)
        return verdict(related, "Same authors and much the same title.", 40)
    if like is Likeness.LOOSE and same_people and score >= 80 and nearby:
        if f.place is Place.SAME and not elsewhere and score >= 92:
            return verdict(uncertain, "Same authors and journal, nearly the same title.", 60)
        return verdict(related, "Same authors and much the same title.", 40)
    return DIFFERENT


def _same_words(f: Facets, elsewhere: bool, nearby: bool) -> Verdict:
    """Titles agree and no identifier or page decides."""

    def verdict(outcome: Outcome, reason: str, strength: float) -> Verdict:
        return Verdict(outcome, reason, strength, f)

    both_conflict = f.pages is Agreement.CONFLICT and f.volume is Agreement.CONFLICT
    if f.people is People.DIFFERENT:
        return verdict(Outcome.DIFFERENT, "One title, different authors.", 5)
    if f.people is People.UNKNOWN:
        if f.place is Place.SAME and f.year is Agreement.SAME and not elsewhere:
            return verdict(Outcome.CERTAIN, "Same title, journal and year.", 85)
        if nearby and not elsewhere and f.place is not Place.DIFFERENT:
            return verdict(Outcome.UNCERTAIN, "Same title, but no authors to compare.", 55)
        return verdict(Outcome.RELATED, "One title in two places.", 30)
    if f.place is Place.SAME:
        if not elsewhere and nearby:
            return verdict(Outcome.CERTAIN, "Same title, authors and journal.", 90)
        if not elsewhere and f.year is Agreement.UNKNOWN:
            return verdict(Outcome.CERTAIN, "Same title, authors and journal.", 86)
        if f.volume is Agreement.SAME and f.issue is Agreement.SAME and nearby:
            return verdict(Outcome.UNCERTAIN, "Same title and issue, but other pages.", 65)
        if both_conflict or f.year is Agreement.CONFLICT:
            return verdict(Outcome.RELATED, "Same title in another volume.", 40)
        if nearby:
            return verdict(Outcome.UNCERTAIN, "Same title, authors and journal; the place "
                           "differs.", 60)  # fmt: skip
        return verdict(Outcome.RELATED, "Same title in another place.", 40)
    if f.place is Place.UNKNOWN and not elsewhere and f.year is not Agreement.CONFLICT:
        if f.people is People.SAME and f.year is Agreement.SAME:
            return verdict(Outcome.CERTAIN, "Same title, authors and year.", 88)
        return verdict(Outcome.UNCERTAIN, "Same title and authors; the journal is missing.", 60)
    return verdict(Outcome.RELATED, "Same title and authors in two places.", 45)


def _plain(a: str, b: str) -> Agreement:
    if not a or not b:
        return Agreement.UNKNOWN
    return Agreement.SAME if a == b else Agreement.CONFLICT


def _year(a: int, b: int) -> Agreement:
    if not a or not b:
        return Agreement.UNKNOWN
    gap = abs(a - b)
    return Agreement.SAME if gap == 0 else Agreement.CLOSE if gap == 1 else Agreement.CONFLICT


def _volume(a: Key, b: Key) -> Agreement:
    if not a.volume or not b.volume:
        return Agreement.UNKNOWN
    if a.volume.lstrip("s") == b.volume.lstrip("s"):
        return Agreement.SAME
    # Volume typed into the issue, or the year into the volume.
    if a.volume == b.number or b.volume == a.number:
        return Agreement.CLOSE
    if a.volume == str(a.year) or b.volume == str(b.year):
        return Agreement.UNKNOWN
    return Agreement.CONFLICT


def _pages(a: Key, b: Key) -> Agreement:
    if not a.start or not b.start:
        return Agreement.UNKNOWN
    if a.start == b.start:
        return Agreement.SAME
    bare_a = a.start.lstrip("abcdefghijklmnopqrstuvwxyz")
    bare_b = b.start.lstrip("abcdefghijklmnopqrstuvwxyz")
    if bare_a == bare_b:
        return Agreement.SAME
    if a.end and a.end == b.end:
        return Agreement.CLOSE
    # A count of pages or pages within the article, beside its number in the journal.
    if a.start == "1" or b.start == "1":
        return Agreement.UNKNOWN
    return Agreement.CONFLICT


def _page_count(key: Key) -> int:
    if not key.end.isdigit() or not key.start.isdigit():
        return 0
    return int(key.end) - int(key.start) + 1


def _doi(a: str, b: str) -> Agreement:
    return _plain(a, b)


def _natures_agree(a: Key, b: Key) -> bool:
    if a.nature is b.nature:
        return True
    kinds = {a.nature, b.nature}
    # A conference abstract is often exported as an article of its supplement:
    # the place decides, not the label.
    if kinds == {Nature.ARTICLE, Nature.ABSTRACT}:
        return True
    # Databases add "reply" or "letter" to a title or leave it out: the place decides.
    if kinds == {Nature.ARTICLE, Nature.COMMENT}:
        return bool(a.start) and a.start == b.start and a.volume == b.volume
    return False


def _abstract(a: str, b: str) -> Agreement:
    if len(a) < 80 or len(b) < 80:
        return Agreement.UNKNOWN
    if a[:60] == b[:60]:
        return Agreement.SAME
    length = min(len(a), len(b), 300)
    score = fuzz.ratio(words(a[:length]), words(b[:length]))
    return Agreement.SAME if score >= 85 else Agreement.CONFLICT if score < 50 else (
        Agreement.UNKNOWN
    )

"""Why two citations are the same item, perhaps the same, related, or different.

``compare`` looks at title, authors, place and identifiers one by one; RapidFuzz
scores the titles. ``deciding.decide`` turns the answers into an outcome.
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
    single: bool
    same_length: bool
    embedded: bool
    brief: bool
    telling: bool
    page_one: bool
    abstracts: bool
    ahead: bool
    meeting: bool
    venue_missing: bool
    translated: bool
    kind_added: bool
    erratum: bool
    adjoining: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the rule that led to it and a strength from 0 to 100."""

    outcome: Outcome
    reason: str
    strength: float
    facets: Facets | None = None


FIRST_PAGE = ("1", "e1")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

DIFFERENT = Verdict(Outcome.DIFFERENT, "Nothing ties these two together.", 0.0)


@dataclass(frozen=True, slots=True)
class Context:
    """What the records as a whole say.

    ``aliases`` are pairs of venue names (sorted) that stand for one venue;
    ``recurring`` are titles that head many different items (a column, an
    editorial of each issue).
    """

    aliases: frozenset[tuple[str, str]] = frozenset()
    recurring: frozenset[str] = frozenset()


ALONE = Context()


def facets_of(a: Key, b: Key, context: Context = ALONE) -> Facets | None:
    """The comparison field by field; None where a glance shows two different items."""
    same_doi = bool(a.doi) and a.doi == b.doi
    same_pmid = bool(a.pmid) and a.pmid == b.pmid
    same_pmc = bool(a.pmcid) and a.pmcid == b.pmcid
    same_spot = (
        bool(a.start)
        and a.start == b.start
        and (a.volume == b.volume or not a.volume or not b.volume)
    )
    linked = same_doi or same_pmid or same_pmc or same_spot
    persons = people.compare(a, b)
    if persons is People.DIFFERENT and not linked:
        return None
    title = titles.compare(a.title, b.title)
    if title.likeness is Likeness.DIFFERENT and not linked:
        return None
    two_dois = bool(a.doi and b.doi) and a.doi != b.doi and not same_pmid and not same_pmc
    if title.likeness is Likeness.DIFFERENT and two_dois and not title.conflict:
        return None  # one page of one volume, but two titles and two DOIs
    if title.likeness is Likeness.LOOSE and title.score < 75 and not linked:
        return None
    if title.likeness is Likeness.LOOSE and not linked and persons is not People.SAME:
        return None
    place = venues.compare(a.journal, b.journal)
    if place is not Place.SAME and a.journal and b.journal:
        names = min(a.journal, b.journal), max(a.journal, b.journal)
        if names in context.aliases or set(a.issn.split()) & set(b.issn.split()):
            place = Place.SAME
    return Facets(
        title=title,
        people=persons,
        place=place,
        year=_year(a.year, b.year),
        volume=_volume(a, b),
        issue=Agreement.UNKNOWN if _shifted(a, b) or _shifted(b, a) else _issue(a, b),
        pages=_pages(a, b),
        last_page=_plain(a.end, b.end),
        doi=_plain(a.doi, b.doi),
        pmid=Agreement.SAME if same_pmc else _plain(a.pmid, b.pmid),
        registry=_plain(a.registry, b.registry),
        abstract=_abstract(a.abstract, b.abstract) if title.likeness > 0 else Agreement.UNKNOWN,
        natures=_natures_agree(a, b),
        generic=a.title in context.recurring
        or titles.is_generic(a.title)
        or titles.is_generic(b.title),
        wide=_page_count(a) >= 3 and _page_count(b) >= 3,
        single=_page_count(a) == 1 or _page_count(b) == 1,
        same_length=_page_count(a) >= 3 and _page_count(a) == _page_count(b),
        embedded=bool(a.title and b.title)
        and (
            a.title.startswith(b.title)
            or b.title.startswith(a.title)
            or a.title.endswith(b.title)
            or b.title.endswith(a.title)
        ),
        brief=len(a.title.split()) <= 3,
        telling=len(a.title.split()) >= 7,
        page_one=a.start in ("", *FIRST_PAGE),
        abstracts=_like_abstract(a) or _like_abstract(b),
        ahead=_ahead(a, b),
        meeting=venues.is_meeting(a.journal) or venues.is_meeting(b.journal),
        venue_missing=not a.journal or not b.journal,
        translated=titles.translated(a.title, b.title),
        kind_added=titles.only_kind(title),
        erratum=Nature.ERRATUM in (a.nature, b.nature),
        adjoining=_follows(a, b) or _follows(b, a),
    )


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
    if _shifted(a, b) or _shifted(b, a):
        return Agreement.SAME
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


def _issue(a: Key, b: Key) -> Agreement:
    if not a.number or not b.number:
        return Agreement.UNKNOWN
    one, other = a.number.lstrip("s"), b.number.lstrip("s")
    if one == other or (not one or not other) and a.number[0] == b.number[0]:
        return Agreement.SAME
    return Agreement.CONFLICT


def _pages(a: Key, b: Key) -> Agreement:
    if not a.start or not b.start:
        return Agreement.CLOSE if _ends_alike(a, b) else Agreement.UNKNOWN
    if a.start == b.start and a.start in FIRST_PAGE and a.number != b.number:
        # Journals without print begin every article, or every issue, at page 1.
        return Agreement.SAME if a.end and a.end == b.end else Agreement.UNKNOWN
    if a.start == b.start:
        return Agreement.SAME
    if _shifted(a, b) or _shifted(b, a):
        return Agreement.CLOSE
    bare_a = a.start.strip(_LETTERS)
    bare_b = b.start.strip(_LETTERS)
    if bare_a == bare_b:
        return Agreement.SAME
    # One page mistyped, a damaged range, or the last page given for the first.
    if _ends_alike(a, b) or a.start in (b.end, bare_b) and not a.end or b.start == a.end:
        return Agreement.CLOSE
    if a.start == b.end or (not b.end and b.start == a.end):
        return Agreement.CLOSE
    # One digit mistyped.
    if len(bare_a) == len(bare_b) > 1 and _one_digit_off(bare_a, bare_b):
        return Agreement.CLOSE
    # An article number of a journal without print, beside pages counted in the article.
    if max(len(bare_a), len(bare_b)) > 4 > min(len(bare_a), len(bare_b)):
        return Agreement.UNKNOWN
    # A page beside an article number (969 and a1754) says nothing either way.
    if a.start[0].isalpha() != b.start[0].isalpha() and "s" not in (a.start[0], b.start[0]):
        return Agreement.UNKNOWN
    # A count of pages or pages within the article, beside its number in the journal.
    if a.start in FIRST_PAGE or b.start in FIRST_PAGE:
        return Agreement.UNKNOWN
    return Agreement.CONFLICT


def _one_digit_off(a: str, b: str) -> bool:
    return sum(x != y for x, y in zip(a, b, strict=True)) == 1


def _ends_alike(a: Key, b: Key) -> bool:
    """Whether the last pages agree, one perhaps cut to its final digits."""
    one, other = a.end.lstrip(_LETTERS), b.end.lstrip(_LETTERS)
    if not one or not other:
        return False
    return one.endswith(other) or other.endswith(one)


def _shifted(a: Key, b: Key) -> bool:
    """Whether ``a`` has volume and issue typed one column to the right."""
    return not a.volume and bool(a.number) and a.number == b.volume and a.start == b.number


def _ahead(a: Key, b: Key) -> bool:
    """Whether the earlier of two may be the other ahead of print: it has no pages yet."""
    early = a if a.year <= b.year else b
    late = b if early is a else a
    return not early.start and bool(late.start or late.volume)


def _page_count(key: Key) -> int:
    if not key.end.isdigit() or not key.start.isdigit():
        return 0
    return int(key.end) - int(key.start) + 1


def _follows(a: Key, b: Key) -> bool:
    """Whether ``b`` begins on the page after the one on which ``a`` ends."""
    return a.end.isdigit() and b.start.isdigit() and int(b.start) == int(a.end) + 1


def _natures_agree(a: Key, b: Key) -> bool:
    if a.nature is b.nature:
        return True
    kinds = {a.nature, b.nature}
    # A conference abstract is often exported as an article of its supplement: where
    # the place is known it decides, not the label.
    if kinds == {Nature.ARTICLE, Nature.ABSTRACT}:
        return (
            bool(a.start and b.start)
            or (bool(a.volume) and a.volume == b.volume)
            or (bool(a.doi) and a.doi == b.doi)
            or (bool(a.pmid) and a.pmid == b.pmid)
            or (a.year == b.year and _like_abstract(a) and _like_abstract(b))
        )
    # Databases add "reply" or "letter" to a title or leave it out: the place decides.
    if kinds == {Nature.ARTICLE, Nature.COMMENT}:
        return bool(a.start) and a.start == b.start and a.volume == b.volume
    return False


def _like_abstract(key: Key) -> bool:
    """Whether a record is, or could be, an abstract in a supplement."""
    supplement = any(x.startswith("s") for x in (key.number, key.volume, key.start))
    short = key.nature is Nature.ARTICLE and (supplement or _page_count(key) == 1)
    return key.nature is Nature.ABSTRACT or short


def _abstract(a: str, b: str) -> Agreement:
    if len(a) < 80 or len(b) < 80:
        return Agreement.UNKNOWN
    if a[:60] == b[:60]:
        return Agreement.SAME
    length = min(len(a), len(b), 300)
    score = fuzz.ratio(words(a[:length]), words(b[:length]))
    return (
        Agreement.SAME if score >= 85 else Agreement.CONFLICT if score < 50 else (Agreement.UNKNOWN)
    )

"""From a field-by-field comparison to an outcome: the table, read from the top.

Each rule carries its reason in words. Doubt goes against joining: what a rule
does not call certain stays apart, is linked as related or waits for a person.
"""

from __future__ import annotations

from reviewtool.references.rules.matching import (
    ALONE,
    DIFFERENT,
    Agreement,
    Context,
    Facets,
    Outcome,
    Verdict,
    facets_of,
)
from reviewtool.references.rules.normalise import Key
from reviewtool.references.rules.people import People
from reviewtool.references.rules.titles import Likeness
from reviewtool.references.rules.venues import Place

SAME, CLOSE, UNKNOWN, CONFLICT = (
    Agreement.SAME,
    Agreement.CLOSE,
    Agreement.UNKNOWN,
    Agreement.CONFLICT,
)


def compare(a: Key, b: Key, context: Context = ALONE) -> Verdict:
    """Compare two citations and decide."""
    facets = facets_of(a, b, context)
    return decide(facets) if facets is not None else DIFFERENT


def decide(f: Facets) -> Verdict:
    """The outcome of a comparison; the first rule that fits decides."""
    for rule in (_two_items, _identified, _same_place, _recurring, _same_words, _near_words):
        verdict = rule(f)
        if verdict is not None:
            return verdict
    return DIFFERENT


def _says(f: Facets, outcome: Outcome, strength: float, reason: str) -> Verdict:
    return Verdict(outcome, reason, strength, f)


def _certain(f: Facets, strength: float, reason: str) -> Verdict:
    return _says(f, Outcome.CERTAIN, strength, reason)


def _uncertain(f: Facets, strength: float, reason: str) -> Verdict:
    return _says(f, Outcome.UNCERTAIN, strength, reason)


def _related(f: Facets, strength: float, reason: str) -> Verdict:
    return _says(f, Outcome.RELATED, strength, reason)


def _different(f: Facets, reason: str) -> Verdict:
    return _says(f, Outcome.DIFFERENT, 0, reason)


def identified(f: Facets) -> bool:
    """Whether a DOI, PMID or PMCID is shared."""
    return f.doi is SAME or f.pmid is SAME


def nearby(f: Facets) -> bool:
    """Whether the years agree to within one."""
    return f.year in (SAME, CLOSE)


def elsewhere(f: Facets) -> bool:
    """Whether volume or pages speak of two places."""
    return f.pages is CONFLICT or f.volume is CONFLICT


def _known_spot(f: Facets) -> bool:
    return f.volume is SAME and f.pages is SAME


def _spot(f: Facets) -> bool:
    """Whether both stand on one page of one volume, as far as the records tell."""
    return _known_spot(f) or (
        f.pages is SAME and f.volume is not CONFLICT and f.place is Place.SAME and nearby(f)
    )


def _two_items(f: Facets) -> Verdict | None:
    """Two items by their own words: kind, part, number, registration."""
    like, score = f.title.likeness, f.title.score
    if not f.natures:
        if (
            f.erratum
            and f.abstract is SAME
            and like is Likeness.SAME
            and f.people is People.SAME
            and f.place is Place.SAME
            and f.volume is SAME
            and f.issue is SAME
            and f.adjoining
        ):
            # A correction is printed later; this one stands on the article's next page.
            return _certain(
                f, 82, "The article's correction on the page after it, with its whole abstract."
            )
        if like >= Likeness.CONTAINED and f.people is not People.DIFFERENT:
            return _related(f, 60, "One corrects, answers or withdraws the other.")
        return _different(f, "They are different kinds of item.")
    if f.title.conflict:
        if f.people is People.SAME and _known_spot(f) and score >= 93 and nearby(f):
            return _uncertain(f, 60, "One place, but the titles speak of two items.")
        if f.people is People.SAME and score >= 80:
            return _related(f, 50, "Parts or counterparts by the same authors.")
        return _different(f, "The titles speak of two items.")
    if f.registry is CONFLICT and not identified(f):
        return _different(f, "They are registrations of two trials.")
    return None


def _identified(f: Facets) -> Verdict | None:
    """A shared identifier, confirmed by something else."""
    like, score = f.title.likeness, f.title.score
    if not identified(f):
        if f.pmid is CONFLICT and f.doi is CONFLICT:
            if like is Likeness.SAME and f.people is People.SAME:
                return _related(f, 50, "One title over two sets of identifiers.")
            return DIFFERENT
        return None
    if f.generic and (elsewhere(f) or f.issue is CONFLICT) and f.pmid is not SAME:
        return _related(f, 40, "One identifier, but a title that heads many items.")
    if f.pmid is CONFLICT and elsewhere(f):
        return _related(f, 40, "One DOI over two PMIDs and two places.")
    if like is Likeness.SAME:
        return _certain(f, 100, "Same identifier and same title.")
    # One DOI may stand over a whole supplement: abstracts by one group differ in a few words.
    known = f.people is not People.DIFFERENT
    agreed = f.pmid is SAME or (
        f.pages is not CONFLICT
        and f.abstract is not CONFLICT
        and (like is not Likeness.LOOSE or not f.abstracts)
    )
    if (
        like in (Likeness.CONTAINED, Likeness.LOOSE)
        and agreed
        and known
        and (score >= 80 or f.people is People.SAME or _known_spot(f))
    ):
        return _certain(f, 97, "Same identifier and nearly the same title.")
    if like is Likeness.MISSING and known and not elsewhere(f):
        return _certain(f, 95, "Same identifier; one record has no title.")
    if (
        f.people is People.SAME
        and nearby(f)
        and not elsewhere(f)
        and (_spot(f) or f.place is Place.SAME)
        and (f.translated or not f.abstracts or f.pmid is SAME)
    ):
        return _certain(
            f, 92, "Same identifier, authors and place; the title is translated or rewritten."
        )
    if known and nearby(f):
        return _uncertain(f, 60, "Same identifier, but the titles differ.")
    return _different(f, "A shared identifier over two unlike titles.")


def _same_place(f: Facets) -> Verdict | None:
    """The same page of the same volume."""
    like, score = f.title.likeness, f.title.score
    if like is Likeness.MISSING:
        if f.people is People.SAME and _known_spot(f) and f.year is SAME and f.place is Place.SAME:
            return _uncertain(f, 70, "Same place and authors; one record has no title.")
        return DIFFERENT
    vague = f.issue is CONFLICT or f.year is not SAME or f.doi is CONFLICT or not _known_spot(f)
    if f.generic and vague:
        return None
    mistyped_year = (
        _known_spot(f)
        and f.place is Place.SAME
        and like is Likeness.SAME
        and f.people is People.SAME
        and not f.page_one
        and not f.generic
    )
    if mistyped_year and f.year is CONFLICT:
        return _certain(f, 89, "Same title, authors, volume and page; the year differs.")
    if not _spot(f) or not nearby(f):
        return None
    two = f.issue is CONFLICT or (f.year is CLOSE and f.volume is not SAME)
    if f.doi is CONFLICT and two and like >= Likeness.CONTAINED and f.people is People.SAME:
        # A review and its update keep the article number and change DOI and issue.
        return _related(f, 50, "Two versions under one article number.")
    if f.place is Place.DIFFERENT:
        if like is Likeness.SAME and f.people is not People.DIFFERENT and not f.generic:
            return _certain(
                f, 91, "Same title, volume and page; the journal is written in two ways."
            )
        if (
            f.translated
            and f.people is People.SAME
            and f.issue is SAME
            and f.last_page is SAME
            and f.wide
            and f.year is SAME
            and f.doi is not CONFLICT
            and not f.page_one
        ):
            return _certain(
                f, 84, "Same authors, volume, issue and pages; title and journal are translated."
            )
        return None
    known = f.people is not People.DIFFERENT
    if like is Likeness.SAME and (known or (f.place is Place.SAME and not f.generic)):
        return _certain(f, 98, "Same title at the same place.")
    # One group may have several abstracts on a page, or articles that all begin at page 1.
    crowded = f.abstracts or f.page_one
    if f.people is People.SAME:
        if like is Likeness.CONTAINED and (f.embedded or not crowded or score >= 95):
            return _certain(f, 95, "Same authors and place; one title is longer.")
        if like is Likeness.LOOSE and score >= 85 and not crowded:
            return _certain(f, 93, "Same authors and place, nearly the same title.")
        exactly = (
            f.place is Place.SAME
            and _known_spot(f)
            and f.wide
            and f.last_page is SAME
            and f.year is SAME
            and f.issue is not CONFLICT
            and f.doi is not CONFLICT
            and f.abstract is not CONFLICT
            and not f.page_one
        )
        if exactly and (f.translated or score >= 75):
            return _certain(
                f,
                90,
                "Same authors on exactly the same pages; the title is translated or rewritten.",
            )
        if exactly:
            return _uncertain(f, 55, "Same authors on exactly the same pages under two titles.")
    if like >= Likeness.LOOSE and known and score >= 75:
        return _uncertain(f, 60, "Same place, but title or authors differ.")
    return DIFFERENT


def _recurring(f: Facets) -> Verdict | None:
    """A title that heads many items joins nothing by itself."""
    if not f.generic:
        return None
    if f.title.likeness is Likeness.SAME and f.people is People.SAME and f.place is Place.SAME:
        return _related(f, 20, "One recurring title.") if nearby(f) else DIFFERENT
    return DIFFERENT


def _same_words(f: Facets) -> Verdict | None:
    """Titles agree, and no identifier or page has decided."""
    if f.title.likeness is not Likeness.SAME:
        return None
    if f.people is People.DIFFERENT:
        return _different(f, "One title, different authors.")
    if f.place is Place.SAME:
        return _same_words_same_journal(f)
    if f.people is People.UNKNOWN:
        apart = elsewhere(f) or f.abstract is CONFLICT or not f.venue_missing
        if f.year is SAME and f.telling and not apart:
            return _certain(f, 80, "Same long title and year; one record says little else.")
        if nearby(f) and not elsewhere(f) and f.place is Place.UNKNOWN:
            return _uncertain(f, 55, "Same title, but no authors to compare.")
        return _related(f, 30, "One title in two places.")
    if f.people is People.PARTLY:
        return _related(f, 40, "Same title; authors and journal differ in part.")
    if f.year is SAME and f.volume is not CONFLICT:
        if f.volume is SAME and f.issue is not CONFLICT and f.pages is not CONFLICT:
            return _certain(
                f, 87, "Same title, authors, year and volume; the journal is written in two ways."
            )
        if f.pages is SAME and (f.last_page is SAME or f.wide):
            return _certain(
                f, 87, "Same title, authors, year and pages; the venue is written in two ways."
            )
    if f.place is Place.UNKNOWN and not elsewhere(f) and f.year is not CONFLICT:
        if f.year is SAME and f.venue_missing:
            return _certain(f, 88, "Same title, authors and year.")
        if not f.venue_missing:
            return _related(f, 45, "Same title and authors in two places.")
        return _uncertain(f, 60, "Same title and authors; journal or year is missing.")
    return _related(f, 45, "Same title and authors in two places.")


def _same_words_same_journal(f: Facets) -> Verdict:
    two_pages = f.pages is CONFLICT
    if f.people is People.PARTLY:
        if f.year is SAME and not elsewhere(f):
            if not f.brief and not f.abstracts and f.doi is not CONFLICT:
                return _certain(
                    f,
                    83,
                    "Same title, journal and year; one list of authors is "
                    "incomplete or written otherwise.",
                )
            return _uncertain(f, 58, "Same title, journal and year; the authors agree in part.")
        return _related(f, 40, "Same title and journal; the authors agree in part.")
    if f.people is People.UNKNOWN:
        if f.year is SAME and not elsewhere(f) and f.issue is not CONFLICT:
            if f.brief and SAME not in (f.volume, f.pages):
                return _uncertain(f, 55, "A short title in one journal and year; no authors.")
            return _certain(f, 85, "Same title, journal and year.")
        return _related(f, 35, "Same title and journal; no authors to compare.")
    if f.abstract is SAME and f.same_length and nearby(f) and elsewhere(f):
        return _certain(f, 84, "Same title, authors, abstract and length: published twice.")
    if not elsewhere(f) and f.year is not CONFLICT:
        if f.issue is CONFLICT and f.pages is UNKNOWN and f.volume is SAME:
            return _uncertain(f, 60, "Same title, authors and volume; two issues.")
        placed = SAME in (f.volume, f.pages)
        if f.brief and f.year is CLOSE and not placed:
            return _related(f, 40, "A short title in two years.")
        if not placed and f.doi is CONFLICT and (f.year is CLOSE or f.issue is CONFLICT):
            return _related(f, 45, "Same title in two issues with two DOIs.")
        # Proceedings often carry the year after the meeting; a journal's abstract of one
        # year may be another item than its article of the next.
        settled = placed or f.ahead or f.meeting or f.abstract is SAME
        if f.year is CLOSE and not settled:
            return _uncertain(f, 60, "Same title, authors and journal in two years.")
        if not placed and f.issue is CONFLICT:
            return _uncertain(f, 60, "Same title, authors and journal; two issues.")
        return _certain(f, 90, "Same title, authors and journal.")
    if f.year is CONFLICT or f.volume is CONFLICT:
        return _related(f, 40, "Same title in another volume.")
    if two_pages and f.issue is CONFLICT:
        return _related(f, 45, "Same title in another issue, as an abstract and its article.")
    if two_pages and nearby(f):
        return _uncertain(f, 65, "Same title, authors and volume, but other pages.")
    return _related(f, 40, "Same title in another place.")


def _near_words(f: Facets) -> Verdict | None:
    """Titles differ a little, and neither identifier nor page has decided."""
    like, score = f.title.likeness, f.title.score
    if f.people is not People.SAME or not nearby(f):
        return None
    here = f.place is Place.SAME and not elsewhere(f) and f.issue is not CONFLICT
    if like is Likeness.CONTAINED and f.kind_added:
        return _related(f, 45, "One title adds only a date or the kind of item.")
    if like is Likeness.CONTAINED:
        same_pages = f.pages is SAME and f.last_page is SAME and f.wide
        if same_pages and f.embedded and f.year is SAME and f.volume is not CONFLICT:
            return _certain(f, 86, "Same authors, year and pages; one title is longer.")
        if here and f.year is SAME and (score >= 90 or (f.embedded and score >= 75)):
            return _certain(f, 88, "Same authors, journal and year; one title is longer.")
        if here and score >= 85:
            return _uncertain(f, 60, "Same authors and journal; one title is longer.")
        return _related(f, 40, "Same authors and much the same title.") if score >= 70 else None
    if like is Likeness.LOOSE and score >= 80:
        if here and score >= 93:
            return _uncertain(f, 60, "Same authors and journal, nearly the same title.")
        return _related(f, 40, "Same authors and much the same title.")
    return None

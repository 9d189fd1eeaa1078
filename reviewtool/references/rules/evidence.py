"""A verdict in words a reviewer can check."""

from __future__ import annotations

from reviewtool.references.rules.matching import Agreement, Facets, Verdict
from reviewtool.references.rules.normalise import Key
from reviewtool.references.rules.people import People
from reviewtool.references.rules.titles import Likeness
from reviewtool.references.rules.venues import Place
from reviewtool.words import num


def words(verdict: Verdict, a: Key, b: Key) -> tuple[str, ...]:
    """The reason first, then what agrees and what differs, one clause each."""
    f = verdict.facets
    if f is None:
        return (verdict.reason,)
    said = [verdict.reason, _title(f), _people(f), _place(f, a, b)]
    said += [
        _plain("DOI", f.doi, a.doi, b.doi),
        _plain("PMID", f.pmid, a.pmid or a.pmcid, b.pmid or b.pmcid),
        _plain("registration", f.registry, a.registry, b.registry),
        _plain("year", f.year, str(a.year or ""), str(b.year or "")),
        _plain("volume", f.volume, a.volume, b.volume),
        _plain("issue", f.issue, a.number, b.number),
        _plain("first page", f.pages, a.start, b.start),
    ]
    if f.abstract is Agreement.SAME:
        said.append("same abstract")
    elif f.abstract is Agreement.CONFLICT:
        said.append("abstracts differ")
    if not f.natures:
        said.append(f"{a.nature.value} and {b.nature.value}")
    return tuple(clause for clause in said if clause)


def _title(f: Facets) -> str:
    t = f.title
    if t.likeness is Likeness.MISSING:
        return "a title is missing"
    if t.likeness is Likeness.SAME:
        return "same title" if t.score == 100 else "same title but for spelling"
    if t.conflict:
        return t.conflict
    if t.likeness is Likeness.CONTAINED:
        return "one title adds “" + " ".join((t.only_a or t.only_b)[:8]) + "”"
    return f"titles {num(t.score, 0)} of 100 alike"


def _people(f: Facets) -> str:
    return {
        People.SAME: "same authors",
        People.PARTLY: "authors agree in part",
        People.DIFFERENT: "different authors",
        People.UNKNOWN: "",
    }[f.people]


def _place(f: Facets, a: Key, b: Key) -> str:
    if f.place is Place.SAME:
        if a.journal == b.journal:
            return "same journal"
        return f"same journal, written “{a.journal[:60]}” and “{b.journal[:60]}”"
    if f.place is Place.DIFFERENT:
        return f"journals “{a.journal[:60]}” and “{b.journal[:60]}”"
    return ""


def _plain(name: str, agreement: Agreement, a: str, b: str) -> str:
    if agreement is Agreement.SAME:
        return f"same {name} {a}" if a == b else f"same {name} {a} / {b}"
    if agreement in (Agreement.CLOSE, Agreement.CONFLICT):
        return f"{name} {a} / {b}"
    return ""

"""The words a person types into the record search, as one query for two databases.

``pain "low back" -dog (rat OR mouse) title:trial author:smith* year:2010-2015``
Words stand together (AND); OR and NOT (or a minus) work; quotes make a phrase; a
star ends a word early; title:, author:, abstract:, doi:, pmid:, year: and # narrow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\s*(?:(?P<not>-)?(?P<open>\()|(?P<close>\))|(?P<minus>-)?(?:(?P<field>[A-Za-z]+):)?"
    r"(?:\"(?P<phrase>[^\"]*)\"?|(?P<word>[^\s()\"]+)))"
)
_NUMBER = re.compile(r"#\d+$")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4})?)?$")
_DOI = re.compile(r"10\.\d{4,9}/\S+$", re.IGNORECASE)
TEXT = {
    "title": "title",
    "ti": "title",
    "author": "authors",
    "authors": "authors",
    "au": "authors",
    "abstract": "abstract",
    "ab": "abstract",
}
NESTING = 20  # brackets within brackets
WEIGHTS = {"title": "A", "authors": "B", "abstract": "C"}


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase, in one text field or (``field`` empty) in any."""

    words: tuple[str, ...]
    field: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """``parts`` joined by ``op`` ("and" or "or"); ``without`` must not match."""

    op: str
    parts: tuple[Term | Group, ...]
    without: tuple[Term | Group, ...] = ()


@dataclass(slots=True)
class Query:
    """What to look for. ``text`` is None when nothing has to be looked up in the text."""

    text: Group | None = None
    first_year: int | None = None
    last_year: int | None = None
    doi: str = ""
    pmid: str = ""
    number: int | None = None
    ignored: list[str] = field(default_factory=list)


def parse(typed: str) -> Query:
    """What ``typed`` asks for. Never fails: what makes no sense is looked for as words.

    >>> parse("year:2010-2012 #7").first_year
    2010
    """
    query = Query()
    tokens = [m for m in _TOKEN.finditer(typed[:2000]) if m.group().strip()]
    group, _ = _group(tokens, 0, query, 0)
    query.text = group
    return query


def _group(
    tokens: list[re.Match[str]], at: int, query: Query, depth: int
) -> tuple[Group | None, int]:
    """Terms up to the closing bracket; OR binds weaker than standing together."""
    alternatives: list[Group] = []
    parts: list[Term | Group] = []
    without: list[Term | Group] = []
    negate = False

    def close() -> None:
        if parts or without:
            alternatives.append(Group("and", tuple(parts), tuple(without)))
        parts.clear()
        without.clear()

    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token["close"]:
            if depth:
                break
            continue
        if token["open"]:
            negate = negate or bool(token["not"])
            if depth >= NESTING:
                continue
            inner, at = _group(tokens, at, query, depth + 1)
            if inner is not None:
                (without if negate else parts).append(inner)
            negate = False
            continue
        word = token["word"] or ""
        if word in ("AND", "OR", "NOT") and not token["field"]:
            negate = word == "NOT"
            if word == "OR":
                close()
            continue
        term = _term(token, query)
        if term is not None:
            (without if negate or token["minus"] else parts).append(term)
        negate = False
    close()
    if not alternatives:
        return None, at
    return (alternatives[0] if len(alternatives) == 1 else Group("or", tuple(alternatives))), at


def _term(token: re.Match[str], query: Query) -> Term | None:
    name = (token["field"] or "").lower()
    text = token["phrase"] if token["phrase"] is not None else (token["word"] or "")
    if not name and _NUMBER.match(text):
        query.number = int(text[1:])
        return None
    if name == "year" and (years := _YEARS.match(text)):
        query.first_year = int(years[1])
        query.last_year = int(years[2]) if years[2] else (None if "-" in text else int(years[1]))
        return None
    if name == "doi" or (not name and _DOI.match(text)):
        query.doi = text.lower()
        return None
    if name == "pmid" and text.isdigit():
        query.pmid = text
        return None
    known = TEXT.get(name, "")
    if name and not known:
        text = f"{token['field']} {text}"  # "10:30", "http://": no field of ours
    words = tuple(re.findall(r"\w+", text))
    prefix = text.endswith("*")
    return Term(words, known, prefix) if words else None


def as_fts5(group: Group) -> str:
    """For SQLite's MATCH. A group of exclusions alone cannot be asked there: ``inverted``."""
    parts = [_fts5(part) for part in group.parts]
    joined = f" {group.op.upper()} ".join(p for p in parts if p)
    if not joined:
        return ""
    for part in group.without:
        joined = f"({joined}) NOT {_fts5(part)}"
    return joined


def _fts5(part: Term | Group) -> str:
    if isinstance(part, Group):
        inner = as_fts5(part)
        return f"({inner})" if inner else ""
    quoted = '"' + " ".join(part.words) + '"' + (" *" if part.prefix else "")
    return f"{{{part.field}}} : {quoted}" if part.field else quoted


def as_tsquery(group: Group) -> str:
    """For PostgreSQL's to_tsquery with the 'simple' configuration."""
    parts = [_tsquery(part) for part in group.parts]
    joined = (" & " if group.op == "and" else " | ").join(p for p in parts if p)
    for part in group.without:
        excluded = f"!({_tsquery(part)})"
        joined = f"({joined}) & {excluded}" if joined else excluded
    return joined


def _tsquery(part: Term | Group) -> str:
    if isinstance(part, Group):
        return f"({as_tsquery(part)})"
    weight = WEIGHTS.get(part.field, "")
    last = len(part.words) - 1
    pieces = []
    for i, word in enumerate(part.words):
        star = "*" if part.prefix and i == last else ""
        mark = f":{star}{weight}" if star or weight else ""
        pieces.append(f"'{word}'{mark}")
    return f"({' <-> '.join(pieces)})" if len(pieces) > 1 else pieces[0]


def narrows_field(part: Term | Group) -> bool:
    """Whether a term in it is looked for in title or authors only.

    Abstracts alone are found by weight, as one index holds all words.
    """
    if isinstance(part, Term):
        return part.field in ("title", "authors")
    return any(narrows_field(one) for one in (*part.parts, *part.without))


def excluded_alone(group: Group) -> bool:
    """Whether the group says only what must not occur."""
    return not group.parts and bool(group.without)

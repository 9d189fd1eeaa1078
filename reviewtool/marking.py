"""Marked words: a text in pieces, each with what it is marked as, and the pieces as HTML.

One hand for the words that another text lacks (duplicates, consensus, two protocols) and
for the words that speak for or against a record.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal

from markupsafe import Markup, escape

Kind = Literal["", "diff", "include", "exclude"]
Piece = tuple[Kind, str]

LONGEST = 40_000  # characters of two texts that a request has the time to compare
_SAID = {"include": " (speaks for)", "exclude": " (speaks against)"}


def lacking(text: str, other: str, *, capitals: bool = True) -> list[Piece]:
    """``text`` in pieces, "diff" where ``other`` lacks the words; joined they give the text.

    capitals: whether two words that differ by capitals alone are different. Texts too long
    to compare are one piece, marked when they differ.

    >>> lacking("Headache 1996", "headache 1997", capitals=False)
    [('', 'Headache '), ('diff', '1996')]
    """
    if len(text) + len(other) > LONGEST:
        return [("diff" if text != other else "", text)]
    mine, theirs = (re.findall(r"\s+|\w+|[^\w\s]", t) for t in (text, other))
    first, second = ([w if capitals else w.casefold() for w in t] for t in (mine, theirs))
    pieces: list[Piece] = []
    for tag, start, end, _, _ in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        part = "".join(mine[start:end])
        if part:
            pieces.append(("" if tag == "equal" or not part.strip() else "diff", part))
    return pieces


def pattern(terms: Sequence[str]) -> re.Pattern[str] | None:
    """A pattern for whole words; ``*`` at the end of a word stands for any ending.

    >>> bool(pattern(["random*"]).search("Randomised"))
    True
    """
    parts = []
    for term in sorted(
        {" ".join(t.split()) for t in terms if t.strip(" *")}, key=len, reverse=True
    ):
        body = re.escape(term).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
        parts.append(rf"(?<!\w){body}(?!\w)")
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def speaking(text: str, include: Sequence[str], exclude: Sequence[str]) -> list[Piece]:
    """``text`` in pieces by the terms for and against; joined they give the text again.

    Where both kinds claim a word, the one that begins first wins, then ``include``.

    >>> speaking("A randomised trial in rats", ["random*"], ["rats"])
    [('', 'A '), ('include', 'randomised'), ('', ' trial in '), ('exclude', 'rats')]
    """
    found: list[tuple[int, int, Kind]] = []
    kinds: tuple[tuple[Kind, Sequence[str]], ...] = (("include", include), ("exclude", exclude))
    for kind, terms in kinds:
        compiled = pattern(terms)
        if compiled:
            found += [(*m.span(), kind) for m in compiled.finditer(text) if m.end() > m.start()]
    result: list[Piece] = []
    here = 0
    for start, end, kind in sorted(found, key=lambda f: (f[0], f[2] != "include")):
        if start < here:
            continue
        if start > here:
            result.append(("", text[here:start]))
        result.append((kind, text[start:end]))
        here = end
    if here < len(text):
        result.append(("", text[here:]))
    return result


def html(pieces: Iterable[Piece]) -> Markup:
    """The pieces as HTML; markup inside the text stays text.

    >>> html([("", "1 < 2 in "), ("diff", "1996")])
    Markup('1 &lt; 2 in <mark class="diff">1996</mark>')
    """
    said = Markup("")
    for kind, text in pieces:
        if not kind:
            said += escape(text)
        elif kind == "diff":
            said += Markup('<mark class="diff">{}</mark>').format(text)
        else:
            said += Markup(
                '<mark class="term {}">{}<span class="visually-hidden">{}</span></mark>'
            ).format(kind, text, _SAID[kind])
    return said


def unlike(text: str, other: object) -> Markup:
    """``text`` with the words marked that ``other`` lacks, all of it when there is no other."""
    return html(lacking(text, "" if other is None else str(other)))

"""Words of a text that speak for or against inclusion."""

import re
from collections.abc import Sequence
from typing import Literal

Kind = Literal["", "include", "exclude"]


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


def mark(text: str, include: Sequence[str], exclude: Sequence[str]) -> list[tuple[Kind, str]]:
    """``text`` in pieces, each with its kind; the pieces joined give the text again.

    Where both kinds claim a word, the one that begins first wins, then ``include``.

    >>> mark("A randomised trial in rats", ["random*"], ["rats"])
    [('', 'A '), ('include', 'randomised'), ('', ' trial in '), ('exclude', 'rats')]
    """
    found: list[tuple[int, int, Kind]] = []
    kinds: tuple[tuple[Kind, Sequence[str]], ...] = (("include", include), ("exclude", exclude))
    for kind, terms in kinds:
        compiled = pattern(terms)
        if compiled:
            found += [(*m.span(), kind) for m in compiled.finditer(text) if m.end() > m.start()]
    result: list[tuple[Kind, str]] = []
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


_HEADING = re.compile(
    r"(?:(?<=[.!?)\]])\s+|^\s*)(?=(?:[A-Z][A-Z /&,-]{2,40}|Background|Objectives?|Aims?"
    r"|Introduction|Methods?|Design|Setting|Participants|Interventions?|Results|Findings"
    r"|Conclusions?|Interpretation|Purpose|Measurements|Main outcome measures)\s?:\s)"
)


def paragraphs(abstract: str) -> list[tuple[str, str]]:
    """An abstract as (heading, text); headings such as "METHODS:" start a new paragraph.

    >>> paragraphs("AIM: To test. METHODS: A trial.")
    [('Aim', 'To test.'), ('Methods', 'A trial.')]
    """
    result = []
    for line in abstract.splitlines():
        for part in _HEADING.split(line):
            if not part.strip():
                continue
            head, colon, rest = part.partition(":")
            is_heading = bool(colon and rest.strip() and _HEADING.match(part))
            if is_heading:
                result.append((head.strip().capitalize(), rest.strip()))
            else:
                result.append(("", part.strip()))
    return result

"""Votes, reasons, labels and notes that other screening tools put into free text.

Rayyan writes them into the notes (``RAYYAN-INCLUSION: {"Ann"=>"Included"}``),
Covidence writes ``Exclusion reason: ...;`` into the notes of its excluded file,
ASReview writes labels into N1 (``ASReview_relevant``, ``asreview_label: 1``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reviewtool.formats import fields
from reviewtool.formats.base import Verdict

_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:=>|:)\s*"((?:[^"\\]|\\.)*)"')
_LIST = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:=>|:)\s*\[([^\]]*)\]')
_SECTION = re.compile(
    r"\b(RAYYAN-INCLUSION|RAYYAN-LABELS|RAYYAN-EXCLUSION-REASONS|USER-NOTES)\s*:\s*"
)
_COVIDENCE = re.compile(r"Exclusion reason:\s*([^;\n]+)", re.IGNORECASE)
_ASREVIEW = re.compile(r"asreview[_ ](relevant|irrelevant|not_seen)\b", re.IGNORECASE)
_ASREVIEW_FIELD = re.compile(
    r"asreview_(label|note|time|user_name|user_email)\s*[:=]\s*([^;\n|]*)",
    re.IGNORECASE,
)
_VOTES = {
    "included": "include",
    "include": "include",
    "yes": "include",
    "1": "include",
    "i": "include",
    "relevant": "include",
    "maybe": "maybe",
    "undecided": "",
    "unsure": "maybe",
    "excluded": "exclude",
    "exclude": "exclude",
    "no": "exclude",
    "0": "exclude",
    "e": "exclude",
    "-1": "exclude",
    "irrelevant": "exclude",
    "x": "exclude",
}


@dataclass(frozen=True, slots=True)
class Carried:
    """What the notes carried, and the notes that remain."""

    verdicts: tuple[Verdict, ...] = ()
    labels: tuple[str, ...] = ()
    note: str = ""


NOTHING = Carried()


def vote_of(word: str) -> str:
    """ "include", "maybe", "exclude" or "" for the word another tool uses."""
    return _VOTES.get(word.strip().lower(), "")


def from_notes(notes: Iterable[str]) -> Carried:
    """Everything the notes of one record carry, whichever tool wrote them."""
    text = "\n".join(notes)
    if not text:
        return NOTHING
    lower = text.lower()
    if "rayyan-" in lower or "user-notes" in lower:
        return _rayyan(text)
    if "asreview" in lower:
        return _asreview(text)
    if "exclusion reason:" in lower:
        return _covidence(text)
    return Carried(note=fields.paragraphs(text))


def _rayyan(text: str) -> Carried:
    parts = _SECTION.split(text)
    sections = {parts[i]: parts[i + 1].strip(" |\n") for i in range(1, len(parts) - 1, 2)}
    labels = fields.separated(sections.get("RAYYAN-LABELS", ""), ",")
    reasons = fields.separated(sections.get("RAYYAN-EXCLUSION-REASONS", ""), ",")
    comments: dict[str, str] = {}
    for who, listed in _LIST.findall(sections.get("USER-NOTES", "")):
        comments[who] = "; ".join(re.findall(r'"((?:[^"\\]|\\.)*)"', listed))
    for who, said in _PAIR.findall(sections.get("USER-NOTES", "")):
        comments.setdefault(who, said)
    verdicts: list[Verdict] = []
    for who, said in _PAIR.findall(sections.get("RAYYAN-INCLUSION", "")):
        vote = vote_of(said)
        note = comments.pop(who, "")
        if vote or note:
            verdicts.append(
                Verdict(vote, who, reasons=reasons if vote == "exclude" else (), note=note)
            )
    verdicts += [Verdict("", who, note=said) for who, said in comments.items() if said]
    return Carried(tuple(verdicts), labels, fields.paragraphs(parts[0].strip(" |")))


def _asreview(text: str) -> Carried:
    found = {k.lower(): v.strip() for k, v in _ASREVIEW_FIELD.findall(text)}
    word = _ASREVIEW.search(text)
    vote = vote_of(found.get("label", "")) or (vote_of(word.group(1)) if word else "")
    who = found.get("user_name", "") or found.get("user_email", "")
    rest = _ASREVIEW_FIELD.sub("", _ASREVIEW.sub("", text))
    note = fields.paragraphs("\n".join(line.strip(" ;|") for line in rest.split("\n")))
    remark = found.get("note", "")
    if not vote and not remark:
        return Carried(note=note)
    verdict = Verdict(vote, who, "abstract", note=remark, decided_at=found.get("time", ""))
    return Carried((verdict,), (), note)


def _covidence(text: str) -> Carried:
    reasons = tuple(fields.clean(reason) for reason in _COVIDENCE.findall(text))
    rest = fields.paragraphs(_COVIDENCE.sub("", text).strip(" ;\n"))
    return Carried((Verdict("exclude", phase="full_text", reasons=reasons, final=True),), (), rest)

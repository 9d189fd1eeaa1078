"""What two assessors' copies come to: where they agree, and what is left to settle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewtool.errors import Invalid, ReasonRequired
from reviewtool.instruments import Domain, Instrument, InvalidAnswer, judge, overall
from reviewtool.instruments.engine import Options, kind
from reviewtool.instruments.shape import NOT_APPLICABLE, Prompt

OVERALL = "overall"  # the "domain" under which the overall judgement is stored
ASSESSORS = 2


class OverrideNeedsReason(ReasonRequired):
    """A judgement that differs from the proposal must say why."""

    code = "override-needs-reason"
    message = "{domain}: say why your judgement differs from the proposed one ({proposed})."


class Unfinished(Invalid):
    """An assessment that still lacks answers or judgements."""

    code = "assessment-unfinished"


@dataclass(frozen=True)
class Verdict:
    """One domain's (or the overall) proposal and final judgement; "" while open."""

    proposed: str = ""
    final: str = ""
    reason: str = ""


def propose(
    instrument: Instrument, domain: Domain, answers: Mapping[str, str], options: Options
) -> str:
    """The table's judgement, "" while answers are missing."""
    try:
        return judge(instrument, domain, answers, options) or ""
    except InvalidAnswer:
        return ""


def settle(before: Verdict, proposed: str, final: str | None, reason: str, label: str) -> Verdict:
    """The verdict after a new proposal and, when given, the assessor's own word.

    final: None leaves an override as it stands; "" takes the proposal.
    Raises OverrideNeedsReason.

    >>> settle(Verdict("Low", "Low"), "High", None, "", "D1").final
    'High'
    """
    if final is None:
        overridden = bool(before.reason) and before.final not in ("", before.proposed)
        if not overridden or before.final == proposed:
            return Verdict(proposed, proposed)
        return Verdict(proposed, before.final, before.reason)
    if final in ("", proposed):
        return Verdict(proposed, proposed)
    if proposed and not reason.strip():
        raise OverrideNeedsReason(domain=label, proposed=proposed)
    return Verdict(proposed, final, reason.strip())


@dataclass(frozen=True)
class OverallProposal:
    """The overall table's judgement ("" while a domain is open) and what to ask."""

    judgement: str
    prompts: list[Prompt]


def propose_overall(
    instrument: Instrument, domains: Sequence[Domain], finals: Sequence[str]
) -> OverallProposal:
    """The overall judgement from the domains' final ones."""
    found = overall(instrument, [final or None for final in finals], domains)
    if found is None:
        return OverallProposal("", [])
    named = {prompt.name: prompt for prompt in instrument.overall.prompts}
    return OverallProposal(found.judgement, [named[name] for name in found.prompts])


@dataclass(frozen=True)
class Difference:
    """One question that two assessors answered differently.

    ``matters`` is False when both answers have the same consequence (Y and PY).
    """

    domain: Domain
    question: str
    first: str
    second: str
    matters: bool


def differences(
    instrument: Instrument,
    domains: Sequence[Domain],
    first: Mapping[str, Mapping[str, str]],
    second: Mapping[str, Mapping[str, str]],
) -> list[Difference]:
    """Where two copies differ, in the order of the tool.

    first, second: domain id -> question -> raw answer.
    """
    found = []
    for domain in domains:
        mine, theirs = first.get(domain.id, {}), second.get(domain.id, {})
        for question in domain.questions:
            a = mine.get(question.id, NOT_APPLICABLE)
            b = theirs.get(question.id, NOT_APPLICABLE)
            if a != b:
                matters = kind(instrument, a) is not kind(instrument, b)
                found.append(Difference(domain, question.id, a, b, matters))
    return found


def agreed(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    """The answers that two copies share to the letter."""
    return {q: code for q, code in first.items() if second.get(q) == code}

"""Where a record or report stands after its votes.

Source: ``screening.md`` of the reference rules (dual independent screening), which
follow the Cochrane Handbook, chapter 4, and PRISMA 2020 item 8.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Literal, TypeVar

from reviewtool.errors import Invalid

Reason = TypeVar("Reason", bound=Hashable)


class Vote(str, Enum):
    """One reviewer's word. ``maybe`` is for title and abstract only and moves on."""

    INCLUDE = "include"
    MAYBE = "maybe"
    EXCLUDE = "exclude"


class Phase(str, Enum):
    """The two rounds of screening."""

    TITLE_ABSTRACT = "title_abstract"
    FULL_TEXT = "full_text"


class Outcome(str, Enum):
    """Where a record stands in a phase, as the ledger counts it."""

    UNSCREENED = "unscreened"
    AWAITING_SECOND = "awaiting_second"
    INCLUDE = "include"
    EXCLUDE = "exclude"
    CONFLICT = "conflict"
    REASON_CONFLICT = "reason_conflict"


class InvalidVote(Invalid):
    """A vote that this phase does not know."""

    code = "invalid-vote"


StateName = Literal["unscreened", "awaiting_second", "agreed", "conflict", "resolved"]


@dataclass(frozen=True)
class State:
    """How a record came to where it stands; ``decision`` is None until there is one."""

    state: StateName
    decision: Vote | None


@dataclass(frozen=True)
class ReasonState(Generic[Reason]):
    """Which reason a report is excluded for.

    ``suggested`` is the highest of the given reasons in the protocol's order;
    ``final`` stays None while two reviewers disagree and nobody has settled it.
    """

    state: Literal["agreed", "reason_conflict", "resolved"]
    suggested: Reason
    final: Reason | None


def collapse(vote: Vote) -> Vote:
    """``maybe`` counts as include: both go forward."""
    return Vote.INCLUDE if vote is Vote.MAYBE else vote


def title_abstract_state(
    votes: Sequence[Vote], *, required: int = 2, adjudication: Vote | None = None
) -> State:
    """The state of a record from its distinct reviewers' ``votes``.

    required: how many votes a decision takes (1 for single screening).
    adjudication: the word of a third person, or a recorded consensus. It settles a
        conflict and nothing else: without one, the votes stand.

    >>> title_abstract_state([Vote.INCLUDE, Vote.MAYBE])
    State(state='agreed', decision=<Vote.INCLUDE: 'include'>)
    >>> title_abstract_state([Vote.INCLUDE, Vote.EXCLUDE])
    State(state='conflict', decision=None)
    """
    if required < 1:
        raise ValueError(f"required: at least one vote is needed, got {required}")
    if not votes:
        return State("unscreened", None)
    decisions = {collapse(vote) for vote in votes}
    if len(decisions) > 1:
        # Two unlike votes are a conflict even where three are asked for.
        if adjudication is not None:
            return State("resolved", collapse(adjudication))
        return State("conflict", None)
    if len(votes) < required:
        return State("awaiting_second", None)
    return State("agreed", decisions.pop())


def full_text_exclusion_reason(
    reasons: Sequence[Reason], order: Sequence[Reason], *, adjudicated: Reason | None = None
) -> ReasonState[Reason]:
    """The one primary reason of a report that every reviewer excluded.

    reasons: one per reviewer. order: the protocol's list, most important first.
    Raises InvalidVote when there is no reason, or one that is not on the list.

    >>> full_text_exclusion_reason(["design", "population"], ["population", "design"])
    ReasonState(state='reason_conflict', suggested='population', final=None)
    """
    if not reasons:
        raise InvalidVote("A report cannot be excluded without a reason. Choose one of the list.")
    rank = {reason: place for place, reason in enumerate(order)}
    for reason in (*reasons, *([adjudicated] if adjudicated is not None else [])):
        if reason not in rank:
            raise InvalidVote(
                f"“{reason}” is not one of this review's exclusion reasons. Choose one of the list."
            )
    suggested = min(reasons, key=rank.__getitem__)
    if _alike(reasons):
        return ReasonState("agreed", suggested, suggested)
    if adjudicated is not None:
        return ReasonState("resolved", suggested, adjudicated)
    return ReasonState("reason_conflict", suggested, None)


def _alike(reasons: Sequence[Hashable]) -> bool:
    return len(set(reasons)) <= 1


def outcome(
    votes: Sequence[Vote],
    *,
    phase: Phase = Phase.TITLE_ABSTRACT,
    required: int = 2,
    reasons: Sequence[Hashable | None] = (),
    adjudication: Vote | None = None,
) -> Outcome:
    """What the ledger counts a record as, in one phase.

    reasons: at full text, the reason of each vote in the order of ``votes`` (None for
        an include). An adjudication settles the decision and, with it, the reason.
    Raises InvalidVote for a maybe at full text.

    >>> outcome([Vote.INCLUDE, Vote.EXCLUDE])
    <Outcome.CONFLICT: 'conflict'>
    """
    if phase is Phase.FULL_TEXT and Vote.MAYBE in (*votes, adjudication):
        raise InvalidVote("At full text there is no maybe. Choose include or exclude.")
    found = title_abstract_state(votes, required=required, adjudication=adjudication)
    if found.state in ("agreed", "resolved"):
        if found.decision is Vote.INCLUDE:
            return Outcome.INCLUDE
        settled = found.state == "resolved" or adjudication is Vote.EXCLUDE
        if phase is Phase.FULL_TEXT and not settled and not _alike(reasons):
            return Outcome.REASON_CONFLICT
        return Outcome.EXCLUDE
    return Outcome(found.state)

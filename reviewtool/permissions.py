"""Who may do what: one table of roles and actions.

Members and rows are known here by their shape (``role``, ``review_id``,
``removed_at``), not by their class, so that every stage can ask.
"""

from enum import Enum
from typing import Any, Protocol

from reviewtool.errors import Forbidden, NotFound


class Role(str, Enum):
    """A member's part in a review."""

    OWNER = "owner"
    LEAD = "lead"
    REVIEWER = "reviewer"
    EXTRACTOR = "extractor"
    STATISTICIAN = "statistician"
    OBSERVER = "observer"


class Action(str, Enum):
    """Something a member can be allowed to do."""

    READ = "read"
    MANAGE_TEAM = "manage team"
    DELETE_REVIEW = "delete review"
    EDIT_PROTOCOL = "edit protocol"
    REGISTER_PROTOCOL = "register protocol"
    IMPORT = "import"
    EDIT_RECORD = "edit record"
    MERGE = "merge duplicates"
    SCREEN = "screen"
    RESOLVE = "resolve conflicts"
    SEE_AGREEMENT = "see agreement"
    MANAGE_SCREENING = "manage screening"
    RETRIEVE = "retrieve full texts"
    MANAGE_STUDIES = "manage studies"
    EXTRACT = "extract"
    ADJUDICATE = "adjudicate extraction"
    ASSESS_BIAS = "assess risk of bias"
    ANALYSE = "analyse"
    RATE_CERTAINTY = "rate certainty"
    REPORT = "report"
    EXPORT = "export"
    SEE_AUDIT = "see audit"


_A = Action
_READING = {_A.READ, _A.EXPORT}
_SCREENING = {_A.SCREEN, _A.RETRIEVE, _A.RESOLVE}
_EXTRACTING = {_A.EXTRACT, _A.ADJUDICATE, _A.ASSESS_BIAS, _A.MANAGE_STUDIES, _A.RETRIEVE}

TABLE: dict[Role, frozenset[Action]] = {
    Role.OWNER: frozenset(Action),
    Role.LEAD: frozenset(Action) - {_A.DELETE_REVIEW},
    Role.REVIEWER: frozenset(
        _READING | _SCREENING | _EXTRACTING | {_A.IMPORT, _A.EDIT_RECORD, _A.MERGE}
    ),
    Role.EXTRACTOR: frozenset(_READING | _EXTRACTING),
    Role.STATISTICIAN: frozenset(
        _READING | {_A.ANALYSE, _A.RATE_CERTAINTY, _A.REPORT, _A.SEE_AGREEMENT}
    ),
    Role.OBSERVER: frozenset(_READING),
}

DESCRIPTIONS: dict[Role, str] = {
    Role.OWNER: "Everything, including deleting the review.",
    Role.LEAD: "Everything but deleting the review.",
    Role.REVIEWER: "Imports, merges, screens, resolves, extracts and assesses risk of bias.",
    Role.EXTRACTOR: "Extracts and assesses risk of bias.",
    Role.STATISTICIAN: "Analyses, rates certainty and reports.",
    Role.OBSERVER: "Reads and exports what is not blinded.",
}


class HasRole(Protocol):
    """What is needed of a member."""

    id: int
    review_id: int
    role: Role
    removed_at: Any


def allows(member: HasRole | None, action: Action) -> bool:
    """Whether ``member`` may do ``action`` in their review."""
    return member is not None and member.removed_at is None and action in TABLE[member.role]


def refusal(member: HasRole, action: Action) -> Forbidden | None:
    """Why ``member`` may not do ``action``; None when they may."""
    if allows(member, action):
        return None
    return Forbidden(
        f"Your role ({member.role.value}) does not include: {action.value}. "
        "Ask the review's owner or lead."
    )


def require(member: HasRole, action: Action, *rows: Any) -> None:
    """Let pass, or raise Forbidden; NotFound when a row is of another review."""
    for row in rows:
        if row.review_id != member.review_id:
            raise NotFound()
    if found := refusal(member, action):
        raise found


def may_see_votes(member: HasRole, voters: set[int | None], *, complete: bool) -> bool:
    """The blinding rule of every channel.

    The votes on a record (and the copies of an extraction or an assessment) are
    shown to ``member`` only once all required ones are in (``complete``), or when
    they are the member's own and nobody else's. Leads and owners are reviewers too,
    so their role opens nothing.
    """
    return complete or voters <= {member.id}

"""Where a record stands once votes are in."""

from enum import Enum


class Phase(str, Enum):
    """A screening phase."""

    TITLE_ABSTRACT = "title_abstract"
    FULL_TEXT = "full_text"


class Vote(str, Enum):
    """One reviewer's vote."""

    INCLUDE = "include"
    MAYBE = "maybe"
    EXCLUDE = "exclude"


class Outcome(str, Enum):
    """Where a record or report stands in a phase."""

    UNSCREENED = "unscreened"
    AWAITING_SECOND = "awaiting_second"
    INCLUDE = "include"
    EXCLUDE = "exclude"
    CONFLICT = "conflict"
    REASON_CONFLICT = "reason_conflict"

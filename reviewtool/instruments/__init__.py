"""Appraisal tools as data, and the one engine that asks and judges for all of them."""

from reviewtool.instruments.engine import (
    InvalidAnswer,
    Overall,
    ask,
    check,
    clear,
    complete,
    judge,
    missing,
    overall,
)
from reviewtool.instruments.loader import DefinitionError, available, load, read
from reviewtool.instruments.shape import Domain, Instrument, Question, Variant

__all__ = [
    "DefinitionError",
    "Domain",
    "Instrument",
    "InvalidAnswer",
    "Overall",
    "Question",
    "Variant",
    "ask",
    "available",
    "check",
    "clear",
    "complete",
    "judge",
    "load",
    "missing",
    "overall",
    "read",
]

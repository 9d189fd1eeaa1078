"""Changing studies and copies: one function per verb, shared by page, API, job and CLI."""

from reviewtool.extraction.rules.values import Problem
from reviewtool.extraction.services import (
    agreeing,
    copies,
    deriving,
    fields,
    foci,
    studies,
    treatments,
)
from reviewtool.extraction.services.cells import CellIn, Saved

__all__ = [
    "CellIn",
    "Saved",
    "agreeing",
    "copies",
    "deriving",
    "fields",
    "foci",
    "problem",
    "studies",
    "treatments",
]


def problem(message: str) -> Problem:
    """Something refused that belongs to no single cell."""
    return Problem("", message, refused=True)

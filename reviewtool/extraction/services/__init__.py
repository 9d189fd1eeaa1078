"""Changing studies and copies: one function per verb, shared by page, API, job and CLI."""

from reviewtool.extraction.services import agreeing, copies, fields, studies
from reviewtool.extraction.services.copies import CellIn, Saved

__all__ = ["CellIn", "Saved", "agreeing", "copies", "fields", "studies"]

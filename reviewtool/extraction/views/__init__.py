"""Pages of extraction: studies, an extractor's copy, the consensus, characteristics."""

from reviewtool.extraction.views import consensus, copies, fields, studies  # noqa: F401
from reviewtool.extraction.views.blueprint import bp

__all__ = ["bp"]

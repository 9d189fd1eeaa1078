"""Pages of the synthesis: the list, one analysis, a closer look at it, its files."""

from reviewtool.synthesis.views import analyses, closer, files, harms, maps  # noqa: F401
from reviewtool.synthesis.views.blueprint import bp

__all__ = ["bp"]

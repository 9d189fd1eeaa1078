"""JSON: analyses, their runs, running them, a closer look at them, their plots."""

from reviewtool.synthesis.api import analyses, closer, harms, plots  # noqa: F401
from reviewtool.synthesis.api.blueprint import bp

__all__ = ["bp"]

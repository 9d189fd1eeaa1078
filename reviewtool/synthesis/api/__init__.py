"""JSON: analyses, their runs, running them, and a closer look at them."""

from reviewtool.synthesis.api import analyses, closer, harms  # noqa: F401
from reviewtool.synthesis.api.blueprint import bp

__all__ = ["bp"]

"""Risk of bias and GRADE of the demonstration. The answers are illustrations and say so."""

from reviewtool.demo.steps import Stage


def triptans(stage: Stage) -> None:
    """Risk of bias of three trials, and the certainty of the main result."""


def fibromyalgia(stage: Stage) -> None:
    """The certainty of the pain result."""

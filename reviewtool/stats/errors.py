"""What can be wrong with numbers given to the statistics, and what to do about it.

StatsError
├── TooFewStudies    fewer studies than the method needs
├── BadStudy         one study's number cannot be used; names study and column
├── BadInput         columns missing or of unlike length
├── BadCell          one cell of a file; names row and column
├── BadSheet         a file without usable rows or columns
├── UnknownChoice    a measure, method or test that does not exist
├── NotEstimable     the numbers do not determine what was asked for
└── NotConverged     an iterative fit did not settle
"""

from typing import ClassVar

from reviewtool.errors import ReviewToolError


class StatsError(ReviewToolError):
    """Something in the analysis cannot be done as asked."""

    code: ClassVar[str] = "analysis"
    status: ClassVar[int] = 422
    message = "The analysis could not be carried out."


class TooFewStudies(StatsError):
    """``needed`` studies, ``found`` fewer."""

    code = "too-few-studies"
    message = (
        "This analysis needs at least {needed} studies with usable effects and found {found}. "
        "Add studies or choose a simpler analysis."
    )


class BadStudy(StatsError):
    """A number of one study cannot be used."""

    code = "bad-study"
    message = "{study}: {column} = {value} cannot be used: {reason}. {remedy}"


class BadInput(StatsError):
    """Columns are missing or do not fit together."""

    code = "bad-input"
    message = "{problem} {remedy}"


class UnknownChoice(StatsError):
    """A name outside the list of names."""

    code = "unknown-choice"
    message = "{what} {given!r} is not known. Choose one of: {choices}."


class NotEstimable(StatsError):
    """The numbers leave a wanted quantity undetermined."""

    code = "not-estimable"
    message = "{what} cannot be estimated: {reason}. {remedy}"


class NotConverged(StatsError):
    """An iterative fit did not settle."""

    code = "not-converged"
    message = "{what} did not converge after {iterations} iterations. {remedy}"


class BadCell(StatsError):
    """One cell cannot be read; names its row (as a spreadsheet counts) and column."""

    code = "bad-cell"
    message = "Row {row}, column {column}: {problem} {remedy}"


class BadSheet(StatsError):
    """The file as a whole cannot be used."""

    code = "bad-sheet"
    message = "{problem} {remedy}"

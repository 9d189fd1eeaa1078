"""What can keep a chart from being drawn."""

from reviewtool.errors import Invalid


class NothingToDraw(Invalid):
    """The chart was given no rows."""

    code = "nothing-to-draw"
    message = "There is nothing to draw: {what}. {remedy}"


class UnknownFormat(Invalid):
    """Not one of the formats a chart can be written in."""

    code = "unknown-chart-format"
    message = "Charts are written as svg, pdf, png or tiff, not as {given}."

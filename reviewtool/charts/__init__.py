"""Charts as journals print them: pure, from plain values to SVG, PNG and PDF.

``render(chart, "svg")`` takes any of the frozen chart classes; each is one module.
"""

from reviewtool.charts.output import CHARTS, Chart, Format, Theme, render

__all__ = ["CHARTS", "Chart", "Format", "Theme", "render"]

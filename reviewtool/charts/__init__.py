"""Charts as journals print them: pure, from plain values to SVG, PDF, PNG and TIFF.

``render(chart, "svg")`` takes any of the frozen chart classes; each is one module.
"""

from reviewtool.charts.output import CHARTS, MEDIA, PACKED, Chart, Format, Theme, render

__all__ = ["CHARTS", "MEDIA", "PACKED", "Chart", "Format", "Theme", "render"]

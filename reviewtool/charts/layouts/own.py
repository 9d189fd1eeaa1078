"""The layout of this product: the plot in the middle, the numbers at its right."""

from reviewtool.charts.layouts.style import Style, Wording

STYLE = Style(key="", label="reviewtool", wording=Wording())

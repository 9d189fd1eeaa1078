"""How journals lay a forest plot out: one object each, in a file of its own."""

from reviewtool.charts.layouts import bmj, jama, narrow, own, revman
from reviewtool.charts.layouts.style import Column, Style, Wording

# To choose from; the narrow one is for telephones and chosen by nobody.
LAYOUTS: dict[str, Style] = {one.STYLE.key: one.STYLE for one in (own, revman, jama, bmj)}
NARROW = narrow.STYLE

__all__ = ["LAYOUTS", "NARROW", "Column", "Style", "Wording", "style_of"]


def style_of(key: str) -> Style:
    """The layout of that name; the product's own where it is unknown.

    >>> style_of("jama").label, style_of("").label
    ('JAMA', 'reviewtool')
    """
    return NARROW if key == NARROW.key else LAYOUTS.get(key, LAYOUTS[""])

"""The table of selection models."""

from reviewtool.synthesis.rules.closer.selection import SelectionFinding
from reviewtool.synthesis.sheets.closer.filed import Filed
from reviewtool.synthesis.sheets.closer.small_studies import beside_each_other
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.synthesis.sheets.written import Written


def models(title: str, w: Written, found: SelectionFinding) -> Table:
    """The pooled effect and what each selection model makes of it."""
    return beside_each_other(
        title, w, found.pooled, found.adjusted, found.weighing, *found.warnings
    )


TABLES = (Filed("selection", "Selection models", models, lambda found: bool(found.weighed)),)

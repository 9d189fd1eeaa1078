"""Cells that hold an interval, or an effect with its interval, as papers print them.

"0.70 (0.50 to 0.98)" becomes three cells, "0.50 to 0.98" two, where a column is written
so. A cell that does not fit stays as it is in each of them, so that whoever reads a number
there names it with its row.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from reviewtool.stats.columns import limit_name

_NUMBER = r"[+\-\u2212\u2013]?\d(?:[\d.,]*\d)?\s*%?"
_PAIR = rf"({_NUMBER})\s*(?:to|bis|through|[,;\u2013\u2014-])\s*({_NUMBER})"
_INTERVAL = re.compile(rf"[\[(]?\s*{_PAIR}\s*[\])]?", re.IGNORECASE)
_EFFECT = re.compile(
    rf"({_NUMBER})\s*[\[(]\s*(?:\d+\s*%?\s*(?:CI|KI)?\s*[:,]?\s+)??{_PAIR}\s*[\])]", re.IGNORECASE
)
_TAIL = re.compile(
    r"[\s,;]*[\[(]?\s*\d*\s*%?\s*(?:CI|KI|confidence intervals?)\s*[\])]?\s*$", re.IGNORECASE
)
_LEVEL = re.compile(r"(80|90|95|98|99)\s*%?")
INTERVALS = frozenset({"ci", "ki", "interval", "confidenceinterval", "cis"})


class Unpacked(NamedTuple):
    """A header and rows with a cell for each number, and what was understood."""

    header: list[str]
    rows: list[tuple[str, ...]]
    notes: list[str]


def unpack(
    header: Sequence[str], rows: Sequence[tuple[str, ...]], missing: frozenset[str]
) -> Unpacked:
    """Columns of intervals taken apart; everything else as it is.

    >>> found = unpack(["study", "HR (95% CI)"], [("A", "0.70 (0.50 to 0.98)")], frozenset())
    >>> found.header, found.rows
    (['study', 'HR', 'lower 95%', 'upper 95%'], [('A', '0.70', '0.50', '0.98')])
    """
    columns: list[tuple[str, list[str]]] = []
    notes: list[str] = []
    for i, heading in enumerate(header):
        cells = [row[i] for row in rows]
        found = _effect(heading, cells, missing) or _interval(heading, cells, missing)
        if found:
            notes.append(f"The column {heading} was read as {', '.join(h for h, _ in found)}.")
        columns += found or [(heading, cells)]
    if not notes:
        return Unpacked(list(header), list(rows), [])
    apart = list(zip(*(cells for _, cells in columns), strict=True))
    return Unpacked([heading for heading, _ in columns], apart, notes)


def _matched(
    pattern: re.Pattern[str], heading: str, cells: Sequence[str], missing: frozenset[str]
) -> list[tuple[str, ...]] | None:
    """The groups of every cell, empty ones where it is missing; None for another column.

    It is another one where no cell fits, or fewer than half and the heading names no interval.
    """
    found: list[tuple[str, ...]] = []
    fit = odd = 0
    for cell in cells:
        match = pattern.fullmatch(cell)
        if match:
            found.append(tuple(group.strip() for group in match.groups()))
            fit += 1
        elif cell.casefold() in missing or not cell:
            found.append(("",) * pattern.groups)
        else:
            found.append((cell,) * pattern.groups)
            odd += 1
    named = _TAIL.search(heading) is not None or limit_name(heading, "lb") in INTERVALS
    return found if fit and (named or fit > odd) else None


def _limits(heading: str) -> tuple[str, str]:
    level = _LEVEL.search(heading)
    said = f" {level[1]}%" if level else ""
    return f"lower{said}", f"upper{said}"


def _effect(
    heading: str, cells: Sequence[str], missing: frozenset[str]
) -> list[tuple[str, list[str]]]:
    found = _matched(_EFFECT, heading, cells, missing)
    if found is None:
        return []
    names = (_TAIL.sub("", heading) or "estimate", *_limits(heading))
    return [(name, [groups[i] for groups in found]) for i, name in enumerate(names)]


def _interval(
    heading: str, cells: Sequence[str], missing: frozenset[str]
) -> list[tuple[str, list[str]]]:
    if limit_name(heading, "lb") not in INTERVALS:
        return []
    found = _matched(_INTERVAL, heading, cells, missing)
    if found is None:
        return []
    return [(name, [groups[i] for groups in found]) for i, name in enumerate(_limits(heading))]

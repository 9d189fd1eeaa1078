"""Compare two extractors cell by cell."""

from collections.abc import Mapping
from dataclasses import dataclass

from reviewtool.extraction.rules.cells import Form, arm_names
from reviewtool.extraction.rules.directions import same_p
from reviewtool.extraction.rules.foci import same_point
from reviewtool.extraction.rules.values import BadValue, is_number, number


@dataclass(frozen=True)
class Compared:
    """One cell in both copies. ``agreed`` cells fill the consensus copy."""

    path: str
    label: str
    first: str
    second: str
    agreed: bool


@dataclass(frozen=True)
class Summary:
    """How well two copies agree: ``fields`` = ``match`` + ``differ``, always."""

    fields: int
    match: int
    differ: int

    @property
    def share(self) -> float | None:
        """Share of cells that agree, 0 to 1; None when nothing was filled."""
        return self.match / self.fields if self.fields else None


def same(form: Form, path: str, first: str, second: str) -> bool:
    """Whether two extractors read the same.

    Numbers agree when they are the same number (12.50 and 12.5), coordinates when they are
    the same within the rounding of the coarser one; texts when they are the
    same letters, whatever their case and spacing.
    """
    if first == second:
        return True
    if not first or not second:
        return False
    cell = form.cell(path)
    if cell.part == "at" and cell.kind == "focus":
        return same_point(first, second)
    if cell.kind == "contrast" and cell.part == "p":
        return same_p(first, second)
    if is_number(cell, form):
        try:
            return number(first) == number(second)
        except BadValue:
            return False
    return " ".join(first.split()).casefold() == " ".join(second.split()).casefold()


def compare(form: Form, first: Mapping[str, str], second: Mapping[str, str]) -> list[Compared]:
    """Every cell that at least one copy fills, in the order of the form."""
    names = {**arm_names(second), **arm_names(first)}
    paths = {p for copy in (first, second) for p, v in copy.items() if v}
    return [
        Compared(
            path,
            form.label(path, names),
            first.get(path, ""),
            second.get(path, ""),
            same(form, path, first.get(path, ""), second.get(path, "")),
        )
        for path in sorted(paths, key=form.order)
    ]


def summary(compared: list[Compared]) -> Summary:
    """Count the agreement."""
    match = sum(one.agreed for one in compared)
    return Summary(len(compared), match, len(compared) - match)

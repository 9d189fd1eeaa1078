"""Coordinates from a file or a paste: Sleuth text, a table of experiments, or foci alone.

A table with a line of names such as study, contrast, n, space, x, y, z has a focus per row;
an experiment is one pair of study and contrast. Without such a line every row is a focus.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reviewtool import reading
from reviewtool.formats import sleuth
from reviewtool.formats.foci import (
    BadFocus,
    Coordinates,
    Experiment,
    Focus,
    Unread,
    focus_of,
    number_text,
    pieces,
    space_of,
)
from reviewtool.formats.text import Text
from reviewtool.reading import BadNumber

# Names over columns, as people write them, in the order in which they are taken.
COLUMNS: Mapping[str, frozenset[str]] = {
    "study": frozenset({"study", "author", "paper", "source", "study id"}),
    "contrast": frozenset({"contrast", "experiment", "analysis", "comparison", "contrast id"}),
    "n": frozenset({"n", "subjects", "sample size", "sample", "participants", "n subjects"}),
    "space": frozenset({"space", "reference", "template", "coordinate space", "atlas"}),
    "modality": frozenset({"modality", "imaging", "method"}),
    "direction": frozenset({"direction", "effect", "sign"}),
    "x": frozenset({"x", "x mm", "mni x", "tal x", "x mni", "peak x"}),
    "y": frozenset({"y", "y mm", "mni y", "tal y", "y mni", "peak y"}),
    "z": frozenset({"z", "z mm", "mni z", "tal z", "z mni", "peak z"}),
    "statistic": frozenset(
        {"t", "z", "f", "statistic", "stat", "z score", "zscore", "t value", "t score", "z value"}
        | {"peak t", "peak z score", "sdm z", "value", "peak stat", "tscore"}
    ),
    "size": frozenset(
        {"size", "cluster size", "k", "ke", "voxels", "cluster", "volume", "extent", "mm3"}
        | {"cluster extent", "no of voxels", "number of voxels", "cluster voxels", "k e"}
    ),
}


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name.casefold()).split())


def columns_of(cells: Sequence[str]) -> dict[str, int]:
    """Which column holds what, for a line of names; empty where it is none.

    >>> columns_of(["Region", "x", "y", "z", "Z", "k"])
    {'x': 1, 'y': 2, 'z': 3, 'statistic': 4, 'size': 5}
    """
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = _plain(cell)
        part = next((p for p, names in COLUMNS.items() if name in names and p not in found), None)
        if part is not None:
            found[part] = place
    order = [*COLUMNS]
    return (
        dict(sorted(found.items(), key=lambda item: order.index(item[0])))
        if {
            "x",
            "y",
            "z",
        }
        <= set(found)
        else {}
    )


def read(source: bytes | str, name: str = "") -> Coordinates:
    """Everything that ``source`` says, and every line that could not be taken.

    >>> found = read("x y z\\n-12 34 56\\nnothing\\n\u22121,5 2 3")
    >>> [focus.at for focus in found.experiments[0].foci], found.unread[0].line
    (['-12 34 56', '-1.5 2 3'], 3)
    """
    content = source if isinstance(source, str) else Text(source, name).whole()
    lines = content.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").split("\n")
    if sleuth.looks_like(lines):
        return sleuth.read(lines)
    first = next((n for n, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return Coordinates()
    mark = _mark(lines[first])
    names = columns_of(_split(lines[first], mark) if mark else pieces(lines[first]))
    if names and mark is None:
        # A region's name would shift the columns; the run of numbers is what counts.
        names = names if len(names) == len(pieces(lines[first])) else {}
    if names:
        return _table(lines, first, names, mark)
    return _rows(lines)


def _mark(line: str) -> str | None:
    return next((mark for mark in ("\t", ";", ",") if mark in line), None)


def _split(line: str, mark: str | None) -> list[str]:
    if mark is None:
        return pieces(line)
    return [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=mark), [])]


def _rows(lines: Sequence[str]) -> Coordinates:
    """A focus per line; lines of words alone before the first focus are headings."""
    foci: list[Focus] = []
    unread: list[Unread] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            foci.append(focus_of(line, number))
        except BadFocus as error:
            if foci or re.search(r"\d", line):
                unread.append(Unread(number, line.strip(), str(error)))
    found = (Experiment("", foci=tuple(foci), line=1),) if foci else ()
    return Coordinates(found, tuple(unread))


def _table(
    lines: Sequence[str], first: int, names: Mapping[str, int], mark: str | None
) -> Coordinates:
    found: dict[tuple[str, str], Experiment] = {}
    foci: dict[tuple[str, str], list[Focus]] = {}
    unread: list[Unread] = []
    notes: list[str] = []
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if not line.strip() or not line.replace(mark or " ", "").strip():
            continue
        cells = _split(line, mark)
        said = {part: cells[i] for part, i in names.items() if i < len(cells)}
        try:
            focus, one = _focus(said, number), _experiment(said, number)
        except (BadFocus, BadNumber) as error:
            unread.append(Unread(number, line.strip(), str(error).rstrip(".")))
            continue
        key = (one.study.casefold(), one.contrast.casefold())
        before = found.setdefault(key, one)
        foci.setdefault(key, []).append(focus)
        for part, words in (("n", "numbers of people"), ("space", "spaces")):
            new, old = getattr(one, part), getattr(before, part)
            if new and old and new != old:
                notes.append(
                    f"Line {number}: “{one.label}” has two {words}, {old} and {new}; {old} stands."
                )
    experiments = tuple(replace(one, foci=tuple(foci[key])) for key, one in found.items())
    return Coordinates(experiments, tuple(unread), tuple(dict.fromkeys(notes)), "table")


def _focus(said: Mapping[str, str], number: int) -> Focus:
    texts = {}
    for part in ("x", "y", "z"):
        text = said.get(part, "")
        if not text:
            raise BadFocus(f"it has no {part}")
        texts[part] = number_text(text)
    rest = {part: said.get(part, "") for part in ("statistic", "size")}
    rest = {part: number_text(text) for part, text in rest.items() if text}
    return Focus(**texts, **rest, line=number)


def _experiment(said: Mapping[str, str], number: int) -> Experiment:
    n = None
    if said.get("n"):
        value = reading.number(said["n"])
        if value != int(value) or value < 1:
            raise BadFocus(f"n is {said['n']}, and a number of people is whole and above 0")
        n = int(value)
    return Experiment(
        said.get("study", ""),
        said.get("contrast", ""),
        n,
        space_of(said.get("space", "")),
        modality=said.get("modality", ""),
        direction=said.get("direction", ""),
        line=number,
    )

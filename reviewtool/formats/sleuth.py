"""Sleuth text, the format that GingerALE and other tools read coordinates from.

``// Reference=MNI`` or ``Talairach``; per experiment headings ``// Study: contrast`` and
``// Subjects=n``, then a focus per line (x y z in mm); an empty line ends it.
Source: BrainMap, User Manual for GingerALE 2.3, "Foci text format".
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from reviewtool.formats.foci import (
    BadFocus,
    Coordinates,
    Experiment,
    Focus,
    Unread,
    experiments_of,
    focus_of,
    space_of,
)

_REFERENCE = re.compile(r"reference(?:\s+space)?\s*[=:]\s*(.*)", re.IGNORECASE)
_SUBJECTS = re.compile(r"(?:no\.?\s+of\s+)?(?:subjects?|n)\s*[=:]\s*(.*)", re.IGNORECASE)
_HEADING = re.compile(r"\s*/{2,}\s*(.*)")


def looks_like(lines: Iterable[str]) -> bool:
    """Whether any line begins with two slashes."""
    return any(_HEADING.fullmatch(line) for line in lines)


class _Reader:
    """One pass over the lines; an experiment is open from its heading to the next one."""

    def __init__(self) -> None:
        self.found: list[Experiment] = []
        self.unread: list[Unread] = []
        self.notes: list[str] = []
        self.space = ""
        self.names: list[str] = []
        self.n: int | None = None
        self.foci: list[Focus] = []
        self.begins = 0
        self.ended = False

    def heading(self, number: int, text: str) -> None:
        """A line with two slashes: reference, subjects, or a name."""
        if match := _REFERENCE.fullmatch(text):
            self.close()
            self.space = space_of(match[1])
            if not self.space:
                self.notes.append(
                    f"Line {number}: the reference space “{match[1].strip()}” is neither MNI nor "
                    "Talairach. Choose the space of the experiments that follow."
                )
        elif match := _SUBJECTS.fullmatch(text):
            # Some files name the subjects once more below the foci; a new one needs a heading.
            if self.foci:
                self.close()
            digits = re.match(r"\s*(\d+)\b", match[1])
            if digits and int(digits[1]) > 0:
                self.n = int(digits[1])
            else:
                self.unread.append(
                    Unread(number, f"// {text}", "“Subjects=” needs a whole number above 0")
                )
            self.begins = self.begins or number
        elif text:
            if self.foci:
                self.close()
            self.names.append(text)
            self.begins = self.begins or number

    def line(self, number: int, text: str) -> None:
        """Any other line: a focus, or nothing that can be used."""
        try:
            focus = focus_of(text, number)
        except BadFocus as error:
            self.unread.append(Unread(number, text, str(error)))
            return
        if not self.names and not self.foci and self.found and self.n is None:
            last = self.found.pop()
            self.notes.append(
                f"Line {number}: this focus stands after an empty line without a heading; it was "
                f"counted to “{last.label}”."
            )
            self.names, self.n, self.begins = [last.label], last.n, last.line
            self.foci = list(last.foci)
        self.foci.append(focus)
        self.begins = self.begins or number

    def close(self) -> None:
        """The experiment that was open is complete."""
        if self.names or self.foci:
            name = "; ".join(self.names) or f"Experiment at line {self.begins}"
            study, _, contrast = name.partition(":")
            if not self.names:
                self.notes.append(f"Line {self.begins}: foci without a heading; name them.")
            if self.n is None:
                self.notes.append(f"“{name}” says no number of subjects.")
            if not self.foci:
                self.notes.append(f"“{name}” has no foci.")
            self.found.append(
                Experiment(
                    study.strip(),
                    contrast.strip(),
                    self.n,
                    self.space,
                    tuple(self.foci),
                    line=self.begins,
                )
            )
        self.names, self.n, self.foci, self.begins = [], None, [], 0


def read(lines: Sequence[str]) -> Coordinates:
    """Read the lines of a Sleuth file. Lines that give nothing are kept in ``unread``.

    >>> found = read(["// Reference=MNI", "// Lee 2010: pain", "//Subjects = 12", "1 2 3"])
    >>> (found.experiments[0].study, found.experiments[0].n, found.experiments[0].space)
    ('Lee 2010', 12, 'MNI')
    """
    reader = _Reader()
    for number, raw in enumerate(lines, 1):
        text = raw.strip().strip("\ufeff")
        match = _HEADING.fullmatch(text)
        if match:
            reader.heading(number, match[1].strip())
        elif text:
            reader.line(number, text)
        elif reader.foci:
            reader.close()
    reader.close()
    if reader.found and not any(one.space for one in reader.found):
        reader.notes.append("No reference space is named. Choose MNI or Talairach.")
    spaces = {one.space for one in reader.found if one.space}
    if len(spaces) > 1:
        reader.notes.append(
            "The file has experiments in MNI and in Talairach space; each keeps its own."
        )
    return Coordinates(
        experiments_of(reader.found), tuple(reader.unread), tuple(reader.notes), "sleuth"
    )


def _heading(text: str) -> str:
    return " ".join(text.split())


def _lines(experiments: Iterable[Experiment]) -> Iterator[str]:
    space = None
    for one in experiments:
        if one.space != space:
            space = one.space
            yield f"// Reference={space or 'MNI'}"
        yield f"// {_heading(one.label)}"
        if one.n is not None:
            yield f"// Subjects={one.n}"
        for focus in one.foci:
            yield f"{focus.x}\t{focus.y}\t{focus.z}"
        yield ""


def write(experiments: Iterable[Experiment]) -> str:
    """Experiments as Sleuth text; a reference line stands wherever the space changes.

    >>> write([Experiment("Lee 2010", "pain", 12, "MNI", (Focus("1", "2", "3"),))])
    '// Reference=MNI\\n// Lee 2010: pain\\n// Subjects=12\\n1\\t2\\t3\\n\\n'
    """
    return "".join(f"{line}\n" for line in _lines(experiments))

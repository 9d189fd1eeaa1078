"""What a file or a paste with coordinates gives: experiments, their foci, what was not read.

A focus keeps its digits as they were written, so that two extractors can be compared within
the rounding that each of them shows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from reviewtool import reading
from reviewtool.reading import BadNumber

SPACES = ("MNI", "Talairach")

_DASH_APART = re.compile(r"(^|[\s,;(\[])[-\u2010-\u2015\u2212\ufe63\uff0d]\s+(?=[\d.,])")
_BRODMANN = re.compile(r"\bBA\s*\d+(\s*[/,]\s*\d+)*\b", re.IGNORECASE)
_TAL = re.compile(r"tal(airach)?\b|\btt(88|atlas)?\b|tournoux", re.IGNORECASE)
_MNI = re.compile(r"mni|montreal|icbm|colin|spm|fsl", re.IGNORECASE)


@dataclass(frozen=True)
class Focus:
    """One peak: x, y, z in millimetres as written, with its statistic and cluster size.

    line: the 1-based line of the file or paste where it stands.
    """

    x: str
    y: str
    z: str
    statistic: str = ""
    size: str = ""
    line: int = 0

    @property
    def point(self) -> tuple[float, float, float]:
        """x, y and z as numbers."""
        return float(self.x), float(self.y), float(self.z)

    @property
    def at(self) -> str:
        """The three as one text."""
        return f"{self.x} {self.y} {self.z}"


@dataclass(frozen=True)
class Experiment:
    """One contrast of one study with its foci; ``space`` is MNI, Talairach or "" for unsaid."""

    study: str
    contrast: str = ""
    n: int | None = None
    space: str = ""
    foci: tuple[Focus, ...] = ()
    modality: str = ""
    direction: str = ""
    line: int = 0

    @property
    def label(self) -> str:
        """Study and contrast as a Sleuth heading has them."""
        return f"{self.study}: {self.contrast}" if self.contrast else self.study


@dataclass(frozen=True)
class Unread:
    """A line that was not taken, with its text, so that nothing is lost."""

    line: int
    text: str
    message: str


@dataclass(frozen=True)
class Coordinates:
    """A file or paste as it was read. ``notes`` say what was understood rather than written."""

    experiments: tuple[Experiment, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    form: str = "table"
    foci: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "foci", sum(len(one.foci) for one in self.experiments))


class BadFocus(ValueError):  # noqa: N818
    """A line that gives no focus; the message says what to write."""


def space_of(text: str) -> str:
    """MNI, Talairach, or "" where the words name neither or both.

    >>> space_of("Talairach & Tournoux"), space_of("MNI152"), space_of("native")
    ('Talairach', 'MNI', '')
    """
    tal, mni = bool(_TAL.search(text)), bool(_MNI.search(text))
    return "" if tal == mni else ("Talairach" if tal else "MNI")


def pieces(line: str) -> list[str]:
    """The cells of a line, by the mark that separates them: tab, semicolon, comma or space.

    A comma between digits is a decimal comma where spaces or semicolons separate. The number
    of a Brodmann area is no coordinate.

    >>> pieces("-12,5;34;\u22127"), pieces("(-12, 34, 56)"), pieces("-12,5 34,0 7")
    (['-12,5', '34', '\u22127'], ['-12', '34', '56'], ['-12,5', '34,0', '7'])
    >>> pieces("L insula\\t-34\\t12\\t4")
    ['L insula', '-34', '12', '4']
    """
    line = _DASH_APART.sub(r"\1-", _BRODMANN.sub("", line).strip())
    if "\t" in line:
        found = line.split("\t")
    elif ";" in line:
        found = line.split(";")
    elif re.search(r",\s|\s,", line) or ("," in line and len(line.split()) < 3):
        found = line.split(",")
    else:
        found = line.split()
    return [one.strip().strip("()[]{}\"'").strip() for one in found]


def number_text(text: str) -> str:
    """A number's digits with a decimal point, kept as written. Raises BadNumber."""
    value = reading.number(text)
    typed = reading.tidy(text).lstrip("+")
    return typed if reading.is_plain(typed) else reading.written(value)


def _is_number(text: str) -> bool:
    try:
        reading.number(text)
    except BadNumber:
        return False
    return not reading.is_per_cent(text)


def focus_of(line: str, number: int = 0) -> Focus:
    """One line with x, y and z, perhaps a region before and statistic and size after them.

    The longest run of numbers counts (the last one of equals). Raises BadFocus.

    >>> focus_of("L insula  -34 12 4 5.2").at, focus_of("12,5; -8; 40").at
    ('-34 12 4', '12.5 -8 40')
    """
    cells = pieces(line)
    runs: list[list[str]] = [[]]
    for cell in cells:
        if _is_number(cell):
            runs[-1].append(cell)
        elif runs[-1]:
            runs.append([])
    longest = max(reversed(runs), key=len)
    if len(longest) < 3:
        raise BadFocus(
            f"it has {len(longest)} {'number' if len(longest) == 1 else 'numbers'} in a row, and a "
            "focus needs x, y and z"
        )
    if len(longest) > 5:
        raise BadFocus(
            f"it has {len(longest)} numbers in a row; write x, y, z and at most a statistic and "
            "a cluster size"
        )
    parts = [number_text(one) for one in longest]
    x, y, z, statistic, size = [*parts, "", ""][:5]
    return Focus(x, y, z, statistic, size, number)


def experiments_of(found: Sequence[Experiment]) -> tuple[Experiment, ...]:
    """Experiments in their order, two of the same study and contrast told apart by number.

    >>> [one.contrast for one in experiments_of([Experiment("A", "go"), Experiment("A", "go")])]
    ['go', 'go (2)']
    """
    seen: dict[tuple[str, str], int] = {}
    result = []
    for one in found:
        key = (one.study.casefold(), one.contrast.casefold())
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            contrast = f"{one.contrast} ({seen[key]})".strip()
            one = Experiment(**{**one.__dict__, "contrast": contrast})
        result.append(one)
    return tuple(result)

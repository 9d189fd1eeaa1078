"""Reads the files beside a script, and compares its numbers with those of expected.json."""

import csv
import json
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path

# What a spreadsheet would run as a formula has an apostrophe before it in data.csv.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def number(text: str) -> float:
    """A cell as a number; NaN for an empty one."""
    return float(text) if text else float("nan")


def unguarded(text: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    bare = text.lstrip("'")
    return text[1:] if text.startswith("'") and bare.startswith(RISKY) else text


class Checks:
    """The settings, the data and the expected numbers of one analysis."""

    def __init__(self, folder: Path) -> None:
        def read(name: str) -> str:
            return (folder / name).read_text(encoding="utf-8")

        self.settings: dict[str, str] = json.loads(read("settings.json"))
        self.expected: dict[str, tuple[float, float]] = {
            one["name"]: (one["value"], one["tolerance"])
            for one in json.loads(read("expected.json"))["numbers"]
        }
        with (folder / "data.csv").open(encoding="utf-8", newline="") as stream:
            self.rows = [
                {name: unguarded(cell) for name, cell in row.items()}
                for row in csv.DictReader(stream)
            ]
        self.seen: set[str] = set()
        self.failed = 0
        print(self.settings["title"])
        print(", ".join(used()))

    def wants(self, beginning: str) -> bool:
        """Whether any expected number has a name that begins so."""
        return any(name.startswith(beginning) for name in self.expected)

    def check(self, name: str, found: float) -> None:
        """Say PASS or FAIL for a number, where it is expected."""
        if name not in self.expected or name in self.seen:
            return
        self.seen.add(name)
        value, tolerance = self.expected[name]
        passes = isfinite(found) and abs(found - value) <= tolerance
        self._say(passes, f"{name}: {found!r}, expected {value!r}")

    def finish(self) -> int:
        """The exit status: 1 where a number differs, or was not computed; else 0."""
        for name in self.expected:
            if name not in self.seen:
                self._say(False, f"{name}: not computed")
        if not self.expected:
            self._say(False, "expected.json names no number")
        total = max(len(self.expected), self.failed)
        print(f"{total - self.failed} of {total} numbers were reproduced.")
        return 1 if self.failed else 0

    def _say(self, passes: bool, words: str) -> None:
        self.failed += not passes
        print("PASS" if passes else "FAIL", words)


def used() -> Iterator[str]:
    """The programs that compute here, with their versions."""
    yield f"Python {platform.python_version()}"
    for package in ("numpy", "scipy"):
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            sys.exit(f"This script needs {package}: pip install numpy scipy")

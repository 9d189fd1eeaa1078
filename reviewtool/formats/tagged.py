"""What the tag-per-line formats share: an open entry that collects values by tag."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.formats.base import EXCERPT, Note

MAX_STRAY = 50  # notes about text between entries, before they are summed up


class Block:
    """One entry being read: values by tag, in order, and where it began."""

    __slots__ = ("first", "last", "line", "values")

    def __init__(self, line: int, first: str) -> None:
        self.line = line
        self.first = first
        self.last = ""
        self.values: dict[str, list[str]] = {}

    def add(self, tag: str, value: str) -> None:
        self.values.setdefault(tag, []).append(value)
        self.last = tag

    def extend(self, value: str, joint: str = " ") -> None:
        """Continue the last value; joining is left to ``one`` so that it stays linear."""
        values = self.values[self.last]
        values[-1] = f"{values[-1]}{joint}{value}" if values[-1] else value

    def all(self, *tags: str) -> list[str]:
        """Every value of ``tags``, tag by tag."""
        return [v for tag in tags for v in self.values.get(tag, ()) if v.strip()]

    def one(self, *tags: str) -> str:
        """The first value found, trying ``tags`` in order."""
        for tag in tags:
            for value in self.values.get(tag, ()):
                if value.strip():
                    return value
        return ""

    def rest(self, used: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """The values that have no place in a record, by tag."""
        return {t: tuple(v) for t, v in self.values.items() if t not in used and any(v)}

    def excerpt(self) -> str:
        """How the entry begins, for a person looking for it in the file."""
        parts = [f"{t}: {v[0][:80]}" for t, v in self.values.items() if v]
        return ("; ".join(parts) or self.first)[:EXCERPT]


class Stray:
    """Text between entries: reported line by line at first, then summed up."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, line: int, text: str) -> Iterator[Note]:
        self.count += 1
        if self.count <= MAX_STRAY:
            yield Note(line, f"Text outside any record was left out: {text.strip()[:80]!r}")

    def total(self) -> Iterator[Note]:
        if self.count > MAX_STRAY:
            yield Note(0, f"{self.count} lines outside any record were left out in all.")

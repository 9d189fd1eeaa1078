"""Parts of a long run put together: which belong to it, and whether any is missing."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from reviewtool.stats.coordinates.errors import UnlikeDraws


class Part(Protocol):
    """Some of a run's draws: what they are draws of, their seed, and how many."""

    @property
    def key(self) -> str:
        """Names the design they were drawn for."""

    @property
    def seed(self) -> int:
        """The run's seed."""

    @property
    def begins(self) -> int:
        """The number of the first."""

    @property
    def count(self) -> int:
        """How many there are."""


P = TypeVar("P", bound=Part)


def in_order(parts: Iterable[P]) -> list[P]:
    """The parts of one run, the first draws first; a part that was done twice counts once.

    Raises UnlikeDraws for none, other designs or seeds, gaps and overlaps.
    """
    kept: list[P] = []
    for part in sorted(parts, key=lambda one: (one.begins, one.count)):
        if kept and (part.key, part.seed) != (kept[0].key, kept[0].seed):
            raise UnlikeDraws(
                problem="they were drawn with other settings or another seed.",
                remedy="Start the run again.",
            )
        if kept and (part.begins, part.count) == (kept[-1].begins, kept[-1].count):
            continue
        expected = kept[-1].begins + kept[-1].count if kept else part.begins
        if part.begins != expected:
            raise UnlikeDraws(
                problem=f"draw {min(part.begins, expected)} is missing or there twice.",
                remedy="Run the missing part.",
            )
        kept.append(part)
    if not kept:
        raise UnlikeDraws(problem="there are none.", remedy="Run at least one part.")
    return kept

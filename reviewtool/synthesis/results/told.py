"""What an analysis tells where effects are not pooled: each study's direction of effect."""

from typing import Literal

from reviewtool.synthesis.results.parts import Effect, Number, Part
from reviewtool.synthesis.rules.selection import Group

Direction = Literal["benefit", "harm", "neither", "unknown"]
# Where a direction is known from.
Basis = Literal["groups", "estimate", "other estimate", "difference", "told", ""]


class Told(Effect):
    """One study (or one treatment of it): what it reports, and whom its result favours.

    The effect is on the analysis scale, None where its numbers give none on this measure.
    direction: benefit is in favour of the experimental side. p: two-sided, with ``p_bound``
    where a report says only "<" or ">". people: of the experimental and the other group.
    """

    study_id: int
    label: str
    year: int | None = None
    treatment: str = ""
    comparator: str = ""
    group1: Group = Group()
    group2: Group = Group()
    direction: Direction = "unknown"
    basis: Basis = ""
    p: Number = None
    p_bound: Literal["", "<", ">"] = ""
    people: tuple[Number, Number] = (None, None)
    judgement: str = ""


class Votes(Part):
    """Studies by direction. The sign test is on the first two; shares from 0 to 1."""

    favour: int
    against: int
    neither: int = 0
    unknown: int = 0
    share: Number = None
    ci_low: Number = None
    ci_high: Number = None
    p: Number = None

    @property
    def total(self) -> int:
        """Studies with either direction."""
        return self.favour + self.against


class CombinedP(Part):
    """p values combined by Fisher's method, one-sided for benefit and for harm.

    bounded: studies that report a limit only, which was taken for the value that says least.
    without: studies that give no p value, or no direction to go with it.
    """

    k: int
    df: int
    benefit: Number
    benefit_p: Number
    harm: Number
    harm_p: Number
    bounded: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class Directions(Part):
    """Every study with its direction; votes and p values where there are any."""

    rows: tuple[Told, ...]
    votes: Votes
    combined: CombinedP | None = None
    doubts: tuple[str, ...] = ()
    lower_is_better: bool = True

    @property
    def study_count(self) -> int:
        """How many studies there are."""
        return len({row.study_id for row in self.rows})

    @property
    def known(self) -> bool:
        """Whether any study has a direction."""
        return any(row.direction != "unknown" for row in self.rows)

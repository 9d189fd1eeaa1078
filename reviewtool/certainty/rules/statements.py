"""Sentences for a finding: the words follow certainty and size, nothing else.

Source: GRADE guidelines 26 (J Clin Epidemiol 2020;119:126).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reviewtool.certainty.rules.level import Level
from reviewtool.errors import Invalid

Size = Literal["trivial", "small", "moderate", "large"]
Direction = Literal["reduction", "increase"]
SIZES: tuple[Size, ...] = ("trivial", "small", "moderate", "large")


@dataclass(frozen=True)
class EffectSize:
    """How large an effect is for people, and which way it goes."""

    size: Size
    direction: Direction


def effect_size_class(diff: float, thresholds: Sequence[float]) -> EffectSize:
    """The class of a difference by three ascending thresholds in the same unit.

    >>> effect_size_class(-20, [5, 20, 50])
    EffectSize(size='moderate', direction='reduction')
    """
    if len(thresholds) != 3 or list(thresholds) != sorted(thresholds):
        raise Invalid("Give three thresholds in ascending order: small, moderate, large.")
    above = sum(abs(diff) >= threshold for threshold in thresholds)
    return EffectSize(SIZES[above], "reduction" if diff < 0 else "increase")


def narrative(
    certainty: Level, size: Size, direction: Direction, intervention: str, outcome: str
) -> str:
    """One sentence on what the intervention does to the outcome."""
    if certainty is Level.VERY_LOW:
        return f"The evidence is very uncertain about the effect of {intervention} on {outcome}."
    word = {Level.HIGH: "", Level.MODERATE: "probably ", Level.LOW: "may "}[certainty]
    plain = certainty is Level.LOW  # "may lead", but "probably leads"
    if size == "large":
        verb = "lead" if plain else "leads"
        return f"{intervention} {word}{verb} to a large {direction} in {outcome}."
    if size == "trivial":
        verb = "make" if plain else "makes"
        return f"{intervention} {word}{verb} little or no difference to {outcome}."
    verb = ("reduce" if direction == "reduction" else "increase") + ("" if plain else "s")
    return f"{intervention} {word}{verb} {outcome}{' slightly' if size == 'small' else ''}."

"""A network in the summary of findings: a row for each treatment against the reference."""

from dataclasses import dataclass

from reviewtool.certainty.queries import Line
from reviewtool.synthesis.results import NetworkResult
from reviewtool.synthesis.sheets import written
from reviewtool.words import num, out_of_hundred


@dataclass(frozen=True)
class AgainstReference:
    """One treatment of a network.

    effect: with its interval, as people read it. direct: studies that compare it with the
    reference head to head; studies: those that have it at all. rank: 1 is the best by
    P-score; p_score and sucra from 0 to 1. share: of the evidence that is
    direct, 0..1.
    """

    treatment: str
    reference: str
    effect: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    direct: int
    studies: int
    participants: float | None
    rank: int
    of: int
    p_score: float | None
    sucra: float | None
    share: float | None

    @property
    def standing(self) -> str:
        """Its place and its score in words: rank 1 of 8, SUCRA 0.95."""
        return (
            f"Rank {self.rank} of {self.of}; SUCRA {num(self.sucra)}, P-score {num(self.p_score)}"
        )

    @property
    def evidence(self) -> str:
        """How much of its evidence is head to head."""
        if not self.direct:
            return "indirect evidence only"
        return f"{out_of_hundred(None if self.share is None else 100 * self.share)} direct"


def against_reference(line: Line) -> tuple[AgainstReference, ...]:
    """Every treatment but the reference, best first; nothing for other analyses."""
    result = line.run.result if line.run else None
    if not isinstance(result, NetworkResult):
        return ()
    pairs = {frozenset((one.first, one.second)): one for one in result.splits}
    unit = f" {line.outcome.unit}" if result.effect_measure.in_units and line.outcome.unit else ""
    found = []
    for rank, one in enumerate(result.treatments, 1):
        if one.name == result.reference:
            continue
        shown = result.shown(one)
        split = pairs.get(frozenset((one.name, result.reference)))
        found.append(
            AgainstReference(
                one.name,
                result.reference,
                written.Written(result).effect(one) + unit,
                shown.estimate,
                shown.ci_low,
                shown.ci_high,
                split.studies if split else 0,
                one.studies,
                one.participants,
                rank,
                len(result.treatments),
                one.p_score,
                one.sucra,
                split.share if split else None,
            )
        )
    return tuple(found)

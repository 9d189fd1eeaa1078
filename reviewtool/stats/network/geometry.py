"""The shape of a network: who is compared with whom, how often, how evenly.

Source: Salanti, Kavvoura & Ioannidis 2008, Ann Intern Med 148:544 (diversity,
co-occurrence).
"""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import nan

from reviewtool.stats.network.evidence import Evidence
from reviewtool.words import plural


@dataclass(frozen=True, slots=True)
class Node:
    """A treatment, the studies that include it and the treatments it was compared with."""

    treatment: str
    studies: int
    neighbours: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A direct comparison and the studies that make it."""

    treatment1: str
    treatment2: str
    studies: int


@dataclass(frozen=True, slots=True)
class Geometry:
    """Counts and shape. density: share of possible comparisons made, 0..1.

    loops: independent closed loops; star: the treatment all others were only compared
    with, or None; diversity: probability that two randomly drawn arms differ (PIE), NaN
    with a single arm.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    studies: int
    multi_arm_studies: int
    density: float
    loops: int
    star: str | None
    diversity: float

    @property
    def sentence(self) -> str:
        """The network in words."""
        multi = f", {self.multi_arm_studies} of them multi-arm," if self.multi_arm_studies else ""
        shape = f" in a star around {self.star}" if self.star else ""
        return (
            f"{plural(self.studies, 'study', 'studies')}{multi} compared {len(self.nodes)} "
            f"treatments{shape}; "
            f"{len(self.edges)} of {len(self.nodes) * (len(self.nodes) - 1) // 2} possible "
            f"comparisons have direct evidence, forming "
            f"{plural(self.loops, 'independent loop', 'independent loops')}."
        )


def geometry(evidence: Evidence) -> Geometry:
    """Describe a network; from ``Network.evidence`` or ``gather``."""
    names = evidence.treatments
    arms = Counter(arm for study in evidence.studies for arm in study.arms)
    pairs = Counter(pair for study in evidence.studies for pair in combinations(study.arms, 2))
    degree = Counter(arm for pair in pairs for arm in pair)
    n, total = len(names), sum(arms.values())
    centres = [i for i in range(n) if n > 2 and degree[i] == n - 1 == len(pairs)]
    return Geometry(
        nodes=tuple(Node(names[i], arms[i], degree[i]) for i in range(n)),
        edges=tuple(Edge(names[i], names[j], k) for (i, j), k in sorted(pairs.items())),
        studies=len(evidence.studies),
        multi_arm_studies=sum(len(study.arms) > 2 for study in evidence.studies),
        density=len(pairs) / (n * (n - 1) / 2),
        loops=len(pairs) - n + 1,
        star=names[centres[0]] if centres else None,
        diversity=_diversity(list(arms.values()), total),
    )


def _diversity(counts: list[int], total: int) -> float:
    if total < 2:
        return nan
    return total / (total - 1) * (1 - sum((c / total) ** 2 for c in counts))

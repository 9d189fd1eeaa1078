"""How a map of brain coordinates is made: algorithm, threshold, draws, seed, two maps in one."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

ALGORITHMS = {
    "ALE": "Activation likelihood estimation (ALE)",
    "MKDA": "Multilevel kernel density analysis (MKDA)",
}
CORRECTIONS = {
    "cluster": "Cluster-level FWE (Monte Carlo)",
    "voxel": "Voxel-level FWE (Monte Carlo)",
    "fdr": "Voxel-level FDR",
    "none": "Uncorrected",
}
COMBINED = {
    "": "One map",
    "contrast": "Contrast: this map against another",
    "conjunction": "Conjunction: where this map and another agree",
}
LEAST_DRAWS, MOST_DRAWS = 100, 20_000
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class MapChoices:
    """The choices of a coordinates analysis.

    forming: uncorrected p that a voxel needs (alone, or to form a cluster). level: the
    corrected p, or q of FDR. draws and seed: of the Monte Carlo. combine: "", contrast or
    conjunction, with the planned analysis ``other_id``. merged: the contrasts of a study are
    taken together as one experiment (Turkeltaub 2012, Hum Brain Mapp 33:1).
    """

    algorithm: str = "ALE"
    correction: str = "cluster"
    forming: float = 0.001
    level: float = 0.05
    draws: int = 1000
    seed: int = 1
    combine: str = ""
    other_id: int | None = None
    merged: bool = False

    @property
    def draws_needed(self) -> bool:
        """Whether the threshold is found by Monte Carlo."""
        return self.combine == "contrast" or self.correction in {"cluster", "voxel"}


USUAL = MapChoices()


def choices_of(stored: Mapping[str, Any] | None) -> MapChoices:
    """Choices as they are stored, with the usual ones for those left out.

    >>> choices_of({"algorithm": "MKDA"}).algorithm, choices_of(None).draws
    ('MKDA', 1000)
    """
    known = {key: value for key, value in (stored or {}).items() if key in asdict(USUAL)}
    return MapChoices(**known)


def stored(choices: MapChoices) -> dict[str, Any]:
    """Choices as the plan keeps them."""
    return asdict(choices)


def check(stored: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """(field, sentence) of every choice that cannot be.

    >>> [field for field, _ in check({"draws": 5, "algorithm": "ALE"})]
    ['draws']
    """
    unknown = set(stored or {}) - set(asdict(USUAL))
    if unknown:
        names = ", ".join(sorted(unknown))
        yield "map", f"A map has no choice {names}. Choose from {', '.join(asdict(USUAL))}."
    one = choices_of(stored)
    for field, value, known in (
        ("algorithm", one.algorithm, ALGORITHMS),
        ("correction", one.correction, CORRECTIONS),
        ("combine", one.combine, COMBINED),
    ):
        if value not in known:
            names = ", ".join(name or "nothing" for name in known)
            yield field, f"{field.capitalize()} “{value}”: choose one of {names}."
    for field, number, low, high in (
        ("forming", one.forming, 0.0, 0.05),
        ("level", one.level, 0.0, 0.2),
    ):
        if not isinstance(number, int | float) or not low < number <= high:
            words = "The voxel threshold" if field == "forming" else "The corrected level"
            yield field, f"{words} is a p-value above {low} and up to {high}."
    if not _whole(one.draws) or not LEAST_DRAWS <= one.draws <= MOST_DRAWS:
        yield (
            "draws",
            f"The number of draws is a whole number from {LEAST_DRAWS} to {MOST_DRAWS}. 1,000 is "
            "usual; 5,000 for what is published.".replace(str(MOST_DRAWS), "20,000"),
        )
    if not _whole(one.seed) or not 0 <= one.seed <= LARGEST_SEED:
        yield "seed", "The seed is a whole number from 0 to 2,147,483,647."
    if one.combine == "contrast" and one.correction == "fdr":
        yield (
            "correction",
            "A contrast is compared with its own deals: choose cluster- or voxel-level FWE, or "
            "uncorrected.",
        )
    if not isinstance(one.merged, bool):
        yield "merged", "Say yes or no: whether a study’s contrasts are taken together."
    if one.combine and one.other_id is None:
        yield "other_id", "Choose the analysis that this one is set beside."


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def in_words(one: MapChoices) -> str:
    """How a map is made, in a line.

    >>> in_words(MapChoices())
    'ALE, cluster-level FWE 0.05 (voxels p < 0.001), 1000 draws, seed 1'
    >>> in_words(MapChoices(correction="fdr"))
    'ALE, voxel-level FDR q < 0.05'
    """
    words = {
        "cluster": f"cluster-level FWE {one.level} (voxels p < {one.forming})",
        "voxel": f"voxel-level FWE {one.level}",
        "fdr": f"voxel-level FDR q < {one.level}",
        "none": f"uncorrected p < {one.forming}",
    }
    parts = [one.algorithm, *([one.combine] if one.combine else []), words[one.correction]]
    if one.merged:
        parts.append("contrasts of a study together")
    if one.draws_needed:
        parts += [f"{one.draws} draws", f"seed {one.seed}"]
    return ", ".join(parts)

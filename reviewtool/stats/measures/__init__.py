"""Effect sizes with sampling variances, one registry for every measure.

Conventions (signs, zero cells, small-sample corrections) are those of the
literature each formula names; ratios are on the log scale.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Vector, as_vector, study_name
from reviewtool.stats.errors import BadInput, BadStudy, UnknownChoice
from reviewtool.stats.measures import binary, continuous, given, paired, single
from reviewtool.stats.measures.base import Columns, Measure, Options
from reviewtool.stats.measures.single import (
    clopper_pearson,
    double_arcsine_back,
    harmonic_mean,
)

REGISTRY: dict[str, Measure] = {
    measure.name: measure
    for family in (binary, continuous, paired, single, given)
    for measure in family.MEASURES
}
BACK: dict[str, Callable[[Vector], Vector]] = {
    "identity": lambda x: x,
    "exp": np.exp,
    "ztor": np.tanh,
    "ilogit": lambda x: 1 / (1 + np.exp(-x)),
    "iarcsin": lambda x: np.sin(np.clip(x, 0, np.pi / 2)) ** 2,
}
__all__ = [
    "BACK",
    "REGISTRY",
    "EffectSizes",
    "clopper_pearson",
    "double_arcsine_back",
    "effect_sizes",
    "effects_from",
    "harmonic_mean",
    "transform_of",
]


@dataclass(frozen=True, slots=True, eq=False)
class EffectSizes:
    """Effects and variances in row order; NaN where a study gives none.

    ``corrected`` marks studies whose zero cells were adjusted, ``missing`` those
    without an effect; ``warnings`` says both in words.
    """

    measure: str
    y: Vector
    v: Vector
    corrected: np.ndarray = field(repr=False)
    transform: str = "identity"
    labels: tuple[str, ...] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def missing(self) -> np.ndarray:
        """Boolean, shape (k,): no effect could be computed."""
        return np.isnan(self.y) | np.isnan(self.v)

    @property
    def usable(self) -> np.ndarray:
        """Row indices with an effect and a positive variance."""
        return np.flatnonzero(~self.missing & (self.v > 0))

    def back(self, values: ArrayLike) -> Vector:
        """``values`` of the analysis scale on the scale people read."""
        return BACK[self.transform](np.asarray(values, dtype=float))


def transform_of(measure: str) -> str:
    """Name of the back-transformation of ``measure``; identity when there is none."""
    return REGISTRY[measure].transform if measure in REGISTRY else "identity"


def effect_sizes(
    measure: str,
    *,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = False,
    vtype: str = "LS",
    level: float = 95.0,
    labels: Labels | None = None,
    **columns: ArrayLike,
) -> EffectSizes:
    """Effects of ``measure`` with their sampling variances.

    columns: shape (k,) each, named as the measure asks (see ``REGISTRY[measure].needs``);
    missing values give a missing effect. add is added to the cells of studies with a
    zero cell (to="only0"), of all studies ("all"), of all if any has one ("if0all"), or
    of none ("none"); drop00 leaves out studies without events, or without non-events,
    in both arms. Measures on arcsine and root scales always use the raw counts. vtype
    selects the variance (LS, UB, HO); level is that of reported intervals (GEN, HR).
    Raises UnknownChoice, BadInput, BadStudy naming the study and the column.

    >>> e = effect_sizes("OR", ai=[4, 0], n1i=[10, 10], ci=[2, 1], n2i=[10, 10])
    >>> e.y.round(4), e.v.round(4)
    (array([ 0.9808, -1.1987]), array([1.0417, 2.8672]))
    """
    return effects_from(measure, columns, Options(add, to, drop00, vtype, level), labels)


def effects_from(
    measure: str,
    columns: Mapping[str, ArrayLike],
    options: Options | None = None,
    labels: Labels | None = None,
) -> EffectSizes:
    """``effect_sizes`` with the columns as a mapping."""
    chosen_options = options or Options(0.5, "only0", False, "LS")
    if measure not in REGISTRY:
        raise UnknownChoice(what="Measure", given=measure, choices=", ".join(sorted(REGISTRY)))
    if chosen_options.to not in ("only0", "all", "if0all", "none"):
        raise UnknownChoice(
            what="Policy 'to'", given=chosen_options.to, choices="only0, all, if0all, none"
        )
    chosen = REGISTRY[measure]
    if chosen.raw:
        chosen_options = chosen_options._replace(add=0.0)
    values = _columns(chosen, columns, labels)
    with np.errstate(all="ignore"):
        y, v, corrected = chosen.compute(values, chosen_options)
    bad = ~np.isfinite(y) | ~np.isfinite(v)
    y, v = np.where(bad, nan, y), np.where(bad, nan, v)
    return EffectSizes(
        measure,
        y,
        v,
        corrected,
        chosen.transform,
        tuple(labels) if labels is not None else None,
        _warnings(bad, corrected, labels),
    )


def _columns(measure: Measure, columns: Mapping[str, ArrayLike], labels: Labels | None) -> Columns:
    vectors = {name: as_vector(values, name) for name, values in columns.items()}
    lacking = [name for name in measure.needs if not any(n in vectors for n in name.split("|"))]
    if lacking:
        raise BadInput(
            problem=f"{measure.name} needs the columns {', '.join(lacking)}.",
            remedy="Name them, or choose another measure.",
        )
    if len({vector.size for vector in vectors.values()}) > 1:
        raise BadInput(
            problem="The columns differ in length: "
            + ", ".join(f"{name} {vector.size}" for name, vector in vectors.items())
            + ".",
            remedy="Give one value per study in each.",
        )
    for problem in measure.check(vectors):
        raise BadStudy(
            study=study_name(problem.row, labels),
            column=problem.column,
            value=f"{problem.value:g}",
            reason=problem.reason,
            remedy="Correct the number, or leave the cell empty.",
        )
    return vectors


def _warnings(bad: np.ndarray, corrected: np.ndarray, labels: Labels | None) -> tuple[str, ...]:
    found = []
    if corrected.any():
        names = ", ".join(study_name(int(i), labels) for i in np.flatnonzero(corrected))
        found.append(f"Zero cells were corrected in: {names}.")
    if bad.any():
        names = ", ".join(study_name(int(i), labels) for i in np.flatnonzero(bad))
        found.append(f"No effect could be computed for: {names}.")
    return tuple(found)

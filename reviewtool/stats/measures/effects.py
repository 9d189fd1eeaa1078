"""Effects per study with their sampling variances, and why a study has none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.reading import written
from reviewtool.stats.arrays import Labels, Vector, as_vector, beyond_computing, study_name
from reviewtool.stats.errors import BadInput, BadStudy, UnknownChoice
from reviewtool.stats.measures.base import Columns, Data, Measure, Options
from reviewtool.stats.measures.given import as_reported
from reviewtool.stats.measures.reasons import given_reasons, impossible, reasons, undefined
from reviewtool.stats.measures.registry import measure as named
from reviewtool.stats.measures.scales import Scale
from reviewtool.stats.measures.single import harmonic_mean


@dataclass(frozen=True, slots=True, eq=False)
class EffectSizes:
    """Effects and variances in row order; NaN where a study gives none.

    ``corrected`` marks studies whose zero cells were adjusted, ``missing`` those
    without an effect. ``reasons``: why a row cannot be pooled, one per row, empty where
    it can. ``sizes``: people or person-time, where the way back needs them.
    ``warnings`` says all of it in words.
    """

    measure: str
    y: Vector
    v: Vector
    corrected: np.ndarray = field(repr=False)
    labels: tuple[str, ...] | None = None
    warnings: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    sizes: Vector | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if len(self.reasons) != self.y.size:
            object.__setattr__(self, "reasons", given_reasons(self.y, self.v))

    @property
    def missing(self) -> np.ndarray:
        """Boolean, shape (k,): no effect could be computed."""
        return np.isnan(self.y) | np.isnan(self.v)

    @property
    def usable(self) -> np.ndarray:
        """Row indices with an effect and a positive variance."""
        return np.flatnonzero(~self.missing & (self.v > 0))

    @property
    def left_out(self) -> tuple[tuple[str, str], ...]:
        """(study, reason) of every row that cannot be pooled."""
        return tuple(
            (study_name(i, self.labels), reason) for i, reason in enumerate(self.reasons) if reason
        )

    @property
    def size(self) -> float | None:
        """Harmonic mean of the sizes of usable rows; None where no size is needed."""
        if self.sizes is None or not self.usable.size:
            return None
        return harmonic_mean(self.sizes[self.usable])

    @property
    def scale(self) -> Scale:
        """The measure's scale, with the way back of a pooled effect of these studies."""
        return named(self.measure).scale.at(self.size)

    @property
    def transform(self) -> str:
        """Name of the way back: identity, exp, ilogit, ..."""
        return self.scale.transform

    def without(self, why: Mapping[int, str]) -> "EffectSizes":
        """These rows left out as well, each with its reason.

        >>> reported_effects("MD", {"yi": [1.0], "sei": [2.0]}).without({0: "typed twice"}).left_out
        (('study 1', 'typed twice'),)
        """
        if not why:
            return self
        out = np.isin(np.arange(self.y.size), list(why))
        said = tuple(why.get(i, reason) for i, reason in enumerate(self.reasons))
        y, v = np.where(out, nan, self.y), np.where(out, nan, self.v)
        return replace(self, y=y, v=v, corrected=self.corrected & ~out, reasons=said)

    def back(self, values: ArrayLike, size: ArrayLike | None = None) -> Vector:
        """``values`` of the analysis scale on the scale people read.

        size: of the studies that the values belong to (``sizes``); without it the
        harmonic mean, as for a pooled effect.
        """
        return self.scale.back(values, size)


def effect_sizes(
    measure: str,
    *,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool | None = False,
    vtype: str = "LS",
    level: float = 95.0,
    labels: Labels | None = None,
    strict: bool = True,
    **columns: ArrayLike,
) -> EffectSizes:
    """Effects of ``measure`` with their sampling variances.

    columns: shape (k,) each, named as the measure asks (see ``measure(name).needs``);
    missing values give a missing effect. add is added to the cells of studies with a
    zero cell (to="only0"), of all studies ("all"), of all if any has one ("if0all"), or
    of none ("none"); drop00 leaves out studies without events, or without non-events,
    in both arms (None: as the measure's literature does, see ``Measure``). Measures on
    arcsine and root scales always use the raw counts. vtype selects the variance (LS,
    UB, HO); level is that of reported intervals (GEN, HR). strict: a number that cannot be
    (more events than people, an SD below zero) raises; otherwise its study has no effect,
    for that reason. Raises UnknownChoice, BadInput, BadStudy naming the study and the column.

    >>> e = effect_sizes("OR", ai=[4, 0], n1i=[10, 10], ci=[2, 1], n2i=[10, 10])
    >>> e.y.round(4), e.v.round(4)
    (array([ 0.9808, -1.1987]), array([1.0417, 2.8672]))
    >>> e = effect_sizes("OR", drop00=None, ai=[0], n1i=[10], ci=[0], n2i=[10])
    >>> e.left_out
    (('study 1', 'no events in either arm'),)
    """
    chosen = named(measure)
    keep11 = drop00 is None and chosen.keeps_all_events
    drop = chosen.drops_double_zero if drop00 is None else drop00
    how = Options(add, to, drop, vtype, level, keep11)
    return effects_from(chosen.name, columns, how, labels, strict)


def effects_from(
    measure: str,
    columns: Mapping[str, ArrayLike],
    options: Options | None = None,
    labels: Labels | None = None,
    strict: bool = True,
) -> EffectSizes:
    """``effect_sizes`` with the columns as a mapping."""
    return _effects(named(measure), columns, options, labels, strict)


def reported_effects(
    measure: str,
    columns: Mapping[str, ArrayLike],
    level: float | Vector = 95.0,
    labels: Labels | None = None,
    strict: bool = True,
) -> EffectSizes:
    """Effects of ``measure`` that studies print, instead of the numbers behind them.

    columns: est, lb, ub on the natural scale, yi, vi, sei on the analysis scale, pval;
    each study by the first it has of vi, sei, interval, pval. level: of the intervals, one
    for all or one for each. strict: as for ``effect_sizes``.

    >>> e = reported_effects("OR", {"est": [0.5], "lb": [0.25], "ub": [1.0]})
    >>> e.back(e.y).round(3), (e.v**0.5).round(3)
    (array([0.5]), array([0.354]))
    """
    chosen = named(measure)
    given = replace(
        chosen, data=Data.ESTIMATE, compute=as_reported(chosen.scale), unused=(), above_zero=()
    )
    return _effects(given, columns, Options(0.0, "none", False, "LS", level), labels, strict)


def _effects(
    chosen: Measure,
    columns: Mapping[str, ArrayLike],
    options: Options | None,
    labels: Labels | None,
    strict: bool,
) -> EffectSizes:
    how = options or Options(0.5, "only0", False, "LS")
    if how.to not in ("only0", "all", "if0all", "none"):
        raise UnknownChoice(what="Policy 'to'", given=how.to, choices="only0, all, if0all, none")
    if chosen.raw:
        how = how._replace(add=0.0)
    values, wrong = _columns(chosen, columns, labels, strict)
    with np.errstate(all="ignore"):
        y, v, corrected = chosen.compute(values, how)
        bad = ~np.isfinite(y) | ~np.isfinite(v) | undefined(chosen, values)
    y, v = np.where(bad, nan, y), np.where(bad, nan, v)
    if not strict:
        wrong = {**beyond_computing(y, v), **wrong}
        y, v = (np.where(np.isin(np.arange(y.size), list(wrong)), nan, x) for x in (y, v))
    why = reasons(chosen, values, y, v)
    why = tuple(wrong.get(i, reason) for i, reason in enumerate(why))
    return EffectSizes(
        chosen.name,
        y,
        v,
        corrected,
        tuple(labels) if labels is not None else None,
        _warnings(corrected, why, bad, labels),
        why,
        _sizes(chosen, values),
    )


def _sizes(chosen: Measure, values: Columns) -> Vector | None:
    """People or person-time per row, for measures whose way back needs it."""
    name = chosen.scale.sized_by
    if not name:
        return None
    return values[name] if name in values else values["xi"] + values["mi"]


def _columns(
    chosen: Measure, columns: Mapping[str, ArrayLike], labels: Labels | None, strict: bool
) -> tuple[Columns, dict[int, str]]:
    """The columns as vectors, and why rows with impossible numbers are blank in all of them."""
    vectors = {name: as_vector(values, name) for name, values in columns.items()}
    lacking = [name for name in chosen.needs if not any(n in vectors for n in name.split("|"))]
    if lacking:
        raise BadInput(
            problem=f"{chosen.name} needs the columns {', '.join(lacking)}.",
            remedy="Name them, or choose another measure.",
        )
    if len({vector.size for vector in vectors.values()}) > 1:
        raise BadInput(
            problem="The columns differ in length: "
            + ", ".join(f"{name} {vector.size}" for name, vector in vectors.items())
            + ".",
            remedy="Give one value per study in each.",
        )
    wrong: dict[int, str] = {}
    for problem in chosen.check(vectors):
        if strict:
            raise BadStudy(
                study=study_name(problem.row, labels),
                column=problem.column,
                value=written(problem.value),
                reason=problem.reason,
                remedy="Correct the number, or leave the cell empty.",
            )
        wrong.setdefault(problem.row, impossible(chosen, problem))
    if wrong:
        out = np.isin(np.arange(next(iter(vectors.values())).size), list(wrong))
        vectors = {name: np.where(out, nan, values) for name, values in vectors.items()}
    return vectors, wrong


def _warnings(
    corrected: np.ndarray, why: tuple[str, ...], bad: np.ndarray, labels: Labels | None
) -> tuple[str, ...]:
    found = []
    if corrected.any():
        names = ", ".join(study_name(int(i), labels) for i in np.flatnonzero(corrected))
        found.append(f"Zero cells were corrected in: {names}.")
    for rows, words in (
        (bad, "No effect could be computed for"),
        (~bad, "The effect cannot be pooled of"),
    ):
        names = ", ".join(
            f"{study_name(int(i), labels)} ({why[i]})" for i in np.flatnonzero(rows) if why[i]
        )
        if names:
            found.append(f"{words}: {names}.")
    return tuple(found)

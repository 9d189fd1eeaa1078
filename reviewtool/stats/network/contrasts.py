"""From arms to contrasts: every pairwise effect of every study.

Zero cells: 0.5 is added to all arms of a study with a zero cell. Two arms without any
event (for odds ratios also two in which everybody has it) say nothing about a ratio, so
their contrast is missing; differences keep it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.reading import written
from reviewtool.stats.arrays import Vector, as_vector
from reviewtool.stats.errors import BadInput, BadStudy, UnknownChoice
from reviewtool.stats.measures import Scale, effect_sizes
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.network.order import order_of
from reviewtool.stats.results import LeftOut

CORRECTION = 0.5
NEEDS = {
    "OR": ("event", "n"),
    "RR": ("event", "n"),
    "RD": ("event", "n"),
    "AS": ("event", "n"),
    "ASD": ("event", "n"),  # the same, as R's meta calls it
    "MD": ("mean", "sd", "n"),
    "SMD": ("mean", "sd", "n"),
    "ROM": ("mean", "sd", "n"),
    "IRR": ("event", "time"),
    "IRD": ("event", "time"),
}
NAMES = {
    "event": "the number of events",
    "n": "the number of people",
    "time": "the person-time",
    "mean": "the mean",
    "sd": "the SD",
}
POSITIVE = ("n", "time", "sd")  # zero is as good as nothing
Arm = Mapping[str, Vector]
Effects = tuple[Vector, Vector]


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """One row per comparison of two arms: effect of ``treat1`` versus ``treat2``.

    te, se: shape (m,), analysis scale (log for ratios), NaN where undefined. A study
    with a arms has a (a - 1) / 2 rows. ``reasons``: why a row is undefined, one per row,
    empty where it is not. ``left_out``: studies without a single contrast, and why.
    """

    study: tuple[str, ...]
    treat1: tuple[str, ...]
    treat2: tuple[str, ...]
    te: Vector
    se: Vector
    measure: str = "MD"
    corrected: tuple[str, ...] = ()  # studies whose zero cells were adjusted
    reasons: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def __post_init__(self) -> None:
        if len(self.reasons) != self.te.size:
            defined = np.isfinite(self.te) & np.isfinite(self.se)
            found = np.where(defined, "", "its effect or standard error is missing")
            object.__setattr__(self, "reasons", tuple(str(reason) for reason in found))
        if not self.left_out:
            object.__setattr__(self, "left_out", _without_contrast(self.study, self.reasons))

    def at(self, rows: Sequence[int]) -> "Contrasts":
        """Only these rows; who is left out stays as it is."""
        return replace(
            self,
            study=tuple(self.study[i] for i in rows),
            treat1=tuple(self.treat1[i] for i in rows),
            treat2=tuple(self.treat2[i] for i in rows),
            te=self.te[list(rows)],
            se=self.se[list(rows)],
            reasons=tuple(self.reasons[i] for i in rows),
        )

    @property
    def scale(self) -> Scale:
        """The scale of the effects, with the way back to what people read."""
        return measure_named(self.measure).scale


def _without_contrast(study: Sequence[str], reasons: Sequence[str]) -> tuple[LeftOut, ...]:
    """Studies none of whose contrasts is defined, with every reason once."""
    found: dict[str, list[str]] = {}
    for name, reason in zip(study, reasons, strict=True):
        found.setdefault(name, []).append(reason)
    return tuple(
        LeftOut(name, "; ".join(dict.fromkeys(own))) for name, own in found.items() if all(own)
    )


def given_contrasts(
    study: Sequence[str],
    treat1: Sequence[str],
    treat2: Sequence[str],
    te: ArrayLike,
    se: ArrayLike,
    measure: str = "MD",
) -> Contrasts:
    """Contrasts as a report gives them. Raises BadInput, BadStudy naming the row's study."""
    effects, errors = as_vector(te, "te"), as_vector(se, "se")
    if not len(study) == len(treat1) == len(treat2) == effects.size == errors.size:
        raise BadInput(
            problem="Studies, treatments, effects and standard errors differ in number.",
            remedy="Give one of each per row.",
        )
    for name, a, b, error in zip(study, treat1, treat2, errors, strict=True):
        if a == b:
            raise BadStudy(
                study=name,
                column="treatment",
                value=a,
                reason="it is compared with itself",
                remedy="Name two treatments.",
            )
        if error <= 0:
            raise BadStudy(
                study=name,
                column="standard error",
                value=written(error),
                reason="it must be greater than zero",
                remedy="Correct the study or leave it out.",
            )
    return Contrasts(tuple(study), tuple(treat1), tuple(treat2), effects, errors, measure)


def arm_contrasts(
    study: Sequence[str],
    treatment: Sequence[str],
    *,
    measure: str,
    incr: float = CORRECTION,
    drop00: bool | None = None,
    strict: bool = True,
    **columns: ArrayLike,
) -> Contrasts:
    """Every pairwise contrast of arm-level rows.

    study, treatment: one name per arm. measure: OR, RR, RD, AS (event, n), MD, SMD,
    ROM (mean, sd, n), IRR, IRD (event, time); columns hold one number per arm. Studies
    come out in alphabetical order, their arms in the order of the rows. A study with
    one arm gives no contrast. incr: added to every arm of a study with a zero cell.
    drop00: contrasts of two arms without events (OR: or with events in everybody) are
    missing; None: for OR, RR and IRR, as usual. strict: a number that cannot be raises;
    otherwise its arm has no contrast, for that reason. Raises UnknownChoice, BadInput,
    BadStudy.

    >>> c = arm_contrasts(["A", "A"], ["x", "y"], measure="MD",
    ...                   mean=[3, 1], sd=[2, 2], n=[8, 8])
    >>> float(c.te[0]), float(c.se[0])
    (2.0, 1.0)
    """
    if measure not in NEEDS:
        raise UnknownChoice(what="Measure", given=measure, choices=", ".join(NEEDS))
    vectors, wrong = _vectors(measure, study, treatment, columns, strict)
    drop = measure_named(measure).drops_double_zero if drop00 is None else drop00
    arms = arms_by_study(study, treatment)
    pairs = [(i, j) for rows in arms.values() for i, j in combinations(rows, 2)]
    first, second = (np.array([p[side] for p in pairs], dtype=int) for side in (0, 1))
    reasons = _reasons(measure, vectors, treatment, pairs, drop, wrong)
    touched: set[str] = set()
    if "event" in vectors and measure not in ("AS", "ASD"):
        vectors, touched = _correct(arms, vectors, incr)
    if measure == "SMD":
        vectors = _pool_sd(arms, vectors)
    arm1 = {name: values[first] for name, values in vectors.items()}
    arm2 = {name: values[second] for name, values in vectors.items()}
    with np.errstate(all="ignore"):
        te, v = FORMULAS[measure](arm1, arm2)
        se = np.sqrt(v)
    bad = ~np.isfinite(te) | ~(np.isfinite(se) & (se > 0)) | (reasons != "")
    reasons = np.where(bad & (reasons == ""), "their numbers give no finite effect", reasons)
    names = tuple(study[i] for i in first)
    defined = {name for name, reason in zip(names, reasons, strict=True) if not reason}
    words = tuple(str(reason) for reason in reasons)
    alone = [LeftOut(name, "only one arm") for name, rows in arms.items() if len(rows) == 1]
    return Contrasts(
        names,
        tuple(treatment[i] for i in first),
        tuple(treatment[i] for i in second),
        np.where(bad, nan, te),
        np.where(bad, nan, se),
        measure,
        tuple(sorted(touched & defined, key=order_of)),
        words,
        (*alone, *_without_contrast(names, words)),
    )


def _reasons(
    measure: str,
    vectors: Mapping[str, Vector],
    treatment: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    drop: bool,
    wrong: Mapping[int, str],
) -> np.ndarray:
    """Why two arms give no contrast, one text per pair, empty where they do.

    wrong: arms whose numbers cannot be, and why.
    """
    found = np.full(len(pairs), "", dtype=object)
    everybody = _everybody(measure, vectors)
    for row, (i, j) in enumerate(pairs):
        gaps = [
            f"{what} of {treatment[arm]} {'is zero' if vectors[name][arm] == 0 else 'is missing'}"
            for arm in (i, j)
            for name, what in NAMES.items()
            if name in vectors
            and (np.isnan(vectors[name][arm]) or (vectors[name][arm] == 0 and name in POSITIVE))
        ]
        both = f"in {treatment[i]} and {treatment[j]}"
        if i in wrong or j in wrong:
            found[row] = "; ".join(wrong[arm] for arm in (i, j) if arm in wrong)
        elif gaps:
            found[row] = ", ".join(gaps)
        elif drop and "event" in vectors and vectors["event"][i] == vectors["event"][j] == 0:
            found[row] = f"no events {both}"
        elif drop and everybody[i] and everybody[j]:
            found[row] = f"everybody had the event {both}"
        elif measure == "ROM" and min(vectors["mean"][i], vectors["mean"][j]) <= 0:
            found[row] = f"a mean is not above zero {both}"
    return found


def _everybody(measure: str, vectors: Mapping[str, Vector]) -> np.ndarray:
    """Arms in which everybody has the event, for measures that such arms say nothing about."""
    if "event" in vectors and "n" in vectors and not measure_named(measure).keeps_all_events:
        return np.asarray(vectors["event"] == vectors["n"])
    return np.zeros(next(iter(vectors.values())).size, dtype=bool)


def _vectors(
    measure: str,
    study: Sequence[str],
    treatment: Sequence[str],
    columns: Mapping[str, ArrayLike],
    strict: bool,
) -> tuple[dict[str, Vector], dict[int, str]]:
    """The columns, and why arms with impossible numbers are blank in all of them."""
    lacking = [name for name in NEEDS[measure] if name not in columns]
    if lacking:
        raise BadInput(
            problem=f"{measure} needs the columns {', '.join(lacking)}.", remedy="Name them."
        )
    vectors = {name: as_vector(columns[name], name) for name in NEEDS[measure]}
    if any(v.size != len(study) for v in vectors.values()) or len(study) != len(treatment):
        raise BadInput(problem="The columns differ in length.", remedy="Give one value per arm.")
    wrong: dict[int, str] = {}
    for i, name, reason in impossible_arms(vectors):
        if strict:
            raise BadStudy(
                study=study[i],
                column=name,
                value=written(vectors[name][i]),
                reason=reason,
                remedy="Correct the number, or leave the cell empty.",
            )
        said = f"{NAMES[name]} of {treatment[i]} is {written(vectors[name][i])}: {reason}"
        wrong.setdefault(i, said)
    if wrong:
        out = np.isin(np.arange(len(study)), list(wrong))
        vectors = {name: np.where(out, nan, values) for name, values in vectors.items()}
    return vectors, wrong


def impossible_arms(vectors: Mapping[str, Vector]) -> Iterator[tuple[int, str, str]]:
    """(arm, column, reason) of every number that cannot be: below zero, or more than people."""
    for name, values in vectors.items():
        if name != "mean":
            for i in np.flatnonzero(values < 0).tolist():
                yield i, name, "it cannot be negative"
    if "n" in vectors and "event" in vectors:
        for i in np.flatnonzero(vectors["event"] > vectors["n"]).tolist():
            yield i, "event", "there are more events than people"


def arms_by_study(study: Sequence[str], treatment: Sequence[str]) -> dict[str, list[int]]:
    """Rows of each study, studies in alphabetical order. Raises BadStudy for an arm twice."""
    arms: dict[str, list[int]] = {name: [] for name in sorted(set(study), key=order_of)}
    for i, name in enumerate(study):
        if treatment[i] in (treatment[j] for j in arms[name]):
            raise BadStudy(
                study=name,
                column="treatment",
                value=treatment[i],
                reason="the study has this arm twice",
                remedy="Combine the arms, or name them differently.",
            )
        arms[name].append(i)
    return arms


def _correct(
    arms: Mapping[str, list[int]], vectors: dict[str, Vector], incr: float
) -> tuple[dict[str, Vector], set[str]]:
    """``extra`` per arm of studies with a zero cell, and which studies those are."""
    event = vectors["event"]
    rest = vectors["n"] - event if "n" in vectors else np.full(event.size, np.inf)
    extra, touched = np.zeros(event.size), set()
    for name, rows in arms.items():
        if np.any(event[rows] == 0) or np.any(rest[rows] == 0):
            touched.add(name)
            extra[rows] = incr
    return {**vectors, "extra": extra}, touched


def _odds_ratio(a: Arm, b: Arm) -> Effects:
    """Log odds ratio (Woolf 1955, Ann Hum Genet 19:251)."""
    (e1, f1), (e2, f2) = _cells(a), _cells(b)
    with np.errstate(all="ignore"):
        return np.log(e1 * f2 / (f1 * e2)), 1 / e1 + 1 / f1 + 1 / e2 + 1 / f2


def _risk_ratio(a: Arm, b: Arm) -> Effects:
    """Log risk ratio; the increment enters events and totals once.

    Source: Pettigrew, Gart & Thomas 1986, Biometrika 73:425.
    """
    everybody = (a["event"] == a["n"]) & (b["event"] == b["n"])
    (e1, _), (e2, _) = _cells(a), _cells(b)
    n1, n2 = a["n"] + a["extra"], b["n"] + b["extra"]
    first, second = (np.where(everybody, x["event"], e) for x, e in ((a, e1), (b, e2)))
    with np.errstate(all="ignore"):
        return np.log((e1 / n1) / (e2 / n2)), 1 / first - 1 / n1 + 1 / second - 1 / n2


def _risk_difference(a: Arm, b: Arm) -> Effects:
    """Difference in risks from the raw counts, its variance from the adjusted ones."""
    (e1, f1), (e2, f2) = _cells(a), _cells(b)
    variance = e1 * f1 / (e1 + f1) ** 3 + e2 * f2 / (e2 + f2) ** 3
    return a["event"] / a["n"] - b["event"] / b["n"], variance


def _cells(arm: Arm) -> tuple[Vector, Vector]:
    return arm["event"] + arm["extra"], arm["n"] - arm["event"] + arm["extra"]


def _arcsine(a: Arm, b: Arm) -> Effects:
    es = effect_sizes("AS", ai=a["event"], n1i=a["n"], ci=b["event"], n2i=b["n"])
    return es.y, es.v


def _rates(measure: str) -> Callable[[Arm, Arm], Effects]:
    def formula(a: Arm, b: Arm) -> Effects:
        es = effect_sizes(
            measure,
            add=0.0,
            to="none",
            x1i=a["event"] + a["extra"],
            t1i=a["time"],
            x2i=b["event"] + b["extra"],
            t2i=b["time"],
        )
        return es.y, es.v

    return formula


def _means(measure: str) -> Callable[[Arm, Arm], Effects]:
    def formula(a: Arm, b: Arm) -> Effects:
        es = effect_sizes(
            measure,
            m1i=a["mean"],
            sd1i=a["sd"],
            n1i=a["n"],
            m2i=b["mean"],
            sd2i=b["sd"],
            n2i=b["n"],
        )
        return es.y, es.v

    return formula


def _standardised(a: Arm, b: Arm) -> Effects:
    """Difference in units of the SD pooled over all arms, so that contrasts agree.

    Variance 1/n1 + 1/n2 + d^2 / (2 N), N people in all arms of the study. Source:
    Crippa & Orsini 2016, BMC Med Res Methodol 16:91.
    """
    d = (a["mean"] - b["mean"]) / a["pooled"]
    return d, 1 / a["n"] + 1 / b["n"] + d**2 / (2 * a["total"])


def _pool_sd(arms: Mapping[str, list[int]], vectors: dict[str, Vector]) -> dict[str, Vector]:
    """The SD pooled over all arms of a study and its size, repeated for each arm."""
    pooled, total = np.full((2, vectors["n"].size), nan)
    for every in arms.values():
        rows = [i for i in every if vectors["n"][i] > 0 and vectors["sd"][i] > 0]
        n, sd = vectors["n"][rows], vectors["sd"][rows]
        total[rows] = n.sum()
        pooled[rows] = np.sqrt(np.sum((n - 1) * sd**2) / (n.sum() - n.size))
    return {**vectors, "pooled": pooled, "total": total}


FORMULAS: dict[str, Callable[[Arm, Arm], Effects]] = {
    "OR": _odds_ratio,
    "RR": _risk_ratio,
    "RD": _risk_difference,
    "AS": _arcsine,
    "ASD": _arcsine,
    "SMD": _standardised,
    **{measure: _means(measure) for measure in ("MD", "ROM")},
    **{measure: _rates(measure) for measure in ("IRR", "IRD")},
}

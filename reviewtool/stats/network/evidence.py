"""One network: which studies compare what, as independent weighted observations.

A study with a arms carries a - 1 independent pieces of evidence. Its contrast
variances V determine the covariance of the centred arm effects, -1/2 J V J; along the
eigenvectors u of that matrix the observations sqrt(2) u'(arm effects) are independent
with variances 2 lambda, and between-study heterogeneity adds tau2 to each. So a
network is a meta-regression on treatments, and every estimator of tau2 carries over.
The reduced weights of Ruecker 2012, Res Synth Methods 3:312 are the off-diagonal
elements of the inverse of the same matrix.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector, check_effects, check_spread
from reviewtool.stats.errors import BadInput, UnknownChoice
from reviewtool.stats.network.contrasts import Contrasts
from reviewtool.stats.network.errors import Disconnected, InconsistentStudy
from reviewtool.stats.network.order import order_of, order_of_design
from reviewtool.stats.results import LeftOut, left_out_warning

# How far a + b may differ from c in a multi-arm study, in the largest standard error:
# rounding to two or three decimals stays below, contradictions do not.
TOLERANCE = 0.05
INCOMPLETE = ("arms", "study")
INCONSISTENT = ("refuse", "leave out")


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One study: its arms (treatment indices, increasing) and rows of the contrasts."""

    name: str
    arms: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A connected network.

    y, v: shape (r,), independent observations and their sampling variances; x: (r, n),
    their coefficients on the treatments, rows summing to zero; study_of: (r,), index of
    the study. Contrasts of left-out studies are gone; ``left_out`` names them. parts: the
    treatments of every connected part that was given, of which this is one.
    """

    treatments: tuple[str, ...]
    studies: tuple[Study, ...]
    contrasts: Contrasts
    y: Vector = field(repr=False)
    v: Vector = field(repr=False)
    x: Matrix = field(repr=False)
    study_of: np.ndarray = field(repr=False)
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()

    @property
    def basis(self) -> Matrix:
        """x without the first treatment: full rank, shape (r, n - 1)."""
        return self.x[:, 1:]

    @property
    def df(self) -> int:
        """Observations beyond those needed for the effects."""
        return self.y.size - len(self.treatments) + 1

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Treatment indices of the contrasts, (m,) each."""
        return _positions(self.contrasts, self.treatments)

    def design_of(self, study: Study) -> str:
        """The study's treatments, joined by colons."""
        return ":".join(self.treatments[i] for i in study.arms)

    @property
    def designs(self) -> tuple[str, ...]:
        """Every set of treatments that some study compared, in alphabetical order."""
        sets = {tuple(self.treatments[i] for i in study.arms) for study in self.studies}
        return tuple(":".join(names) for names in sorted(sets, key=order_of_design))


def gather(
    contrasts: Contrasts,
    incomplete: str = "arms",
    inconsistent: str = "refuse",
    part: str | None = None,
    *,
    connected: bool = True,
) -> Evidence:
    """Check contrasts and make one network of them.

    A study some of whose contrasts are undefined keeps the arms that are all compared with
    each other ("arms"), or is left out ("study"); without two such arms it is left out
    in any case. A multi-arm study whose contrasts contradict each other raises ("refuse") or
    is left out by name ("leave out"). part: a treatment, where only the part of a
    disconnected network that has it is wanted; studies of the others are left out by name.
    connected: False takes all parts together, for models that say more than the paths do.
    Raises Disconnected naming the parts,
    InconsistentStudy, BadInput, BadStudy, TooFewStudies, UnknownChoice.
    """
    kept, left_out, partly = _usable(contrasts, incomplete, inconsistent)
    parts = _parts(kept)
    if part is not None and len(parts) > 1:
        kept, more = _only_part(kept, parts, part)
        left_out = tuple(sorted((*left_out, *more), key=lambda one: order_of(one.study)))
    warnings = []
    taking = set(kept.study)
    if corrected := [name for name in kept.corrected if name in taking]:
        warnings.append(f"0.5 was added to all cells of: {', '.join(corrected)}.")
    if partly:
        warnings.append("Arms left out: " + "; ".join(partly) + ".")
    warnings += left_out_warning(left_out)
    if not kept.study:
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out)
        raise BadInput(
            problem=f"No study can take part in the network{f': {reasons}' if reasons else ''}.",
            remedy="Complete the numbers, or choose another measure.",
        )
    check_effects(kept.te, kept.se**2, kept.study)
    check_spread(kept.se**2, kept.study)
    treatments = tuple(sorted({*kept.treat1, *kept.treat2}, key=order_of))
    first, second = _positions(kept, treatments)
    if part is None and len(parts) > 1 and connected:
        raise Disconnected(parts)
    studies = _studies(kept, first, second)
    y, v, x, study_of = _observations(kept, studies, first, second, len(treatments))
    return Evidence(treatments, studies, kept, y, v, x, study_of, left_out, tuple(warnings), parts)


def _usable(contrasts: Contrasts, incomplete: str, inconsistent: str) -> "Complete":
    """What can enter a network, connected or not."""
    if inconsistent not in INCONSISTENT:
        raise UnknownChoice(
            what="Inconsistent studies", given=inconsistent, choices=", ".join(INCONSISTENT)
        )
    kept, left_out, partly = complete(contrasts, incomplete)
    if inconsistent == "leave out":
        kept, more = _without_contradictions(kept)
        left_out = tuple(sorted((*left_out, *more), key=lambda one: order_of(one.study)))
    return Complete(kept, left_out, partly)


def parts_of(
    contrasts: Contrasts, incomplete: str = "arms", inconsistent: str = "leave out"
) -> tuple[tuple[str, ...], ...]:
    """Treatments of each connected part, the parts in order of their first treatment.

    incomplete, inconsistent: as for ``gather``, whose left-out studies connect nothing.
    """
    return _parts(_usable(contrasts, incomplete, inconsistent).contrasts)


def _parts(c: Contrasts) -> tuple[tuple[str, ...], ...]:
    treatments = tuple(sorted({*c.treat1, *c.treat2}, key=order_of))
    first, second = _positions(c, treatments)
    found = components(len(treatments), first.tolist(), second.tolist())
    return tuple(tuple(treatments[i] for i in one) for one in found)


def _only_part(
    c: Contrasts, parts: tuple[tuple[str, ...], ...], part: str
) -> tuple[Contrasts, list[LeftOut]]:
    """The contrasts of the part that has a treatment, and the studies of the others."""
    chosen = next((one for one in parts if part in one), None)
    if chosen is None:
        choices = " | ".join(", ".join(one) for one in parts)
        raise UnknownChoice(what="Part", given=part, choices=choices)
    of = {name: one for one in parts for name in one}
    elsewhere = {
        study: of[a] for study, a in zip(c.study, c.treat1, strict=True) if of[a] != chosen
    }
    lost = [
        LeftOut(study, f"it is in a part that nothing connects with this one ({', '.join(own)})")
        for study, own in elsewhere.items()
    ]
    return c.at([i for i, a in enumerate(c.treat1) if of[a] == chosen]), lost


def _without_contradictions(c: Contrasts) -> tuple[Contrasts, list[LeftOut]]:
    """Contrasts without those of studies that contradict themselves, and who these are."""
    treatments = tuple(sorted({*c.treat1, *c.treat2}, key=order_of))
    first, second = _positions(c, treatments)
    lost = []
    for study in _studies(c, first, second):
        if len(study.arms) > 2:
            try:
                _multi_arm(c, study, first, second)
            except InconsistentStudy as error:
                lost.append(LeftOut(study.name, error.reason))
    names = {one.study for one in lost}
    kept = c.at([i for i, name in enumerate(c.study) if name not in names]) if names else c
    return kept, lost


def components(n: int, first: Sequence[int], second: Sequence[int]) -> list[list[int]]:
    """Connected parts of the graph on 0..n-1, each sorted, in order of their first node."""
    part = list(range(n))

    def root(i: int) -> int:
        while part[i] != i:
            part[i] = part[part[i]]
            i = part[i]
        return i

    for a, b in zip(first, second, strict=True):
        low, high = sorted((root(int(a)), root(int(b))))
        part[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(n):
        groups[root(i)].append(i)
    return list(groups.values())


def _positions(c: Contrasts, treatments: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    at = {name: i for i, name in enumerate(treatments)}
    return np.array([at[t] for t in c.treat1]), np.array([at[t] for t in c.treat2])


class Complete(NamedTuple):
    """Contrasts of studies all of whose arms are compared, who is left out and why, and
    arms left out of studies that stay, in words."""

    contrasts: Contrasts
    left_out: tuple[LeftOut, ...]
    partly: tuple[str, ...]


def complete(c: Contrasts, incomplete: str = "arms") -> Complete:
    """What of ``c`` can enter a network; incomplete as for ``gather``. Raises UnknownChoice."""
    if incomplete not in INCOMPLETE:
        raise UnknownChoice(
            what="Incomplete studies", given=incomplete, choices=", ".join(INCOMPLETE)
        )
    rows: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(c.study):
        rows[name].append(i)
    keep: list[int] = []
    left_out, partly = list(c.left_out), []
    known = {name for name, _ in left_out}
    for name, own in rows.items():
        if not any(c.reasons[i] for i in own):
            keep += own
        elif name not in known:
            why = "; ".join(dict.fromkeys(c.reasons[i] for i in own if c.reasons[i]))
            arms = _compared(c, own) if incomplete == "arms" else set()
            if len(arms) < 2:
                left_out.append(LeftOut(name, f"not every contrast is defined: {why}"))
                continue
            keep += [i for i in own if c.treat1[i] in arms and c.treat2[i] in arms]
            lost = {*(c.treat1[i] for i in own), *(c.treat2[i] for i in own)} - arms
            partly.append(f"{', '.join(sorted(lost, key=order_of))} of {name} ({why})")
    left_out.sort(key=lambda one: order_of(one.study))
    return Complete(c.at(keep), tuple(left_out), tuple(partly))


def _compared(c: Contrasts, rows: Sequence[int]) -> set[str]:
    """Arms in every largest set whose contrasts are all defined; none is chosen over another."""
    arms = list(dict.fromkeys(t for i in rows for t in (c.treat1[i], c.treat2[i])))
    fine = {frozenset((c.treat1[i], c.treat2[i])) for i in rows if not c.reasons[i]}
    for size in range(len(arms) - 1, 1, -1):
        sets = [
            set(some)
            for some in combinations(arms, size)
            if all(frozenset(pair) in fine for pair in combinations(some, 2))
        ]
        if sets:
            return set.intersection(*sets)
    return set()


def _studies(c: Contrasts, first: np.ndarray, second: np.ndarray) -> tuple[Study, ...]:
    rows: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(c.study):
        rows[name].append(i)
    studies = []
    for name, own in rows.items():
        arms = tuple(sorted({int(t) for i in own for t in (first[i], second[i])}))
        pairs = {frozenset((int(first[i]), int(second[i]))) for i in own}
        needed = len(arms) * (len(arms) - 1) // 2
        if len(pairs) != needed or len(own) != needed:
            raise BadInput(
                problem=f"{name} has {len(arms)} arms and {len(own)} contrasts, not {needed}.",
                remedy="Give every pairwise contrast of a study exactly once.",
            )
        studies.append(Study(name, arms, tuple(own)))
    return tuple(studies)


def _observations(
    c: Contrasts, studies: tuple[Study, ...], first: np.ndarray, second: np.ndarray, n: int
) -> tuple[Vector, Vector, Matrix, np.ndarray]:
    two = [s for s, study in enumerate(studies) if len(study.arms) == 2]
    rows = np.array([studies[s].rows[0] for s in two], dtype=int)
    x = np.zeros((rows.size, n))
    x[np.arange(rows.size), first[rows]] = 1.0
    x[np.arange(rows.size), second[rows]] = -1.0
    ys, vs, xs, owner = [c.te[rows]], [c.se[rows] ** 2], [x], [np.array(two, dtype=int)]
    for s, study in enumerate(studies):
        if len(study.arms) > 2:
            y, v, part = _multi_arm(c, study, first, second)
            full = np.zeros((y.size, n))
            full[:, list(study.arms)] = part
            ys, vs, xs = [*ys, y], [*vs, v], [*xs, full]
            owner.append(np.full(y.size, s))
    order = np.argsort(np.concatenate(owner), kind="stable")
    return (
        np.concatenate(ys)[order],
        np.concatenate(vs)[order],
        np.vstack(xs)[order],
        np.concatenate(owner)[order],
    )


def _multi_arm(
    c: Contrasts, study: Study, first: np.ndarray, second: np.ndarray
) -> tuple[Vector, Vector, Matrix]:
    """The a - 1 independent observations of a study with a > 2 arms."""
    te, variance = contrast_matrices(c, study, first, second)
    effects = te.mean(axis=1)
    rows = list(study.rows)
    gap = np.max(np.abs(te - np.subtract.outer(effects, effects)))
    if gap > TOLERANCE * np.max(c.se[rows]):
        raise InconsistentStudy(
            study=study.name,
            reason="its contrasts are inconsistent: the effect of one arm versus another "
            "differs from the way round by the third",
        )
    helmert = np.linalg.qr(np.column_stack([np.ones(effects.size), np.eye(effects.size)[:, :-1]]))
    basis = helmert[0][:, 1:]
    values, vectors = np.linalg.eigh(-0.5 * basis.T @ variance @ basis)
    if values[0] <= 1e-10 * values[-1]:
        raise InconsistentStudy(
            study=study.name,
            reason="its standard errors are inconsistent: no arms could have produced all of them",
        )
    u = np.sqrt(2) * (basis @ vectors).T
    return u @ effects, 2 * values, u


def contrast_matrices(
    c: Contrasts, study: Study, first: np.ndarray, second: np.ndarray
) -> tuple[Matrix, Matrix]:
    """Effects and variances of a study between all its arms, (a, a) each."""
    at = {arm: i for i, arm in enumerate(study.arms)}
    te, variance = np.zeros((len(at), len(at))), np.zeros((len(at), len(at)))
    for row in study.rows:
        i, j = at[int(first[row])], at[int(second[row])]
        te[i, j], te[j, i] = c.te[row], -c.te[row]
        variance[i, j] = variance[j, i] = c.se[row] ** 2
    return te, variance


def reduced_weights(evidence: Evidence, tau2: float = 0.0) -> Vector:
    """Weight of every contrast once multi-arm studies are reduced to independent edges.

    Shape (m,), inverse squared units of the effects. Source: Ruecker 2012.
    """
    first, second = evidence.pairs
    weights = 1 / (evidence.contrasts.se**2 + tau2)
    for s, study in enumerate(evidence.studies):
        if len(study.arms) > 2:
            own = evidence.study_of == s
            x, v = evidence.x[own], evidence.v[own] + tau2
            laplacian = x.T @ (x / v[:, None])
            rows = list(study.rows)
            weights[rows] = -laplacian[first[rows], second[rows]]
    return weights

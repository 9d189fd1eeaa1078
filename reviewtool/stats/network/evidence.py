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

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector, check_spread
from reviewtool.stats.errors import BadInput, TooFewStudies
from reviewtool.stats.network.contrasts import Contrasts, order_of
from reviewtool.stats.network.errors import Disconnected, InconsistentStudy

# How far a + b may differ from c in a multi-arm study, in the largest standard error:
# rounding to two or three decimals stays below, contradictions do not.
TOLERANCE = 0.05


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
    the study. Contrasts of left-out studies are gone.
    """

    treatments: tuple[str, ...]
    studies: tuple[Study, ...]
    contrasts: Contrasts
    y: Vector = field(repr=False)
    v: Vector = field(repr=False)
    x: Matrix = field(repr=False)
    study_of: np.ndarray = field(repr=False)
    warnings: tuple[str, ...] = ()

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
        sets = {study.arms for study in self.studies}
        return tuple(":".join(self.treatments[i] for i in arms) for arms in sorted(sets))


def gather(contrasts: Contrasts) -> Evidence:
    """Check contrasts and make one network of them.

    Studies with an undefined contrast are left out, with a warning. Raises
    Disconnected naming the parts, InconsistentStudy, BadInput, TooFewStudies.
    """
    kept, warnings = _complete(contrasts)
    if not kept.study:
        raise TooFewStudies(needed=1, found=0)
    check_spread(kept.se**2, kept.study)
    treatments = tuple(sorted({*kept.treat1, *kept.treat2}, key=order_of))
    first, second = _positions(kept, treatments)
    parts = components(len(treatments), first.tolist(), second.tolist())
    if len(parts) > 1:
        raise Disconnected(tuple(tuple(treatments[i] for i in part) for part in parts))
    studies = _studies(kept, first, second)
    y, v, x, study_of = _observations(kept, studies, first, second, len(treatments))
    return Evidence(treatments, studies, kept, y, v, x, study_of, warnings)


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


def _complete(c: Contrasts) -> tuple[Contrasts, tuple[str, ...]]:
    undefined = ~(np.isfinite(c.te) & np.isfinite(c.se))
    dropped = {c.study[i] for i in np.flatnonzero(undefined)}
    warnings = []
    if c.corrected:
        warnings.append("0.5 was added to all cells of: " + ", ".join(c.corrected) + ".")
    if not dropped:
        return c, tuple(warnings)
    names = ", ".join(sorted(dropped, key=order_of))
    warnings.append(f"Left out, because not every contrast is defined: {names}.")
    keep = [i for i, name in enumerate(c.study) if name not in dropped]
    kept = Contrasts(
        tuple(c.study[i] for i in keep),
        tuple(c.treat1[i] for i in keep),
        tuple(c.treat2[i] for i in keep),
        c.te[keep],
        c.se[keep],
        c.measure,
        c.corrected,
    )
    return kept, tuple(warnings)


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

"""Network meta-analysis: common and random effects, multi-arm trials included.

Sources: Ruecker 2012, Res Synth Methods 3:312; Jackson, White & Riley 2012, Stat Med
31:3805 (DL); Ruecker & Schwarzer 2015, BMC Med Res Methodol 15:58 (P-scores).
"""

from dataclasses import dataclass, field
from math import nan, sqrt
from typing import NamedTuple

import numpy as np

from reviewtool.stats import heterogeneity
from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.distributions import chi2_p, critical, normal_p
from reviewtool.stats.errors import BadInput, StatsError, UnknownChoice
from reviewtool.stats.network.between import between_variance
from reviewtool.stats.network.contrasts import Contrasts
from reviewtool.stats.network.evidence import Evidence, gather
from reviewtool.stats.results import (
    ESTIMATOR_NAMES,
    Interval,
    LeftOut,
    count_of_studies,
    with_left_out,
)
from reviewtool.words import at_level, plural


class ChiSquare(NamedTuple):
    """A Q statistic; p is NaN without degrees of freedom."""

    q: float
    df: int
    p: float

    @classmethod
    def of(cls, q: float, df: int) -> "ChiSquare":
        """With its upper-tail probability; rounding below zero is zero."""
        return cls(max(q, 0.0), df, chi2_p(q, df) if df > 0 else nan)


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Estimates of one model on the analysis scale.

    theta: (n,), effects versus the first treatment; covariance: (n, n), of theta.
    ``te[i, j]`` is treatment i versus treatment j.
    """

    theta: Vector
    covariance: Matrix = field(repr=False)

    @property
    def te(self) -> Matrix:
        """Effects of row versus column, shape (n, n)."""
        return np.subtract.outer(self.theta, self.theta)

    @property
    def se(self) -> Matrix:
        """Standard errors, shape (n, n)."""
        own = np.diag(self.covariance)
        variance = own[:, None] + own[None, :] - 2 * self.covariance
        return np.sqrt(np.maximum(variance, 0.0))

    @property
    def z(self) -> Matrix:
        """te / se, NaN on the diagonal."""
        with np.errstate(all="ignore"):
            z: Matrix = self.te / self.se
        np.fill_diagonal(z, nan)
        return z

    @property
    def p(self) -> Matrix:
        """Two-sided p-values, NaN on the diagonal."""
        return np.array([[normal_p(z) if z == z else nan for z in row] for row in self.z])


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A fitted network. Effects are on the analysis scale (log for ratios).

    tau2: squared units of the effects; i2: per cent. q_within and q_between split
    q_total by design (None with a single design).
    """

    evidence: Evidence = field(repr=False)
    reference: str
    method: str
    level: float
    common: Effects = field(repr=False)
    random: Effects = field(repr=False)
    tau2: float
    q_total: ChiSquare
    q_within: ChiSquare | None
    q_between: ChiSquare | None
    i2: float
    i2_ci: Interval
    warnings: tuple[str, ...] = ()

    @property
    def treatments(self) -> tuple[str, ...]:
        """Names, in the order of every matrix."""
        return self.evidence.treatments

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Studies that were given and take no part, and why."""
        return self.evidence.left_out

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.evidence.studies)

    @property
    def m(self) -> int:
        """Number of pairwise contrasts."""
        return len(self.evidence.contrasts.study)

    @property
    def tau(self) -> float:
        """Between-study standard deviation, common to all comparisons."""
        return sqrt(self.tau2)

    def effects(self, model: str = "random") -> Effects:
        """Estimates of the "common" or the "random" effects model."""
        if model not in ("common", "random"):
            raise UnknownChoice(what="Model", given=model, choices="common, random")
        return self.random if model == "random" else self.common

    def interval(self, model: str = "random") -> tuple[Matrix, Matrix]:
        """Lower and upper confidence limits of row versus column, (n, n) each."""
        chosen = self.effects(model)
        half = critical(self.level, None) * chosen.se
        return chosen.te - half, chosen.te + half

    def prediction(self) -> tuple[Matrix, Matrix]:
        """Limits for the true effect in a new study, (n, n) each; NaN with too few studies.

        t distribution with df(Q) - 1 degrees of freedom.
        """
        df = self.q_total.df - 1
        spread = np.sqrt(self.random.se**2 + self.tau2)
        half = (critical(self.level, df) if df >= 1 else nan) * spread
        np.fill_diagonal(half, 0.0)
        return self.random.te - half, self.random.te + half

    @property
    def sentence(self) -> str:
        """How the numbers were made, for a methods section."""
        name = ESTIMATOR_NAMES[self.method].removeprefix("random-effects model with the ")
        verb = "was analysed" if self.k == 1 else "were combined"
        return with_left_out(
            f"{count_of_studies(self.k, self.k)} of {len(self.treatments)} treatments {verb} "
            f"in a "
            f"frequentist network meta-analysis (graph-theoretical weighted least squares; "
            f"multi-arm studies with reduced weights), with common effects and with random "
            f"effects sharing one between-study variance ({name}); {at_level(self.level)} "
            f"intervals are Wald-type.",
            self.left_out,
        )


def _no_reference(contrasts: Contrasts, evidence: Evidence, reference: str) -> StatsError:
    """Why a treatment cannot be the reference: nobody knows it, or its studies were left out."""
    choices = ", ".join(evidence.treatments)
    pairs = zip(contrasts.study, contrasts.treat1, contrasts.treat2, strict=True)
    its = {name for name, *pair in pairs if reference in pair}
    if not its:
        return UnknownChoice(what="Reference", given=reference, choices=choices)
    whose = "its only study was" if len(its) == 1 else "all its studies were"
    reasons = dict(evidence.left_out)
    why = "; ".join(f"{name}: {reasons.get(name, 'in part')}" for name in sorted(its))
    return BadInput(
        problem=f"{reference} cannot be the reference: {whose} left out ({why}).",
        remedy=f"Choose one of {choices}.",
    )


def fit_network(
    contrasts: Contrasts,
    *,
    method: str = "REML",
    reference: str | None = None,
    level: float = 95.0,
    covariances: str = "derived",
    incomplete: str = "arms",
    inconsistent: str = "refuse",
    part: str | None = None,
) -> Network:
    """Fit the common- and the random-effects model to a network.

    contrasts: from ``arm_contrasts`` or ``given_contrasts``. method: DL, REML or ML for
    tau2. reference: a treatment, the first in alphabetical order by default. level: per
    cent. covariances: see ``between_variance``. incomplete: what happens to a study some of
    whose contrasts are undefined; inconsistent: to one whose contrasts contradict each
    other; part: of a disconnected network; see
    ``gather``. Raises Disconnected, InconsistentStudy,
    UnknownChoice, BadInput, BadStudy, TooFewStudies.

    >>> from reviewtool.stats.network import given_contrasts
    >>> c = given_contrasts("123", "AAB", "BCC", [1.0, 3.0, 2.0], [1.0, 1.0, 1.0])
    >>> round(float(fit_network(c).common.te[0, 2]), 6)
    3.0
    """
    if not 0 < level < 100:
        raise BadInput(
            problem=f"A level of {at_level(level)}.", remedy="Give one between 0 and 100."
        )
    evidence = gather(contrasts, incomplete, inconsistent, part)
    treatments = evidence.treatments
    if reference is not None and reference not in treatments:
        raise _no_reference(contrasts, evidence, reference)
    base = reference or treatments[0]
    tau2 = between_variance(evidence, method, base, covariances)
    q, df = total_q(evidence), evidence.df
    within, between = split_q(evidence, q)
    i2, i2_ci = _i2(q, df, level)
    return Network(
        evidence,
        base,
        method,
        level,
        solve(evidence, 0.0),
        solve(evidence, tau2),
        tau2,
        ChiSquare.of(q, df),
        within,
        between,
        i2,
        i2_ci,
        (*evidence.warnings, *_warnings(evidence, tau2)),
    )


def solve(evidence: Evidence, tau2: float) -> Effects:
    """Weighted least squares at a given tau2, the first treatment fixed at zero."""
    scale = 1 / np.sqrt(evidence.v + tau2)
    q, r = np.linalg.qr(evidence.basis * scale[:, None])
    inverse = np.linalg.inv(r)
    theta = np.concatenate([[0.0], inverse @ (q.T @ (evidence.y * scale))])
    covariance = np.zeros((theta.size, theta.size))
    covariance[1:, 1:] = inverse @ inverse.T
    return Effects(theta, covariance)


def total_q(evidence: Evidence, tau2: float = 0.0) -> float:
    """Weighted residual sum of squares of the consistent network."""
    if evidence.df == 0:
        return 0.0
    return heterogeneity.cochran_q(evidence.y, evidence.v + tau2, evidence.basis)


def split_q(evidence: Evidence, q: float) -> tuple[ChiSquare | None, ChiSquare | None]:
    """Q within and between designs; (None, None) when there is one design only."""
    designs = by_design(evidence)
    if len(designs) == 1:
        return None, None
    parts = [design_q(evidence, rows, 0.0) for rows in designs.values()]
    within = ChiSquare.of(sum(p.q for p in parts), sum(p.df for p in parts))
    return within, ChiSquare.of(q - within.q, evidence.df - within.df)


def by_design(evidence: Evidence) -> dict[tuple[int, ...], np.ndarray]:
    """Arms of each design -> rows of the observations that belong to it."""
    arms = [evidence.studies[s].arms for s in evidence.study_of]
    return {
        design: np.array([i for i, own in enumerate(arms) if own == design])
        for design in sorted(set(arms))
    }


def design_q(evidence: Evidence, rows: np.ndarray, tau2: float) -> ChiSquare:
    """Heterogeneity among the studies of one design."""
    x = evidence.x[rows]
    used = np.flatnonzero(np.any(x != 0, axis=0))[1:]
    df = rows.size - used.size
    if df == 0:
        return ChiSquare.of(0.0, 0)
    q = heterogeneity.cochran_q(evidence.y[rows], evidence.v[rows] + tau2, x[:, used])
    return ChiSquare.of(q, df)


def _i2(q: float, df: int, level: float) -> tuple[float, Interval]:
    """I2 from Q, per cent, with the test-based interval (Higgins & Thompson 2002)."""
    if df == 0:
        return nan, Interval(nan, nan)
    i2 = max(0.0, 100 * (q - df) / q) if q > 0 else 0.0
    _, low, high = heterogeneity.h_test_based(q, df + 1, level)
    return i2, Interval(heterogeneity.i2_of_h(low), heterogeneity.i2_of_h(high))


def _warnings(evidence: Evidence, tau2: float) -> list[str]:
    found = []
    if evidence.df == 0:
        found.append("No comparison has more than one source: heterogeneity cannot be estimated.")
    elif tau2 == 0:
        found.append("tau² is estimated as zero: both models agree.")
    if len(evidence.studies) < 5:
        found.append(
            f"Only {plural(len(evidence.studies), 'study', 'studies')}: intervals are too narrow."
        )
    return found

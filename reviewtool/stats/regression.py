"""Subgroups and meta-regression."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from reviewtool import words
from reviewtool.stats import heterogeneity
from reviewtool.stats.arrays import Labels, Matrix, Vector, check_effects, check_spread, study_name
from reviewtool.stats.design import INTERCEPT, check_rank
from reviewtool.stats.distributions import chi2_p, critical, f_p, two_sided_p
from reviewtool.stats.errors import BadInput, TooFewStudies, UnknownChoice
from reviewtool.stats.guidance import TESTS, chosen_test
from reviewtool.stats.likelihood import Peak
from reviewtool.stats.pairwise import Fit, fit_mean, knha_warnings, rival_warnings
from reviewtool.stats.results import (
    ESTIMATOR_NAMES,
    TEST_NAMES,
    LeftOut,
    count_of_studies,
    left_out_warning,
    with_left_out,
)

# The subgroup of studies that do not tell theirs.
NOT_REPORTED = "Not reported"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One term of a model, on the analysis scale per unit of the moderator."""

    name: str
    estimate: float
    se: float
    statistic: float
    p: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The fitted mean at one point, its interval, and that of a new study's true effect."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    pi_low: float
    pi_high: float


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """A fitted meta-regression. I2, H2 and tau2 are residual; r2 in per cent.

    ``df`` is None for normal tests; ``qm`` is chi-square then, else F on (qm_df, df).
    """

    k: int
    studies: int
    p: int
    method: str
    test: str
    level: float
    terms: tuple[Coefficient, ...]
    beta: Vector = field(repr=False)
    vcov: Matrix = field(repr=False)
    df: float | None
    tau2: float
    se_tau2: float | None
    qm: float
    qm_df: int
    qm_p: float
    qe: float
    qe_df: int
    qe_p: float
    i2: float
    h2: float
    r2: float | None
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How the model was fitted, for a methods section."""
        names = ", ".join(t.name for t in self.terms if t.name != INTERCEPT)
        return (
            f"Meta-regression of {count_of_studies(self.studies, self.k)} on {names} with the "
            f"{ESTIMATOR_NAMES[self.method]}, with {TEST_NAMES[self.test]}."
        )

    def predict(self, points: ArrayLike) -> list[Prediction]:
        """Fitted means at ``points``, shape (m, p), columns as ``terms``: a bubble plot's line.

        The interval of a new study uses the same quantile as the test.
        """
        at = np.atleast_2d(np.asarray(points, dtype=float))
        if at.shape[1] != self.p:
            raise BadInput(
                problem=f"Points with {at.shape[1]} values for {self.p} terms.",
                remedy="Give one value per term, 1 for the intercept.",
            )
        c = critical(self.level, self.df)
        found = []
        for row in at:
            mean, variance = float(row @ self.beta), float(row @ self.vcov @ row)
            half, wide = c * sqrt(variance), c * sqrt(variance + self.tau2)
            found.append(
                Prediction(
                    mean,
                    sqrt(variance),
                    mean - half,
                    mean + half,
                    mean - wide,
                    mean + wide,
                )
            )
        return found


def regress(
    y: ArrayLike,
    v: ArrayLike,
    x: Matrix,
    names: Sequence[str] | None = None,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
    studies: Labels | None = None,
) -> Regression:
    """Mixed-effects (EE: common-effect) meta-regression.

    y, v: shape (k,); x: shape (k, p) with the intercept among its columns; names: p.
    ``design.design_matrix`` makes x and names from moderators. labels name the effects,
    studies the study of each (default: the labels).
    Raises NotEstimable naming a redundant column, TooFewStudies, BadStudy, BadInput.
    Source: Berkey et al. 1995, Stat Med 14:395; Knapp & Hartung 2003, Stat Med 22:2693.

    >>> x = np.column_stack([np.ones(4), [0.0, 1.0, 2.0, 3.0]])
    >>> fit = regress([0.1, 0.3, 0.4, 0.8], [0.02] * 4, x, ["intrcpt", "dose"], "DL")
    >>> round(fit.terms[1].estimate, 3)
    0.22
    """
    effects, variances = check_effects(y, v, labels)
    check_spread(variances, labels)
    names = tuple(names) if names is not None else tuple(f"x{j}" for j in range(x.shape[1]))
    _check(effects, x, names, test)
    k, p = x.shape
    tau2, se_tau2, rivals = heterogeneity.between(effects, variances, x, method)
    # As many studies as a plain mean with these degrees of freedom would have.
    test = chosen_test(test, method, k - p + 1, tau2)
    beta, vcov, rss = weighted_least_squares(effects, 1 / (variances + tau2), x)
    inflation = _inflation(rss, k - p, test)
    vcov = vcov * inflation
    df = None if test == "z" else float(k - p)
    qe = heterogeneity.cochran_q(effects, variances, x)
    typical = heterogeneity.typical_variance(variances, x)
    tested = [j for j, name in enumerate(names) if name != INTERCEPT] or list(range(p))
    qm, qm_p = wald_test(beta, vcov, tested, df)
    if method == "EE":
        i2, h2 = max(0.0, 100 * (qe - (k - p)) / qe) if qe > 0 else 0.0, qe / (k - p)
    else:
        i2, h2 = heterogeneity.i2_from_tau2(tau2, typical), tau2 / typical + 1
    count = len({study_name(i, studies if studies is not None else labels) for i in range(k)})
    return Regression(
        k=k,
        studies=count,
        p=p,
        method=method,
        test=test,
        level=level,
        terms=coefficients(names, beta, vcov, df, level),
        beta=beta,
        vcov=vcov,
        df=df,
        tau2=tau2,
        se_tau2=se_tau2,
        qm=qm,
        qm_df=len(tested),
        qm_p=qm_p,
        qe=qe,
        qe_df=k - p,
        qe_p=chi2_p(qe, k - p),
        i2=i2,
        h2=h2,
        r2=_explained(effects, variances, method, tau2, qe, k - p) if INTERCEPT in names else None,
        warnings=(
            *_warnings(count, p, tau2, method, rivals),
            *_narrower(inflation, k - p, test, level),
        ),
    )


def weighted_least_squares(y: Vector, w: Vector, x: Matrix) -> tuple[Vector, Matrix, float]:
    """(coefficients (p,), their covariance (p, p), weighted residual sum of squares)."""
    root = np.sqrt(w)
    q, r = np.linalg.qr(root[:, None] * x)
    z = root * y
    beta = np.linalg.solve(r, q.T @ z)
    inverse = np.linalg.solve(r, np.eye(r.shape[0]))
    residual = z - q @ (q.T @ z)
    return beta, inverse @ inverse.T, float(residual @ residual)


def wald_test(
    beta: Vector, vcov: Matrix, tested: Sequence[int], df: float | None
) -> tuple[float, float]:
    """Joint test that the ``tested`` coefficients are zero: chi-square, or F when df is given."""
    b, inner = beta[list(tested)], vcov[np.ix_(tested, tested)]
    statistic = float(b @ np.linalg.solve(inner, b)) if np.any(inner) else float("inf")
    m = len(tested)
    if df is None:
        return statistic, chi2_p(statistic, m)
    return statistic / m, f_p(statistic / m, m, df)


def _check(y: Vector, x: Matrix, names: Sequence[str], test: str) -> None:
    if test not in TESTS:
        raise UnknownChoice(what="Test", given=test, choices=", ".join(TESTS))
    if x.shape[0] != y.size or len(names) != x.shape[1] or not np.all(np.isfinite(x)):
        raise BadInput(
            problem="The moderators do not fit the studies, or have gaps.",
            remedy="Give one finite value per study and one name per column.",
        )
    check_rank(x, names)
    if y.size <= x.shape[1]:
        raise TooFewStudies(needed=x.shape[1] + 1, found=y.size)


def _inflation(rss: float, df: int, test: str) -> float:
    """Factor on the covariance: 1, the residual variance, or whichever is larger."""
    if test in ("z", "t"):
        return 1.0
    return max(1.0, rss / df) if test == "adhoc" else rss / df


def coefficients(
    names: Sequence[str], beta: Vector, vcov: Matrix, df: float | None, level: float
) -> tuple[Coefficient, ...]:
    """Estimates with tests and intervals, one per column of the design."""
    c = critical(level, df)
    found = []
    for name, b, variance in zip(names, beta.tolist(), np.diag(vcov).tolist(), strict=True):
        se = sqrt(variance)
        t = b / se if se > 0 else float(np.copysign(np.inf, b))
        found.append(Coefficient(name, b, se, t, two_sided_p(t, df), b - c * se, b + c * se))
    return tuple(found)


def _explained(y: Vector, v: Vector, method: str, tau2: float, qe: float, df: int) -> float:
    """R2 in per cent: the share of tau2 (EE: of Q per df) that the moderators take away.

    Source: Raudenbush 2009, in Cooper et al., Handbook of Research Synthesis, p. 295.
    """
    if method == "EE":
        q = heterogeneity.cochran_q(y, v)
        return max(0.0, 100 * (1 - (qe / df) / (q / (y.size - 1)))) if q > 0 else 0.0
    before = heterogeneity.tau2(y, v, None, method)[0]
    return max(0.0, 100 * (before - tau2) / before) if before > 0 else 0.0


def _warnings(k: int, p: int, tau2: float, method: str, rivals: Sequence[Peak]) -> tuple[str, ...]:
    found = rival_warnings(tau2, rivals)
    if k < 10 * max(1, p - 1):
        found.append(
            f"{words.studies(k)} for {words.plural(p - 1, 'coefficient', 'coefficients')}: fewer "
            "than ten per moderator is unreliable."
        )
    if method != "EE" and tau2 == 0:
        found.append("tau² is estimated at its boundary, zero.")
    return tuple(found)


def _narrower(inflation: float, df: int, test: str, level: float) -> tuple[str, ...]:
    """Knapp-Hartung intervals that say more than the classic ones."""
    if test != "knha" or critical(level, df) * sqrt(inflation) >= critical(level, None):
        return ()
    return (
        "The Knapp-Hartung intervals are narrower than the classic Wald-type ones, because the "
        "effects scatter less than chance alone would make them. Test adhoc never goes below "
        "the classic standard errors.",
    )


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One level's own result; the fit is that of the level alone unless tau2 is common."""

    level: str
    k: int
    fit: Fit


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """Results per level and the test that the levels differ.

    ``between_df2`` is the denominator of an F test, None for chi-square. With a common
    tau2 the residual heterogeneity stands beside it. ``left_out``: studies that belong to
    no subgroup.
    """

    groups: tuple[Subgroup, ...]
    common: bool
    method: str
    test: str
    tau2: float | None
    se_tau2: float | None
    between: float
    between_df: int
    between_df2: float | None
    between_p: float
    residual: float
    residual_df: int
    residual_p: float
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How subgroups were compared, for a methods section."""
        if len(self.groups) == 1:
            text = "All studies belong to one subgroup, so there is nothing to compare."
            return with_left_out(text, self.left_out)
        how = "a common tau²" if self.common else "separate estimates of tau²"
        return with_left_out(
            f"{len(self.groups)} subgroups were compared with {how} "
            f"({ESTIMATOR_NAMES[self.method]}, {TEST_NAMES[self.test]}).",
            self.left_out,
        )


def subgroups(
    y: ArrayLike,
    v: ArrayLike,
    by: Sequence[str | None],
    *,
    common_tau2: bool = False,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
) -> Subgroups:
    """Pool within levels of ``by`` (k values) and test whether the levels differ.

    A study whose value is None or blank is left out and named.

    Separate tau2: Q between from the level estimates weighted by 1/se^2. Common tau2:
    one model with a mean per level; F when the test is not z.
    Raises BadInput, BadStudy. Source: Borenstein & Higgins 2013, Prev Sci 14:134.

    >>> s = subgroups([0.1, 0.2, 0.6, 0.7], [0.02] * 4, ["a", "a", "b", "b"], method="EE")
    >>> [g.level for g in s.groups], round(s.between, 2)
    (['a', 'b'], 12.5)
    """
    effects, variances = check_effects(y, v, labels)
    if len(by) != effects.size:
        raise BadInput(
            problem=f"{len(by)} subgroup values for {effects.size} studies.",
            remedy="Give one per study.",
        )
    if test not in TESTS:
        raise UnknownChoice(what="Test", given=test, choices=", ".join(TESTS))
    known = [i for i, b in enumerate(by) if b is not None and str(b).strip()]
    left_out = tuple(
        LeftOut(study_name(i, labels), "no value of the subgroup")
        for i in range(effects.size)
        if i not in set(known)
    )
    if not known:
        raise TooFewStudies(needed=1, found=0)
    values = [str(by[i]) for i in known]
    effects, variances = effects[known], variances[known]
    levels = sorted(set(values))
    members = [np.array([b == name for b in values]) for name in levels]
    own = [fit_mean(effects[m], variances[m], method, test, level) for m in members]
    x = np.column_stack([m.astype(float) for m in members])
    if common_tau2:
        names = [study_name(i, labels) for i in known]
        found = _with_common_tau2(effects, variances, x, levels, own, method, test, level, names)
    else:
        found = _with_separate_tau2(levels, members, own, method, test)
    warnings = [*left_out_warning(left_out), *found.warnings]
    for name, member, fit in zip(levels, members, own, strict=True):
        w = 1 / (variances[member] + fit.tau2)
        texts = rival_warnings(fit.tau2, fit.rivals)
        if not common_tau2:
            own_test = chosen_test(test, method, int(member.sum()), fit.tau2)
            texts += knha_warnings(variances[member], w, fit, own_test, level)
        warnings += [f"{name}: {text}" for text in texts]
    return replace(found, left_out=left_out, warnings=tuple(warnings))


def _with_separate_tau2(
    levels: list[str], members: list[np.ndarray], own: list[Fit], method: str, test: str
) -> Subgroups:
    """Level estimates compared by their own standard errors."""
    groups = tuple(
        Subgroup(name, int(m.sum()), fit) for name, m, fit in zip(levels, members, own, strict=True)
    )
    w = np.array([1 / fit.se**2 if fit.se > 0 else np.inf for fit in own])
    b = np.array([fit.estimate for fit in own])
    between = float(w @ (b - np.average(b, weights=w)) ** 2) if np.all(np.isfinite(w)) else np.nan
    residual, df = sum(fit.q for fit in own), sum(int(m.sum()) for m in members) - len(levels)
    return Subgroups(
        groups=groups,
        common=False,
        method=method,
        test=test,
        tau2=None,
        se_tau2=None,
        between=between,
        between_df=len(levels) - 1,
        between_df2=None,
        between_p=chi2_p(between, len(levels) - 1),
        residual=residual,
        residual_df=df,
        residual_p=chi2_p(residual, df),
    )


def _with_common_tau2(
    y: Vector,
    v: Vector,
    x: Matrix,
    levels: list[str],
    own: list[Fit],
    method: str,
    test: str,
    level: float,
    labels: Labels,
) -> Subgroups:
    """One model with a mean per level; heterogeneity within levels stays their own."""
    model = regress(y, v, x, levels, method, test, level, labels)
    groups = tuple(
        Subgroup(
            term.name,
            int(x[:, j].sum()),
            own[j]._replace(
                estimate=term.estimate,
                se=term.se,
                statistic=term.statistic,
                p=term.p,
                df=model.df,
                ci_low=term.ci_low,
                ci_high=term.ci_high,
                tau2=model.tau2,
                se_tau2=model.se_tau2,
            ),
        )
        for j, term in enumerate(model.terms)
    )
    contrast = np.hstack([-np.ones((len(levels) - 1, 1)), np.eye(len(levels) - 1)])
    between, between_p = wald_test(
        contrast @ model.beta,
        contrast @ model.vcov @ contrast.T,
        range(len(levels) - 1),
        model.df,
    )
    return Subgroups(
        groups=groups,
        common=True,
        method=method,
        test=model.test,
        tau2=model.tau2,
        se_tau2=model.se_tau2,
        between=between,
        between_df=len(levels) - 1,
        between_df2=model.df,
        between_p=between_p,
        residual=model.qe,
        residual_df=model.qe_df,
        residual_p=model.qe_p,
        warnings=model.warnings,
    )

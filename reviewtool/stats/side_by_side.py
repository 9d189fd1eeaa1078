"""Common and random effects of one outcome side by side, as reviews usually print them.

Conventions differ a little from ``pool`` and ``mantel_haenszel``: zero cells are
adjusted before Mantel-Haenszel pooling too, risk ratios of single studies
add the increment once per arm total, standardised differences use the unbiased variance.
"""

from dataclasses import dataclass, field, replace
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats import count_pooling, heterogeneity
from reviewtool.stats.arrays import Labels, Vector, as_vector, study_name
from reviewtool.stats.distributions import critical, normal_p
from reviewtool.stats.errors import TooFewStudies, UnknownChoice
from reviewtool.stats.measures.base import hedges_j
from reviewtool.stats.measures.binary import Table
from reviewtool.stats.pairwise import pool, prediction_interval
from reviewtool.stats.results import (
    ESTIMATOR_NAMES,
    TEST_NAMES,
    Interval,
    LeftOut,
    Tau2Interval,
    count_of_studies,
    left_out_warning,
    with_left_out,
)


class Side(NamedTuple):
    """One pooled effect; ``weights`` in per cent, shape (k,), 0 for studies left out."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    p: float
    weights: Vector


@dataclass(frozen=True, slots=True, eq=False)
class SideBySide:
    """Common and random effects with shared heterogeneity, on the analysis scale.

    ``k`` of ``k_all`` studies take part; ``left_out`` names the others with their reason.
    """

    measure: str
    method: str
    method_tau2: str
    test: str
    level: float
    k: int
    k_all: int
    y: Vector = field(repr=False)
    se: Vector = field(repr=False)
    common: Side
    random: Side
    prediction: Interval  # Higgins-Thompson-Spiegelhalter, t with k - 2 df
    tau2: float
    tau2_ci: Tau2Interval | None
    q: float
    q_df: int
    q_p: float
    i2: float
    i2_ci: Interval
    h: float
    h_ci: Interval
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How the numbers were made, for a methods section."""
        common = ESTIMATOR_NAMES["EE" if self.method == "Inverse" else self.method]
        text = (
            f"One study gives the {self.measure}."
            if self.k == 1
            else f"{self.measure} of {count_of_studies(self.k, self.k)} were pooled with the "
            f"{common} and with the {ESTIMATOR_NAMES[self.method_tau2]}, with "
            f"{TEST_NAMES[self.test]} for the latter."
        )
        return with_left_out(text, self.left_out)


def pool_binary(
    measure: str,
    ai: ArrayLike,
    n1i: ArrayLike,
    ci: ArrayLike,
    n2i: ArrayLike,
    *,
    method: str = "MH",
    method_tau2: str = "PM",
    test: str = "z",
    increment: float = 0.5,
    all_studies: bool = False,
    level: float = 95.0,
    labels: Labels | None = None,
) -> SideBySide:
    """Pool 2 x 2 tables; measure OR, RR or RD; method MH or Inverse for the common effect.

    Studies without any event (OR, RR) or where everybody had the event (OR) are left
    out unless ``all_studies``; an empty arm always is. Raises TooFewStudies, UnknownChoice.

    >>> r = pool_binary("RR", [4, 6], [20, 30], [9, 11], [20, 30], method_tau2="DL")
    >>> round(r.common.estimate, 4), r.k
    (-0.6931, 2)
    """
    if measure not in ("OR", "RR", "RD") or method not in ("MH", "Inverse"):
        raise UnknownChoice(
            what="Measure and method",
            given=f"{measure}, {method}",
            choices="OR, RR, RD with MH or Inverse",
        )
    a, n1 = as_vector(ai, "ai"), as_vector(n1i, "n1i")
    c, n2 = as_vector(ci, "ci"), as_vector(n2i, "n2i")
    cells = _cells(measure, Table(a, n1 - a, c, n2 - c), increment)
    with np.errstate(all="ignore"):
        y, se = _EFFECTS[measure](cells)
    reasons = _reasons(measure, cells.raw, all_studies)
    empty = reasons != ""
    y, se = np.where(empty, nan, y), np.where(empty, nan, se)
    base = _combine(measure, y, se, method_tau2, test, level, labels, reasons)
    if method == "Inverse":
        return base
    common = _mantel_haenszel(measure, cells, np.isfinite(y), level)
    return _with_common(base, "MH", common)


def _reasons(measure: str, raw: Table, all_studies: bool) -> np.ndarray:
    """Why a table says nothing, one text per study, empty where it does say something."""
    missing = np.logical_or.reduce([np.isnan(cell) for cell in raw])
    nobody = (raw.a + raw.b == 0) | (raw.c + raw.d == 0)
    events, rest = (raw.a == 0) & (raw.c == 0), (raw.b == 0) & (raw.d == 0)
    ratio = not all_studies and measure != "RD"
    return np.select(
        [missing, nobody, events & ratio, rest & ratio & (measure == "OR")],
        [
            "numbers are missing",
            "an arm is empty (n = 0)",
            "no events in either arm",
            "everybody had the event in both arms",
        ],
        default="",
    )


class Cells(NamedTuple):
    """Raw tables, and the increment per study (0 where no cell is empty)."""

    raw: Table
    extra: Vector

    @property
    def adjusted(self) -> Table:
        """Tables with the increment in all four cells."""
        return Table(*(cell + self.extra for cell in self.raw))


def _cells(measure: str, raw: Table, increment: float) -> Cells:
    zero = np.logical_or.reduce([cell == 0 for cell in raw])
    return Cells(raw, np.where(zero, increment, 0.0))


def _odds_ratio(cells: Cells) -> tuple[Vector, Vector]:
    t = cells.adjusted
    return np.log(t.a * t.d / (t.b * t.c)), np.sqrt(1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d)


def _risk_ratio(cells: Cells) -> tuple[Vector, Vector]:
    """The increment enters events and totals once (Pettigrew 1986, Biometrika 73:425)."""
    raw, extra = cells
    a, c = raw.a + extra, raw.c + extra
    n1, n2 = raw.a + raw.b + extra, raw.c + raw.d + extra
    everybody = (raw.b == 0) & (raw.d == 0)
    first = np.where(everybody, raw.a, a)
    second = np.where(everybody, raw.c, c)
    with np.errstate(all="ignore"):
        variance = 1 / first - 1 / n1 + 1 / second - 1 / n2
        return np.log((a / n1) / (c / n2)), np.sqrt(variance)


def _risk_difference(cells: Cells) -> tuple[Vector, Vector]:
    """The difference itself from the raw counts, its SE from the adjusted ones."""
    raw, t = cells.raw, cells.adjusted
    n1, n2 = t.a + t.b, t.c + t.d
    y = raw.a / (raw.a + raw.b) - raw.c / (raw.c + raw.d)
    return y, np.sqrt(t.a * t.b / n1**3 + t.c * t.d / n2**3)


_EFFECTS = {"OR": _odds_ratio, "RR": _risk_ratio, "RD": _risk_difference}


def _mantel_haenszel(measure: str, cells: Cells, used: Vector, level: float) -> Side:
    raw, extra = Table(*(cell[used] for cell in cells.raw)), cells.extra[used]
    t = Cells(raw, extra).adjusted
    if measure == "OR":
        estimate = count_pooling.odds_ratio(t)
    elif measure == "RR":
        estimate = count_pooling.risk_ratio(t, t.a + t.b, t.c + t.d)
    else:
        estimate = _greenland_robins_difference(raw, t)
    weights = np.zeros(used.shape)
    weights[used] = 100 * estimate.weights / estimate.weights.sum()
    return _side(estimate.value, estimate.se, weights, level)


def _greenland_robins_difference(raw: Table, t: Table) -> count_pooling.Estimate:
    """Variance: Greenland & Robins 1985, Biometrics 41:55."""
    n1, n2 = t.a + t.b, t.c + t.d
    n = n1 + n2
    w = n1 * n2 / n
    y = raw.a / (raw.a + raw.b) - raw.c / (raw.c + raw.d)
    spread = (t.a * t.b * n2**3 + t.c * t.d * n1**3) / (n1 * n2 * n**2)
    value = float(w @ y) / float(w.sum())
    return count_pooling.Estimate(value, sqrt(float(spread.sum())) / float(w.sum()), w)


def pool_continuous(
    measure: str,
    *,
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    method_tau2: str = "REML",
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
) -> SideBySide:
    """Pool means; measure MD or SMD (Hedges' g, exact J).

    SMD variance: the unbiased one, 1/n1 + 1/n2 + (1 - (df - 2) / (df J^2)) g^2 (White &
    Thomas 2005, Clin Trials 2:141).
    """
    m1, s1, n1 = as_vector(m1i, "m1i"), as_vector(sd1i, "sd1i"), as_vector(n1i, "n1i")
    m2, s2, n2 = as_vector(m2i, "m2i"), as_vector(sd2i, "sd2i"), as_vector(n2i, "n2i")
    with np.errstate(all="ignore"):
        if measure == "MD":
            y, se = m1 - m2, np.sqrt(s1**2 / n1 + s2**2 / n2)
        elif measure == "SMD":
            df = n1 + n2 - 2
            pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
            j = hedges_j(df)
            y = j * (m1 - m2) / pooled
            se = np.sqrt(1 / n1 + 1 / n2 + (1 - (df - 2) / (df * j**2)) * y**2)
        else:
            raise UnknownChoice(what="Measure", given=measure, choices="MD, SMD")
    missing = np.logical_or.reduce([np.isnan(x) for x in (m1, s1, n1, m2, s2, n2)])
    reasons = np.where(missing, "numbers are missing", "")
    return _combine(measure, y, se, method_tau2, test, level, labels, reasons)


def _combine(
    measure: str,
    y: Vector,
    se: Vector,
    method_tau2: str,
    test: str,
    level: float,
    labels: Labels | None,
    reasons: np.ndarray,
) -> SideBySide:
    """Inverse-variance common and random effects of the studies that have an effect."""
    used = np.isfinite(y) & np.isfinite(se) & (se > 0)
    left_out = tuple(
        LeftOut(study_name(i, labels), str(reasons[i]) or "the effect has no finite variance")
        for i in np.flatnonzero(~used).tolist()
    )
    if not used.any():
        raise TooFewStudies(needed=1, found=0)
    effects, variances = y[used], se[used] ** 2
    names = [study_name(i, labels) for i in np.flatnonzero(used).tolist()]
    common = pool(effects, variances, method="EE", level=level, labels=names)
    random = pool(effects, variances, method=method_tau2, test=test, level=level, labels=names)
    plain = sqrt(1 / float(np.sum(1 / (variances + random.tau2))))
    sides = []
    for side in (common, random):
        weights = np.zeros(y.size)
        weights[used] = side.weights
        sides.append(
            Side(
                side.estimate,
                side.se,
                side.ci_low,
                side.ci_high,
                side.statistic,
                side.p,
                weights,
            )
        )
    single = common.k == 1  # heterogeneity is then undefined, not zero
    h = nan if single else heterogeneity.h_test_based(common.q, common.k, level)[0]
    return SideBySide(
        measure=measure,
        method="Inverse",
        method_tau2=method_tau2,
        test=test,
        level=level,
        k=int(used.sum()),
        k_all=y.size,
        y=y,
        se=se,
        common=sides[0],
        random=sides[1],
        prediction=prediction_interval(random.estimate, plain, random.tau2, level, random.k - 2),
        tau2=nan if single else random.tau2,
        tau2_ci=random.tau2_ci,
        q=common.q,
        q_df=common.q_df,
        q_p=nan if single else common.q_p,
        i2=nan if single else common.i2,
        i2_ci=common.i2_ci,
        h=h,
        h_ci=common.h_ci,
        left_out=left_out,
        warnings=(*left_out_warning(left_out), *random.warnings),
    )


def _side(estimate: float, se: float, weights: Vector, level: float) -> Side:
    half = critical(level, None) * se
    z = estimate / se if se > 0 else nan
    return Side(estimate, se, estimate - half, estimate + half, z, normal_p(z), weights)


def _with_common(base: SideBySide, method: str, common: Side) -> SideBySide:
    return replace(base, method=method, common=common)

"""Tail areas and quantiles, as plain floats.

scipy.special is imported on first use, so that importing the package stays quick.
Everything is two-sided or upper-tail, which is what tests and intervals ask for.
"""

from math import erfc, isnan, nan, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()


def normal_p(z: float) -> float:
    """Two-sided p of a standard normal statistic.

    >>> round(normal_p(1.959963984540054), 12)
    0.05
    """
    return erfc(abs(z) / sqrt(2))


def normal_cdf(z: float) -> float:
    """P(Z <= z)."""
    return 0.5 * erfc(-z / sqrt(2))


def normal_quantile(p: float) -> float:
    """z with P(Z <= z) = p, 0 < p < 1 (Wichura 1988, AS 241)."""
    return _NORMAL.inv_cdf(p)


def t_p(t: float, df: float) -> float:
    """Two-sided p of Student's t; NaN when df <= 0."""
    if df <= 0 or isnan(t):
        return nan
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def t_quantile(p: float, df: float) -> float:
    """t with P(T <= t) = p; NaN when df <= 0."""
    if df <= 0:
        return nan
    from scipy.special import stdtrit

    return float(stdtrit(df, p))


def chi2_p(q: float, df: float) -> float:
    """P(X >= q) for chi-square; 1 when df = 0."""
    if df <= 0:
        return 1.0
    from scipy.special import chdtrc

    return float(chdtrc(df, max(q, 0.0))) if not isnan(q) else nan


def chi2_quantile(p: float, df: float) -> float:
    """x with P(X <= x) = p for chi-square."""
    from scipy.special import gammaincinv

    return float(2 * gammaincinv(df / 2, p))


def f_p(f: float, df1: float, df2: float) -> float:
    """P(F >= f); NaN when a degree of freedom is <= 0."""
    if df1 <= 0 or df2 <= 0 or isnan(f):
        return nan
    from scipy.special import fdtrc

    return float(fdtrc(df1, df2, max(f, 0.0)))


def critical(level: float, df: float | None) -> float:
    """Half-width of a ``level`` per cent interval in standard errors.

    df None means normal.

    >>> round(critical(95, None), 4), round(critical(95, 10), 4)
    (1.96, 2.2281)
    """
    p = 0.5 + level / 200
    return normal_quantile(p) if df is None else t_quantile(p, df)


def two_sided_p(statistic: float, df: float | None) -> float:
    """Two-sided p, normal when df is None, Student's t otherwise."""
    return normal_p(statistic) if df is None else t_p(statistic, df)

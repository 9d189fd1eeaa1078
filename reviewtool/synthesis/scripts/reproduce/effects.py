"""Effects and sampling variances from the numbers of groups, and the way back to natural values.

Formulas as in the documentation of metafor's escalc; each names its measure. Columns are
arrays of shape (k,). A half is added to all cells of a study with an empty one, except for
measures that take the counts as they are.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import gammaln

Vector = np.ndarray
Columns = Mapping[str, Vector]
Pair = tuple[Vector, Vector]
AS_COUNTED = {"AS", "PHI", "IRSD", "PAS", "PFT", "IRS", "IRFT"}


def cells(c: Columns, measure: str) -> tuple[Vector, Vector, Vector, Vector]:
    """The four cells of each 2 x 2 table, corrected."""
    a, b = c["ai"], c["n1i"] - c["ai"]
    d, e = c["ci"], c["n2i"] - c["ci"]
    if measure in AS_COUNTED:
        return a, b, d, e
    empty = (a == 0) | (b == 0) | (d == 0) | (e == 0)
    half = np.where(empty, 0.5, 0.0)
    return a + half, b + half, d + half, e + half


def of_tables(c: Columns, measure: str) -> Pair:
    """Two groups with events or none."""
    a, b, d, e = cells(c, measure)
    n1, n2 = a + b, d + e
    n, p1, p2 = n1 + n2, a / n1, d / n2
    log_odds, woolf = np.log(a * e / (b * d)), 1 / a + 1 / b + 1 / d + 1 / e
    if measure == "OR":
        return log_odds, woolf
    if measure == "RR":
        return np.log(p1 / p2), 1 / a - 1 / n1 + 1 / d - 1 / n2
    if measure == "RD":
        return p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    if measure == "AS":
        y = np.arcsin(np.sqrt(p1)) - np.arcsin(np.sqrt(p2))
        return y, 1 / (4 * n1) + 1 / (4 * n2)
    if measure == "PETO":
        events = a + d
        v = events * (b + e) * (n1 / n) * (n2 / n) / (n - 1)
        return (a - events * n1 / n) / v, 1 / v
    if measure in {"OR2DL", "OR2DN"}:
        by = np.pi / np.sqrt(3) if measure == "OR2DL" else 1.65
        return log_odds / by, woolf / by**2
    if measure in {"YUQ", "YUY"}:
        odds = np.exp(log_odds if measure == "YUQ" else log_odds / 2)
        y = (odds - 1) / (odds + 1)
        return y, (0.25 if measure == "YUQ" else 0.0625) * (1 - y**2) ** 2 * woolf
    if measure == "PHI":
        rows, columns = n1 * n2 / n**2, (a + d) * (b + e) / n**2
        y = (a * e - b * d) / n**2 / np.sqrt(rows * columns)
        skew = (n1 - n2) * (a + d - b - e) / n**2 / np.sqrt(rows * columns)
        tilt = ((n1 - n2) / n) ** 2 / rows + ((a + d - b - e) / n) ** 2 / columns
        return y, (1 - y**2 + y * (1 + y**2 / 2) * skew - 0.75 * y**2 * tilt) / n
    raise KeyError(measure)


def of_rates(c: Columns, measure: str) -> Pair:
    """Two groups with events in person-time."""
    x1, t1, x2, t2 = c["x1i"], c["t1i"], c["x2i"], c["t2i"]
    if measure not in AS_COUNTED:
        half = np.where((x1 == 0) | (x2 == 0), 0.5, 0.0)
        x1, x2 = x1 + half, x2 + half
    if measure == "IRR":
        return np.log(x1 / t1) - np.log(x2 / t2), 1 / x1 + 1 / x2
    if measure == "IRD":
        return x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2
    return np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 1 / (4 * t1) + 1 / (4 * t2)


def exact_j(m: Vector) -> Vector:
    """Hedges' small-sample correction (Hedges 1981, J Educ Stat 6:107)."""
    j: Vector = np.exp(gammaln(m / 2) - 0.5 * np.log(m / 2) - gammaln((m - 1) / 2))
    return j


def of_means(c: Columns, measure: str) -> Pair:
    """Two groups with means and SDs."""
    m1, s1, n1, m2, s2, n2 = (c[x] for x in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"))
    within = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)
    if measure == "MD":
        return m1 - m2, s1**2 / n1 + s2**2 / n2
    if measure in {"SMD", "SMD1"}:
        by, df = (np.sqrt(within), n1 + n2 - 2) if measure == "SMD" else (s2, n2 - 1)
        y = exact_j(df) * (m1 - m2) / by
        return y, 1 / n1 + 1 / n2 + y**2 / (2 * (df + 2 if measure == "SMD" else n2))
    if measure == "SMDH":
        mean, f1, f2 = (s1**2 + s2**2) / 2, n1 - 1, n2 - 1
        j = exact_j(f1 + f2)
        y = j * (m1 - m2) / np.sqrt(mean)
        v = y**2 * (s1**4 / f1 + s2**4 / f2) / (8 * mean**2)
        return y, j**2 * (v + (s1**2 / f1 + s2**2 / f2) / mean)
    if measure in {"D2ORL", "D2ORN"}:
        d, by = (m1 - m2) / np.sqrt(within), np.pi / np.sqrt(3) if measure == "D2ORL" else 1.65
        return by * d, by**2 * (1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))
    half1, half2 = 1 / (2 * (n1 - 1)), 1 / (2 * (n2 - 1))
    spread = np.log(s1 / s2) + half1 - half2
    if measure == "VR":
        return spread, half1 + half2
    relative = s1**2 / (n1 * m1**2) + s2**2 / (n2 * m2**2)
    if measure == "ROM":
        return np.log(m1 / m2), relative
    if measure == "CVR":
        return spread - np.log(m1 / m2), half1 + half2 + relative
    raise KeyError(measure)


def of_changes(c: Columns, measure: str) -> Pair:
    """One group after (1) and before (2)."""
    m1, m2, s1, s2, n, r = (c[x] for x in ("m1i", "m2i", "sd1i", "sd2i", "ni", "ri"))
    spread = s1**2 + s2**2 - 2 * r * s1 * s2
    if measure == "MC":
        return m1 - m2, spread / n
    if measure == "ROMC":
        both = s1**2 / m1**2 + s2**2 / m2**2 - 2 * r * s1 * s2 / (m1 * m2)
        return np.log(m1 / m2), both / n
    j = exact_j(n - 1)
    y = j * (m1 - m2) / (np.sqrt(spread) if measure == "SMCC" else s1)
    if measure == "SMCC":
        return y, 1 / n + y**2 / (2 * n)
    if measure == "SMCR":
        return y, 2 * (1 - r) / n + y**2 / (2 * n)
    return y, j**2 * (spread / (s1**2 * (n - 1)) + y**2 / (2 * (n - 1)))


def of_proportions(c: Columns, measure: str) -> Pair:
    """Events of one group."""
    x, n = c["xi"], c["ni"]
    if measure not in AS_COUNTED:
        half = np.where((x == 0) | (x == n), 0.5, 0.0)
        x, n = x + half, n + 2 * half
    p = x / n
    if measure == "PLO":
        return np.log(x / (n - x)), 1 / x + 1 / (n - x)
    if measure == "PR":
        return p, p * (1 - p) / n
    if measure == "PLN":
        return np.log(p), 1 / x - 1 / n
    if measure == "PAS":
        return np.arcsin(np.sqrt(p)), 1 / (4 * n)
    return double_arcsine(x, n), 1 / (4 * n + 2)


def of_one_rate(c: Columns, measure: str) -> Pair:
    """Events of one group in person-time."""
    x, t = c["xi"], c["ti"]
    if measure not in AS_COUNTED:
        x = x + np.where(x == 0, 0.5, 0.0)
    if measure == "IRLN":
        return np.log(x / t), 1 / x
    if measure == "IR":
        return x / t, x / t**2
    if measure == "IRS":
        return np.sqrt(x / t), 1 / (4 * t)
    return (np.sqrt(x / t) + np.sqrt((x + 1) / t)) / 2, 1 / (4 * t)


def of_correlations(c: Columns, measure: str) -> Pair:
    """A correlation of one group."""
    r, n = c["ri"], c["ni"]
    if measure == "ZCOR":
        return np.arctanh(r), 1 / (n - 3)
    return r, (1 - r**2) ** 2 / (n - 1)


def of_one_mean(c: Columns, measure: str) -> Pair:
    """A mean of one group."""
    m, v = c["mi"], c["sdi"] ** 2 / c["ni"]
    return (np.log(m), v / m**2) if measure == "MNLN" else (m, v)


# Columns that tell a kind of numbers -> its formulas.
KINDS: dict[str, Callable[[Columns, str], Pair]] = {
    "ai": of_tables,
    "x1i": of_rates,
    "n1i": of_means,
    "m1i": of_changes,
    "ri": of_correlations,
    "mi": of_one_mean,
    "ti": of_one_rate,
    "xi": of_proportions,
}


def effects(columns: Columns, measure: str) -> Pair:
    """Effects on the analysis scale and their variances, shape (k,) each."""
    formula = next(formula for column, formula in KINDS.items() if column in columns)
    # A measure that does without a column has none of it.
    known = {x: columns.get(x, np.array(np.nan)) for x in ("m1i", "m2i", "sd1i", "sd2i")}
    with np.errstate(all="ignore"):
        return formula({**known, **columns}, measure)


def double_arcsine(x: Vector, n: Vector) -> Vector:
    """Freeman & Tukey 1950, Ann Math Stat 21:607."""
    both: Vector = np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))
    return both / 2


def natural(value: float, scale: str, size: float) -> float:
    """A value of the analysis scale as people read it.

    scale: metafor's function for it, "" where nothing is to be done. size: harmonic mean of
    people or person-time.
    """
    if scale == "transf.ipft.hm":  # Miller 1978, Am Stat 32:138
        low, high = (double_arcsine(np.array(x), np.array(size)) for x in (0.0, size))
        if value <= low or value >= high:
            return 0.0 if value <= low else 1.0
        s = np.sin(2 * value)
        inner = max(0.0, 1 - (s + (s - 1 / s) / size) ** 2)
        return float(0.5 * (1 - np.sign(np.cos(2 * value)) * np.sqrt(inner)))
    if scale == "transf.iirft":
        least = 0.5 * np.sqrt(1 / size)
        return 0.0 if value <= least else float((value - 1 / (4 * size * value)) ** 2)
    back: dict[str, Callable[[float], float]] = {
        "": lambda x: x,
        "exp": np.exp,
        "transf.ilogit": lambda x: 1 / (1 + np.exp(-x)),
        "transf.ztor": np.tanh,
        "transf.iarcsin": lambda x: np.sin(np.clip(x, 0, np.pi / 2)) ** 2,
        "transf.isqrt": lambda x: max(x, 0.0) ** 2,
    }
    return float(back[scale](value))

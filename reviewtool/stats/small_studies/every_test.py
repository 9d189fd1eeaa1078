"""All tests of funnel asymmetry that some studies allow, each with what it is made for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import StatsError
from reviewtool.stats.small_studies.rank_tests import ranktest
from reviewtool.stats.small_studies.regression_tests import Asymmetry, metabias, regtest

COUNTS = ("ai", "n1i", "ci", "n2i")
RANK_TEST = "Begg"
SIZES = ("n1i", "n2i")
BINARY = ("OR", "RR")
STANDARDISED = ("SMD",)


@dataclass(frozen=True, slots=True)
class AsymmetryTest:
    """A test by name. engine: as ``metabias`` knows it. told: what it does and is made for.

    measures: those it can be used with, all where empty. advised: those it is made for.
    needs: columns of numbers that it goes by beside effects and their variances.
    """

    name: str
    engine: str
    told: str
    measures: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


# Which test for which measure: Sterne et al. 2011, BMJ 343:d4002; Cochrane Handbook 13.3.5.4;
# Pustejovsky & Rodgers 2019, Res Synth Methods 10:57.
TESTS = (
    AsymmetryTest(
        "Egger",
        "Egger",
        "Effects regressed on their standard errors. Made for mean differences; with odds ratios, "
        "risk ratios and standardised mean differences it finds asymmetry too often, because their "
        "standard errors go with the effects.",
        advised=("MD",),
    ),
    AsymmetryTest(
        "Begg and Mazumdar",
        RANK_TEST,
        "Rank correlation of effects and variances. Finds little with few studies.",
    ),
    AsymmetryTest(
        "Thompson and Sharp",
        "Thompson",
        "Egger’s regression that allows for heterogeneity between studies.",
    ),
    AsymmetryTest(
        "Harbord",
        "Harbord",
        "Regression of the efficient score. Made for odds ratios of trials with groups of much "
        "the same size, where heterogeneity is small.",
        BINARY,
        ("OR",),
        COUNTS,
    ),
    AsymmetryTest(
        "Peters",
        "Peters",
        "Effects regressed on the inverse of the sample size. Made for odds ratios.",
        BINARY,
        ("OR",),
        COUNTS,
    ),
    AsymmetryTest(
        "Macaskill",
        "Macaskill",
        "Effects regressed on the sample size. Finds less than Peters’ test with few events.",
        BINARY,
        needs=COUNTS,
    ),
    AsymmetryTest(
        "Schwarzer",
        "Schwarzer",
        "Rank correlation of the counts given their margins. Made for odds ratios of rare events.",
        ("OR",),
        needs=COUNTS,
    ),
    AsymmetryTest(
        "Deeks",
        "Deeks",
        "Effects regressed on the inverse root of the effective sample size. Made for diagnostic "
        "odds ratios.",
        ("OR",),
        needs=COUNTS,
    ),
    AsymmetryTest(
        "Pustejovsky and Rodgers",
        "Pustejovsky",
        "Egger’s regression on the part of the standard error that the effect does not enter. Made "
        "for standardised mean differences.",
        STANDARDISED,
        STANDARDISED,
        SIZES,
    ),
)


@dataclass(frozen=True, slots=True)
class Performed:
    """A test and what it came to; ``error`` says why it could not be done."""

    test: AsymmetryTest
    advised: bool
    statistic: float = nan
    df: float | None = None
    p: float = nan
    error: str = ""


def fitting(measure: str, columns: Mapping[str, Vector]) -> list[AsymmetryTest]:
    """Tests for a measure by the columns of numbers there are.

    >>> [test.name for test in fitting("MD", {})]
    ['Egger', 'Begg and Mazumdar', 'Thompson and Sharp']
    """
    return [
        test
        for test in TESTS
        if (not test.measures or measure in test.measures)
        and all(name in columns and np.isfinite(columns[name]).all() for name in test.needs)
    ]


def asymmetry_tests(
    measure: str, y: Vector, v: Vector, columns: Mapping[str, Vector], *, level: float = 95.0
) -> Iterator[Performed]:
    """Each test that fits, done. y, v: shape (k,), k >= 3; columns of the same studies.

    Begg's p is exact without ties (see ``ranktest``).
    """
    for test in fitting(measure, columns):
        advised = measure in test.advised
        try:
            if test.engine == RANK_TEST:
                rank = ranktest(y, v)
                yield Performed(test, advised, rank.tau, None, rank.p)
                continue
            found = _done(test, measure, y, v, columns, level)
        except StatsError as error:
            yield Performed(test, advised, error=error.message)
            continue
        yield Performed(test, advised, found.statistic, found.df, found.p)


def _done(
    test: AsymmetryTest,
    measure: str,
    y: Vector,
    v: Vector,
    columns: Mapping[str, Vector],
    level: float,
) -> Asymmetry:
    if test.engine == "Egger":
        return regtest(y, v, level=level)
    needed = {name: columns[name] for name in test.needs}
    return metabias(test.engine, y, np.sqrt(v), needed or None, measure=measure, level=level)

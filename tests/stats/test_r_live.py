"""The same analyses in R (metafor), run now: agreement to 1e-8.

R's iterative estimators are given a convergence of 1e-14 so that both reach the optimum.
"""

from typing import Any

import numpy as np
import pytest

from reviewtool.stats import effect_sizes, pool
from reviewtool.stats.count_pooling import mantel_haenszel, peto
from reviewtool.stats.heterogeneity import METHODS
from reviewtool.stats.regression import regress
from reviewtool.stats.sensitivity import influence, leave_one_out
from reviewtool.stats.small_studies import ranktest, regtest, trimfill
from tests import required
from tests.stats import r_script

pytestmark = pytest.mark.r
CLOSE = {"rtol": 1e-8, "atol": 1e-8}
TESTS = ("z", "t", "knha", "adhoc")
TABLES = ("OR", "RR", "RD", "AS", "PETO", "PHI", "YUQ")
LINES = [(method, test) for method in ("EE", "DL", "ML", "REML") for test in ("z", "knha")]
TIGHT = "control = list(threshold = 1e-14, maxiter = 10000, tol = 1e-14)"
COUNTS = "ai = ai, n1i = n1i, ci = ci, n2i = n2i"

Data = dict[str, np.ndarray]
Answers = dict[str, dict[str, Any]]


def bodies() -> dict[str, str]:
    """One piece of R per analysis."""
    found = {
        f"es-{m}": f'd <- escalc(measure = "{m}", {COUNTS})\nout <- list(y = d$yi, v = d$vi)'
        for m in TABLES
    }
    for method in METHODS:
        for test in TESTS:
            found[f"pool-{method}-{test}"] = (
                f'r <- rma(yi, vi, method = "{method}", test = "{test}", {TIGHT})\n'
                "out <- list(b = r$beta, se = r$se, p = r$pval, low = r$ci.lb, high = r$ci.ub, "
                "tau2 = r$tau2, q = r$QE, i2 = r$I2, h2 = r$H2)"
            )
    for method, test in LINES:
        found[f"line-{method}-{test}"] = (
            f'r <- rma(yi, vi, mods = ~ x, method = "{method}", test = "{test}", {TIGHT})\n'
            "out <- list(b = r$beta, se = r$se, p = r$pval, tau2 = r$tau2, qm = r$QM, qe = r$QE)"
        )
    for m in ("OR", "RR", "RD"):
        found[f"mh-{m}"] = (
            f'r <- rma.mh(measure = "{m}", {COUNTS})\n'
            "out <- list(b = r$beta, se = r$se, q = r$QE, p = r$pval)"
        )
    for method in ("ML", "REML"):  # the best of several starts
        found[f"peaks-{method}"] = (
            f'fits <- lapply(c(0, 0.01, 0.1, 1, 5), function(s) rma(py, pv, method = "{method}", '
            "control = list(threshold = 1e-14, maxiter = 10000, tau2.init = s)))\n"
            "r <- fits[[which.max(sapply(fits, logLik))]]\n"
            "out <- list(b = r$beta, se = r$se, tau2 = r$tau2, like = as.numeric(logLik(r)))"
        )
    return found | {
        "peto": f"r <- rma.peto({COUNTS})\nout <- list(b = r$beta, se = r$se, q = r$QE)",
        "tau2": (
            f"r <- rma(yi, vi, {TIGHT})\n"
            "ci <- confint(r, control = list(tol = 1e-14, maxiter = 10000))$random\n"
            "out <- list(low = ci[1, 2], high = ci[1, 3])"
        ),
        "influence": (
            f'r <- rma(yi, vi, method = "DL", {TIGHT})\n'
            "l <- leave1out(r)\ni <- influence(r)$inf\n"
            "out <- list(b = l$estimate, tau2 = l$tau2, rstudent = i$rstudent, "
            "dffits = i$dffits, cook = i$cook.d, hat = i$hat)"
        ),
        "small": (
            'r <- rma(yi, vi, method = "DL")\n'
            'e <- regtest(r, model = "lm")\nk <- ranktest(r)\nt <- trimfill(r)\n'
            "out <- list(z = e$zval, p = e$pval, tau = k$tau, kp = k$pval, k0 = t$k0, b = t$beta)"
        ),
    }


@pytest.fixture(scope="module")
def counts() -> Data:
    rng = np.random.default_rng(20260101)
    n1, n2 = rng.integers(40, 400, 14), rng.integers(40, 400, 14)
    risk = 1 / (1 + np.exp(1.5 - rng.normal(0, 0.5, 14)))
    odds = risk / (1 - risk) * np.exp(rng.normal(-0.4, 0.35, 14))
    return {
        "ai": rng.binomial(n1, odds / (1 + odds)).astype(float),
        "n1i": n1.astype(float),
        "ci": rng.binomial(n2, risk).astype(float),
        "n2i": n2.astype(float),
    }


@pytest.fixture(scope="module")
def generic() -> Data:
    rng = np.random.default_rng(7)
    v = rng.uniform(0.01, 0.3, 18)
    x = np.round(rng.uniform(-2, 2, 18), 3)
    return {"yi": 0.3 + 0.2 * x + rng.normal(0, np.sqrt(v + 0.08)), "vi": v, "x": x}


@pytest.fixture(scope="module")
def peaks() -> Data:
    """Effects whose likelihood has two maxima, the lower one at zero."""
    return {
        "py": np.array([-1.34, 0.884, -0.139, -0.458, -0.93, 1.291]),
        "pv": np.array([0.994, 0.125, 0.702, 0.776, 9.62, 0.00788]),
    }


@pytest.fixture(scope="module")
def answers(
    counts: Data, generic: Data, peaks: Data, tmp_path_factory: pytest.TempPathFactory
) -> Answers:
    """What R says, from one session."""
    required.rscript()
    return r_script.run(tmp_path_factory.mktemp("r"), counts | generic | peaks, bodies())


def agree(ours: list[float], out: dict[str, Any], *names: str) -> None:
    np.testing.assert_allclose(ours, [out[name][0] for name in names or out], **CLOSE)


@pytest.mark.parametrize("measure", TABLES)
def test_effect_sizes_of_tables(measure: str, counts: Data, answers: Answers) -> None:
    e, out = effect_sizes(measure, **counts), answers[f"es-{measure}"]
    np.testing.assert_allclose(e.y, out["y"], **CLOSE)
    np.testing.assert_allclose(e.v, out["v"], **CLOSE)


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("method", METHODS)
def test_pooling(method: str, test: str, generic: Data, answers: Answers) -> None:
    p = pool(generic["yi"], generic["vi"], method=method, test=test)
    ours = [p.estimate, p.se, p.p, p.ci_low, p.ci_high, p.tau2, p.q, p.i2, p.h2]
    agree(ours, answers[f"pool-{method}-{test}"])


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_the_highest_of_several_maxima(method: str, peaks: Data, answers: Answers) -> None:
    p = pool(peaks["py"], peaks["pv"], method=method)
    agree([p.estimate, p.se, p.tau2, p.log_lik], answers[f"peaks-{method}"])


def test_the_interval_of_tau2(generic: Data, answers: Answers) -> None:
    interval = pool(generic["yi"], generic["vi"]).tau2_ci
    assert interval is not None
    agree([interval.low, interval.high], answers["tau2"])


@pytest.mark.parametrize(("method", "test"), LINES)
def test_meta_regression(method: str, test: str, generic: Data, answers: Answers) -> None:
    x = np.column_stack([np.ones(generic["x"].size), generic["x"]])
    fit = regress(generic["yi"], generic["vi"], x, ["intrcpt", "x"], method, test)
    out = answers[f"line-{method}-{test}"]
    np.testing.assert_allclose(fit.beta, out["b"], **CLOSE)
    np.testing.assert_allclose([t.se for t in fit.terms], out["se"], **CLOSE)
    np.testing.assert_allclose([t.p for t in fit.terms], out["p"], **CLOSE)
    agree([fit.tau2, fit.qm, fit.qe], out, "tau2", "qm", "qe")


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_mantel_haenszel(measure: str, counts: Data, answers: Answers) -> None:
    r = mantel_haenszel(measure, **counts)
    agree([r.estimate, r.se, r.q, r.p], answers[f"mh-{measure}"])


def test_peto(counts: Data, answers: Answers) -> None:
    r = peto(**counts)
    agree([r.estimate, r.se, r.q], answers["peto"])


def test_leave_one_out_and_influence(generic: Data, answers: Answers) -> None:
    y, v, out = generic["yi"], generic["vi"], answers["influence"]
    steps, found = leave_one_out(y, v, method="DL"), influence(y, v, method="DL")
    np.testing.assert_allclose([s.fit.estimate for s in steps], out["b"], **CLOSE)
    np.testing.assert_allclose([s.fit.tau2 for s in steps], out["tau2"], **CLOSE)
    np.testing.assert_allclose(found.rstudent, out["rstudent"], **CLOSE)
    np.testing.assert_allclose(found.dffits, out["dffits"], **CLOSE)
    np.testing.assert_allclose(found.cook_d, out["cook"], **CLOSE)
    np.testing.assert_allclose(found.hat, out["hat"], **CLOSE)


def test_small_study_effects(generic: Data, answers: Answers) -> None:
    y, v = generic["yi"], generic["vi"]
    egger, rank, filled = regtest(y, v), ranktest(y, v), trimfill(y, v, method="DL")
    ours = [egger.statistic, egger.p, rank.tau, rank.p, filled.k0, filled.fit.estimate]
    agree(ours, answers["small"])

"""Topics of the closer look against R: rows of a run in, the numbers of a page out.

Not compared: Thompson's test and the selection models by negative exponential and beta, whose
reference values stopped early (tests/stats/DIVERGENCES.md).
"""

from functools import cache

import pytest

from reviewtool.synthesis.rules.closer import influence, selection, small_studies
from tests.stats.reference_cases import cases_by_kind
from tests.synthesis.rules.closer.having import have, of_counts, of_estimates

SETS = {"dat.bcg", "dat.egger2001", "dat.hackshaw1998", "dat.bangertdrowns2004"}
COUNTS = ("ai", "n1i", "ci", "n2i")


def cases(kind, fits=lambda case: True):
    found = [
        pytest.param(dataset["name"], case, id=case["id"])
        for dataset, case in cases_by_kind().get(kind, [])
        if dataset["name"] in SETS and fits(case)
    ]
    skipped = pytest.mark.skip("no reference values; set REVIEWTOOL_REFERENCE")
    return found or [pytest.param("", {}, marks=skipped)]


@cache
def rows_of(name, by_estimate):
    dataset, case = next(found for found in cases_by_kind()["ranktest"] if found[0]["name"] == name)
    own = case["input"]
    rows = dataset["rows"]
    years = [row.get("year") for row in rows]
    if by_estimate:
        return of_estimates([r[own["yi"]] for r in rows], [r[own["vi"]] for r in rows], years)
    return of_counts([tuple(r[own[c]] for c in COUNTS) for r in rows], years)


@cache
def pooled(name, measure, method, test, by_estimate):
    model = "common" if method == "EE" else "random"
    rows = rows_of(name, by_estimate)
    return have(rows, measure=measure, model=model, method=method, test=test)


@cache
def found(module, name, measure, method, test, by_estimate, **choices):
    topic = module.TOPIC
    chosen = topic.choices(
        **{key: list(x) if isinstance(x, tuple) else x for key, x in choices.items()}
    )
    return topic.finds(pooled(name, measure, method, test, by_estimate), chosen)


def look(module, name, case, **choices):
    by_estimate = "yi" in case["input"]
    method, test = case["method"] or "REML", case["test"] if case["method"] else "z"
    return found(module, name, case["measure"], method, test, by_estimate, **choices)


def near(case, **pairs):
    tolerance = {"rel": case["tolerance"]["rtol"], "abs": case["tolerance"]["atol"]}
    for theirs, ours in pairs.items():
        expected = case["expected"][theirs]
        if theirs == "I2":  # in per cent: a tau2 of 1e-10 is more than the absolute tolerance
            tolerance |= {"abs": 1e-6}
        if isinstance(expected, list):
            for one, other in zip(ours, expected, strict=True):
                if other is not None:
                    assert one == pytest.approx(other, **tolerance), theirs
        elif expected is not None:
            assert ours == pytest.approx(expected, **tolerance), theirs


def columns(rows, **names):
    return {theirs: [getattr(row, ours) for row in rows] for theirs, ours in names.items()}


REFIT = {"b": "estimate", "ci_lb": "ci_low", "ci_ub": "ci_high", "tau2": "tau2", "I2": "i2"}


@pytest.mark.parametrize(("name", "case"), cases("leave_one_out"))
def test_leaving_out_one_at_a_time(name, case):
    near(case, **columns(look(influence, name, case).leave_one_out, **REFIT))


@pytest.mark.parametrize(
    ("name", "case"), cases("cumulative", lambda case: case["options"]["order_by"] == "year")
)
def test_adding_by_year(name, case):
    near(case, **columns(look(influence, name, case).cumulative, **REFIT))


@pytest.mark.parametrize(("name", "case"), cases("influence"))
def test_influence_measures(name, case):
    names = {
        "rstudent": "rstudent",
        "dffits": "dffits",
        "cook_d": "cook_d",
        "cov_r": "cov_ratio",
        "tau2_del": "tau2_deleted",
        "QE_del": "q_deleted",
        "hat": "hat",
        "weight": "weight",
        "dfbetas": "dfbetas",
        "flagged": "flagged",
    }
    near(case, **columns(look(influence, name, case).diagnostics, **names))


@pytest.mark.parametrize(("name", "case"), cases("trimfill"))
def test_trim_and_fill(name, case):
    choices = {"estimator": case["options"]["estimator"]}
    side = case["options"]["side"]
    if not side.startswith("auto"):
        choices["side"] = side
    seen = look(small_studies, name, case, **choices)
    filled = seen.trim_fill
    assert (filled.imputed, filled.side) == (case["expected"]["k0"], case["expected"]["side"])
    near(
        case,
        b=seen.adjusted[0].estimate,
        ci_lb=seen.adjusted[0].ci_low,
        ci_ub=seen.adjusted[0].ci_high,
        filled_yi=[one.estimate for one in filled.filled],
    )


@pytest.mark.parametrize(
    ("name", "case"), cases("regtest", lambda case: case["options"]["predictor"] == "sei")
)
def test_eggers_test_and_the_limit_estimate(name, case):
    seen = look(small_studies, name, case)
    if case["options"]["model"] == "lm":
        near(case, stat=seen.tests[0].statistic, df=seen.tests[0].df, pval=seen.tests[0].p)
        return
    limit = seen.adjusted[-1]
    assert limit.method == "Limit estimate"
    near(
        case,
        limit_estimate=limit.estimate,
        limit_ci_lb=limit.ci_low,
        limit_ci_ub=limit.ci_high,
    )


@pytest.mark.parametrize(("name", "case"), cases("ranktest"))
def test_the_rank_test(name, case):
    test = look(small_studies, name, case).tests[1]
    assert test.kind == "τ"
    near(case, kendall_tau=test.statistic, pval=test.p)


@pytest.mark.parametrize(
    ("name", "case"),
    cases("metabias", lambda case: case["options"]["test"] not in ("Begg", "Thompson")),
)
def test_tests_by_their_authors_names(name, case):
    wanted = case["options"]["test"]
    tests = {one.name: one for one in look(small_studies, name, case).tests}
    one = tests.get(wanted)
    if one is None:
        assert (wanted, case["measure"]) in {("Deeks", "RR"), ("Schwarzer", "RR")}
        return
    near(case, stat=one.statistic, pval=one.p)


@pytest.mark.parametrize(
    ("name", "case"),
    cases("selection_model", lambda case: case["options"]["type"] == "stepfun"),
)
def test_selection_models(name, case):
    steps = tuple(case["options"].get("steps", (0.025,)))
    seen = look(selection, name, case, steps=steps, favours=case["options"]["alternative"])
    kind = case["options"]["type"]
    at = list(selection.NAMES).index(kind)
    one, weighed = seen.adjusted[at], seen.weighed[at]
    near(
        case,
        b=one.estimate,
        se=one.se,
        tau2=weighed.tau2,
        LRT=weighed.lrt,
        delta=weighed.parameters,
    )

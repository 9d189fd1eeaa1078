"""Time points together: published values, fall-backs that say why, what is refused."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from reviewtool.stats.dependence.over_time import Stated, analyse_over_time
from reviewtool.stats.errors import BadInput, NotEstimable
from tests import required
from tests.stats import r_script

ISHAK = Path(os.environ.get("REVIEWTOOL_REFERENCE", "")) / "stats" / "ishak2007.json"


@pytest.fixture(scope="module")
def ishak():
    if not ISHAK.is_file():
        pytest.skip("REVIEWTOOL_REFERENCE does not name the reference data")
    return json.loads(ISHAK.read_text())


def columns(rows):
    return (
        [row["yi"] for row in rows],
        [row["vi"] for row in rows],
        [row["study"] for row in rows],
        [str(row["time"]) for row in rows],
    )


ORDER = {str(i): float(i) for i in range(1, 5)}


@pytest.mark.parametrize("structure", ["CS", "AR", "HAR", "HCS"])
def test_stated_correlations_give_the_published_means(ishak, structure):
    (case,) = [c for c in ishak["cases"] if c["id"].endswith(f"timepoints-{structure}-REML")]
    found = analyse_over_time(
        *columns(ishak["rows"]), ORDER, Stated(0.97, decaying=True), structure=structure
    )
    assert found.structure == structure
    assert found.instead == ""
    assert found.fit.beta == pytest.approx(case["expected"]["b"], rel=2e-4)
    assert np.sqrt(np.diag(found.fit.vcov)) == pytest.approx(case["expected"]["se"], rel=2e-4)


def test_the_richest_structure_is_taken_where_pairs_of_times_are_reported_together(ishak):
    found = analyse_over_time(*columns(ishak["rows"]), ORDER, Stated(0.5))
    assert (found.structure, found.instead) == ("UN", "")
    assert found.between.shape == (4, 4)
    assert found.change.df == 3


def test_too_few_studies_fall_back_and_say_so(ishak):
    few = [row for row in ishak["rows"] if row["time"] in (1, 3)]
    both = {row["study"] for row in few if row["time"] == 1}
    few = [row for row in few if row["study"] in both][:14]
    y, v, studies, times = columns(few)
    pairs = sum(studies.count(one) > 1 for one in set(studies))
    found = analyse_over_time(y, v, studies, times, ORDER, Stated(0.5))
    assert found.structure == ("UN" if pairs >= 3 else "CS")
    two = [
        row
        for row in few
        if row["study"] in sorted({s for s in studies if studies.count(s) > 1})[:2]
    ]
    found = analyse_over_time(*columns(two), ORDER, Stated(0.5))
    assert found.structure == "CS"
    assert "only 2 results are to spare" in found.instead
    assert found.fit.k == 4


def test_a_common_effect_is_generalised_least_squares(ishak):
    y, v, studies, times = columns(ishak["rows"])
    found = analyse_over_time(y, v, studies, times, ORDER, Stated(0.0), structure="none")
    for i, time in enumerate(found.levels):
        own = [j for j, t in enumerate(times) if t == time]
        weights = 1 / np.array(v)[own]
        assert found.fit.beta[i] == pytest.approx(np.average(np.array(y)[own], weights=weights))


def test_what_cannot_be_analysed_together_is_refused_by_name():
    with pytest.raises(NotEstimable, match="fewer than two studies report two"):
        analyse_over_time(
            [1, 2, 3], [1, 1, 1], ["a", "a", "b"], ["1", "2", "1"], ORDER, Stated(0.5)
        )
    with pytest.raises(NotEstimable, match="only one time point"):
        analyse_over_time([1, 2], [1, 1], ["a", "b"], ["1", "1"], ORDER, Stated(0.5))
    with pytest.raises(BadInput, match="a has two results at 1"):
        analyse_over_time(
            [1, 2, 3], [1, 1, 1], ["a", "a", "b"], ["1", "1", "2"], ORDER, Stated(0.5)
        )
    with pytest.raises(BadInput, match="cannot all correlate"):
        analyse_over_time(
            [1, 2, 3, 4], [1] * 4, ["a", "a", "b", "b"], ["1", "2"] * 2, ORDER, Stated(1.0)
        )


@pytest.mark.r
@pytest.mark.parametrize("structure", ["UN", "CS", "HCS"])
def test_metafor_gives_the_same_with_the_same_covariances(tmp_path, ishak, structure):
    required.rscript()
    y, v, studies, times = columns(ishak["rows"])
    found = analyse_over_time(
        y, v, studies, times, ORDER, Stated(0.8), structure=structure, test="t"
    )
    names = ", ".join(json.dumps(one) for one in studies)
    body = (
        f"yi <- {r_script.vector(y)}; vi <- {r_script.vector(v)}\n"
        f"s <- c({names}); at <- factor({r_script.vector([float(t) for t in times])})\n"
        'V <- outer(sqrt(vi), sqrt(vi)) * ifelse(outer(s, s, "=="), 0.8, 0); diag(V) <- vi\n'
        f'r <- rma.mv(yi, V, mods = ~ 0 + at, random = ~ at | s, struct = "{structure}", '
        'test = "t")\n'
        "L <- diag(4)[-1, ] - diag(4)[-4, ]\n"
        "q <- c(t(L %*% r$beta) %*% solve(L %*% r$vb %*% t(L)) %*% (L %*% r$beta)) / 3\n"
        "out <- list(b = c(r$beta), se = r$se, low = r$ci.lb, tau2 = rep(r$tau2, length = 4), "
        "f = q, p = pf(q, 3, r$k - 4, lower.tail = FALSE))"
    )
    answer = r_script.run(tmp_path, {}, {"joint": body})["joint"]
    assert found.fit.beta == pytest.approx(answer["b"], abs=1e-4)
    assert np.sqrt(np.diag(found.fit.vcov)) == pytest.approx(answer["se"], rel=1e-4)
    assert [t.ci_low for t in found.fit.terms] == pytest.approx(answer["low"], abs=1e-3)
    assert np.diag(found.between) == pytest.approx(answer["tau2"], rel=1e-3)
    assert found.change.statistic == pytest.approx(answer["f"][0], rel=1e-3)
    assert found.change.p == pytest.approx(answer["p"][0], rel=5e-3)

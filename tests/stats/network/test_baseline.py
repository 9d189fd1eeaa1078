"""Three arms reported as two contrasts, and studies that contradict themselves."""

import numpy as np
import pytest

from reviewtool.stats.network import InconsistentStudy, arm_contrasts, fit_network, given_contrasts
from reviewtool.stats.network.baseline import all_pairs, arm_variance, variance_by_sizes
from reviewtool.stats.network.contrasts import NEEDS

ARMS = {
    "event": [12.0, 20.0, 31.0],
    "n": [60.0, 64.0, 90.0],
    "time": [40.0, 44.0, 61.0],
    "mean": [5.0, 6.5, 9.0],
    "sd": [2.0, 2.5, 3.0],
}


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "AS", "MD", "ROM", "IRR", "IRD"])
def test_the_third_contrast_is_the_one_that_the_arms_give(measure: str) -> None:
    columns = {name: ARMS[name] for name in NEEDS[measure]}
    arms = arm_contrasts(["S"] * 3, ["A", "B", "C"], measure=measure, **columns)
    known = {
        pair: (te, se)
        for *pair, te, se in zip(arms.treat1, arms.treat2, arms.te, arms.se, strict=True)
        for pair in [tuple(pair)]
    }
    variance = arm_variance(measure, {name: column[2] for name, column in ARMS.items()})
    against = {"A": known["A", "C"], "B": known["B", "C"]}
    (third,) = (p for p in all_pairs("S", "C", against, variance) if p.treat2 == "B")
    assert third.te == pytest.approx(known["A", "B"][0])
    assert third.se == pytest.approx(known["A", "B"][1])


def test_sizes_stand_in_for_the_variance_where_people_vary_alike() -> None:
    n, sd = {"A": 40, "B": 55, "C": 80}, 3.0
    errors = {a: sd * (1 / n[a] + 1 / n["C"]) ** 0.5 for a in "AB"}
    assert variance_by_sizes("C", errors, n) == pytest.approx(sd**2 / n["C"])
    assert variance_by_sizes("C", errors, {"A": 40, "C": 80}) is None


def test_a_common_arm_that_varies_more_than_its_contrasts_is_refused() -> None:
    with pytest.raises(InconsistentStudy, match="arm C"):
        all_pairs("S", "C", {"A": (0.1, 0.3), "B": (0.2, 0.5)}, 0.09)


def test_a_study_that_contradicts_itself_is_left_out_by_name_or_refused() -> None:
    c = given_contrasts(
        ["S1", "S1", "S1", "S2", "S3"],
        ["A", "A", "B", "A", "B"],
        ["B", "C", "C", "B", "C"],
        [0.5, 0.9, 1.2, 0.4, 0.3],
        [0.3, 0.3, 0.3, 0.2, 0.2],
    )
    with pytest.raises(InconsistentStudy, match="S1"):
        fit_network(c)
    net = fit_network(c, inconsistent="leave out")
    assert [one.study for one in net.left_out] == ["S1"]
    assert "inconsistent" in net.left_out[0].reason
    alone = fit_network(c.at([3, 4]))
    assert np.allclose(net.random.te, alone.random.te)

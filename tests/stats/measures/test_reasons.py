"""A study without an effect is named with its reason."""

import numpy as np
import pytest

from reviewtool.stats.errors import BadInput
from reviewtool.stats.measures import (
    REGISTRY,
    Data,
    EffectSizes,
    effect_sizes,
    reported_effects,
)

MEANS = {"m1i": 4.0, "sd1i": 2.0, "n1i": 20.0, "m2i": 3.0, "sd2i": 2.0, "n2i": 20.0}
COUNTS = {"ai": 3.0, "n1i": 20.0, "ci": 5.0, "n2i": 20.0}
RATES = {"x1i": 3.0, "t1i": 200.0, "x2i": 5.0, "t2i": 200.0}
PAIRED = {"m1i": 4.0, "sd1i": 2.0, "m2i": 3.0, "sd2i": 2.0, "ni": 20.0, "ri": 0.5}
HAZARD = {"est": 0.5, "lb": 0.3, "ub": 0.9}
NONE = float("nan")


@pytest.mark.parametrize(
    ("name", "numbers", "changed", "reason"),
    [
        ("OR", COUNTS, {"ai": 0, "ci": 0}, "no events in either arm"),
        ("OR", COUNTS, {"ai": 20, "ci": 20}, "everybody had the event in both arms"),
        ("RR", COUNTS, {"ai": 0, "ci": 0}, "no events in either arm"),
        ("OR", COUNTS, {"ai": 0, "n1i": 0}, "an arm is empty (n = 0)"),
        ("RD", COUNTS, {"ai": 0, "n1i": 0}, "an arm is empty (n = 0)"),
        ("RR", COUNTS, {"n2i": NONE}, "cells are missing: the total of group 2"),
        (
            "RD",
            COUNTS,
            {"ai": NONE, "ci": NONE},
            "cells are missing: the number of events of group 1, the number of events of group 2",
        ),
        ("IRR", RATES, {"x1i": 0, "x2i": 0}, "no events in either arm"),
        ("IRR", RATES, {"t1i": 0}, "an arm has no person-time"),
        ("MD", MEANS, {"sd1i": 0, "sd2i": 0}, "the variance is zero"),
        ("MD", MEANS, {"sd1i": NONE}, "cells are missing: the SD of group 1"),
        ("SMD", MEANS, {"n1i": 1, "n2i": 1}, "there are fewer than two people"),
        ("ROM", MEANS, {"m1i": -4}, "a mean is not above zero"),
        ("ROM", MEANS, {"m1i": -4, "m2i": -3}, "a mean is not above zero"),
        ("CVR", MEANS, {"m1i": -4, "m2i": -3}, "a mean is not above zero"),
        ("CVR", MEANS, {"sd1i": 0}, "an SD is not above zero"),
        ("VR", MEANS, {"sd2i": 0}, "an SD is not above zero"),
        ("ROMC", PAIRED, {"m1i": -4, "m2i": -3}, "a mean is not above zero"),
        ("MC", PAIRED, {"ri": 1}, "r is 1 or -1"),
        ("MC", PAIRED, {"sd2i": NONE}, "cells are missing: the SD before"),
        ("ZCOR", {"ri": 0.4, "ni": 30}, {"ri": 1}, "r is 1 or -1"),
        ("COR", {"ri": 0.4, "ni": 30}, {"ri": -1}, "r is 1 or -1"),
        ("ZCOR", {"ri": 0.4, "ni": 30}, {"ni": 3}, "there are fewer than four people"),
        ("MNLN", {"mi": 4, "sdi": 1, "ni": 9}, {"mi": -4}, "a mean is not above zero"),
        ("PLO", {"xi": 4, "ni": 9}, {"xi": 0, "ni": 0}, "the group is empty (n = 0)"),
        ("GEN", {"yi": 0.5, "sei": 0.1}, {"sei": NONE}, "the standard error is missing"),
        ("GEN", {"yi": 0.5, "sei": 0.1}, {"yi": NONE}, "the estimate is missing"),
        ("GEN", {"yi": 0.5, "vi": 0.1}, {"vi": 0}, "the variance is zero"),
        ("HR", HAZARD, {"est": -0.5}, "the ratio is not above zero"),
        (
            "HR",
            HAZARD,
            {"lb": 0},
            "a limit of the ratio is not above zero",
        ),
        ("HR", HAZARD, {"ub": NONE}, "a limit is missing"),
    ],
)
def test_the_second_study_is_named_with_its_reason(name, numbers, changed, reason) -> None:
    columns = {column: [value, changed.get(column, value)] for column, value in numbers.items()}
    es = effect_sizes(name, labels=["Ada 1990", "Bea 1991"], drop00=None, **columns)
    assert es.usable.tolist() == [0]
    assert es.reasons == ("", reason)
    assert es.left_out == (("Bea 1991", reason),)
    assert f"Bea 1991 ({reason})" in " ".join(es.warnings)


@pytest.mark.parametrize("name", ["OR", "RR", "IRR", "OR2DL"])
def test_ratios_leave_out_studies_without_events_by_convention(name) -> None:
    assert REGISTRY[name].drops_double_zero
    zero = {k: [0 if k in ("ai", "ci", "x1i", "x2i") else v] for k, v in _data(name).items()}
    assert effect_sizes(name, drop00=None, **zero).usable.size == 0
    assert effect_sizes(name, **zero).usable.size == 1


@pytest.mark.parametrize("name", ["RD", "AS", "IRD"])
def test_differences_keep_studies_without_events(name) -> None:
    assert not REGISTRY[name].drops_double_zero
    zero = {k: [0 if k in ("ai", "ci", "x1i", "x2i") else v] for k, v in _data(name).items()}
    assert effect_sizes(name, drop00=None, **zero).reasons == ("",)


def test_a_risk_ratio_keeps_studies_in_which_everybody_has_the_event() -> None:
    everybody = {"ai": [20], "n1i": [20], "ci": [20], "n2i": [20]}
    assert effect_sizes("RR", drop00=None, **everybody).y == pytest.approx([0])
    assert effect_sizes("RR", drop00=True, **everybody).left_out[0][1] == (
        "everybody had the event in both arms"
    )


def _data(name: str) -> dict[str, float]:
    return RATES if REGISTRY[name].data is Data.RATES else COUNTS


def test_effects_built_by_hand_have_reasons_too() -> None:
    y, v = np.array([0.1, NONE, 0.2]), np.array([0.1, 0.1, 0.0])
    es = EffectSizes("GEN", y, v, np.zeros(3, bool))
    assert es.reasons == ("", "the effect or its variance is missing", "the variance is zero")


def test_each_study_gives_its_variance_by_the_best_it_has() -> None:
    es = reported_effects(
        "RR",
        {
            "est": [0.5, 0.5, 0.5, 0.5],
            "sei": [0.2, NONE, NONE, NONE],
            "lb": [0.1, 0.25, NONE, NONE],
            "ub": [2.5, 1.0, NONE, NONE],
            "pval": [NONE, NONE, 0.05, NONE],
        },
    )
    z = 1.959963984540054
    expected = [0.2, np.log(4) / (2 * z), np.log(2) / z]
    assert np.sqrt(es.v[:3]) == pytest.approx(expected)
    assert es.y[:3] == pytest.approx([np.log(0.5)] * 3)
    assert es.measure == "RR"
    assert es.reasons[3] == "the standard error or interval or p-value is missing"


def test_a_reported_difference_stays_on_its_scale() -> None:
    es = reported_effects("SMD", {"est": [0.4], "sei": [0.1]})
    assert (es.y[0], es.v[0]) == pytest.approx((0.4, 0.01))
    with pytest.raises(BadInput, match="precision"):
        reported_effects("SMD", {"est": [0.4]})

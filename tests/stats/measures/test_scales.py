"""The way back to the scale that people read."""

import numpy as np
import pytest

from reviewtool.stats import effect_sizes, pool
from reviewtool.stats.errors import BadInput
from reviewtool.stats.measures import REGISTRY, double_arcsine_back, measure
from reviewtool.stats.measures.scales import IDENTITY

NATURAL = np.array([0.02, 0.25, 0.5, 0.8])


@pytest.mark.parametrize("entry", REGISTRY.values(), ids=lambda m: m.name)
def test_the_way_there_and_back_ends_where_it_began(entry) -> None:
    size = 250.0 if entry.scale.sized_by else None
    there = entry.scale.forward(NATURAL, size)
    assert entry.scale.back(there, size) == pytest.approx(NATURAL, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("OR", 0.0, 1.0),
        ("ROM", np.log(2), 2.0),
        ("CVR", np.log(2), 2.0),
        ("ZCOR", 0.5, 0.46211715726000975),
        ("PLO", 0.0, 0.5),
        ("PAS", np.pi / 6, 0.25),
        ("PAS", -0.1, 0.0),
        ("IRS", 0.3, 0.09),
        ("IRS", -0.2, 0.0),
        ("IRLN", np.log(0.04), 0.04),
        ("RD", -0.2, -0.2),
    ],
)
def test_values_come_back_as_r_gives_them(name, value, expected) -> None:
    assert float(measure(name).scale.back(value)) == pytest.approx(expected)


def test_a_double_arcsine_needs_the_sizes_and_says_so() -> None:
    scale = measure("PFT").scale
    with pytest.raises(BadInput, match="sizes"):
        scale.back(0.5)
    assert float(scale.at(20).back(0.5)) == float(scale.back(0.5, 20))


def test_a_pooled_double_arcsine_comes_back_at_the_harmonic_mean() -> None:
    es = effect_sizes("PFT", xi=[3, 8, 0, 5], ni=[20, 31, 12, None])
    assert es.size == pytest.approx(3 / (1 / 20 + 1 / 31 + 1 / 12))
    pooled = pool(es.y[es.usable], es.v[es.usable], method="EE")
    assert float(es.back(pooled.estimate)) == double_arcsine_back(pooled.estimate, es.size)
    own = es.back(es.y, es.sizes)
    assert own[:3] == pytest.approx([3 / 20, 8 / 31, 0.0], abs=1e-6)
    assert np.isnan(own[3])


def test_a_freeman_tukey_rate_comes_back_at_the_harmonic_mean_of_the_time() -> None:
    es = effect_sizes("IRFT", xi=[2, 7, 0], ti=[100, 250, 60])
    assert es.size == pytest.approx(3 / (1 / 100 + 1 / 250 + 1 / 60))
    assert es.back(es.y, es.sizes) == pytest.approx([0.02, 0.028, 0.0])


def test_far_values_come_back_without_a_warning() -> None:
    assert measure("PLO").scale.back([-2000.0, 2000.0]).tolist() == [0.0, 1.0]
    assert np.isnan(measure("OR").scale.forward([0.0, -1.0])).all()


def test_only_comparisons_by_division_are_ratios() -> None:
    ratios = {name for name, entry in REGISTRY.items() if entry.is_ratio}
    assert {"OR", "RR", "HR", "IRR", "ROM", "ROMC", "VR", "CVR", "PETO", "D2ORL"} <= ratios
    assert not ratios & {"PLO", "PLN", "IRLN", "MNLN", "ZCOR", "AS", "RD"}


@pytest.mark.parametrize(
    ("name", "r_back", "transform"),
    [
        ("OR", "exp", "exp"),
        ("PLO", "transf.ilogit", "ilogit"),
        ("ZCOR", "transf.ztor", "ztor"),
        ("PAS", "transf.iarcsin", "iarcsin"),
        ("PFT", "transf.ipft.hm", "ipft"),
        ("MD", "", "identity"),
    ],
)
def test_a_scale_knows_what_r_calls_its_way_back(name, r_back, transform) -> None:
    scale = measure(name).scale
    assert (scale.r_back, scale.transform) == (r_back, transform)


def test_bounds_are_those_of_the_natural_scale() -> None:
    assert measure("PLO").scale.bounds == (0, 1)
    assert measure("RD").scale.bounds == (-1, 1)
    assert IDENTITY.bounds == (-np.inf, np.inf)

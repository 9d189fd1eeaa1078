"""Net heat, contributions of studies, comparison-adjusted funnel: against their definitions."""

from functools import cache
from itertools import islice

import numpy as np
import pytest

from reviewtool.stats.network import (
    Disconnected,
    Network,
    arm_contrasts,
    comparison_adjusted,
    contributions,
    design_by_treatment,
    fit_network,
    net_heat,
    study_shares,
)
from reviewtool.stats.network.model import by_design
from tests.stats.reference_cases import cases_by_kind
from tests.stats.runners.networks import fitted


def simulated(seed: int = 3) -> Network:
    """Six treatments, loops, some studies with three arms."""
    rng = np.random.default_rng(seed)
    study, treatment, mean = [], [], []
    sets = ["AB", "AB", "AC", "BC", "CD", "AD", "ABD", "DE", "AE", "AF", "ABD", "BC"]
    for number, names in enumerate(sets):
        for name in names:
            study.append(f"S{number:02}")
            treatment.append(name)
            mean.append(float(rng.normal(ord(name) - 65, 0.8)))
    return fit_network(
        arm_contrasts(
            study,
            treatment,
            measure="MD",
            mean=mean,
            sd=[1.5] * len(mean),
            n=rng.integers(15, 90, len(mean)),
        ),
        method="DL",
    )


@cache
def known() -> list[Network]:
    """Some networks of the reference, with more than one design."""
    nets = (fitted(*pair) for pair in cases_by_kind().get("nma", ()))
    some = (net for net in nets if net.q_between is not None and net.q_between.df > 0)
    return list(islice(some, 3))


def test_the_parts_of_the_designs_add_up_to_inconsistency() -> None:
    for one in (simulated(), *known()):
        assert one.q_between is not None
        found = net_heat(one, "common")
        assert found.total == pytest.approx(one.q_between.q, abs=1e-7)
        assert found.inconsistency.sum() == pytest.approx(found.total, abs=1e-7)
        assert np.diag(found.change) == pytest.approx(found.inconsistency)
        assert list(found.inconsistency) == sorted(found.inconsistency, reverse=True)
        random = net_heat(one, "random")
        assert random.total == pytest.approx(design_by_treatment(one).test.q, abs=1e-7)


def test_detaching_a_design_is_the_network_without_its_studies() -> None:
    for net in (simulated(), *known()):
        found = net_heat(net, "common")
        designs = {
            ":".join(net.treatments[i] for i in arms): rows
            for arms, rows in by_design(net.evidence).items()
        }
        for name, detached in zip(found.designs, found.detached, strict=True):
            gone = {net.evidence.studies[net.evidence.study_of[r]].name for r in designs[name]}
            c = net.evidence.contrasts
            rows = [i for i, study in enumerate(c.study) if study not in gone]
            try:
                without = fit_network(c.at(rows), method="DL")
            except Disconnected:
                continue
            q = without.q_between.q if without.q_between else 0.0
            assert detached == pytest.approx(q, abs=1e-6), name


def test_a_design_without_other_evidence_is_not_in_the_heat_plot() -> None:
    found = net_heat(simulated())
    assert "A:F" not in found.designs
    assert "A:B" in found.designs


def test_what_studies_contribute_is_what_their_comparisons_do() -> None:
    net = simulated()
    found = contributions(net)
    shares = study_shares(net, found)
    assert shares.shape == (15, 12)
    assert shares.sum(axis=1) == pytest.approx(100)
    names = [study.name for study in net.evidence.studies]
    only = found.comparisons.index(("C", "D"))
    assert shares[:, names.index("S04")] == pytest.approx(found.shares[:, only])


def test_the_adjusted_funnel_is_centred_in_every_comparison() -> None:
    net = simulated()
    points = comparison_adjusted(net, "FEDCBA")
    pairs = {(p.treat1, p.treat2) for p in points}
    assert pairs == {("B", "A"), ("C", "B"), ("D", "A"), ("D", "B")}  # two studies or more
    for pair in pairs:
        own = [p for p in points if (p.treat1, p.treat2) == pair]
        w = np.array([1 / (p.se**2 + net.tau2) for p in own])
        assert np.average([p.effect for p in own], weights=w) == pytest.approx(0, abs=1e-9)
    turned = comparison_adjusted(net, "ABCDEF")
    assert sorted(p.effect for p in turned) == pytest.approx(sorted(-p.effect for p in points))

"""What must hold for every network, whatever its numbers."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewtool.stats import pool
from reviewtool.stats.network import (
    Contrasts,
    Disconnected,
    InconsistentStudy,
    Network,
    arm_contrasts,
    contributions,
    fit_network,
    geometry,
    given_contrasts,
    p_scores,
    rank_probabilities,
    split_nodes,
    sucra,
    within_designs,
)

NAMES = "ABCDE"


@st.composite
def arm_rows(draw: st.DrawFn) -> list[tuple[str, str, float, float, int]]:
    """A connected network of 3 to 5 treatments, two- and multi-arm studies."""
    count = draw(st.integers(3, 5))
    sets = [(NAMES[i], NAMES[i + 1]) for i in range(count - 1)]
    more = st.lists(st.sampled_from(NAMES[:count]), min_size=2, max_size=4, unique=True)
    sets += [tuple(names) for names in draw(st.lists(more, min_size=1, max_size=6))]
    number = st.floats(-2, 2).map(lambda x: round(x, 3))
    return [
        (f"S{i}", name, draw(number), draw(st.floats(0.3, 3)), draw(st.integers(5, 300)))
        for i, names in enumerate(sets)
        for name in names
    ]


def contrasts(rows: list[tuple[str, str, float, float, int]], scale: float = 1.0) -> Contrasts:
    study, treatment, mean, sd, n = zip(*rows, strict=True)
    return arm_contrasts(
        study,
        treatment,
        measure="MD",
        mean=np.array(mean) * scale,
        sd=np.array(sd) * scale,
        n=n,
    )


def fitted(rows: list[tuple[str, str, float, float, int]], scale: float = 1.0) -> Network:
    return fit_network(contrasts(rows, scale), method="DL")


@settings(max_examples=40, deadline=None)
@given(arm_rows(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list, random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = fitted(rows), fitted(shuffled)
    assert two.random.te == pytest.approx(one.random.te, abs=1e-8)
    assert two.q_total.q == pytest.approx(one.q_total.q, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(arm_rows())
def test_new_names_for_treatments_permute_the_results(rows: list) -> None:
    swap = dict(zip(NAMES, reversed(NAMES), strict=True))
    renamed = [(study, swap[treatment], *rest) for study, treatment, *rest in rows]
    one, two = fitted(rows), fitted(renamed)
    order = [two.treatments.index(swap[name]) for name in one.treatments]
    assert two.random.te[np.ix_(order, order)] == pytest.approx(one.random.te, abs=1e-8)
    assert two.tau2 == pytest.approx(one.tau2, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(arm_rows(), st.integers(-6, 6))
def test_units_of_the_outcome_scale_the_results(rows: list, power: int) -> None:
    scale = 10.0**power
    one, two = fitted(rows), fitted(rows, scale)
    assert two.random.te / scale == pytest.approx(one.random.te, abs=1e-7)
    assert two.random.se / scale == pytest.approx(one.random.se, rel=1e-6)
    assert two.q_total.q == pytest.approx(one.q_total.q, rel=1e-6, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(arm_rows())
def test_effects_are_consistent_round_every_triangle(rows: list) -> None:
    te = fitted(rows).random.te
    for i, j, k in combinations(range(te.shape[0]), 3):
        assert te[i, j] + te[j, k] == pytest.approx(te[i, k], abs=1e-9)
    assert te == pytest.approx(-te.T)


@settings(max_examples=40, deadline=None)
@given(arm_rows())
def test_q_splits_by_design_and_nothing_undefined_leaves(rows: list) -> None:
    net = fitted(rows)
    if net.q_within is not None and net.q_between is not None:
        assert net.q_within.q + net.q_between.q == pytest.approx(net.q_total.q, abs=1e-7)
        assert net.q_within.df + net.q_between.df == net.q_total.df
        assert sum(d.test.q for d in within_designs(net)) == pytest.approx(net.q_within.q)
    assert np.all(np.isfinite(net.random.te))
    assert np.all(net.random.se[~np.eye(len(net.treatments), dtype=bool)] > 0)
    assert np.all(net.random.se >= net.common.se - 1e-9)


@settings(max_examples=20, deadline=None)
@given(arm_rows())
def test_ranks_are_probabilities_and_sucra_is_the_p_score(rows: list) -> None:
    net = fitted(rows)
    ranks = rank_probabilities(net, draws=20_000)
    assert ranks.sum(axis=0) == pytest.approx(1.0)
    assert ranks.sum(axis=1) == pytest.approx(1.0)
    scores = p_scores(net)
    assert scores.mean() == pytest.approx(0.5)
    assert sucra(ranks) == pytest.approx(scores, abs=0.02)  # 20 000 draws
    assert p_scores(net, small_values="desirable") == pytest.approx(1 - scores)


@settings(max_examples=30, deadline=None)
@given(arm_rows())
def test_contributions_to_an_estimate_are_shares_of_it(rows: list) -> None:
    shares = contributions(fitted(rows)).shares
    assert np.all(shares >= -1e-9)
    assert shares.sum(axis=1) == pytest.approx(100.0)


def test_two_treatments_are_a_pairwise_meta_analysis() -> None:
    te, se = np.array([0.2, 0.5, -0.1, 0.8]), np.array([0.2, 0.25, 0.15, 0.22])
    for method in ("DL", "REML", "ML"):
        net = fit_network(given_contrasts("1234", "AAAA", "BBBB", te, se), method=method)
        pairwise = pool(te, se**2, method=method)
        assert net.tau2 == pytest.approx(pairwise.tau2, rel=1e-9)
        assert net.random.te[0, 1] == pytest.approx(pairwise.estimate, rel=1e-9)
        assert net.random.se[0, 1] == pytest.approx(pairwise.se, rel=1e-9)


def test_a_chain_adds_effects_and_variances() -> None:
    net = fit_network(given_contrasts("12", "AB", "BC", [1.0, 2.0], [0.3, 0.4]))
    assert net.common.te[0, 2] == pytest.approx(3.0)
    assert net.common.se[0, 2] == pytest.approx(0.5)
    assert net.tau2 == 0
    assert any("heterogeneity cannot be estimated" in w for w in net.warnings)


def test_one_multi_arm_study_returns_that_study() -> None:
    c = arm_contrasts("SSS", "ABC", measure="MD", mean=[1, 2, 4], sd=[1, 2, 3], n=[10, 20, 30])
    net = fit_network(c)
    at = {"A": 0, "B": 1, "C": 2}
    for a, b, te, se in zip(c.treat1, c.treat2, c.te, c.se, strict=True):
        assert net.common.te[at[a], at[b]] == pytest.approx(te)
        assert net.common.se[at[a], at[b]] == pytest.approx(se)


def test_direct_and_indirect_evidence_meet_in_the_network_estimate() -> None:
    c = given_contrasts("1234", "AABA", "BCCB", [1.0, 3.0, 1.5, 1.2], [0.3, 0.4, 0.35, 0.3])
    for split in split_nodes(fit_network(c, method="DL")):
        pooled = split.share * split.direct + (1 - split.share) * split.indirect
        assert pooled == pytest.approx(split.network)


def test_splitting_a_triangle_agrees_with_the_difference_by_hand() -> None:
    c = given_contrasts("123", "AAB", "BCC", [1.0, 3.0, 1.5], [0.3, 0.4, 0.35])
    ab = split_nodes(fit_network(c), "common")[0]
    # with AB the reference is second: B versus A, direct -1, indirect -(3 - 1.5)
    assert abs(ab.difference) == pytest.approx(0.5)
    assert ab.indirect_se == pytest.approx(np.hypot(0.4, 0.35))


def test_contributions_of_a_triangle_are_the_two_paths() -> None:
    c = given_contrasts("123", "AAB", "BCC", [1.0, 3.0, 1.5], [0.5, 0.5, 0.5])
    found = contributions(fit_network(c), "common")
    # two thirds flow directly, one third through two comparisons that share it
    assert sorted(found.shares[0]) == pytest.approx([100 / 6, 100 / 6, 200 / 3])


def test_geometry_counts_studies_arms_and_loops() -> None:
    c = arm_contrasts(
        ["S", "S", "S", "T", "T"],
        ["A", "B", "C", "A", "D"],
        measure="MD",
        mean=[1, 2, 3, 1, 2],
        sd=[1] * 5,
        n=[10] * 5,
    )
    shape = geometry(fit_network(c).evidence)
    assert shape.loops == 1
    assert shape.multi_arm_studies == 1
    assert [node.studies for node in shape.nodes] == [2, 1, 1, 1]
    assert shape.density == pytest.approx(4 / 6)


def test_parts_that_nothing_connects_are_named() -> None:
    c = given_contrasts("12", "AC", "BD", [1.0, 2.0], [0.3, 0.4])
    with pytest.raises(Disconnected, match=r"A, B \| C, D"):
        fit_network(c)


@pytest.mark.parametrize(
    ("te", "se"),
    [([0.5, 0.9, 1.2], [0.3, 0.3, 0.3]), ([0.5, 0.9, 0.4], [0.1, 0.1, 5.0])],
    ids=["effects", "standard errors"],
)
def test_a_study_that_contradicts_itself_is_named(te: list[float], se: list[float]) -> None:
    c = given_contrasts(["Smith"] * 3, "AAB", "BCC", te, se)
    with pytest.raises(InconsistentStudy, match="Smith"):
        fit_network(c)


def test_ignoring_covariances_lowers_the_likelihood_it_claims_to_maximise() -> None:
    # The option that reproduces netmeta on contrasts is not the maximum of the likelihood
    # with the covariances that the same contrasts imply (see DIVERGENCES.md).
    rows = [
        ("S1", "A", 0.0, 1.0, 40),
        ("S1", "B", 1.2, 1.1, 44),
        ("S1", "C", 0.3, 0.9, 39),
        ("S2", "A", 0.1, 1.0, 60),
        ("S2", "B", 0.2, 1.0, 61),
        ("S3", "B", 0.4, 1.0, 50),
        ("S3", "C", 1.9, 1.2, 52),
    ]
    c = contrasts(rows)
    best = fit_network(c, method="ML")
    other = fit_network(c, method="ML", covariances="ignored")
    e = best.evidence

    def likelihood(tau2: float) -> float:
        total = e.v + tau2
        w = np.diag(1 / total)
        b = np.linalg.solve(e.basis.T @ w @ e.basis, e.basis.T @ w @ e.y)
        return float(-0.5 * np.sum(np.log(total) + (e.y - e.basis @ b) ** 2 / total))

    assert best.tau2 != pytest.approx(other.tau2, rel=1e-3)
    assert likelihood(best.tau2) > likelihood(other.tau2)

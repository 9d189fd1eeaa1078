"""Component networks: additivity, interactions, parts joined by components, R beside them."""

import json

import numpy as np
import pytest

from reviewtool.stats.errors import BadInput, UnknownChoice
from reviewtool.stats.network import fit_network, given_contrasts
from reviewtool.stats.network.additive import components_of, design_of, fit_components
from tests import required
from tests.stats import r_script

# study, treatment, treatment, effect, standard error
ROWS = [
    ("Ada", "CBT", "placebo", -0.52, 0.21),
    ("Bo", "SSRI", "placebo", -0.33, 0.14),
    ("Cy", "CBT + SSRI", "SSRI", -0.61, 0.25),
    ("Di", "CBT + SSRI", "placebo", -0.70, 0.18),
    ("Ed", "CBT", "SSRI", 0.05, 0.30),
    ("Flo", "SSRI", "placebo", -0.71, 0.17),
    ("Gus", "CBT", "placebo", -0.11, 0.19),
    ("Hal", "exercise", "placebo", -0.25, 0.22),
    ("Ida", "CBT + exercise", "CBT", -0.02, 0.2),
    ("Jo", "CBT", "placebo", -0.6, 0.2),  # three arms: Jo
    ("Jo", "SSRI", "placebo", -0.3, 0.22),
    ("Jo", "CBT", "SSRI", -0.3, 0.21),
]


def contrasts(rows=ROWS):
    return given_contrasts(*(list(column) for column in zip(*rows, strict=True)))


def test_a_network_of_single_treatments_with_one_combination_is_fitted_by_hand():
    rows = [
        ("1", "A", "P", 1.0, 1.0),
        ("2", "B", "P", 2.0, 1.0),
        ("3", "A + B", "P", 6.0, 1.0),
    ]
    net = fit_components(contrasts(rows), model="common", inactive="P")
    # Least squares of (1, 2, 6) on A, B and A + B: each effect takes a third of the surplus 3.
    assert net.term("A").estimate == pytest.approx(2.0)
    assert net.term("B").estimate == pytest.approx(3.0)
    assert net.q_additive.q == pytest.approx(3.0)
    assert net.q_difference.df == 1
    assert net.versus("A + B", "A").estimate == pytest.approx(3.0)
    free = fit_components(contrasts(rows), model="common", inactive="P", interactions=["A * B"])
    assert free.term("A*B").estimate == pytest.approx(3.0)
    assert free.q_additive.q == pytest.approx(0.0, abs=1e-10)


def test_with_every_interaction_the_additive_model_is_the_network():
    rows = [one for one in ROWS if "exercise" not in one[1]]
    net = fit_network(contrasts(rows), reference="placebo")
    free = fit_components(contrasts(rows), inactive="placebo", interactions=["CBT*SSRI"])
    assert free.tau2 == pytest.approx(net.tau2, abs=1e-8)
    assert free.q_difference.df == 0
    at = net.treatments.index
    for first in net.treatments:
        found = free.versus(first, "placebo").estimate
        assert found == pytest.approx(net.random.te[at(first), at("placebo")], abs=1e-8)


def test_parts_that_no_study_connects_are_joined_by_their_components():
    rows = [
        ("1", "A", "P", -1.0, 0.2),
        ("2", "B", "P", -0.5, 0.2),
        ("3", "A + C", "B + C", -0.4, 0.2),
        ("4", "A + C", "B + C", -0.6, 0.2),
        ("5", "A + D", "A", -0.1, 0.2),
    ]
    net = fit_components(contrasts(rows), model="common", inactive="P")
    assert len(net.evidence.parts) == 2
    assert net.versus("A + C", "B + C").estimate == pytest.approx(-0.5, abs=0.05)
    assert net.term("D").estimate == pytest.approx(-0.1)
    assert np.isnan(net.term("C").estimate)  # C is always on both sides
    assert np.isnan(net.versus("A + C", "A").estimate)
    assert net.q_standard.df == 1
    assert net.q_difference.df == 1


def test_names_differ_by_spaces_and_case_only_once():
    assert components_of(" CBT+  placebo ") == ("CBT", "placebo")
    terms, design = design_of(["CBT + SSRI", "cbt", "Placebo"], "placebo")
    assert terms == ("CBT", "SSRI")
    assert design.tolist() == [[1, 1], [1, 0], [0, 0]]


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"inactive": "Q"}, UnknownChoice, "CBT, exercise, placebo, SSRI"),
        ({"interactions": ["CBT*CBT"]}, BadInput, "no interaction of two components"),
        ({"interactions": ["SSRI*exercise"]}, BadInput, "No treatment has both"),
        ({"method": "PM"}, UnknownChoice, "DL, REML, ML"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(arguments, kind, words):
    with pytest.raises(kind, match=words):
        fit_components(contrasts(), **arguments)


def test_a_network_without_combinations_has_no_components():
    rows = [one for one in ROWS if "+" not in one[1]]
    with pytest.raises(BadInput, match="No treatment of this network is a combination"):
        fit_components(contrasts(rows))


@pytest.mark.r
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_metafor_gives_the_same_with_the_component_design(tmp_path, method):
    required.rscript()
    rows = [one for one in ROWS if one[0] != "Jo"]
    net = fit_components(
        contrasts(rows), method=method, inactive="placebo", interactions=["CBT*SSRI"]
    )
    at = net.treatments.index
    x = np.array([net.design[at(a)] - net.design[at(b)] for _, a, b, _, _ in rows])
    names = ", ".join(json.dumps(one[0]) for one in rows)
    body = (
        f"X <- matrix({r_script.vector(x.T.ravel().tolist())}, {len(rows)})\n"
        f"s <- c({names})\n"
        f'r <- rma.mv(yi, vi, mods = ~ 0 + X, random = ~ 1 | s, method = "{method}")\n'
        "q <- sum(residuals(lm(yi ~ 0 + X, weights = 1 / vi))^2 / vi)\n"
        "out <- list(b = r$beta, se = r$se, tau2 = r$sigma2, q = q)"
    )
    columns = {"yi": [one[3] for one in rows], "vi": [one[4] ** 2 for one in rows]}
    answer = r_script.run(tmp_path, columns, {"one": body})["one"]
    assert net.beta == pytest.approx(answer["b"], abs=1e-5)
    assert np.sqrt(np.diag(net.covariance)) == pytest.approx(answer["se"], abs=1e-5)
    assert net.tau2 == pytest.approx(answer["tau2"][0], rel=1e-3, abs=1e-8)
    assert net.q_additive.q == pytest.approx(answer["q"][0], abs=1e-7)


@pytest.mark.r
def test_three_arms_agree_with_metafor_where_contrasts_share_an_arm(tmp_path):
    required.rscript()
    net = fit_components(contrasts(), inactive="placebo")
    at = net.treatments.index
    rows = [one for one in ROWS if one[:3] != ("Jo", "CBT", "SSRI")]
    x = np.array([net.design[at(a)] - net.design[at(b)] for _, a, b, _, _ in rows])
    v = np.diag([one[4] ** 2 for one in rows])
    shared = (0.2**2 + 0.22**2 - 0.21**2) / 2
    v[-1, -2] = v[-2, -1] = shared
    names = ", ".join(json.dumps(one[0]) for one in rows)
    size = len(rows)
    body = (
        f"X <- matrix({r_script.vector(x.T.ravel().tolist())}, {size})\n"
        f"V <- matrix({r_script.vector(v.ravel().tolist())}, {size})\n"
        f"s <- c({names}); arm <- c(rep(1, {size - 1}), 2)\n"
        'r <- rma.mv(yi, V, mods = ~ 0 + X, random = ~ arm | s, struct = "CS", rho = 0.5)\n'
        "out <- list(b = r$beta, se = r$se, tau2 = r$tau2, q = r$QE)"
    )
    answer = r_script.run(tmp_path, {"yi": [one[3] for one in rows]}, {"one": body})["one"]
    assert net.tau2 == pytest.approx(answer["tau2"][0], rel=1e-3)
    assert net.beta == pytest.approx(answer["b"], abs=1e-4)
    assert np.sqrt(np.diag(net.covariance)) == pytest.approx(answer["se"], abs=1e-4)
    assert net.q_additive.q == pytest.approx(answer["q"][0], abs=1e-7)

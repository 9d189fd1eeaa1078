"""Networks beyond their comparisons: parts each on their own, components of combinations."""

import pytest

from reviewtool.protocol.rules.networks import NetworkChoices
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.rules.network.analysis import analyse_network
from reviewtool.synthesis.rules.pooling import Settings
from tests import build
from tests.synthesis.conftest import agree, line, trial
from tests.synthesis.rules.test_network import arm

TREATMENTS = ["CBT", "SSRI", "CBT + SSRI", "exercise", "yoga", "CBT + yoga", "placebo"]
JOINED = [
    *(arm(1, 1, "CBT", 40, 100), arm(1, 2, "placebo", 20, 100)),
    *(arm(2, 1, "SSRI", 35, 100), arm(2, 2, "placebo", 22, 100)),
    *(arm(3, 1, "CBT + SSRI", 60, 100), arm(3, 2, "SSRI", 31, 100)),
    *(arm(4, 1, "CBT + SSRI", 48, 90), arm(4, 2, "CBT", 30, 90), arm(4, 3, "placebo", 14, 90)),
    *(arm(7, 1, "SSRI", 52, 100), arm(7, 2, "placebo", 20, 100)),
]
APART = [
    *JOINED,
    *(arm(5, 1, "CBT + yoga", 45, 100), arm(5, 2, "yoga", 26, 100)),
    *(arm(6, 1, "yoga", 30, 80), arm(6, 2, "exercise", 21, 80)),
]


def analysed(arms, choices, **settings):
    return analyse_network(
        arms,
        Settings(measure="OR", kind="network", network=choices, **settings),
        treatments=TREATMENTS,
        comparators=["placebo"],
        lower_is_better=False,
    )


def test_each_part_is_analysed_on_its_own_where_the_plan_says_so():
    one, each = (analysed(APART, NetworkChoices(parts)) for parts in ("one", "each"))
    assert one.others == ()
    (other,) = each.others
    assert {t.name for t in other.treatments} == {"CBT + yoga", "yoga", "exercise"}
    assert {x.treatments[0] for x in each.parts} >= {other.parts[0].treatments[0]}
    assert each.league == one.league


def test_components_add_up_and_join_parts_that_share_them():
    found = analysed(APART, NetworkChoices(components=True, inactive="Placebo")).additive
    assert [one.name for one in found.components] == ["CBT", "exercise", "SSRI", "yoga"]
    assert found.joined
    assert found.k == 7
    sums = {one.name: one for one in found.combinations}
    effects = {one.name: one for one in found.components}
    both = effects["CBT"].estimate + effects["SSRI"].estimate
    assert sums["CBT + SSRI"].estimate == pytest.approx(both)
    assert sums["CBT + SSRI"].network is not None
    assert sums["yoga"].network is None
    assert sums["yoga"].estimate is None  # yoga is always on both sides, or beside exercise
    assert any("joined by the components they share" in words for words in found.warnings)


def test_what_keeps_components_away_is_said():
    plain = [one for one in JOINED if "+" not in one.treatment]
    result = analysed(plain, NetworkChoices(components=True))
    assert result.additive is None
    assert any("Components were not analysed: No treatment" in w for w in result.warnings)


@pytest.fixture
def network(db, review):
    """A network of combinations in two parts, planned with both."""
    outcome = build.outcome(db, review.review, "Response", measure="OR", lower_is_better=False)
    pair = build.comparison(db, review.review, tuple(TREATMENTS[:-1]), ("placebo",))
    choices = {"parts": "each", "components": True, "inactive": "placebo", "interactions": []}
    build.analysis(db, outcome, pair, measure="OR", kind="network", network=choices)
    for study_id in sorted({one.study_id for one in APART}):
        own = [one for one in APART if one.study_id == study_id]
        arms = {one.treatment: {"events": one.events, "total": one.total} for one in own}
        agree(db, review.ann, trial(db, outcome, f"Trial {study_id}", arms))
    db.commit()
    return outcome


def test_page_tables_and_plan_show_parts_and_components(db, review, network, sign_in):
    found = line(db, review, "network")
    assert found.run.settings.network.parts == "each"
    browser = sign_in(review.statistician)
    at = f"/reviews/{review.review.id}/synthesis/{found.analysis.id}"
    page = browser.get(at).text
    assert "Each part is analysed on its own, as planned." in page
    for words in ("Combinations versus placebo", "Additivity", "No study connects the two"):
        assert words in page
    assert b"combination versus placebo" in browser.get(f"{at}/tables/components.csv").data
    part = browser.get(f"{at}?part=yoga").text
    assert "Nothing is stored" not in part
    plan = browser.get(f"/reviews/{review.review.id}/protocol/").text
    assert "each part on its own, components (inactive: placebo)" in plan


def test_a_plan_names_components_that_there_are(db, review, network, sign_in):
    browser = sign_in(review.ann)
    outcome, pair = network.id, queries.lines(db, review.review.id)[0].comparison.id
    url = f"/api/v1/reviews/{review.review.id}/protocol/analyses"
    db.commit()
    sent = {"outcome_id": outcome, "comparison_id": pair, "kind": "network", "measure": "OR"}
    refused = browser.post(url, json=sent | {"network": {"components": True, "inactive": "tea"}})
    assert refused.status_code == 422
    assert "“tea” is no component" in refused.json["fields"]["inactive"]
    made = browser.post(url, json=sent | {"network": {"parts": "each"}})
    assert made.status_code == 201
    assert made.json["network"]["parts"] == "each"
    usual = browser.post(url, json=sent | {"network": {"parts": "one"}})
    assert usual.json["network"] == {}


def test_another_plan_marks_the_network_out_of_date(db, review, network):
    found = line(db, review, "network")
    found.planned.network = {"parts": "one"}
    db.add(found.planned)
    services.refresh(db, review.ann, review.review.id, "the protocol’s plan changed")
    assert line(db, review, "network").analysis.state.value == "stale"

"""Forms of the plan: lists follow what was chosen, with and without scripts."""

import pytest

from reviewtool.extraction.services import copies, fields
from reviewtool.protocol.models import OutcomeKind
from tests import build
from tests.extraction import people


@pytest.fixture
def plan(db, review):
    """Outcomes of several kinds, a comparison of two groups and one of one group."""
    made = {
        name: build.outcome(db, review.review, name, kind=kind, measure=measure, timepoints=times)
        for name, kind, measure, times in (
            ("Pain", OutcomeKind.CONTINUOUS, "SMD", ["1 month"]),
            ("Falls", OutcomeKind.RATE, "IRR", ["1 year"]),
            ("Change", OutcomeKind.CHANGE, "MC", []),
        )
    }
    made["pair"] = build.comparison(db, review.review)
    made["alone"] = build.comparison(db, review.review, comparator=())
    fields.add_usual(db, review.ann)
    made["copy"] = copies.take(db, review.ben, people.study(db, review))
    db.commit()
    return {name: row.id for name, row in made.items()}


def words(page, name):
    return page.locator(f"[name={name}] option").all_text_contents()


def choose(page, **choices):
    for name, value in choices.items():
        page.locator(f"[name={name}]").select_option(str(value))


def test_the_measures_follow_the_kind_of_numbers(page_of, review, plan):
    page = page_of(review.ann)
    page.goto(f"/reviews/{review.review.id}/protocol/outcomes/new")
    choose(page, kind="correlation")
    assert words(page, "measure") == [
        "The usual one: Correlation (Fisher's z)",
        "Correlation (Fisher's z) – ZCOR",
        "Correlation – COR",
    ]
    choose(page, measure="COR", kind="rate")
    assert page.locator("[name=measure]").input_value() == ""
    assert words(page, "measure")[0] == "The usual one: Rate ratio"


def test_an_analysis_follows_outcome_comparison_and_kind(page_of, review, plan):
    page = page_of(review.ann)
    page.goto(f"/reviews/{review.review.id}/protocol/analyses/new")
    choose(page, outcome_id=plan["Pain"])
    assert words(page, "measure")[0] == "The usual one: Standardised mean difference"
    assert words(page, "timepoint")[1:] == ["1 month"]
    assert not any("Mantel" in one for one in words(page, "method"))
    choose(page, outcome_id=plan["Falls"])
    assert any("Mantel" in one for one in words(page, "method"))
    choose(page, comparison_id=plan["alone"])
    assert all("ratio" not in one for one in words(page, "measure"))
    choose(page, comparison_id=plan["pair"], method="MH")
    assert page.locator("[name=test]").is_hidden()
    choose(page, outcome_id=plan["Pain"], kind="network")
    assert page.locator("[name=subgroup]").is_hidden()
    page.get_by_role("button", name="Save").click()
    assert "network, random effects, REML" in page.get_by_role("main").inner_text()


def test_without_scripts_what_does_not_fit_is_refused_with_what_does(page_of, review, plan):
    page = page_of(review.ann, scripts=False)
    page.goto(f"/reviews/{review.review.id}/protocol/analyses/new")
    choose(page, outcome_id=plan["Pain"], measure="OR")
    page.get_by_role("button", name="Save").click()
    assert "Odds ratio (OR) does not fit “Pain”" in page.locator("#measure-error").inner_text()


@pytest.mark.parametrize("phone", [False, True])
def test_the_forms_have_no_serious_findings(page_of, no_serious_findings, review, plan, phone):
    home = f"/reviews/{review.review.id}"
    for member, path in (
        (review.ann, "/protocol/outcomes/new"),
        (review.ann, "/protocol/analyses/new"),
        (review.ann, "/protocol/"),
        (review.ben, f"/extraction/copies/{plan['copy']}"),
    ):
        page = page_of(member, phone=phone, dark=phone)
        page.goto(home + path)
        no_serious_findings(page)

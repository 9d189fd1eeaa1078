"""Outcomes of a set beside each other: page, plot, file, API, and the summary of findings."""

import csv
import io

import pytest
from sqlmodel import Session

from reviewtool.certainty.sheets.side_by_side import over_time, side_by_side
from reviewtool.certainty.sheets.summary import summary
from reviewtool.db.row import Row
from reviewtool.errors import NotFound
from reviewtool.synthesis.models import Analysis
from reviewtool.team.services import create_token
from tests import build
from tests.bias.conftest import a_study
from tests.certainty.conftest import run

SET = "Imaging regions"


@pytest.fixture
def regions(db: Session, review: build.Team) -> list[Row]:
    """Three outcomes; the first two belong to a set, the second waits for its numbers."""
    comparison = build.comparison(db, review.review)
    outcomes = []
    for name, belongs_to in (("Insula", SET), ("Thalamus", SET), ("Sleep", "")):
        outcome = build.outcome(
            db,
            review.review,
            name,
            kind="continuous",
            measure="MD",
            lower_is_better=False,
            minimal_important_difference=0.1,
            belongs_to=belongs_to,
        )
        planned = build.analysis(db, outcome, comparison, measure="MD")
        analysis = Analysis(review_id=review.review.id, planned_id=planned.id)
        db.add(analysis)
        db.flush()
        if name != "Thalamus":
            study = a_study(db, review.review.id, f"{name} 2001", outcome.id)
            run(db, analysis, [study], measure="MD", tau2=0.0)
        outcomes.append(outcome)
    db.commit()
    return outcomes


def test_a_set_shows_each_of_its_outcomes_and_no_other(db, review, regions):
    found = side_by_side(db, review.statistician, regions[1].id)
    assert found.name == SET
    (group,) = found.groups
    assert [row.line.outcome.name for row in group.rows] == ["Insula", "Thalamus"]
    assert [row.line.outcome.name for row in group.drawn] == ["Insula"]
    assert group.rows[0].importance.reached.value == "possibly reached"
    assert group.rows[1].importance is None


def test_an_outcome_of_no_set_or_another_review_has_none(db, review, regions):
    with pytest.raises(NotFound):
        side_by_side(db, review.statistician, regions[2].id)
    other = build.team(db, "Another review")
    with pytest.raises(NotFound):
        side_by_side(db, other.ann, regions[0].id)


def test_the_summary_of_findings_groups_by_set(db, review, regions):
    (findings,) = summary(db, review.statistician).findings
    assert [(name, [row.line.outcome.name for row in rows]) for name, rows in findings.sets] == [
        (SET, ["Insula", "Thalamus"]),
        ("", ["Sleep"]),
    ]


def test_page_plot_table_and_api_say_the_same(sign_in, db, review, regions):
    comparison = side_by_side(db, review.statistician, regions[0].id).groups[0].comparison.id
    token = create_token(db, review.statistician.user, "test")
    client = sign_in(review.statistician)
    at = f"/reviews/{review.review.id}/certainty/side-by-side/{regions[0].id}"
    page = client.get(at).text
    assert "Insula" in page
    assert "Possibly reached" in page
    assert "Waits for extraction" in page
    assert "Sleep" not in page.split("<main")[1].split("</main")[0]
    drawn = client.get(f"{at}/{comparison}.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert "important difference possibly reached" in drawn.text
    assert client.get(f"{at}/{comparison + 1}.svg").status_code == 404
    rows = list(csv.DictReader(io.StringIO(client.get(f"{at}.csv").text.lstrip("\ufeff"))))
    assert [(row["outcome"], row["reached"]) for row in rows] == [
        ("Insula", "possibly reached"),
        ("Thalamus", ""),
    ]
    said = client.get(
        f"/api/v1/reviews/{review.review.id}/certainty/side-by-side/{regions[0].id}",
        headers={"Authorization": f"Bearer {token}"},
    ).json
    assert said["name"] == SET
    assert [one["reached"] for one in said["outcomes"]] == ["possibly reached", None]
    assert float(rows[0]["estimate"]) == said["outcomes"][0]["natural"]["estimate"]


@pytest.fixture
def times(db: Session, review: build.Team) -> Row:
    """One outcome at three time points, planned out of order; the last has no numbers yet."""
    comparison = build.comparison(db, review.review)
    outcome = build.outcome(
        db,
        review.review,
        "Pain",
        kind="continuous",
        measure="MD",
        timepoints=["1 month", "3 months", "1 year"],
        minimal_important_difference=0.1,
    )
    for place, time in enumerate(("3 months", "1 month", "1 year")):
        planned = build.analysis(
            db, outcome, comparison, measure="MD", timepoint=time, position=place
        )
        analysis = Analysis(review_id=review.review.id, planned_id=planned.id)
        db.add(analysis)
        db.flush()
        if time != "1 year":
            study = a_study(db, review.review.id, f"Lee {time}", outcome.id)
            run(db, analysis, [study], measure="MD", tau2=0.0)
    db.commit()
    return outcome


def test_time_points_stand_in_their_order_with_one_plot(db, review, times, sign_in):
    at = f"/reviews/{review.review.id}/certainty/over-time/{times.id}"
    (group,) = over_time(db, review.statistician, times.id).groups
    comparison = group.comparison.id
    assert [row.line.planned.timepoint for row in group.rows] == ["1 month", "3 months", "1 year"]
    client = sign_in(review.statistician)
    page = client.get(at).text
    assert page.index(">1 month<") < page.index(">3 months<") < page.index(">1 year<")
    drawn = client.get(f"{at}/{comparison}.svg")
    assert drawn.status_code == 200
    assert "3 months" in drawn.text
    table = client.get(f"{at}.csv").text
    assert table.count("Pain") == 3


def test_an_outcome_with_one_time_point_has_no_course(db, review, regions):
    with pytest.raises(NotFound):
        over_time(db, review.statistician, regions[0].id)

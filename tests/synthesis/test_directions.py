"""Where nothing can be pooled, studies are told by direction of effect: page, files, certainty."""

import csv
import io
import re
from dataclasses import replace
from math import isnan

import pytest
from sqlmodel import select

from reviewtool.certainty import queries as certainty
from reviewtool.certainty import services as ratings
from reviewtool.certainty.rules.level import Design
from reviewtool.certainty.sheets.summary import summary
from reviewtool.protocol.models import OutcomeKind, PlannedAnalysis
from reviewtool.reporting.exports import EXPORTS
from reviewtool.synthesis import services
from reviewtool.synthesis.results import NarrativeResult, PairwiseResult
from reviewtool.synthesis.rules.directions import difference
from reviewtool.synthesis.rules.narrative import synthesise
from reviewtool.synthesis.rules.pooling import Inputs, NothingToPool, Settings
from reviewtool.synthesis.rules.selection import Group, Row
from reviewtool.team.services import create_token
from tests import build
from tests.synthesis.conftest import agree, counts, line, trial

MD = Settings(measure="MD")


def row(number, **numbers):
    return Row(number, f"Study {number}", 2000 + number, "acupuncture", "sham", **numbers)


def tell(*rows, settings=MD, lower=True, **more):
    inputs = Inputs(rows, lower_is_better=lower, judgements={1: "Low"}, **more)
    return synthesise(inputs, settings)


def test_a_direction_comes_from_whatever_a_study_reports():
    found = tell(
        row(1, estimate=-1.2),
        row(2, estimate=0.4, estimate_measure="SMD", p_reported="0.30"),
        row(3, group1=Group(mean=3.0, total=20), group2=Group(mean=5.0, total=21)),
        row(4, favours="experimental", p_reported="<0.05"),
        row(5, favours="neither"),
        row(6),
    )
    assert isinstance(found, NarrativeResult)
    assert [(one.direction, one.basis) for one in found.directions.rows] == [
        ("benefit", "estimate"),
        ("harm", "other estimate"),
        ("benefit", "difference"),
        ("benefit", "told"),
        ("neither", "told"),
        ("unknown", ""),
    ]
    votes = found.directions.votes
    assert (votes.favour, votes.against, votes.neither, votes.unknown) == (3, 1, 1, 1)
    assert votes.p == pytest.approx(0.625)  # 2 x (1 + 4) / 16
    assert found.directions.rows[1].estimate is None  # on another measure: only its direction
    assert found.directions.rows[0].judgement == "Low"


def test_p_values_are_combined_one_sided_and_a_limit_says_least():
    found = tell(
        row(1, estimate=-1.0, p_reported="0.04"), row(2, favours="comparator", p_reported="<0.05")
    ).directions.combined
    assert (found.k, found.df, found.bounded) == (2, 4, ("Study 2",))
    assert found.benefit == pytest.approx(7.824046)  # -2 (ln 0.02 + ln 1)
    assert found.harm == pytest.approx(7.418164)  # -2 (ln 0.98 + ln 0.025)
    assert tell(row(1, estimate=-1.0, p_reported="0.04")).directions.combined is None


def test_a_study_that_points_both_ways_counts_as_neither():
    rows = (row(1, estimate=-1.0), replace(row(1, estimate=2.0), treatment="laser"))
    assert tell(*rows).directions.votes.neither == 1


def test_numbers_that_contradict_the_words_are_named():
    found = tell(row(1, estimate=-1.0, favours="comparator"))
    assert found.directions.rows[0].direction == "benefit"
    assert found.warnings[0].startswith("Study 1: its numbers favour one side")


def test_zero_events_in_both_groups_are_no_difference_and_nonsense_is_nothing():
    nobody = {"group1": Group(events=0, total=20), "group2": Group(events=0, total=22)}
    found = tell(row(1, **nobody), settings=Settings(measure="OR"))
    assert found.directions.rows[0].direction == "neither"
    assert "no events in either arm" in found.refused
    assert isnan(difference(Group(events=9, total=5), Group(events=1, total=5)))
    with pytest.raises(NothingToPool):
        tell(row(1), settings=Settings(measure="OR"))


def test_one_study_is_pooled_with_itself_and_told_beside_it_and_two_are_pooled_alone():
    one = {"group1": Group(mean=3.0, sd=1.0, total=20), "group2": Group(mean=5.0, sd=1.0, total=21)}
    single = tell(row(1, **one))
    assert isinstance(single, PairwiseResult)
    assert single.directions.votes.favour == 1
    assert synthesise(Inputs((row(1, **one), row(2, **one))), MD).directions is None


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.get_data(as_text=True)))


@pytest.fixture
def told(db, review):
    """Two studies without variances and one that says only whom it favours, all agreed."""
    outcome = build.outcome(
        db, review.review, "Pain", kind=OutcomeKind.CONTINUOUS, measure="MD", unit="points"
    )
    build.analysis(db, outcome, build.comparison(db, review.review), measure="MD")
    for study in (
        trial(
            db,
            outcome,
            "Ames 2001",
            {"acupuncture": {"estimate": -2.0, "p_reported": "<0.05"}, "sham": {}},
            contrast=True,
        ),
        trial(
            db,
            outcome,
            "Bell 2002",
            {"acupuncture": {"mean": 4.0, "total": 60}, "sham": {"mean": 3.0, "total": 61}},
        ),
        trial(
            db,
            outcome,
            "Cole 2003",
            {"acupuncture": {"favours": "first"}, "sham": {}},
            contrast=True,
        ),
    ):
        agree(db, review.ann, study)
    db.commit()
    return line(db, review)


def test_the_page_shows_table_plot_votes_and_how_it_was_made(db, review, told, sign_in):
    path = f"/reviews/{review.review.id}/synthesis/{told.analysis.id}"
    browser = sign_in(review.observer)
    said = words(browser.get(path))
    assert "2 of 3 studies with a direction favour acupuncture (67 %" in said
    assert "its estimate has neither a standard error nor an interval" in said
    assert "Study 1" not in said
    assert re.search(r"Ames 2001.*MD −2\.00.*&lt;0\.05.*Favours acupuncture", said)
    assert "Vote counting by direction of effect" in said
    assert "Limits" in said
    for kind in ("svg", "png", "pdf", "tiff"):
        assert browser.get(f"{path}/directions.{kind}").status_code == 200
    assert b"Favour acupuncture" in browser.get(f"{path}/directions.svg").data
    rows = list(
        csv.DictReader(
            io.StringIO(browser.get(f"{path}/tables/directions.csv").get_data(as_text=True)[1:])
        )
    )
    assert [r["direction"] for r in rows] == [
        "Favours acupuncture",
        "Favours sham",
        "Favours acupuncture",
    ]
    assert browser.get(f"{path}/tables/directions.docx").data[:2] == b"PK"
    index = words(browser.get(f"/reviews/{review.review.id}/synthesis/"))
    assert "Not pooled: 3 studies, 2 of 3 favour acupuncture" in index


def test_it_can_be_rated_and_stands_in_the_summary_of_findings(db, review, told):
    found = certainty.line(db, review.ann, told.analysis.id)
    ratings.rate(db, review.ann, found, Design.RANDOMISED, {})
    (findings,) = summary(db, review.observer).findings
    assert findings.rows[0].effect == "Not pooled: 3 studies, 2 of 3 favour acupuncture"
    assert findings.rows[0].line.level.value == "High"
    assert findings.rows[0].evidence.participants == 121
    exported = next(e for e in EXPORTS if e.key == "certainty").write(db, review.observer)
    assert "Not pooled: 3 studies" in exported.decode("utf-8-sig")


def test_the_api_gives_the_same(db, review, told, client):
    head = {"Authorization": f"Bearer {create_token(db, review.statistician.user, 'robot')}"}
    db.commit()
    path = f"/api/v1/reviews/{review.review.id}/analyses/{told.analysis.id}"
    found = client.get(path, headers=head).json
    assert found["directions"]["sentence"].startswith("2 of 3 studies")
    assert {"Question", "Metric", "Method", "Limits"} <= set(found["directions"]["items"])
    assert found["directions"]["found"]["rows"][0]["p_bound"] == "<"


def test_a_narrative_plan_is_told_and_a_change_of_what_is_good_tells_it_again(
    db, review, outcome, trials
):
    planned = db.exec(select(PlannedAnalysis)).one()
    planned.kind = "narrative"
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    found = line(db, review, "narrative")
    assert found.run.result.directions.votes.favour == 3
    outcome.lower_is_better = True
    services.refresh(db, review.ann, review.review.id, "the protocol’s plan changed")
    db.commit()
    assert line(db, review, "narrative").run.result.directions.votes.against == 3


def test_a_narrative_of_what_nobody_reports_says_so(db, review, outcome, trials, sign_in):
    silent = build.outcome(db, review.review, "Sleep")
    build.analysis(db, silent, build.comparison(db, review.review), kind="narrative", measure="RR")
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    found = line(db, review, "narrative")
    page = sign_in(review.observer).get(
        f"/reviews/{review.review.id}/synthesis/{found.analysis.id}"
    )
    assert "No study reports this outcome for this comparison" in words(page)


def test_inputs_without_anything_told_keep_their_hash(db, review, outcome, trials):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    found = line(db, review)
    assert found.run.inputs.lower_is_better is None
    assert found.run.result.directions is None
    quiet = trial(db, outcome, "Quiet 2009", counts((0, 30), (0, 31)))
    agree(db, review.ann, quiet)
    db.commit()
    assert line(db, review).run.result.directions.votes.neither == 1

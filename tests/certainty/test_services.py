"""Rating a pooled result."""

import pytest

from reviewtool.certainty import queries, services
from reviewtool.certainty.rules.evidence import NoSuggestion, suggestions
from reviewtool.certainty.rules.level import Design, Level
from reviewtool.certainty.services import FootnoteRequired, SourceRequired, Taken
from reviewtool.certainty.sheets.summary import summary
from reviewtool.errors import Conflict, Forbidden, Invalid, NotFound
from reviewtool.synthesis.results import Asymmetry, Pooled, Sensitivity, WithoutHighRisk
from tests import build
from tests.bias.conftest import assess
from tests.certainty.conftest import run

RANDOMISED = Design.RANDOMISED


def again(db, review, case):
    return queries.line(db, review.statistician, case.analysis.id)


def test_steps_with_footnotes_give_the_level(db, review, case, line):
    taken = {"imprecision": Taken(1, "Few events")}
    services.rate(db, review.statistician, line, RANDOMISED, taken)
    stored = again(db, review, case)
    assert stored.level is Level.MODERATE
    assert stored.steps["imprecision"].footnote == "Few events"
    assert not stored.stale


@pytest.mark.parametrize("footnote", ["", "   "])
def test_a_step_without_a_footnote_is_refused(db, review, line, footnote):
    with pytest.raises(FootnoteRequired, match="Imprecision"):
        services.rate(
            db, review.statistician, line, RANDOMISED, {"imprecision": Taken(1, footnote)}
        )


def test_randomised_evidence_is_not_rated_up(db, review, line):
    with pytest.raises(Invalid, match="cannot be rated up"):
        services.rate(
            db, review.statistician, line, RANDOMISED, {"large_effect": Taken(1, "Large")}
        )


def test_an_unknown_domain_is_refused(db, review, line):
    with pytest.raises(Invalid, match="weather"):
        services.rate(db, review.statistician, line, RANDOMISED, {"weather": Taken(1, "Rain")})


def test_suggestions_are_stored_beside_the_steps_and_decide_nothing(db, review, case, line):
    services.rate(db, review.statistician, line, RANDOMISED, {})
    stored = again(db, review, case)
    assert stored.steps["imprecision"].suggested == 1
    assert stored.steps["imprecision"].steps == 0
    assert stored.level is Level.HIGH


def test_a_newer_run_makes_the_rating_stale(db, review, case, line):
    services.rate(db, review.statistician, line, RANDOMISED, {})
    run(db, case.analysis, case.studies, rr=(1.2, 0.9, 1.6))
    assert again(db, review, case).stale
    services.rate(db, review.statistician, again(db, review, case), RANDOMISED, {})
    assert not again(db, review, case).stale


def test_an_assumed_risk_needs_its_source(db, review, case, line):
    with pytest.raises(SourceRequired):
        services.set_assumed_risk(db, review.statistician, line, 0.2, " ")
    with pytest.raises(Invalid, match="0 and 1000"):
        services.set_assumed_risk(db, review.statistician, line, 1.2, "Cohort 2019")
    services.set_assumed_risk(db, review.statistician, line, 0.2, "Cohort 2019")
    assert again(db, review, case).assumed_risk == 0.2


def test_without_an_assumed_risk_the_median_comparator_risk_is_taken_by_name(
    db, review, case, line
):
    services.rate(db, review.statistician, line, RANDOMISED, {})
    stored = again(db, review, case).rating
    assert stored.assumed_risk == pytest.approx(0.2)
    assert stored.assumed_risk_source == services.MEDIAN


def test_a_reviewer_reads_but_does_not_rate(db, review, case, line):
    with pytest.raises(Forbidden):
        services.rate(db, review.ben, line, RANDOMISED, {})


def test_a_member_of_another_review_finds_nothing(db, case):
    other = build.team(db, "Elsewhere")
    with pytest.raises(NotFound):
        queries.line(db, other.ann, case.analysis.id)


def test_nothing_pooled_cannot_be_rated(db, review, case):
    case.analysis.current_run_id = None
    db.flush()
    with pytest.raises(Conflict, match="no result to rate"):
        services.rate(db, review.statistician, again(db, review, case), RANDOMISED, {})


def test_the_evidence_counts_people_events_and_the_median_comparator_risk(db, line):
    found = queries.evidence(db, line)
    assert (found.participants, found.events, len(found.studies)) == (200, 40, 2)
    assert found.median_comparator_risk == pytest.approx(0.2)


def test_a_study_with_two_treatments_counts_once_with_both_intervals(db, review, case):
    study = case.studies[0]
    newest = run(db, case.analysis, [study, study])
    found = queries.evidence(db, again(db, review, case))
    assert [s.study_id for s in found.studies] == [study.id]
    assert found.studies[0].weight == 100
    assert len(found.studies[0].intervals) == 2
    assert found.participants == 200
    assert newest.id == case.analysis.current_run_id


@pytest.mark.parametrize(("lower_is_better", "favours"), [(True, True), (False, False)])
def test_asymmetry_is_read_in_the_direction_of_benefit(db, review, case, lower_is_better, favours):
    test = Asymmetry(slope=-1.2, t=-2.4, df=9, p=0.02)
    run(db, case.analysis, case.studies, asymmetry=test)
    case.outcome.lower_is_better = lower_is_better
    db.flush()
    found = queries.evidence(db, again(db, review, case))
    assert found.pooled.small_studies_favour_intervention is favours


@pytest.mark.parametrize(("low", "unchanged"), [(0.05, True), (-0.05, False)])
def test_the_run_without_high_risk_says_whether_the_conclusion_stands(
    db, review, case, low, unchanged
):
    further = Pooled(k=1, method="REML", test="z", estimate=0.4, ci_low=low, ci_high=0.8)
    without = Sensitivity(exclude_high_risk=WithoutHighRisk(k=1, pooled=further))
    run(db, case.analysis, case.studies, sensitivity=without)
    db.flush()
    assert queries.evidence(db, again(db, review, case)).unchanged_without_high is unchanged


def test_risk_of_bias_is_suggested_from_agreed_judgements_and_weights(db, review, case, line):
    from reviewtool.bias import services as bias
    from reviewtool.bias.queries import Key

    def suggested():
        found = queries.evidence(db, line)
        return suggestions(found, line.details, None, {})["risk_of_bias"]

    assert isinstance(suggested(), NoSuggestion)
    assert "no agreed judgement" in suggested().because
    high = {"D3": {"3.1": "N", "3.2": "N", "3.3": "Y", "3.4": "Y"}}
    for study, answers in zip(case.studies, ({}, high), strict=True):
        key = Key(study.id, case.outcome.id, "")
        assess(db, review.ben, key, answers)
        assess(db, review.cem, key, answers)
        bias.finish(db, review.ann, bias.agree(db, review.ann, key))
    assert suggested().steps == 2
    assert "50\u202f%" in suggested().because


def test_thresholds_move_the_suggestion_to_the_absolute_scale(db, review, case, line):
    services.set_assumed_risk(db, review.statistician, line, 0.2, "Median")
    services.set_details(db, review.statistician, line, {"thresholds": [50.0, 100.0, 150.0]})
    stored = again(db, review, case)
    found = suggestions(queries.evidence(db, stored), stored.details, 0.2, {})["imprecision"]
    assert found.steps == 3
    assert "crosses 3 thresholds" in found.because


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"size_thresholds": [5.0, 2.0, 50.0]}, "ascending"),
        ({"relative_risk_reduction": 2.0}, "less than 1"),
        ({"weather": True}, "Weather"),
    ],
)
def test_details_that_cannot_be_used_are_named(db, review, line, values, said):
    with pytest.raises(Invalid, match=said):
        services.set_details(db, review.statistician, line, values)


def test_the_summary_letters_footnotes_and_gives_people_per_thousand(db, review, case, line):
    services.set_assumed_risk(db, review.statistician, line, 0.2, "Median")
    services.set_details(db, review.statistician, line, {"size": "moderate"})
    taken = {"imprecision": Taken(1, "Few events"), "indirectness": Taken(1, "Children only")}
    services.rate(db, review.statistician, line, RANDOMISED, taken)
    build.outcome(db, review.review, "Death")
    found = summary(db, review.observer)
    (row,) = found.findings[0].rows
    assert row.letters == ["a", "b"]
    assert found.footnotes["b"] == "Imprecision, down 1 level: Few events"
    assert row.risks[0].effect.display_diff == ("100 more per 1000 (from 20 more to 220 more)")
    assert row.statement == "Acupuncture may increase pain free."
    assert row.number_needed == "NNTB 5 to 50"
    assert [one.name for one in found.not_reported] == ["Death"]


def test_the_same_footnote_keeps_its_letter(db, review, case, line):
    planned = build.analysis(
        db,
        build.outcome(db, review.review, "Relapse"),
        line.comparison,
        measure="RR",
    )
    from reviewtool.synthesis.models import Analysis

    other = Analysis(review_id=review.review.id, planned_id=planned.id)
    db.add(other)
    db.flush()
    run(db, other, case.studies)
    for one in (line, queries.line(db, review.statistician, other.id)):
        taken = {"imprecision": Taken(1, "Few events")}
        services.rate(db, review.statistician, one, RANDOMISED, taken)
    found = summary(db, review.observer)
    assert [row.letters for row in found.findings[0].rows] == [["a"], ["a"]]
    assert len(found.footnotes) == 1


def test_many_treatments_are_named_by_their_comparison(db, review, case, line):
    line.comparison.experimental = ["acupuncture", "acupressure", "moxibustion"]
    line.comparison.name = "Any needling versus sham"
    services.set_details(db, review.statistician, line, {"size": "large"})
    services.rate(db, review.statistician, line, RANDOMISED, {})
    (row,) = summary(db, review.observer).findings[0].rows
    assert row.statement == "Any needling leads to a large increase in pain free."

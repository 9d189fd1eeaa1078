"""Time points of an outcome together: planned, run, read, reproduced."""

import csv
import io

import pytest
from sqlmodel import select

from reviewtool.certainty import queries as certainty
from reviewtool.certainty import services as ratings
from reviewtool.certainty.rules.level import Design
from reviewtool.errors import Conflict
from reviewtool.extraction.models import Arm, Result
from reviewtool.protocol.rules.joint import JointChoices
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.models import AnalysisState
from reviewtool.synthesis.results import OverTimeResult
from reviewtool.synthesis.rules.over_time import NotTogether, analyse_together
from reviewtool.synthesis.rules.pooling import AtTime, Inputs, Settings
from reviewtool.synthesis.rules.selection import Row
from reviewtool.synthesis.scripts import over_time as scripts
from tests import build
from tests.synthesis.conftest import agree, line, trial
from tests.synthesis.scripts.conftest import in_python, in_r, passes, run_of, write
from tests.synthesis.scripts.conftest import numbers as numbers_of

TIMES = ["1 month", "3 months", "6 months"]
# Study -> mean of acupuncture by time; sham stays at 50. SD 10, 40 people each.
MEANS = {
    "Ada": (46, 44, 45),
    "Bo": (44, 43, 41),
    "Cy": (48, 45, 46),
    "Di": (41, 40, 43),
    "Ed": (47, 41, None),
    "Flo": (None, 46, 47),
}


def numbers(mean, timepoint):
    return {"mean": mean, "sd": 10.0, "total": 40, "timepoint": timepoint}


def with_times(db, outcome, label, by_time):
    """A study with means at several times."""
    first, *rest = by_time.items()
    study = trial(
        db,
        outcome,
        label,
        {"acupuncture": numbers(first[1], first[0]), "sham": numbers(50, first[0])},
    )
    arms = db.exec(select(Arm).where(Arm.study_id == study.id).order_by(Arm.number)).all()
    for time, mean in rest:
        for arm, value in zip(arms, (mean, 50), strict=True):
            own = {"review_id": study.review_id, "study_id": study.id, "outcome_id": outcome.id}
            db.add(Result(**own, arm_id=arm.id, **numbers(value, time)))
    db.flush()
    return study


@pytest.fixture
def plan(db, review):
    """Pain at three times, each by itself and all together; one study has none of them."""
    outcome = build.outcome(
        db,
        review.review,
        "Pain",
        kind="continuous",
        measure="MD",
        timepoints=TIMES,
        windows={"1 month": "3 to 6 weeks"},
        minimal_important_difference=5.0,
    )
    comparison = build.comparison(db, review.review)
    for time in TIMES:
        build.analysis(db, outcome, comparison, measure="MD", timepoint=time)
    build.analysis(
        db,
        outcome,
        comparison,
        measure="MD",
        kind="times",
        test="t",
        joint={"rho": 0.5, "pattern": "constant", "unit": "month", "structure": "auto"},
    )
    return outcome


@pytest.fixture
def studies(db, review, plan):
    made = {
        label: with_times(
            db, plan, label, {t: m for t, m in zip(TIMES, means, strict=True) if m is not None}
        )
        for label, means in MEANS.items()
    }
    made["Late"] = with_times(db, plan, "Late", {"2 years": 45})
    for study in made.values():
        agree(db, review.ann, study)
    db.commit()
    return made


def test_the_workers_run_it_and_each_study_is_in_it_or_named(db, review, studies):
    found = line(db, review, "times")
    result = found.run.result
    assert isinstance(result, OverTimeResult)
    assert found.title == "Pain, over time: acupuncture versus sham"
    assert [(one.timepoint, one.k) for one in result.times] == [
        ("1 month", 5),
        ("3 months", 6),
        ("6 months", 5),
    ]
    assert {one.label for one in result.studies} == {*MEANS}
    assert [(out.label, out.stage) for out in result.left_out] == [("Late", "comparison")]
    assert "no result of this comparison at any time point" in result.left_out[0].reason
    assert result.change.df == 2
    assert [one.rho for one in result.sensitivity] == [0.3, 0.5, 0.8]
    stated = next(one for one in result.sensitivity if one.rho == 0.5)
    assert [e.estimate for e in stated.estimates] == pytest.approx(
        [one.estimate for one in result.times], abs=1e-6
    )
    last = result.at("6 months")
    assert last.estimate != pytest.approx(last.alone.estimate, abs=1e-3)
    alone = [x.run.result.pooled for x in everything(db, review) if x.planned.timepoint == TIMES[0]]
    assert result.times[0].alone.estimate == pytest.approx(alone[0].estimate, abs=1e-8)


def everything(db, review):
    return queries.lines(db, review.review.id)


def test_a_result_in_two_windows_is_taken_once(db, review, plan):
    plan.timepoints, plan.windows = (
        ["1 month", "2 months"],
        {
            "1 month": "3 to 8 weeks",
            "2 months": "6 to 10 weeks",
        },
    )
    db.add(plan)
    for label in ("Ada", "Bo"):
        agree(db, review.ann, with_times(db, plan, label, {"4 weeks": 45, "9 weeks": 44}))
    agree(db, review.ann, with_times(db, plan, "Cy", {"7 weeks": 46}))
    db.commit()
    result = line(db, review, "times").run.result
    assert [(one.timepoint, one.k) for one in result.times] == [("1 month", 3), ("2 months", 2)]
    assert any(
        "Cy: its result at 7 weeks stands at 1 month and at 2 months" in n for n in result.notes
    )


def test_it_follows_the_choice_made_for_one_time_point(db, review, studies):
    alone = next(x for x in everything(db, review) if x.planned.timepoint == "1 month")
    ada = studies["Ada"]
    services.choose_result(db, review.statistician, alone, ada.id, "3 months", "End point")
    db.commit()
    result = line(db, review, "times").run.result
    own = [(one.timepoint, one.estimate) for one in result.studies if one.label == "Ada"]
    assert own == [("1 month", -6.0), ("6 months", -5.0)]
    with pytest.raises(Conflict, match="that time point"):
        services.choose_result(
            db, review.statistician, line(db, review, "times"), ada.id, "1 month", "Why"
        )


def test_a_changed_extraction_marks_it_out_of_date(db, review, studies):
    result = db.exec(select(Result).where(Result.study_id == studies["Di"].id)).first()
    result.mean = 60.0
    db.add(result)
    services.refresh(db, review.ann, review.review.id, "the extraction of Di changed")
    found = line(db, review, "times")
    assert found.analysis.state is AnalysisState.STALE
    assert found.analysis.stale_because == "the extraction of Di changed"


def test_page_files_and_api_tell_the_same(db, review, studies, sign_in):
    found = line(db, review, "times")
    browser = sign_in(review.statistician)
    at = f"/reviews/{review.review.id}/synthesis/{found.analysis.id}"
    page = browser.get(at).text
    for words in (
        "All time points together",
        "Another stated correlation",
        "All time points alike?",
    ):
        assert words in page
    rows = list(
        csv.DictReader(
            io.StringIO(browser.get(f"{at}/tables/over-time.csv").data.decode("utf-8-sig"))
        )
    )
    assert [row["timepoint"] for row in rows] == TIMES
    assert float(rows[2]["estimate"]) == found.run.result.times[2].estimate
    assert browser.get(f"{at}/over-time.svg").status_code == 200
    assert browser.get(f"{at}/reproduce.zip").data.startswith(b"PK")
    assert ">over time</span>" in browser.get(f"/reviews/{review.review.id}/synthesis/").text
    plan = browser.get(f"/reviews/{review.review.id}/protocol/").text
    assert "time points together, correlation 0.5, unstructured where the studies permit" in plan


def test_too_few_studies_say_what_is_in_the_way():
    rows = tuple(Row(i, f"Study {i}", None, "a", "b", estimate=1.0 + i, se=1.0) for i in range(3))
    moments = (AtTime("1 month", rows), AtTime("3 months", rows[:1]))
    settings = Settings(measure="MD", test="z", kind="times", joint=JointChoices())
    with pytest.raises(NotTogether, match="fewer than two studies report two time points"):
        analyse_together(Inputs((), moments=moments), settings, JointChoices())


def spread(choices, times=("4 weeks", "3 months", "1 year"), **settings):
    """A result of ten studies that differ."""
    moments = []
    for t, time in enumerate(times):
        rows = tuple(
            Row(
                i, f"Study {i}", None, "a", "b", estimate=((7 * i + 3 * t * t) % 11) / 3 + t, se=0.4
            )
            for i in range(10)
            if (i + t) % 4
        )
        moments.append(AtTime(time, rows))
    chosen = Settings(measure="MD", kind="times", joint=choices, **{"test": "z", **settings})
    return analyse_together(Inputs((), moments=tuple(moments)), chosen, choices)


@pytest.mark.r
@pytest.mark.parametrize(
    ("choices", "settings"),
    [
        (JointChoices(), {}),
        (JointChoices(0.8, structure="UN"), {"test": "t", "method": "ML"}),
        (JointChoices(0.3, structure="HCS"), {"level": 90.0}),
        (JointChoices(0.7, "decaying", "month", "AR"), {}),
        (JointChoices(0.7, "decaying", "month", "HAR"), {}),
        (JointChoices(), {"model": "common", "method": "EE"}),
    ],
    ids=["usual", "UN t ML", "HCS 90", "AR decaying", "HAR decaying", "common"],
)
def test_the_scripts_find_every_number(tmp_path, choices, settings, capsys):
    result = spread(choices, **settings)
    where = write(tmp_path / "it", run_of(result))
    assert len(numbers_of(where)) == 15
    assert passes(in_python(where, capsys), where)
    done = in_r(where)
    if result.structure in scripts.IN_METAFOR:
        assert "PASS metafor finds the same estimates" in done[1]
        done = (done[0], done[1].replace("PASS metafor", "metafor"))
    assert passes(done, where)


def test_certainty_reads_the_time_point_alone_until_the_joint_estimate_is_chosen(
    db, review, studies, sign_in
):
    alone = next(x for x in everything(db, review) if x.planned.timepoint == TIMES[0])
    joint = line(db, review, "times").run.result.at(TIMES[0])
    browser = sign_in(review.statistician)
    at = f"/api/v1/reviews/{review.review.id}/certainty/{alone.analysis.id}"
    before = browser.get(at).json
    assert before["details"]["estimate"] == "alone"
    page = f"/reviews/{review.review.id}/certainty/{alone.analysis.id}"
    assert "all time points together give" in browser.get(page).text
    sent = {"details": {"estimate": "together", "joint_run": 99}}
    assert browser.put(f"{at}/details", json=sent).status_code == 200
    member = review.statistician
    rated = certainty.line(db, member, alone.analysis.id)
    evidence = certainty.evidence(db, rated)
    assert evidence.pooled.estimate == pytest.approx(joint.estimate)
    assert evidence.pooled.ci_high == pytest.approx(joint.ci_high)
    ratings.rate(db, member, rated, Design.RANDOMISED, {})
    db.commit()
    again = certainty.line(db, member, alone.analysis.id)
    assert (again.stale, again.details.joint_run) == (False, again.joint.id)
    over = f"/reviews/{review.review.id}/certainty/over-time/{alone.outcome.id}"
    assert browser.get(over).text.count("Together: MD") == 3
    assert "All time points together: " in browser.get(over).text  # the second series, in words
    planned = line(db, review, "times").planned
    planned.joint = {**planned.joint, "rho": 0.2}
    db.add(planned)
    services.refresh(db, review.ann, review.review.id, "the protocol’s plan changed")
    db.commit()
    assert certainty.line(db, member, alone.analysis.id).stale

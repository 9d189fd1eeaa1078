"""Brain maps: drawn in parts, put together once, whoever dies or cancels meanwhile."""

import subprocess
import sys
from collections import defaultdict

import numpy as np
import pytest
from sqlmodel import select

from reviewtool import jobs
from reviewtool.errors import Conflict
from reviewtool.extraction.models import Experiment, Focus, Study
from reviewtool.jobs import Job, JobState
from reviewtool.protocol.models import OutcomeKind
from reviewtool.stats.coordinates import read_image
from reviewtool.storage import current_storage
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.models import AnalysisRun, AnalysisState, MonteCarlo, MonteCarloPart
from reviewtool.synthesis.results import MapResult
from reviewtool.synthesis.rules import maps
from reviewtool.synthesis.scripts import folder
from tests import build
from tests.synthesis.conftest import agree

AROUND = [(38, 4, 2), (36, 8, 0), (40, 2, 4), (38, 6, -2), (42, 4, 2), (36, 2, 6)]
FEW = {"algorithm": "ALE", "correction": "cluster", "draws": 100, "seed": 7}


def experiment(db, review, label, foci, *, direction="increase", name="pain > rest", study=None):
    if study is None:
        study = Study(review_id=review.review.id, label=label)
        db.add(study)
        db.flush()
    row = Experiment(
        review_id=review.review.id,
        study_id=study.id,
        number=1 if direction == "increase" else 2,
        name=name,
        participants=16,
        modality="functional",
        direction=direction,
        space="MNI",
    )
    db.add(row)
    db.flush()
    for number, (x, y, z) in enumerate(foci, 1):
        db.add(Focus(experiment_id=row.id, number=number, x=x, y=y, z=z))
    db.flush()
    return study


@pytest.fixture
def outcome(db, review):
    return build.outcome(
        db,
        review.review,
        "Activation by pain",
        kind=OutcomeKind.COORDINATES,
        modality="functional",
        direction="increase",
    )


@pytest.fixture
def studies(db, review, outcome):
    """Six studies with a focus each near the right insula, and one elsewhere."""
    rng = np.random.default_rng(3)
    found = []
    for number, place in enumerate(AROUND):
        away = tuple(int(v) for v in rng.integers(-40, 40, 3))
        found.append(experiment(db, review, f"Study {number + 1}", [place, away]))
    return found


def planned(db, outcome, **choices):
    pair = build.comparison(db, _review(db, outcome))
    row = build.analysis(
        db, outcome, pair, kind="coordinates", measure="", test="z", map={**FEW, **choices}
    )
    db.flush()
    services.sync(db, outcome.review_id)
    return row


def _review(db, outcome):
    from reviewtool.team.models import Review

    return db.get_one(Review, outcome.review_id)


def line_of(db, row):
    db.expire_all()
    (found,) = (x for x in queries.lines(db, row.review_id) if x.planned.id == row.id)
    return found


def ask(db, review, row):
    """A person asks for the map; jobs run at once."""
    job = services.request_run(
        db, review.fay if hasattr(review, "fay") else review.ann, line_of(db, row)
    )
    job_id = job.id
    db.commit()
    db.expire_all()
    return db.get_one(Job, job_id)


def test_a_map_is_drawn_in_parts_and_stored_once(db, review, outcome, studies):
    row = planned(db, outcome)
    job = ask(db, review, row)
    assert (job.state, job.done, job.total, job.error) == (JobState.DONE, 100, 100, "")
    assert job.result_url.endswith(f"/synthesis/{line_of(db, row).analysis.id}")
    parts = db.exec(select(MonteCarloPart).order_by(MonteCarloPart.first)).all()
    assert [(part.first, part.count) for part in parts] == [(0, 50), (50, 50)]
    assert db.exec(select(Job).where(Job.parent_id == job.id)).all()
    line = line_of(db, row)
    assert line.analysis.state is AnalysisState.CURRENT
    result = line.run.result
    assert isinstance(result, MapResult)
    (cluster,) = result.clusters
    assert cluster.peak.region == "right insula"
    assert cluster.studies == 6
    assert cluster.foci >= 6
    assert cluster.p_size <= 0.05
    assert len(cluster.without) == 6
    assert cluster.fragile == ()
    assert "6 experiments" in result.warnings[0]
    assert "Eickhoff et al. 2016" in result.warnings[0]
    for said in ("ICBM 152", "halves to the even index", "seed 7", "100 Monte Carlo draws"):
        assert said in result.sentence
    image, _ = read_image(current_storage().read(result.images["shown"]))
    assert np.count_nonzero(image) == result.significant == cluster.voxels


def test_the_same_seed_gives_the_same_map_in_any_order(db, review, outcome, studies):
    inputs = queries.inputs(db, line_of(db, planned(db, outcome)))
    settings = queries.settings_of(line_of(db, planned(db, outcome)).planned)
    plan = maps.plan_of(maps.sides(inputs, settings), settings)
    parts = maps.parts(settings.map)

    def drawn(order):
        found = defaultdict(list)
        for part in order:
            found[part.side].append(maps.draw(part, plan, inputs, settings, lambda d, t: None))
        return maps.analyse(inputs, settings, found)[0]

    assert drawn(parts) == drawn([*reversed(parts), parts[0]])


def test_what_is_cancelled_says_so_and_goes_on_from_what_is_drawn(db, review, outcome, studies):
    row = planned(db, outcome)
    with jobs.held() as waiting:
        job = services.request_run(db, review.ann, line_of(db, row))
        db.commit()
        parent = waiting[0]
        jobs.run(parent)  # sends two parts
        jobs.run(waiting[1])
        db.expire_all()
        assert db.get_one(Job, parent).state is JobState.RUNNING
        assert db.get_one(Job, parent).done == 50
        jobs.cancel(db, db.get_one(Job, parent))
        db.commit()
        jobs.run(waiting[2])
    db.expire_all()
    assert db.get_one(Job, parent).state is JobState.CANCELLED
    line = line_of(db, row)
    assert line.analysis.state is AnalysisState.FAILED
    assert "cancelled" in line.analysis.error
    assert line.run is None
    first = db.exec(select(MonteCarloPart).where(MonteCarloPart.first == 0)).one()
    kept, made = first.found, first.job_id
    again = ask(db, review, row)
    assert (again.state, again.total) == (JobState.DONE, 50)
    db.expire_all()
    first = db.exec(select(MonteCarloPart).where(MonteCarloPart.first == 0)).one()
    assert (first.found, first.job_id) == (kept, made)
    assert line_of(db, row).run.result.draws == 100
    assert job.id == parent


def test_a_newer_run_takes_the_place_of_draws_that_are_not_wanted_any_more(
    db, review, outcome, studies
):
    row = planned(db, outcome)
    with jobs.held() as waiting:
        services.request_run(db, review.ann, line_of(db, row))
        db.commit()
        jobs.run(waiting[0])  # sends two parts
        with pytest.raises(Conflict, match="are running"):
            services.request_run(db, review.ann, line_of(db, row))
        experiment(db, review, "Late", [(38, 4, 2)])
        line = line_of(db, row)
        services._enqueue(db, None, line)
        db.commit()
        jobs.run(waiting[3])
        db.expire_all()
        assert db.get_one(Job, waiting[0]).state is JobState.CANCELLED
        assert db.get_one(Job, waiting[1]).state is JobState.CANCELLED
        assert line_of(db, row).analysis.state is AnalysisState.QUEUED
        db.commit()
        for job_id in waiting[4:]:
            jobs.run(job_id)
    line = line_of(db, row)
    assert line.analysis.state is AnalysisState.CURRENT
    assert len(line.run.result.sides[0].experiments) == 7


def test_what_is_cancelled_before_its_parts_are_sent_sends_none(db, review, outcome, studies):
    row = planned(db, outcome)
    with jobs.held() as waiting:
        job_id = services.request_run(db, review.ann, line_of(db, row)).id
        db.get_one(Job, job_id).cancel_requested = True
        db.commit()
        jobs.run(job_id)
        assert waiting == [job_id]
    db.expire_all()
    assert db.get_one(Job, job_id).state is JobState.CANCELLED
    assert "cancelled" in line_of(db, row).analysis.error


def test_a_waiting_job_that_is_run_again_sends_no_part_twice(db, review, outcome, studies):
    row = planned(db, outcome)
    with jobs.held() as waiting:
        services.request_run(db, review.ann, line_of(db, row))
        db.commit()
        jobs.run(waiting[0])
        jobs.run(waiting[0])
        assert len(waiting) == 3
        jobs.run(waiting[1])
        jobs.run(waiting[1])
        jobs.run(waiting[2])
        jobs.run(waiting[0])
    assert len(db.exec(select(AnalysisRun)).all()) == 1
    assert line_of(db, row).analysis.state is AnalysisState.CURRENT


def test_parts_drawn_without_a_result_are_put_together_by_the_waiting_job(
    db, review, outcome, studies, monkeypatch
):
    row = planned(db, outcome)
    with jobs.held() as waiting:
        services.request_run(db, review.ann, line_of(db, row))
        db.commit()
        jobs.run(waiting[0])
        jobs.run(waiting[1])
        real = services.mapping.complete
        monkeypatch.setattr(services.mapping, "complete", lambda *a: None)  # the worker dies
        jobs.run(waiting[2])
        monkeypatch.setattr(services.mapping, "complete", real)
        db.expire_all()
        assert line_of(db, row).run is None
        db.commit()
        jobs.run(waiting[0])
    assert line_of(db, row).run.result.clusters
    assert db.get_one(Job, waiting[0]).state is JobState.DONE


def test_experiments_of_another_direction_are_named_as_left_out(db, review, outcome, studies):
    experiment(db, review, "", [(0, 0, 0)], direction="decrease", name="less", study=studies[0])
    line = line_of(db, planned(db, outcome, correction="none"))
    found = queries.inputs(db, line)
    assert len(found.experiments) == 6
    (left,) = found.left_out
    assert (left.label, left.reason) == ("Study 1: less", "it is functional, decrease")


def test_without_draws_a_map_is_there_at_once(db, review, outcome, studies):
    row = planned(db, outcome, correction="fdr")
    job = ask(db, review, row)
    assert job.state is JobState.DONE
    result = line_of(db, row).run.result
    assert (result.draws, result.seed) == (0, None)
    assert "false discovery rate" in result.sentence
    assert any("not advised" in one for one in result.warnings)


def test_mkda_and_voxel_level_error(db, review, outcome, studies):
    row = planned(db, outcome, algorithm="MKDA", correction="voxel")
    ask(db, review, row)
    result = line_of(db, row).run.result
    assert result.clusters[0].peak.region == "right insula"
    assert result.clusters[0].p_voxel <= 0.05
    assert "spheres of 10 mm" in result.sentence


@pytest.fixture
def second(db, review, outcome):
    """Another outcome, whose six experiments lie in the left insula."""
    for number, (x, y, z) in enumerate(AROUND):
        experiment(db, review, f"Other {number}", [(-x, y, z)], direction="decrease")
    return build.outcome(
        db,
        review.review,
        "Deactivation",
        kind=OutcomeKind.COORDINATES,
        modality="functional",
        direction="decrease",
    )


def test_a_contrast_says_which_map_is_larger_where(db, review, outcome, studies, second):
    other = planned(db, second)
    row = planned(
        db,
        outcome,
        combine="contrast",
        other_id=other.id,
        correction="none",
        draws=1000,
        forming=0.01,
    )
    assert ask(db, review, row).state is JobState.DONE
    result = line_of(db, row).run.result
    regions = {one.sign: one.peak.region for one in result.clusters}
    assert regions == {"first": "right insula", "second": "left insula"}
    assert [side.label for side in result.sides] == ["", "Deactivation"]


def test_clusters_of_a_contrast_are_larger_than_those_of_dealt_groups(
    db, review, outcome, studies, second
):
    other = planned(db, second)
    row = planned(db, outcome, combine="contrast", other_id=other.id, draws=200, forming=0.01)
    assert ask(db, review, row).state is JobState.DONE
    result = line_of(db, row).run.result
    assert {one.sign for one in result.clusters} == {"first", "second"}
    assert all(one.p_size is not None and one.p_size < 0.05 for one in result.clusters)
    assert "by the largest cluster of each deal" in result.sentence


@pytest.mark.services
def test_a_conjunction_of_two_places_is_empty_and_said_to_be(db, review, outcome, studies, second):
    other = planned(db, second)
    row = planned(db, outcome, combine="conjunction", other_id=other.id)
    assert ask(db, review, row).state is JobState.DONE
    result = line_of(db, row).run.result
    assert (result.clusters, result.significant) == ((), 0)
    assert len(db.exec(select(MonteCarlo)).all()) == 1
    assert {part.side for part in db.exec(select(MonteCarloPart))} == {0, 1}


def test_nothing_to_map_is_a_sentence(db, review, outcome):
    row = planned(db, outcome)
    experiment(db, review, "Lone", [(1, 2, 3)], direction="decrease")
    with pytest.raises(Exception, match="No agreed study"):
        services.request_run(db, review.ann, line_of(db, row))


def test_a_map_runs_by_itself_when_the_last_study_is_agreed(db, review, outcome, studies):
    row = planned(db, outcome)
    for study in studies[:-1]:
        agree(db, review.ann, study)
    db.commit()
    assert line_of(db, row).run is None
    agree(db, review.ann, studies[-1])
    db.commit()
    assert line_of(db, row).analysis.state is AnalysisState.CURRENT


@pytest.mark.parametrize(
    "choices",
    [
        {"correction": "fdr"},
        pytest.param({}, marks=pytest.mark.services),
        pytest.param({"algorithm": "MKDA"}, marks=pytest.mark.services),
    ],
)
def test_the_script_reproduces_every_number(db, review, outcome, studies, tmp_path, choices):
    row = planned(db, outcome, **choices)
    ask(db, review, row)
    line = line_of(db, row)
    for part in folder.parts(line, line.run):
        (tmp_path / part.name).write_bytes(part.content)
    made = tmp_path / "reproduce.py"
    done = subprocess.run([sys.executable, made], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASS") == 3 + 2 * len(line.run.result.clusters)
    moved = made.with_name("expected.json")
    size = line.run.result.significant
    moved.write_text(moved.read_text().replace(f'"value": {float(size)}', f'"value": {size + 1.0}'))
    done = subprocess.run([sys.executable, made], capture_output=True, text=True)
    assert done.returncode == 1
    assert "FAIL voxels that stand" in done.stdout

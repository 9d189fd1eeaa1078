"""Analyses run by themselves, and say when they are out of date."""

import io
import zipfile

import pytest
from sqlmodel import select

from reviewtool import events, jobs
from reviewtool.acts import Act
from reviewtool.audit import AuditEntry
from reviewtool.extraction.models import Result
from reviewtool.protocol.models import PlannedAnalysis, PlannedComparison
from reviewtool.synthesis import bundle, queries, services
from reviewtool.synthesis.models import AnalysisRun, AnalysisState
from tests import build
from tests.synthesis.conftest import agree, line
from tests.synthesis.scripts.conftest import in_r, passes


def test_nothing_runs_before_the_last_study_is_agreed(db, review, trials):
    for study in trials[:2]:
        agree(db, review.ann, study)
    db.commit()
    assert line(db, review).analysis.state is AnalysisState.WAITING
    assert db.exec(select(jobs.Job)).all() == []


def test_the_last_agreement_runs_the_planned_analyses(db, review, trials):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    db.expire_all()
    found = line(db, review)
    assert found.analysis.state is AnalysisState.CURRENT
    assert found.run.result.pooled.k == 3
    assert found.run.inputs_hash == queries.inputs_hash(
        queries.inputs(db, found), queries.settings_of(found.planned)
    )
    assert {"reviewtool", "numpy", "scipy"} <= set(found.run.software)


def test_a_change_upstream_marks_stale_with_its_reason_and_runs_again(db, review, trials):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    db.expire_all()
    first = line(db, review).run
    result = db.exec(select(Result).order_by(Result.id)).first()
    result.events = 5
    db.add(result)
    db.flush()
    services.refresh(db, review.ann, review.review.id, "the extraction of Trial 1 changed")
    stale = line(db, review).analysis
    assert stale.state is AnalysisState.STALE
    assert stale.stale_because == "the extraction of Trial 1 changed"
    db.commit()
    db.expire_all()
    again = line(db, review)
    assert again.analysis.state is AnalysisState.CURRENT
    assert again.run.id != first.id
    assert again.run.result.pooled.estimate != first.result.pooled.estimate


def test_running_twice_on_the_same_inputs_stores_one_run(db, review, trials):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    services.run(db, line(db, review).analysis.id)
    assert len(db.exec(select(AnalysisRun)).all()) == 1


def test_pages_plots_and_scripts_open(db, review, trials, sign_in):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    db.expire_all()
    found = line(db, review)
    path = f"/reviews/{review.review.id}/synthesis"
    browser = sign_in(review.observer)
    db.commit()
    assert "Pain free" in browser.get(path + "/").get_data(as_text=True)
    page = browser.get(f"{path}/{found.analysis.id}").get_data(as_text=True)
    assert "Trial 2" in page
    assert "DerSimonian-Laird" in page
    for kind, magic in (
        ("svg", b"<svg"),
        ("pdf", b"%PDF"),
        ("png", b"\x89PNG"),
        ("tiff", b"II*\x00"),
    ):
        assert magic in browser.get(f"{path}/{found.analysis.id}/forest.{kind}").data[:500]
    answer = browser.get(f"{path}/{found.analysis.id}/reproduce.zip")
    assert "private" in answer.headers["Cache-Control"]
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    files = {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}
    assert "library(metafor)" in files["reproduce.R"]
    assert files["data.csv"].count("\n") == 4
    db.commit()
    assert browser.get(f"{path}/{found.analysis.id}/reproduce.zip").data == answer.data
    db.commit()
    by_api = browser.get(
        f"/api/v1/reviews/{review.review.id}/analyses/{found.analysis.id}/reproduce"
    )
    assert by_api.data == answer.data
    noted = db.exec(select(AuditEntry).where(AuditEntry.action == Act.TEAM_DOWNLOAD)).all()
    assert sum(".zip" in str(entry.changes) for entry in noted) == 3


@pytest.fixture
def network(db, review, outcome, trials):
    """The same trials, planned as a network as well."""
    comparison = db.exec(select(PlannedComparison)).one()
    build.analysis(db, outcome, comparison, kind="network", position=1)
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    db.expire_all()
    (found,) = (x for x in queries.lines(db, review.review.id) if x.planned.kind == "network")
    return found


def test_a_planned_network_runs_with_the_others(network):
    assert network.analysis.state is AnalysisState.CURRENT
    assert network.run.result.reference == "sham"
    assert len(network.run.inputs.arms) == 6


def test_a_network_has_a_page_with_its_league_table_and_plots(db, network, review, sign_in):
    path = f"/reviews/{review.review.id}/synthesis/{network.analysis.id}"
    browser = sign_in(review.observer)
    db.commit()
    page = browser.get(path).get_data(as_text=True)
    for words in ("League table", "SUCRA", "Favours treatment", "acupuncture"):
        assert words in page
    for what in ("network", "forest", "ranks"):
        assert browser.get(f"{path}/{what}.svg").data.startswith(b"<svg")
    assert browser.get(f"{path}/funnel.svg").status_code == 404


def test_a_network_ranked_the_other_way_round_is_run_again(db, review, network):
    first = network.run.result
    assert (first.lower_is_better, first.treatments[0].name) == (False, "acupuncture")
    network.outcome.lower_is_better = True
    db.add(network.outcome)
    db.flush()
    services.refresh(db, review.ann, review.review.id, "the protocol’s plan changed")
    db.commit()
    again = line(db, review, "network").run.result
    assert (again.lower_is_better, again.treatments[0].name) == (True, "sham")


def test_a_stranger_finds_no_analysis(db, network, review, sign_in):
    stranger = sign_in(build.user(db))
    path = f"/reviews/{review.review.id}/synthesis/{network.analysis.id}"
    db.commit()
    for address in (path, f"{path}/forest.svg", f"{path}/reproduce.zip", f"/api/v1{path}"):
        assert stranger.get(address).status_code == 404


def test_the_forest_plot_on_the_page_takes_the_pages_colours(db, network, review, sign_in):
    (pairwise,) = (x for x in queries.lines(db, review.review.id) if x.planned.kind == "pairwise")
    path = f"/reviews/{review.review.id}/synthesis/{pairwise.analysis.id}"
    browser = sign_in(review.observer)
    db.commit()
    assert "var(--ink" in browser.get(path).get_data(as_text=True)
    assert "var(--" not in browser.get(f"{path}/forest.svg").get_data(as_text=True)


@pytest.mark.r
def test_the_zip_reproduces_the_numbers_in_r(db, review, trials, tmp_path):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    db.expire_all()
    found = line(db, review)
    with zipfile.ZipFile(io.BytesIO(bundle.reproduction(found, found.run))) as archive:
        archive.extractall(tmp_path)
    where = tmp_path / bundle.slug(found)
    assert passes(in_r(where), where)


def test_two_analyses_of_one_question_are_told_apart_in_the_list(db, review, trials, sign_in):
    planned = db.exec(select(PlannedAnalysis)).one()
    address = f"/reviews/{review.review.id}/synthesis/"
    for study in trials:
        agree(db, review.ann, study)
    browser = sign_in(review.ann)
    assert "Mantel-Haenszel" not in browser.get(address).text
    again = PlannedAnalysis(**planned.model_dump(exclude={"id", "revision"}))
    again.model, again.method = "common", "MH"
    db.add(again)
    db.flush()
    events.tell(db, review.ann, events.PlanChanged())
    db.commit()
    page = browser.get(address).text
    assert "common effect, Mantel-Haenszel" in page
    assert "random effects, " in page

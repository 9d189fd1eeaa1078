"""The review as an RO-Crate: every file described, nothing that is not there, nobody's secret."""

import hashlib
import io
import json
import zipfile
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from sqlmodel import select

from reviewtool.audit import AuditEntry
from reviewtool.cli import cli
from reviewtool.jobs import Job
from reviewtool.protocol import queries as protocol
from reviewtool.references.services import imports as imports_services
from reviewtool.reporting.exports import crate
from reviewtool.reporting.jobs import quietly
from reviewtool.screening.rules.outcome import Vote
from tests import build
from tests.reporting.test_exports import vote
from tests.synthesis.conftest import agree, counts, line, outcome, trial, trials

__all__ = ["outcome", "trials"]
RATING = b'key,title,notes\n1,A trial,"RAYYAN-INCLUSION: {""Zoe""=>""Maybe""}"\n'


@pytest.fixture(autouse=True)
def one_kind_of_picture(monkeypatch):
    """The other kinds take seconds, and are described by the same lines."""
    for module in ("reviewtool.reporting.exports.everything", "reviewtool.synthesis.bundle"):
        monkeypatch.setattr(f"{module}.PACKED", ("svg",))


@pytest.fixture
def agreed(db, review, trials):
    """A review with an analysis, an odd file name, and a document of its protocol."""
    for study in trials:
        agree(db, review.ann, study)
    imports_services.import_bytes(db, review.ann, "ø b #1.csv", RATING, database="Rayyan")
    row = protocol.protocol(db, review.review.id)
    row.document = {
        "title": "Needles for pain",
        "contact_name": "Ann Author",
        "affiliation": "An institute",
        "contact_email": "ann@example.org",
        "collaborators": ["Col One", "Col Two"],
        "keywords": ["pain"],
    }
    db.add(row)
    db.commit()
    db.expire_all()
    return line(db, review)


def opened(content):
    archive = zipfile.ZipFile(io.BytesIO(content))
    found = json.loads(archive.read(crate.METADATA))
    return archive, {entity["@id"]: entity for entity in found["@graph"]}, found


def references(value):
    """Every @id that a value points to."""
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        else:
            for key, inner in value.items():
                if key != "@id":
                    yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_crate_describes_every_file_and_names_none_that_is_not_there(db, review, agreed):
    archive, graph, found = opened(crate.write(db, review.ann, quietly))
    assert len(graph) == len(found["@graph"]), "an @id stands twice"
    descriptor, root = graph[crate.METADATA], graph["./"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["about"] == {"@id": "./"}
    assert found["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    for name in ("name", "description", "datePublished", "license"):
        assert root[name], name
    parts = [unquote(part["@id"]) for part in root["hasPart"]]
    assert sorted([*parts, crate.METADATA]) == sorted(archive.namelist())
    for path in parts:
        entity, content = graph[crate.identifier(path)], archive.read(path)
        assert "File" in entity["@type"]
        assert entity["name"]
        assert entity["description"]
        assert "/" in entity["encodingFormat"]
        assert entity["contentSize"] == str(len(content))
        assert entity["sha256"] == hashlib.sha256(content).hexdigest()
    for entity in found["@graph"]:
        for target in references(entity):
            assert target in graph or target.startswith("https://"), (entity["@id"], target)


def test_a_run_links_data_scripts_results_and_software(db, review, agreed):
    archive, graph, _ = opened(crate.write(db, review.ann, quietly))
    (run,) = (one for one in graph.values() if one["@type"] == "CreateAction")
    assert graph["./"]["mentions"] == [{"@id": run["@id"]}]
    names = {
        key: [x["@id"].rpartition("/")[2] for x in run[key]]
        for key in ("object", "instrument", "result")
    }
    assert names["object"] == ["data.csv", "settings.json"]
    assert {"reproduce.R", "reproduce.py"} <= set(names["instrument"])
    assert names["result"][0] == "expected.json"
    assert any(name.endswith("forest.svg") for name in names["result"])
    programs = [
        graph[x["@id"]]
        for x in run["instrument"]
        if graph[x["@id"]]["@type"] == "SoftwareApplication"
    ]
    assert {one["name"]: one["version"] for one in programs} == agreed.run.software
    folder = run["object"][0]["@id"].rpartition("/")[0]
    assert b"Trial 1" in archive.read(f"{folder}/data.csv")


def test_authors_are_those_whom_the_protocol_names_and_no_account(db, review, agreed):
    _, graph, found = opened(crate.write(db, review.ann, quietly))
    root = graph["./"]
    assert root["name"] == "Needles for pain"
    assert [graph[x["@id"]]["name"] for x in root["author"]] == ["Ann Author"]
    assert [graph[x["@id"]]["name"] for x in root["contributor"]] == ["Col One", "Col Two"]
    assert graph[root["license"]["@id"]]["name"] == "No licence stated"
    people = {x["name"] for x in graph.values() if x["@type"] == "Person"}
    assert people == {"Ann Author", "Col One", "Col Two"}
    assert "example.org" not in json.dumps(found)


def test_an_empty_review_is_a_crate_too(db, review):
    archive, graph, _ = opened(crate.write(db, review.observer, quietly))
    assert "author" not in graph["./"]
    assert graph["./"]["name"] == review.review.title
    assert len(archive.namelist()) > 20


def test_the_same_review_gives_the_same_bytes(db, review, agreed):
    assert crate.write(db, review.ann, quietly) == crate.write(db, review.ann, quietly)


def test_blind_votes_and_files_with_votes_stay_out(db, review, agreed):
    record = build.record(db, review.review, "Needling")
    vote(db, review.ben, record, Vote.EXCLUDE)
    db.commit()
    archive, graph, _ = opened(crate.write(db, review.observer, quietly))
    assert not any(name.startswith("imports/") for name in archive.namelist())
    assert "it may hold votes" in graph["./"]["description"]
    for name in archive.namelist():
        assert b"Zoe" not in archive.read(name), name
    assert b"exclude" not in archive.read("data/votes.csv")
    own, _, _ = opened(crate.write(db, review.ben, quietly))
    assert b"exclude" in own.read("data/votes.csv")


def test_a_removed_study_is_in_no_file_that_computes(db, review, agreed):
    study = trial(db, agreed.outcome, "Gone 1999", counts((1, 9), (2, 9)))
    study.removed_at = study.created_at
    db.add(study)
    db.commit()
    archive, _, _ = opened(crate.write(db, review.ann, quietly))
    for name in archive.namelist():
        if name.startswith(("reproduce/", "figures/", "tables/")) or name.endswith("results.csv"):
            assert b"Gone 1999" not in archive.read(name), name


def test_page_api_and_command_line_give_the_crate_and_leave_a_line_in_the_log(
    app, db, review, agreed, sign_in, tmp_path, monkeypatch
):
    monkeypatch.setattr("reviewtool.cli.running.app", lambda: app)
    browser = sign_in(review.ann)
    path = f"/reviews/{review.review.id}/report"
    page = browser.get(f"{path}/exports").text
    assert "Write an RO-Crate" in page
    browser.post(f"{path}/crate")
    job = db.exec(select(Job)).all()[-1]
    db.commit()
    with browser.get(job.result_url) as answer:
        assert "private" in answer.headers["Cache-Control"]
        assert "-ro-crate.zip" in answer.headers["Content-Disposition"]
        assert crate.METADATA in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    started = browser.post(f"/api/v1{path}/crate")
    assert started.status_code == 202
    db.commit()
    with browser.get(f"/api/v1{path}/zips/{started.json['job']}") as answer:
        assert crate.METADATA in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    db.commit()
    assert sign_in(review.ben).get(f"/api/v1{path}/zips/{started.json['job']}").status_code == 404
    db.commit()
    out = tmp_path / "crate.zip"
    asked = ["export", "--review", str(review.review.id), "--as", review.ann.user.email]
    done = CliRunner().invoke(cli, [*asked, "--crate", "--out", str(out)])
    assert done.exit_code == 0, done.output
    opened(out.read_bytes())
    done = CliRunner().invoke(
        cli, [*asked, "--analysis", str(agreed.analysis.id), "--out", str(tmp_path / "one.zip")]
    )
    assert done.exit_code == 0, done.output
    names = zipfile.ZipFile(tmp_path / "one.zip").namelist()
    assert any(name.endswith("/expected.json") for name in names)
    db.expire_all()
    noted = [str(x.changes) for x in db.exec(select(AuditEntry)).all() if "download" in x.action]
    assert sum("ro-crate.zip" in one for one in noted) == 2
    assert sum("crate.zip" in one or "one.zip" in one for one in noted) == 4

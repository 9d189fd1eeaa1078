"""Exports: safe in a spreadsheet, blind where votes are blind."""

import csv
import io
import zipfile
from datetime import date

import pytest
from sqlmodel import select

from reviewtool.db.types import now
from reviewtool.extraction.services import agreeing
from reviewtool.jobs import Job
from reviewtool.protocol.models import OutcomeKind
from reviewtool.references.services import imports as imports_services
from reviewtool.reporting import jobs as bundle
from reviewtool.reporting.exports import EXPORTS
from reviewtool.screening.models import Decision
from reviewtool.screening.rules.outcome import Phase, Vote
from tests import build
from tests.extraction import people


def rows(content: bytes):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def vote(db, member, record, value=Vote.EXCLUDE):
    db.add(
        Decision(
            review_id=record.review_id,
            phase=Phase.TITLE_ABSTRACT,
            record_id=record.id,
            member_id=member.id,
            vote=value,
            voted_at=now(),
        )
    )
    db.flush()


def exported(db, member, key):
    return next(e for e in EXPORTS if e.key == key).write(db, member)


@pytest.mark.parametrize("key", ["records", "votes", "records_ris"])
def test_a_lone_vote_is_seen_by_its_voter_only(db, review, key):
    record = build.record(db, review.review, "Needling")
    vote(db, review.ben, record)
    assert b"exclude" in exported(db, review.ben, key)
    for other in (review.ann, review.cem, review.dora, review.statistician, review.observer):
        assert b"exclude" not in exported(db, other, key)


def test_both_votes_are_seen_once_both_are_in(db, review):
    record = build.record(db, review.review, "Needling")
    vote(db, review.ben, record)
    vote(db, review.cem, record, Vote.INCLUDE)
    assert {r["vote"] for r in rows(exported(db, review.observer, "votes"))} == {
        "include",
        "exclude",
    }


def test_namesakes_keep_their_own_columns(db, review):
    record = build.record(db, review.review)
    twin = build.member(db, review.review, "Ben", review.ben.role)
    vote(db, review.ben, record)
    vote(db, twin, record, Vote.INCLUDE)
    (row,) = rows(exported(db, review.ann, "records"))
    found = {k: v for k, v in row.items() if "vote: Ben" in k and "title_abstract" in k}
    assert sorted(found.values()) == ["exclude", "include"]


@pytest.mark.parametrize("key", [e.key for e in EXPORTS])
def test_every_export_of_an_empty_review_can_be_written(db, review, key):
    assert exported(db, review.observer, key) is not None


def test_the_zip_holds_every_export_and_a_manifest(db, review, sign_in):
    build.record(db, review.review, "Needling")
    db.commit()
    browser = sign_in(review.ann)
    page = browser.post(f"/reviews/{review.review.id}/report/bundle", follow_redirects=True)
    assert "Open the result" in page.get_data(as_text=True)
    job = db.exec(select(Job)).all()[-1]
    db.commit()
    with browser.get(job.result_url) as answer:
        content = answer.data
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert {f"data/{e.file_name}" for e in EXPORTS} | {
        "manifest.json",
        "figures/prisma_flow.svg",
    } <= set(names)
    db.commit()
    assert sign_in(review.ben).get(job.result_url).status_code == 404


@pytest.mark.parametrize("key", ["prisma", "bias"])
def test_what_r_packages_read_begins_with_its_first_column(db, review, key):
    assert exported(db, review.ann, key).split(b",")[0] in {b"data", b"Study"}


def test_a_file_with_votes_is_in_the_zip_of_those_who_may_see_them_only(db, review):
    content = (
        b'key,title,notes,pubmed_id,pmc_id\n1,A trial,"RAYYAN-INCLUSION: {""Zoe""=>""Maybe""}",,\n'
    )
    imports_services.import_bytes(db, review.ann, "rayyan.csv", content, database="Rayyan")
    imports_services.import_bytes(
        db, review.ann, "plain.ris", b"TY  - JOUR\nTI  - A trial\nER  - \n", database="PubMed"
    )
    db.commit()

    def files(member):
        archive = zipfile.ZipFile(io.BytesIO(bundle.write(db, member)))
        return [n for n in archive.namelist() if n.startswith("imports/")], archive

    assert len(files(review.ann)[0]) == 2
    names, archive = files(review.ben)
    assert [n.partition("_")[2] for n in names] == ["plain.ris"]
    assert "Left out" in archive.read("manifest.json").decode()
    assert not any(b"Zoe" in archive.read(n) for n in archive.namelist())


def test_searches_are_reported_with_their_strategy_and_the_accounting_line(db, review):
    import docx

    imports_services.import_bytes(
        db,
        review.ann,
        "refs.ris",
        b"TY  - JOUR\nTI  - A trial\nER  - \n\nTY  - JOUR\nER  - \n",
        database="MEDLINE",
        platform="Ovid",
        searched_on=date(2026, 1, 15),
        hits=3,
        strategy="1. exp Migraine/\n2. acupunctur*.tw.",
    )
    db.commit()
    (row,) = rows(exported(db, review.observer, "searches"))
    assert (row["database"], row["platform"], row["searched_on"]) == (
        "MEDLINE",
        "Ovid",
        "2026-01-15",
    )
    assert row["strategy"].splitlines()[1] == "2. acupunctur*.tw."
    assert (row["entries_read"], row["stored"], row["rejected"]) == ("2", "1", "1")
    content = exported(db, review.observer, "searches_docx")
    words = [p.text for p in docx.Document(io.BytesIO(content)).paragraphs]
    assert "MEDLINE (Ovid)" in words
    assert "2. acupunctur*.tw." in words
    assert "Imported: 2 read = 1 stored + 1 rejected" in words


def test_agreed_numbers_of_every_kind_are_exported_with_what_they_are(db, review):
    change = build.outcome(db, review.review, "Change", kind=OutcomeKind.CHANGE, measure="MC")
    death = build.outcome(db, review.review, "Death", measure="RR", lower_is_better=True)
    pair = build.comparison(db, review.review, ("sumatriptan",), ("placebo",))
    build.analysis(db, death, pair, measure="RR")
    parts = {"mean": 4, "mean_before": 6, "sd": 1, "sd_before": 2, "n": 20, "correlation": 0.5}
    cells = people.numbers(death) | {
        f"result.{change.id}..1.{part}": str(value) for part, value in parts.items()
    }
    cells |= {f"result.{death.id}..1v2.estimate": "0.5", f"result.{death.id}..1v2.se": "0.2"}
    study = people.study(db, review)
    for member in (review.ben, review.cem):
        people.filled(db, member, study, cells)
    agreeing.complete(db, review.dora, agreeing.begin(db, review.dora, study))
    db.commit()
    found = rows(exported(db, review.ann, "results"))
    (changed,) = (row for row in found if row["outcome"] == "Change")
    assert (changed["kind"], changed["correlation"]) == ("change", "0.5")
    assert (float(changed["mean"]), float(changed["mean_before"])) == (4, 6)
    assert [row["measure"] for row in found if row["estimate"]] == ["RR"]
    assert {row["better"] for row in rows(exported(db, review.ann, "analyses"))} == {"lower"}

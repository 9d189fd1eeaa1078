"""Rayyan's log of decisions goes to the records of the articles file that belongs to it."""

import io
import zipfile
from typing import Any

import pytest
from sqlmodel import Session, col, select

from reviewtool.references import errors
from reviewtool.references.models import CarriedVote, Import, ImportState, Record, RejectedEntry
from reviewtool.references.queries import imports as imports_queries
from reviewtool.references.services import imports as imports_services
from reviewtool.screening.models import Decision
from tests.build import Team

ARTICLES = (
    b"key,title,year,notes,pubmed_id,pmc_id\n"
    b"rayyan-1,A trial of needling,2001,,,\nrayyan-2,A trial of rest,2002,,,\n"
)
LOG = (
    b"article_id,user_email,created_at,key,value\n"
    b"1,ben@example.org,2024-01-02 10:00:00,included,1\n"
    b"1,ben@example.org,2024-01-02 11:00:00,included,-1\n"
    b"1,ben@example.org,2024-01-02 11:00:01,__EXR__wrong drug,1\n"
    b"1,ben@example.org,2024-01-02 11:00:02,__EXR__no control,1\n"
    b"1,ben@example.org,2024-01-02 11:00:03,__EXR__no control,deleted\n"
    b"1,zoe@example.org,2024-01-02 12:00:00,included,0\n"
    b"2,zoe@example.org,2024-01-02 12:00:01,included,1\n"
    b"2,zoe@example.org,2024-01-02 12:00:02,included,deleted\n"
    b"2,zoe@example.org,2024-01-02 12:00:03,pilot,1\n"
    b"9,zoe@example.org,2024-01-02 12:00:04,included,1\n"
    b"2,zoe@example.org,2024-01-02 12:00:05,included,perhaps\n"
)


def store(db: Session, team: Team, content: bytes, name: str) -> Import:
    row = imports_services.import_bytes(db, team.ann, name, content, database="Rayyan")
    db.commit()
    db.refresh(row)
    return row


def carried(db: Session, row: Import) -> list[tuple[str, str, list[str], list[str]]]:
    found = db.exec(
        select(CarriedVote).where(CarriedVote.import_id == row.id).order_by(col(CarriedVote.id))
    ).all()
    return [(v.reviewer, v.vote, v.reasons, v.labels) for v in found]


def test_the_last_word_per_reviewer_and_record_is_kept_and_each_row_accounted_for(
    db: Session, review: Team
) -> None:
    articles = store(db, review, ARTICLES, "articles.csv")
    row = store(db, review, LOG, "customizations_log.csv")
    assert row.state is ImportState.DONE
    assert (row.entries, row.stored, row.rejected) == (11, 9, 2)
    assert carried(db, row) == [
        ("ben@example.org", "exclude", ["wrong drug"], []),
        ("zoe@example.org", "maybe", [], []),
        ("zoe@example.org", "", [], ["pilot"]),
    ]
    rejects = db.exec(select(RejectedEntry).where(RejectedEntry.import_id == row.id)).all()
    assert {r.line for r in rejects} == {11, 12}
    assert any("rayyan-9" in r.reason for r in rejects)
    assert row.search_id == articles.search_id
    assert len(db.exec(select(Record)).all()) == 2


def test_its_votes_become_decisions_once_a_person_says_whose_they_are(
    db: Session, review: Team
) -> None:
    store(db, review, ARTICLES, "articles.csv")
    row = store(db, review, LOG, "customizations_log.csv")
    imports_services.bring_votes(
        db,
        review.ann,
        row,
        {"ben@example.org": review.ben.id, "zoe@example.org": None},
        "title_abstract",
    )
    db.commit()
    votes = db.exec(select(Decision).order_by(col(Decision.id))).all()
    assert [(v.member_id, v.outside_name, v.vote.value) for v in votes] == [
        (review.ben.id, "", "exclude"),
        (None, "zoe@example.org", "maybe"),
    ]
    with pytest.raises(errors.VotesTaken):
        imports_services.undo(db, review.ann, row)


def test_votes_that_the_articles_file_brought_are_not_taken_twice(
    db: Session, review: Team
) -> None:
    with_votes = ARTICLES.replace(b"2001,,,", b'2001,"RAYYAN-INCLUSION: {""Ben""=>""Excluded""}",,')
    store(db, review, with_votes, "articles.csv")
    row = store(db, review, LOG, "customizations_log.csv")
    assert [one for one in carried(db, row) if one[1]] == []
    assert row.notes[0][1].endswith("not taken twice: 2 votes.")


def test_a_log_waits_for_files_that_are_still_being_stored(
    db: Session, review: Team, app: Any
) -> None:
    from reviewtool import jobs

    with jobs.held() as waiting:
        articles = imports_services.import_bytes(
            db, review.ann, "articles.csv", ARTICLES, database="Rayyan"
        )
        log = imports_services.import_bytes(db, review.ann, "log.csv", LOG)
        db.commit()
        assert log.job_id is None
        while waiting:
            jobs.run(waiting.pop(0))
    db.refresh(articles)
    db.refresh(log)
    assert (articles.state, log.state) == (ImportState.DONE, ImportState.DONE)


def test_a_log_of_other_articles_says_what_is_missing_and_can_be_tried_again(
    db: Session, review: Team
) -> None:
    row = store(db, review, LOG, "customizations_log.csv")
    assert row.state is ImportState.FAILED
    store(db, review, ARTICLES, "articles.csv")
    imports_services.start(db, review.ann, row, None)
    db.commit()
    db.refresh(row)
    assert row.state is ImportState.DONE


def test_a_log_undone_before_its_votes_were_taken_can_come_back(db: Session, review: Team) -> None:
    store(db, review, ARTICLES, "articles.csv")
    row = store(db, review, LOG, "customizations_log.csv")
    imports_services.undo(db, review.ann, row)
    imports_services.restore(db, review.ann, row)
    assert row.state is ImportState.DONE
    assert len(carried(db, row)) == 3


def test_a_blinded_reviewer_cannot_download_the_log(
    db: Session, review: Team, sign_in: Any
) -> None:
    store(db, review, ARTICLES, "articles.csv")
    row = store(db, review, LOG, "customizations_log.csv")
    path = f"/reviews/{review.review.id}/references/imports/{row.id}"
    assert sign_in(review.ben).get(f"{path}/original").status_code == 403
    assert "rows read" in sign_in(review.ann).get(path).text


def test_both_files_are_checked_and_stored_in_one_go(
    db: Session, review: Team, sign_in: Any
) -> None:
    client = sign_in(review.ann)
    base = f"/reviews/{review.review.id}/references"
    client.post(
        f"{base}/imports/new",
        data={"files": [(io.BytesIO(LOG), "log.csv"), (io.BytesIO(ARTICLES), "articles.csv")]},
        content_type="multipart/form-data",
    )
    page = client.get(f"{base}/imports/check").text
    assert "go to the records of the articles.csv" in page
    assert "Article 1: ben@example.org, include" in page
    articles = db.exec(select(Import).where(Import.file_name == "articles.csv")).one()
    db.commit()
    client.post(
        f"{base}/imports/check",
        data={
            f"f{articles.id}-database": "Rayyan",
            f"f{articles.id}-kind": "database",
            f"f{articles.id}-search_id": "0",
        },
    )
    db.expire_all()
    states = {row.file_name: row.state for row in db.exec(select(Import)).all()}
    assert states == {"log.csv": ImportState.DONE, "articles.csv": ImportState.DONE}
    page = client.get(f"{base}/").text
    assert "11 rows read = 9 understood" in page
    waiting = imports_queries.waiting_files(db, review.ann)
    assert not waiting


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_zip_of_exports_is_unpacked_into_its_files(db: Session, review: Team) -> None:
    content = zipped({"articles.csv": ARTICLES, "log.csv": LOG, "__MACOSX/x": b"junk"})
    rows = imports_services.upload_files(db, review.ann, "export.zip", io.BytesIO(content))
    assert sorted(row.file_name for row in rows) == [
        "export.zip: articles.csv",
        "export.zip: log.csv",
    ]
    assert {row.format for row in rows} == {"csv", "rayyan_log"}


def test_a_zip_that_unpacks_to_too_much_is_kept_as_it_is_and_rejected(
    db: Session, review: Team
) -> None:
    bomb = zipped({"a.ris": b"0" * 30_000_000})
    rows = imports_services.upload_files(db, review.ann, "bomb.zip", io.BytesIO(bomb))
    assert [(row.file_name, row.format) for row in rows] == [("bomb.zip", "unknown")]


def test_a_log_that_breaks_its_reader_is_failed_and_not_left_running(
    db: Session, review: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("reader")

    store(db, review, ARTICLES, "articles.csv")
    monkeypatch.setattr("reviewtool.references.jobs.decision_logs.formats.read", broken)
    row = store(db, review, LOG, "customizations_log.csv")
    assert row.state is ImportState.FAILED

"""The import pages, as a browser without JavaScript uses them."""

import io
from typing import Any

from sqlmodel import Session, col, select

from reviewtool.jobs import Job, JobState
from reviewtool.references.models import Import, ImportState, Record, Search, SourceKind
from tests import build
from tests.references.test_imports_services import RIS, store


def base(team: build.Team) -> str:
    return f"/reviews/{team.review.id}/references"


def upload(browser: Any, team: build.Team, *files: tuple[str, bytes]) -> Any:
    return browser.post(
        f"{base(team)}/imports/new",
        data={"files": [(io.BytesIO(content), name) for name, content in files]},
        content_type="multipart/form-data",
        follow_redirects=True,
    )


def test_several_files_are_looked_at_then_stored(
    db: Session, review: build.Team, sign_in: Any
) -> None:
    browser = sign_in(review.ann)
    db.commit()
    page = upload(browser, review, ("a.ris", RIS), ("b.csv", b"Title,Year\nA third trial,2003\n"))
    assert page.status_code == 200
    assert "First trial" in page.text
    assert "Table (CSV or TSV)" in page.text
    rows = db.exec(select(Import).order_by(col(Import.id))).all()
    assert [r.state for r in rows] == [ImportState.PREVIEW] * 2
    db.commit()
    data = {}
    for row, name in zip(rows, ("PubMed", "Embase"), strict=True):
        data |= {
            f"f{row.id}-database": name,
            f"f{row.id}-kind": "database",
            f"f{row.id}-searched_on": "2026-01-15",
            f"f{row.id}-search_id": "0",
            f"f{row.id}-update": "y",
        }
    done = browser.post(f"{base(review)}/imports/check", data=data, follow_redirects=True)
    assert done.status_code == 200
    assert "PubMed" in done.text
    assert "Embase" in done.text
    assert db.exec(select(Search.database).order_by(col(Search.id))).all() == ["PubMed", "Embase"]
    assert len(db.exec(select(Record)).all()) == 3


def test_a_file_without_a_source_is_not_stored(
    db: Session, review: build.Team, sign_in: Any
) -> None:
    browser = sign_in(review.ann)
    db.commit()
    upload(browser, review, ("a.ris", RIS))
    row = db.exec(select(Import)).one()
    db.commit()
    answer = browser.post(
        f"{base(review)}/imports/check",
        data={
            f"f{row.id}-database": "",
            f"f{row.id}-kind": "database",
            f"f{row.id}-search_id": "0",
        },
    )
    assert answer.status_code == 422
    assert "Say which database" in answer.text


def test_the_import_page_adds_up_and_offers_the_rejects(
    db: Session, review: build.Team, sign_in: Any
) -> None:
    row = store(db, review)
    address = f"{base(review)}/imports/{row.id}"
    browser = sign_in(review.ben)
    db.commit()
    page = browser.get(address)
    assert page.status_code == 200
    assert "No title" in page.text
    table = browser.get(f"{address}/rejected.csv")
    assert table.text.splitlines()[1].startswith("refs.ris,8,")
    original = browser.get(f"{address}/original")
    assert original.data == RIS
    original.close()


def test_undo_and_bring_back_by_the_buttons(db: Session, review: build.Team, sign_in: Any) -> None:
    row = store(db, review)
    browser = sign_in(review.ann)
    db.commit()
    undone = browser.post(f"{base(review)}/imports/{row.id}/undo", follow_redirects=True)
    assert "2 records of refs.ris set aside" in undone.text
    back = browser.post(f"{base(review)}/imports/{row.id}/restore", follow_redirects=True)
    assert "2 records of refs.ris are back" in back.text


def test_an_unknown_table_is_mapped_on_its_page(
    db: Session, review: build.Team, sign_in: Any
) -> None:
    browser = sign_in(review.ann)
    db.commit()
    page = upload(browser, review, ("own.csv", b"alpha,beta\nA trial,2001\nB trial,2002\n"))
    assert "Nobody knows this table yet" in page.text
    row = db.exec(select(Import)).one()
    db.commit()
    columns = browser.get(f"{base(review)}/imports/{row.id}/columns")
    assert "A trial" in columns.text
    wrong = browser.post(f"{base(review)}/imports/{row.id}/columns", data={"c1": "year"})
    assert wrong.status_code == 422
    browser.post(f"{base(review)}/imports/{row.id}/columns", data={"c0": "title", "c1": "year"})
    db.refresh(row)
    assert row.column_mapping == {"alpha": "title", "beta": "year"}


def test_a_stranger_sees_nothing(db: Session, review: build.Team, sign_in: Any) -> None:
    row = store(db, review)
    stranger = sign_in(build.user(db))
    db.commit()
    paths = ["/", "/records", "/imports/new", f"/imports/{row.id}", f"/searches/{row.search_id}"]
    paths += [f"/imports/{row.id}/original", f"/imports/{row.id}/rejected.csv"]
    for path in paths:
        assert stranger.get(f"{base(review)}{path}").status_code == 404


def test_a_search_can_be_corrected(db: Session, review: build.Team, sign_in: Any) -> None:
    row = store(db, review)
    browser = sign_in(review.ann)
    db.commit()
    url = f"{base(review)}/searches/{row.search_id}"
    assert browser.get(url).status_code == 200
    browser.post(
        url,
        data={
            "database": "ClinicalTrials.gov",
            "kind": "register",
            "hits": "12",
            "searched_on": "2026-02-01",
            "strategy": "1. pain",
        },
    )
    search = db.get_one(Search, row.search_id or 0)
    db.refresh(search)
    assert (search.database, search.kind, search.hits) == (
        "ClinicalTrials.gov",
        SourceKind.REGISTER,
        12,
    )


def test_a_running_import_shows_its_progress_and_can_be_cancelled(
    db: Session, review: build.Team, sign_in: Any
) -> None:
    row = store(db, review)
    job = db.get_one(Job, row.job_id or 0)
    row.state, job.state, job.done, job.total = ImportState.RUNNING, JobState.RUNNING, 1200, 4800
    db.add_all([row, job])
    db.commit()
    page = sign_in(review.ann).get(f"{base(review)}/imports/{row.id}")
    assert "<progress" in page.text
    assert 'max="4800"' in page.text
    assert "Cancel" in page.text
    assert "<progress" in sign_in(review.ann).get(f"{base(review)}/").text


def test_a_file_with_votes_is_not_handed_to_a_blinded_reviewer(
    db: Session, review: build.Team, sign_in: Any
) -> None:
    content = b'key,title,notes,pubmed_id,pmc_id\n1,T,"RAYYAN-INCLUSION: {""Ann""=>""Maybe""}",,\n'
    row = store(db, review, content, "rayyan.csv")
    url = f"{base(review)}/imports/{row.id}/original"
    ben, ann = sign_in(review.ben), sign_in(review.ann)
    db.commit()
    assert ben.get(url).status_code == 403
    with ann.get(url) as answer:
        assert answer.data == content


def test_a_second_press_of_import_leads_to_what_the_first_one_began(
    db: Session, review: build.Team, sign_in: Any
) -> None:
    browser = sign_in(review.ann)
    db.commit()
    upload(browser, review, ("a.ris", RIS), ("empty.txt", b""))
    row = db.exec(select(Import).order_by(col(Import.id))).first()
    assert row is not None
    data = {f"f{row.id}-database": "PubMed", f"f{row.id}-kind": "database"}
    db.commit()
    answers = [browser.post(f"{base(review)}/imports/check", data=data) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len(db.exec(select(Record)).all()) == 2

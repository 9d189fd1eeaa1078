"""Records: found by words and filters, entered by hand, corrected with their history."""

from typing import Any

import pytest
from sqlmodel import Session, select

from reviewtool.references import errors
from reviewtool.references.models import Record, RecordChange
from reviewtool.references.queries import records as records_queries
from reviewtool.references.queries.records import Filter
from reviewtool.references.rules import searching
from reviewtool.references.services import records as records_services
from tests import build


@pytest.fixture
def library(db: Session, review: build.Team) -> build.Team:
    """Five records with different words."""
    for title, authors, year, abstract in (
        ("Acupuncture for low back pain", "Smith, Ann; Lee, Bo", 2001, "A randomised trial."),
        ("Sham needles and migraine", "Lee, Bo", 2005, "Headache days were counted."),
        ("Étude de la douleur", "Müller, Jürgen", 2010, "Essai randomisé."),
        ("Back to basics", "Wu, Chen", 2015, ""),
        ("Migraines in children", "Smithers, Dan", 2020, "Low doses; pain was rare."),
    ):
        build.record(db, review.review, title, authors=authors, year=year, abstract=abstract)
    db.commit()
    return review


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("pain", [1, 5]),
        ("low pain", [1, 5]),
        ('"low back"', [1]),
        ("migraine OR needles", [2]),
        ("migrain*", [2, 5]),
        ("pain -children", [1]),
        ("(needles OR children) migrain*", [2, 5]),
        ("title:pain", [1]),
        ("author:lee", [1, 2]),
        ("author:smith*", [1, 5]),
        ("NOT pain", [2, 3, 4]),
        ("année", []),
        ("year:2001-2010", [1, 2, 3]),
        ("back year:2015", [4]),
        ("#3", [3]),
        ("it's ((\" odd", []),
        ("", [1, 2, 3, 4, 5]),
    ],
)
def test_words_find_records(db: Session, library: build.Team, words: str, found: list[int]) -> None:
    page = records_queries.records(db, library.ann, Filter(words=words))
    assert [r.number for r in page.rows] == found
    assert page.total == len(found)


def test_a_corrected_title_is_found_by_its_new_words_only(db: Session, library: build.Team) -> None:
    row = db.exec(select(Record).where(Record.number == 4)).one()
    records_services.edit_record(db, library.ben, row, title="Zebras revisited")
    db.commit()
    assert not records_queries.records(db, library.ann, Filter(words="basics")).rows
    assert records_queries.records(db, library.ann, Filter(words="zebras")).rows == [row]


@pytest.mark.parametrize(
    "typed",
    ["(" * 900, '"' * 99, "AND OR NOT", "a:b:c", "-", "year:xx", "* * *", "title:", "'; --"],
)
def test_no_typed_text_breaks_the_search(db: Session, library: build.Team, typed: str) -> None:
    searching.parse(typed)
    records_queries.records(db, library.ann, Filter(words=typed))


def test_filters_narrow_the_list(db: Session, library: build.Team) -> None:
    def numbers(**chosen: Any) -> list[int]:
        return [r.number for r in records_queries.records(db, library.ann, Filter(**chosen)).rows]

    assert numbers(missing="abstract") == [4]
    assert numbers(first_year=2010) == [3, 4, 5]
    assert numbers(state="merged") == []


def test_pages_follow_one_another(db: Session, library: build.Team) -> None:
    for n in range(60):
        build.record(db, library.review, f"Filler {n}")
    first = records_queries.records(db, library.ann, Filter())
    second = records_queries.records(db, library.ann, Filter(), after=first.next_after)
    assert len(first.rows) == 50
    assert len(second.rows) == 15
    assert first.total == 65
    back = records_queries.records(db, library.ann, Filter(), before=second.previous_before)
    assert [r.id for r in back.rows] == [r.id for r in first.rows]


def test_editing_keeps_every_old_value(db: Session, library: build.Team) -> None:
    row = db.exec(select(Record).where(Record.number == 1)).one()
    changed = records_services.edit_record(
        db, library.ben, row, year="2002", doi="https://doi.org/10.1000/ABC"
    )
    assert sorted(changed) == ["doi", "year"]
    assert (row.year, row.doi) == (2002, "10.1000/abc")
    history = db.exec(select(RecordChange).where(RecordChange.record_id == row.id)).all()
    assert {(c.field, c.old, c.new) for c in history} == {
        ("year", "2001", "2002"),
        ("doi", "", "10.1000/abc"),
    }
    assert records_services.edit_record(db, library.ben, row, year="2002") == []


def test_a_record_cannot_lose_everything_that_identifies_it(
    db: Session, library: build.Team
) -> None:
    row = db.exec(select(Record).where(Record.number == 4)).one()
    with pytest.raises(errors.UntitledRecord):
        records_services.edit_record(db, library.ben, row, title="")
    with pytest.raises(errors.BadYear):
        records_services.edit_record(db, library.ben, row, year="21")


def test_a_record_is_entered_by_hand(db: Session, library: build.Team, sign_in: Any) -> None:
    browser = sign_in(library.ben)
    search = build.search(db, library.review, "Reference lists")
    db.commit()
    base = f"/reviews/{library.review.id}/references/records"
    assert browser.get(f"{base}/new").status_code == 200
    answer = browser.post(
        f"{base}/new",
        data={"title": "Found in a reference list", "year": "1999", "search_id": str(search.id)},
        follow_redirects=True,
    )
    assert "Found in a reference list" in answer.text
    assert "Entered by hand" in answer.text
    empty = browser.post(f"{base}/new", data={"title": "", "search_id": str(search.id)})
    assert empty.status_code == 422


def test_the_pages_of_records_answer(db: Session, library: build.Team, sign_in: Any) -> None:
    browser = sign_in(library.ben)
    row = db.exec(select(Record).where(Record.number == 1)).one()
    db.commit()
    base = f"/reviews/{library.review.id}/references/records"
    assert "Acupuncture for low back pain" in browser.get(f"{base}?q=acupuncture").text
    assert "A randomised trial." in browser.get(f"{base}/{row.id}").text
    edited = browser.post(
        f"{base}/{row.id}/edit",
        data={"title": row.title, "authors": row.authors, "year": "2003", "abstract": "New text."},
        follow_redirects=True,
    )
    assert "New text." in edited.text
    assert "2001" in edited.text  # the old year, in the history
    removed = browser.post(
        f"{base}/{row.id}/remove",
        data={"reason": "other", "note": "wrong field"},
        follow_redirects=True,
    )
    assert "wrong field" in removed.text
    back = browser.post(f"{base}/{row.id}/bring-back", follow_redirects=True)
    assert "is back in the review" in back.text

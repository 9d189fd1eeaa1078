"""The duplicates pages, as people with and without the right to merge see them."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, select

from reviewtool.references.models import DuplicatePair, Merge, PairState, Record
from tests.build import Team
from tests.references.test_duplicates_services import TITLE, find, record, uncertain_pair


def csrf(page: str) -> str:
    """The token of the page's first form."""
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def waiting(db: Session, team: Team) -> tuple[Record, Record, DuplicatePair]:
    """Two records and their pair that waits; the database is let go."""
    found = uncertain_pair(db, team)
    db.commit()
    return found


def fresh(db: Session, row: Any) -> Any:
    """The row as it is now; the database is let go."""
    db.refresh(row)
    db.commit()
    return row


def url(team: Team, path: str = "") -> str:
    return f"/reviews/{team.review.id}/references/duplicates/{path}"


def test_the_queue_shows_both_records_with_their_differences_marked_and_the_reason(
    db: Session, review: Team, sign_in: Any
) -> None:
    one, other, pair = waiting(db, review)
    page = sign_in(review.ben).get(url(review)).text
    assert f"Record {one.number}" in page
    assert f"Record {other.number}" in page
    assert '<mark class="diff">' in page
    assert pair.evidence[0] in page
    assert 'data-key="merge"' in page
    assert 'data-key="apart"' in page


def test_merging_in_the_browser_keeps_the_chosen_value_and_offers_to_undo(
    db: Session, review: Team, sign_in: Any
) -> None:
    one, other, pair = waiting(db, review)
    browser = sign_in(review.ben)
    token = csrf(browser.get(url(review)).text)
    answer = browser.post(
        url(review, f"pairs/{pair.id}/merge"),
        data={"csrf_token": token, "keep": str(other.id), "value-pages": "first"},
        follow_redirects=True,
    )
    assert answer.status_code == 200
    assert "Undo" in answer.text
    assert fresh(db, one).merged_into_id == other.id
    assert fresh(db, other).pages == "450-457"
    merge = db.exec(select(Merge)).one()
    db.commit()
    listed = browser.get(url(review, "merged")).text
    assert "Ben" in listed
    assert TITLE in listed
    back = browser.post(
        url(review, f"merges/{merge.id}/undo"), data={"csrf_token": token}, follow_redirects=True
    )
    assert "is back beside record" in back.text
    assert fresh(db, other).pages == "900-907"


def test_not_a_duplicate_leads_on_and_can_be_asked_again(
    db: Session, review: Team, sign_in: Any
) -> None:
    _, _, pair = waiting(db, review)
    browser = sign_in(review.ben)
    token = csrf(browser.get(url(review)).text)
    answer = browser.post(
        url(review, f"pairs/{pair.id}/apart"), data={"csrf_token": token}, follow_redirects=True
    )
    assert "No pair waits for you" in answer.text
    assert "Undo" in answer.text
    assert "Told apart by a person" in browser.get(url(review, "undone")).text
    browser.post(url(review, f"pairs/{pair.id}/reopen"), data={"csrf_token": token})
    assert fresh(db, pair).state is PairState.UNCERTAIN


def test_the_related_tab_says_why_two_items_belong_together(
    db: Session, review: Team, sign_in: Any
) -> None:
    record(db, review)
    record(db, review, f"Erratum: {TITLE}", pages="999", issue="9")
    find(db, review)
    page = sign_in(review.observer).get(url(review, "related")).text
    assert "One corrects, answers or withdraws the other." in page


def test_an_observer_sees_no_buttons_and_is_refused(
    db: Session, review: Team, sign_in: Any
) -> None:
    _, _, pair = waiting(db, review)
    browser = sign_in(review.observer)
    page = browser.get(url(review)).text
    assert 'data-key="merge"' not in page
    token = csrf(page)
    answer = browser.post(url(review, f"pairs/{pair.id}/merge"), data={"csrf_token": token})
    assert answer.status_code == 403
    assert not db.exec(select(Merge)).all()


def test_an_empty_review_says_what_will_be_here(db: Session, review: Team, sign_in: Any) -> None:
    db.commit()
    page = sign_in(review.ann).get(url(review)).text
    assert "as soon as a file is imported" in page


def test_records_not_compared_yet_can_be_compared_at_a_button(
    db: Session, review: Team, sign_in: Any
) -> None:
    record(db, review)
    record(db, review)
    db.commit()
    browser = sign_in(review.ann)
    page = browser.get(url(review)).text
    assert "2 records have not been compared yet" in " ".join(page.split())
    answer = browser.post(url(review, "find"), data={"csrf_token": csrf(page)})
    assert answer.status_code == 303
    assert "Merged by the rules" in browser.get(url(review, "merged")).text


def test_the_api_offers_the_same_verbs(db: Session, review: Team, sign_in: Any) -> None:
    one, other, pair = waiting(db, review)
    browser = sign_in(review.ben)
    token = csrf(browser.get(url(review)).text)
    base, head = f"/api/v1/reviews/{review.review.id}/duplicates", {"X-CSRFToken": token}
    listed = browser.get(f"{base}/pairs").json["pairs"]
    assert [p["id"] for p in listed] == [pair.id]
    assert browser.get(f"{base}/pairs?state=nonsense").status_code == 422
    made = browser.post(f"{base}/pairs/{pair.id}/merge", json={"keep": one.id}, headers=head)
    assert made.status_code == 201
    assert made.json["removed"] == other.id
    assert browser.post(f"{base}/pairs/{pair.id}/merge", json={}, headers=head).status_code == 409
    undone = browser.post(f"{base}/merges/{made.json['id']}/undo", headers=head)
    assert undone.json["undone"] is True
    assert browser.get(f"{base}/merges?undone=1").json["merges"][0]["id"] == made.json["id"]

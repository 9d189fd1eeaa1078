"""How many statements a vote and the next record take: that is what a vote costs.

A bound, not a time. Whoever adds a question to these pages sees it here, and asks first whether
one that is asked already can bring the answer along.
"""

import contextlib

import pytest
from sqlalchemy import event

from reviewtool.screening import services
from reviewtool.screening.rules.outcome import Phase, Vote

SCRIPT = {"HX-Request": "true"}
VOTE = 20  # of them 5 for the page that follows; a locked row and a lock more on PostgreSQL
COMPLETING = 5  # more for the vote that completes a record: its blind votes, its report
NEXT_PART, NEXT_PAGE = 9, 20  # the whole page has the counts of every stage


@pytest.fixture
def asked(app):
    """``with asked() as statements:`` lists what reaches the database meanwhile."""

    @contextlib.contextmanager
    def listen():
        found = []

        def note(_connection, _cursor, statement, *_):
            if not statement.startswith("BEGIN"):
                found.append(" ".join(statement.split()))

        engine = app.extensions["database"].engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return listen


@pytest.fixture
def base(review):
    return f"/reviews/{review.review.id}/screening"


def decide(browser, base, record, vote="exclude"):
    answer = browser.post(
        f"{base}/records/{record.id}/decision", data={"vote": vote}, headers=SCRIPT
    )
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("vote", ["exclude", "include"])
def test_a_vote_with_the_next_record_takes_few_statements(
    review, records, base, sign_in, asked, vote
):
    ben = sign_in(review.ben)
    ben.get(f"{base}/next")
    for record in records[:3]:
        with asked() as statements:
            answer = decide(ben, base, record, vote)
        assert "Undo" in answer.text
        assert len(statements) <= VOTE, "\n".join(statements)


def test_the_vote_that_completes_a_record_takes_few_more(db, review, records, base, sign_in, asked):
    for record in records[:3]:
        services.decide(db, review.cem, record, Vote.INCLUDE)
    ben = sign_in(review.ben)
    ben.get(f"{base}/next")
    for record in records[:3]:
        with asked() as statements:
            decide(ben, base, record, "include")
        assert len(statements) <= VOTE + COMPLETING, "\n".join(statements)


@pytest.mark.parametrize(("headers", "bound"), [(SCRIPT, NEXT_PART), ({}, NEXT_PAGE)])
def test_the_next_record_takes_few_statements(
    db, review, records, base, sign_in, asked, headers, bound
):
    services.hand_out(db, review.ben, Phase.TITLE_ABSTRACT)
    ben = sign_in(review.ben)
    with asked() as statements:
        assert ben.get(f"{base}/next", headers=headers).status_code == 200
    assert len(statements) <= bound, "\n".join(statements)


def test_notes_and_labels_cost_only_who_has_them(review, records, base, sign_in, asked):
    ben, first = sign_in(review.ben), records[0].id
    with asked() as without:
        ben.get(f"{base}/records/{first}", headers=SCRIPT)
    ben.post(f"{base}/records/{first}/note", data={"text": "Look at the dose."})
    ben.post(f"{base}/records/{first}/labels", data={"name": "dose"})
    with asked() as having:
        page = ben.get(f"{base}/records/{first}", headers=SCRIPT).text
    assert "Look at the dose." in page
    assert "Take off the label dose" in page
    assert len(having) == len(without) + 2
    cem = sign_in(review.cem)  # to whom nothing tells that there are any, not even the work
    with asked() as others:
        page = cem.get(f"{base}/records/{first}", headers=SCRIPT).text
    assert "Look at the dose." not in page
    assert len(others) == len(without)

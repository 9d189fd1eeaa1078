"""Nobody learns anything of another's vote before committing themselves."""

import json

import pytest

from reviewtool.screening import queries, services
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.team import queries as team_queries

TITLES, FULL = Phase.TITLE_ABSTRACT, Phase.FULL_TEXT


def test_votes_notes_and_labels_stay_hidden_until_all_votes_are_in(db, review, record):
    services.decide(db, review.ben, record, Vote.EXCLUDE)
    services.note(db, review.ben, record, "wrong dose")
    services.label(db, review.ben, record, "dose")
    for other in (review.cem, review.ann, review.dora, review.statistician, review.observer):
        assert queries.votes(db, other, record, TITLES) == []
        assert queries.notes(db, other, record, TITLES) == []
        assert queries.my_labels(db, other, record) == []
        assert queries.visible_decisions(db, other) == []
    assert [v.vote for v in queries.votes(db, review.ben, record, TITLES)] == [Vote.EXCLUDE]
    services.decide(db, review.cem, record, Vote.INCLUDE)
    assert {v.name for v in queries.votes(db, review.cem, record, TITLES)} == {"Ben", "Cem"}
    assert [n.text for n in queries.notes(db, review.cem, record, TITLES)] == ["wrong dose"]
    assert len(queries.visible_decisions(db, review.observer)) == 2


def test_taking_my_vote_back_hides_the_other_again(db, review, record):
    services.decide(db, review.ben, record, Vote.EXCLUDE)
    services.decide(db, review.cem, record, Vote.INCLUDE)
    services.undo(db, review.cem, record)
    assert queries.votes(db, review.cem, record, TITLES) == []


@pytest.mark.parametrize("vote", list(Vote))
def test_order_and_counts_are_the_same_whatever_the_other_voted(db, review, records, vote):
    before = queries.progress(db, review.cem, TITLES)
    assert queries.free_record(db, review.cem, TITLES).id == records[0].id
    services.decide(db, review.ben, records[2], vote)
    assert queries.progress(db, review.cem, TITLES) == before
    assert queries.free_record(db, review.cem, TITLES).id == records[0].id
    assert queries.conflicts(db, review.cem, TITLES) == []
    for outcome in Outcome:
        assert queries.settled_records(db, review.cem, TITLES, outcome) == []


SECRET = "zzz-hidden-note"


def _pages(review, record):
    base = f"/reviews/{review.review.id}"
    return [
        f"{base}/",
        f"{base}/audit",
        f"{base}/screening/",
        f"{base}/screening/next",
        f"{base}/screening/records/{record.id}",
        f"{base}/screening/records?outcome=include",
        f"{base}/screening/records?outcome=exclude",
        f"{base}/screening/conflicts",
        f"{base}/screening/conflicts/{record.id}",
        f"{base}/screening/conflicts/{record.id}?show=votes",
        f"{base}/screening/agreement",
        f"{base}/screening/mine",
        f"{base}/full-text/",
        f"/api/v1{base}/screening/next",
        f"/api/v1{base}/screening/records/{record.id}",
        f"/api/v1{base}/screening/records/{record.id}?phase=full_text",
        f"/api/v1{base}/screening/progress",
        f"/api/v1{base}/screening/conflicts",
        f"/api/v1{base}/screening/decisions",
        f"/api/v1{base}/screening/agreement",
    ]


@pytest.mark.parametrize("who", ["cem", "dora", "ann"])
def test_no_page_and_no_answer_changes_with_the_others_vote(app, db, review, record, sign_in, who):
    """The same request, byte for byte, while Ben voted include and while he voted exclude."""
    reader, seen = getattr(review, who), {}
    services.note(db, review.ben, record, SECRET)
    for vote in (Vote.INCLUDE, Vote.EXCLUDE):
        services.decide(db, review.ben, record, vote)
        db.commit()
        client = sign_in(reader)
        for address in _pages(review, record):
            answer = client.get(address)
            assert answer.status_code in (200, 403, 404), address
            assert SECRET not in answer.text, address
            plain = _without_noise(answer.text)  # a random token may spell a name
            assert "Ben" not in plain or "/screening/" not in address, address
            seen.setdefault(address, []).append(plain)
        db.commit()
    for address, (one, other) in seen.items():
        assert one == other, address


def _without_noise(text):
    import re

    text = re.sub(r'(nonce|content|value|hx-headers)=(["\']).*?\2', "", text, flags=re.S)
    text = re.sub(r'"(request_id|csrf_token)": *"[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{12}\b|<time.*?</time>", "", text, flags=re.S)


def test_the_log_shows_votes_only_to_their_author(db, review, record):
    services.decide(db, review.ben, record, Vote.EXCLUDE)
    db.flush()
    seen = [e.changes for e in team_queries.audit_entries(db, review.ann)]
    assert "exclude" not in json.dumps(seen)


def test_full_text_votes_are_blind_too(db, review, record, report, reasons):
    services.decide(db, review.ben, record, Vote.EXCLUDE, phase=FULL, reason_id=reasons[0].id)
    assert queries.votes(db, review.cem, record, FULL) == []
    assert queries.visible_decisions(db, review.cem, FULL) == []
    services.decide(db, review.cem, record, Vote.INCLUDE, phase=FULL)
    assert {v.reason for v in queries.votes(db, review.cem, record, FULL)} == {
        "",
        "Wrong population",
    }

"""The JSON of screening."""

import pytest

from reviewtool.screening import queries, services
from reviewtool.screening.rules.outcome import Phase, Vote
from tests.screening.conftest import PDF


@pytest.fixture
def api(review):
    return f"/api/v1/reviews/{review.review.id}"


def test_a_vote_is_given_changed_and_taken_back(db, review, record, api, sign_in):
    ben, address = sign_in(review.ben), f"{api}/screening/records/{record.id}/vote"
    given = ben.post(address, json={"vote": "include"}).json
    assert [v["vote"] for v in given["votes"]] == ["include"]
    assert given["outcome"] is None
    ben.post(address, json={"vote": "exclude"})
    assert queries.my_decision(db, review.ben, record.id, Phase.TITLE_ABSTRACT).vote is Vote.EXCLUDE
    db.commit()
    assert ben.delete(address).json["votes"] == []


def test_the_next_record_and_none_left(db, review, record, api, sign_in):
    ben = sign_in(review.ben)
    assert ben.get(f"{api}/screening/next").json["id"] == record.id
    services.decide(db, review.ben, record, Vote.INCLUDE)
    db.commit()
    answer = ben.get(f"{api}/screening/next")
    assert (answer.status_code, answer.json["code"]) == (404, "nothing-left")


def test_errors_are_problems_in_words(review, record, api, sign_in):
    ben = sign_in(review.ben)
    address = f"{api}/screening/records/{record.id}"
    assert ben.post(f"{address}/vote", json={"vote": "perhaps"}).status_code == 422
    answer = ben.post(f"{address}/resolution", json={"vote": "include"})
    assert (answer.status_code, answer.json["code"]) == (409, "no-conflict")
    answer = ben.post(f"{address}/vote", json={"vote": "include", "phase": "full_text"})
    assert answer.json["code"] == "no-report"
    assert ben.get(f"{address}?phase=third").status_code == 422


def test_a_conflict_is_listed_and_settled(db, review, record, api, sign_in):
    services.decide(db, review.ben, record, Vote.INCLUDE)
    services.decide(db, review.cem, record, Vote.EXCLUDE)
    db.commit()
    dora = sign_in(review.dora)
    [conflict] = dora.get(f"{api}/screening/conflicts").json["conflicts"]
    assert (conflict["record_id"], conflict["voted"]) == (record.id, False)
    settled = dora.post(
        f"{api}/screening/records/{record.id}/resolution",
        json={"vote": "include", "comment": "RCT"},
    )
    assert settled.json["outcome"] == "include"
    assert len(dora.get(f"{api}/screening/decisions").json["decisions"]) == 2
    assert dora.get(f"{api}/screening/agreement").json["pairs"][0]["table"] == [[0, 1], [0, 0]]


def test_reports_reasons_and_files(db, review, report, reasons, api, sign_in):
    import io

    ben = sign_in(review.ben)
    assert [r["label"] for r in ben.get(f"{api}/full-text/reasons").json["reasons"]] == [
        "Wrong population",
        "Wrong design",
    ]
    [found] = ben.get(f"{api}/full-text/reports").json["reports"]
    assert (found["id"], found["retrieval"], found["files"]) == (report.id, "retrieved", 1)
    address = f"{api}/full-text/reports/{report.id}/documents"
    assert ben.post(address, data={"file": (io.BytesIO(PDF + b"2"), "b.pdf")}).status_code == 201
    assert ben.post(address, data={"file": (io.BytesIO(b"no"), "b.pdf")}).status_code == 422
    assert ben.post(address).status_code == 422


def test_observers_read_and_do_not_vote(review, record, api, sign_in):
    gus = sign_in(review.observer)
    assert gus.get(f"{api}/screening/progress").json["total"] == 1
    answer = gus.post(f"{api}/screening/records/{record.id}/vote", json={"vote": "include"})
    assert answer.status_code == 403

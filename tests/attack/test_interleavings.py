"""Several people change the same things at once, in random order: nothing is lost unseen.

Every change goes through the API with the revision that its person had read. Whatever the
order, each one that was told "stored" is in the chain of values that the row went through,
made from the revision just before it; everybody else got 409 with what stands.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reviewtool.extraction.services import copies
from reviewtool.extraction.services import studies as study_services
from reviewtool.protocol import services as protocol
from reviewtool.protocol.models import Criterion
from reviewtool.screening import services as screening
from reviewtool.screening.rules.outcome import Vote
from tests import build

ROUNDS = 12


class Criteria:
    """A criterion of the protocol, changed by two leads."""

    people = ("ann", "dora")

    def __init__(self, db, review):
        text = {"include": True, "aspect": "population", "text": "start"}
        row = protocol.save_row(db, review.ann, Criterion(), text)
        self.row_id, self.base = row.id, f"/api/v1/reviews/{review.review.id}/protocol"

    def read(self, browser):
        [row] = browser.get(f"{self.base}/").json["criteria"]
        return row["revision"], row["text"]

    def write(self, browser, revision, value):
        sent = {"include": True, "aspect": "population", "text": value}
        address = f"{self.base}/criteria/{self.row_id}"
        answer = browser.put(address, json=sent, headers={"If-Match": str(revision)})
        said = answer.json
        stored = answer.status_code == 200
        return answer.status_code, said["revision"], said["stands"]["text"] if not stored else ""


class Cells:
    """A cell of an extractor's own copy, changed from several tabs."""

    people = ("ben", "ben", "ben")

    def __init__(self, db, review):
        study = study_services.create(db, review.ann, "Visser 1996", [])
        copy = copies.take(db, review.ben, study)
        self.base = f"/api/v1/reviews/{review.review.id}/extraction/copies/{copy.id}"

    def read(self, browser):
        found = browser.get(self.base).json["cells"].get("arm.1.treatment")
        return (found["revision"], found["value"]) if found else (0, "")

    def write(self, browser, revision, value):
        cells = {"arm.1.treatment": {"value": value, "revision": revision}}
        answer = browser.put(f"{self.base}/cells", json={"cells": cells})
        said, stored = answer.json, answer.status_code == 200
        newer = (said["revisions"] if stored else said["revision"])["arm.1.treatment"]
        return answer.status_code, newer, "" if stored else said["stands"]["cell:arm.1.treatment"]


KINDS = pytest.mark.parametrize("kind", [Criteria, Cells])


def check(told, final):
    """told: (made from, value, status, newer revision, what stood) of every change."""
    stored = sorted((made, newer, value) for made, value, code, newer, _ in told if code == 200)
    assert {code for _, _, code, _, _ in told} <= {200, 409}
    origins = [made for made, _, _ in stored]
    assert len(set(origins)) == len(origins), "two changes were stored from one revision"
    assert all(newer == made + 1 for made, newer, _ in stored)
    assert origins == list(range(origins[0], origins[0] + len(origins))), "a change was lost"
    assert final == (stored[-1][1], stored[-1][2])
    values = {value for _, _, value in stored}
    for made, _, code, newer, stood in told:
        if code == 409:
            assert newer != made
            assert stood in values | {"start", ""}


@KINDS
@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_nothing_is_overwritten_unseen(db, review, sign_in, kind, seed):
    """One request after the other; who reads and who writes next is drawn."""
    drawn, thing = random.Random(seed), kind(db, review)
    browsers = [sign_in(getattr(review, who)) for who in thing.people]
    db.commit()
    known, told = [thing.read(one)[0] for one in browsers], []
    for number in range(ROUNDS):
        who = drawn.randrange(len(browsers))
        if drawn.random() < 0.5:
            known[who] = thing.read(browsers[who])[0]
        made, value = known[who], f"value {seed} {number}"
        code, newer, stood = thing.write(browsers[who], made, value)
        told.append((made, value, code, newer, stood))
        known[who] = newer if drawn.random() < 0.5 else made
    check(told, thing.read(browsers[0]))


@KINDS
def test_at_the_same_moment_one_wins_and_the_others_are_told(db, review, sign_in, kind):
    thing = kind(db, review)
    browsers = [sign_in(getattr(review, who)) for who in (*thing.people, *thing.people)]
    db.commit()
    told, together = [], threading.Barrier(len(browsers))

    def change(number):
        made = thing.read(browsers[number])[0]
        together.wait(timeout=30)
        value = f"at once {number}"
        return (made, value, *thing.write(browsers[number], made, value))

    with ThreadPoolExecutor(len(browsers)) as threads:
        told = list(threads.map(change, range(len(browsers))))
    assert sorted(code for _, _, code, _, _ in told) == [200] + [409] * (len(browsers) - 1)
    check(told, thing.read(browsers[0]))


def test_of_three_resolvers_at_once_one_is_told_that_it_worked(db, review, sign_in):
    extra = build.member(db, review.review, "Hal", review.dora.role)
    record = build.record(db, review.review, "Needling")
    screening.decide(db, review.ben, record, Vote.INCLUDE)
    screening.decide(db, review.cem, record, Vote.EXCLUDE)
    browsers = [sign_in(who) for who in (review.ann, review.dora, extra)]
    address = f"/api/v1/reviews/{review.review.id}/screening/records/{record.id}/resolution"
    db.commit()
    together = threading.Barrier(3)

    def resolve(number):
        together.wait(timeout=30)
        vote = "include" if number % 2 else "exclude"
        return browsers[number].post(address, json={"vote": vote}).status_code

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(resolve, range(3))) == [200, 409, 409]


def test_one_form_sent_five_times_at_once_makes_one(db, review, sign_in):
    from reviewtool.screening import queries

    address = f"/reviews/{review.review.id}/full-text/reasons"
    browsers = [sign_in(review.ann) for _ in range(5)]
    db.commit()
    together = threading.Barrier(5)

    def send(number):
        together.wait(timeout=30)
        sent = {"label": "Wrong dose", "once": "the same number"}
        return browsers[number].post(address, data=sent).status_code

    with ThreadPoolExecutor(5) as threads:
        assert set(threads.map(send, range(5))) == {303}
    assert [one.label for one in queries.reasons(db, review.ann)] == ["Wrong dose"]

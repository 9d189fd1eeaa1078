"""Whether somebody voted, extracted or judged shows nowhere, to nobody, before its time.

Every page, every answer of the API and every export of the app's own lists is asked before
a colleague's work, after it and after its change: the answers are the same, byte for byte.
"""

import io
import re
import zipfile

import pytest

from reviewtool.bias import services as bias
from reviewtool.extraction.services import copies
from reviewtool.extraction.services import studies as study_services
from reviewtool.reporting.exports import EXPORTS
from reviewtool.screening import services as screening
from reviewtool.screening.rules.outcome import Phase, Vote
from tests import build
from tests.test_routes import address, routes

# Every page is opened twice for every reader: run beside the servers, in each CI run.
pytestmark = pytest.mark.services
READERS = ("cem", "ann", "observer")
# What a reader does is in the log that the reader sees: test_guessed_votes.py looks at it.
# Drawings and zips carry the moment they were made.
APART = {"team.audit", "api_team.audit", "reporting.bundle"}


def addresses(app, review):
    """Every GET inside the review, with the first row of every kind, and every export."""
    there = f"/reviews/{review.review.id}"
    found = [
        path
        for rule in routes(app)
        if "GET" in rule.methods
        and rule.endpoint not in APART
        and there in (path := address(rule, review.review.id, 1))
    ]
    exports = [path for path in found if path.endswith("/nonsense")]
    keys = [one.key for one in EXPORTS if one.key != "audit"]
    return found + [f"{path.removesuffix('nonsense')}{key}" for path in exports for key in keys]


def plain(answer):
    """The answer without what is new each time."""
    body = answer.data
    if body[:4] == b"PK\x03\x04":
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"".join(archive.read(name) for name in sorted(archive.namelist()))
        body = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z?", b"", body)
    text = body.decode(errors="replace")
    text = re.sub(r"(nonce|hx-headers)=([\"']).*?\2", "", text, flags=re.S)
    text = re.sub(r'name="(csrf_token|once)"[^>]*>', "", text)
    text = re.sub(r'"(request_id|csrf_token|saved_at)": *"[^"]*"', "", text)
    text = re.sub(r"\b[0-9a-f]{12}\b|<time.*?</time>", "", text, flags=re.S)
    return re.sub(r"<dc:date>.*?</dc:date>|clipPath id=\"\w+\"|url\(#\w+\)", "", text)


def seen(app, db, review, sign_in, reader):
    browser, asked = sign_in(getattr(review, reader)), addresses(app, review)
    db.commit()
    found = {}
    for path in asked:
        answer = browser.get(path)
        assert answer.status_code < 500, path
        found[path] = (answer.status_code, plain(answer))
        answer.close()  # an uploaded file is sent from the disk
    return found


def same(before, after, what, apart=()):
    for path, answer in before.items():
        if path.endswith(tuple(apart)) and apart:
            continue
        assert after[path] == answer, f"{path} tells that somebody {what}"


@pytest.fixture
def record(db, review):
    found = build.record(db, review.review, "Needling", authors="Visser, W", year=1996)
    build.record(db, review.review, "Sham")
    db.commit()
    return found


@pytest.mark.parametrize("reader", READERS)
def test_a_vote_on_a_title(app, db, review, record, sign_in, reader):
    before = seen(app, db, review, sign_in, reader)
    screening.decide(db, review.ben, record, Vote.EXCLUDE)
    screening.note(db, review.ben, record, "wrong dose")
    screening.label(db, review.ben, record, "dose")
    same(before, seen(app, db, review, sign_in, reader), "voted")
    screening.decide(db, review.ben, record, Vote.INCLUDE)
    same(before, seen(app, db, review, sign_in, reader), "voted otherwise")


@pytest.fixture
def report(db, review, record):
    reason = screening.add_reason(db, review.ann, "Wrong population")
    for voter in (review.ben, review.cem):
        screening.decide(db, voter, record, Vote.INCLUDE)
    from reviewtool.screening import queries
    from reviewtool.storage import current_storage

    found = queries.report_of(db, record.id)
    pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    screening.attach(db, review.ann, found, current_storage(), "visser.pdf", pdf)
    db.commit()
    return reason


@pytest.mark.parametrize("reader", READERS)
def test_a_vote_on_a_full_text(app, db, review, record, report, sign_in, reader):
    before = seen(app, db, review, sign_in, reader)
    full = Phase.FULL_TEXT
    screening.decide(db, review.ben, record, Vote.EXCLUDE, phase=full, reason_id=report.id)
    first = seen(app, db, review, sign_in, reader)
    # The vote on the title is closed to change from the first vote on the full text on.
    same(before, first, "voted", apart=("/screening/records/1", "/screening/mine"))
    screening.decide(db, review.ben, record, Vote.INCLUDE, phase=full)
    same(first, seen(app, db, review, sign_in, reader), "voted otherwise")


@pytest.mark.parametrize("reader", READERS)
def test_an_extracted_value(app, db, review, sign_in, reader):
    study = study_services.create(db, review.ann, "Visser 1996", [])
    copy = copies.take(db, review.ben, study)
    before = seen(app, db, review, sign_in, reader)
    copies.save(db, review.ben, copy, {"arm.1.treatment": "needles", "arm.1.n": "40"})
    same(before, seen(app, db, review, sign_in, reader), "entered a value")


@pytest.mark.parametrize("reader", READERS)
def test_an_answer_on_risk_of_bias(app, db, review, sign_in, reader):
    from reviewtool.bias.queries import Key
    from tests.bias.conftest import a_study

    outcome = build.outcome(db, review.review, "Pain free")
    study = a_study(db, review.review.id, "Visser 1996", outcome.id)
    setup = {"options": [], "experimental": "needles", "comparator": "sham", "result": "x"}
    copy = bias.start(db, review.ben, Key(study.id, outcome.id, ""), setup=setup)
    before = seen(app, db, review, sign_in, reader)
    bias.save_domain(db, review.ben, copy, "D1", {"1.1": "Y", "1.2": "Y", "1.3": "N"})
    same(before, seen(app, db, review, sign_in, reader), "answered")


def test_the_warning_before_an_import_is_undone(db, review, record):
    """Its number of votes counts those that the person who undoes it may see."""
    from reviewtool.events import HangingOnImport
    from reviewtool.references.models import Import
    from reviewtool.screening.jobs import count_votes

    row = Import(
        review_id=review.review.id,
        search_id=record.search_id,
        file_name="x.ris",
        sha256="0" * 64,
    )
    db.add(row)
    db.flush()
    record.import_id = row.id
    db.flush()
    asked = HangingOnImport(row.id)
    screening.decide(db, review.ben, record, Vote.EXCLUDE)
    assert count_votes(db, review.cem, asked)["votes"] == 0
    assert count_votes(db, review.ben, asked)["votes"] == 1
    screening.decide(db, review.cem, record, Vote.EXCLUDE)
    assert count_votes(db, review.ann, asked)["votes"] == 2

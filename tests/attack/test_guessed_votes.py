"""Nobody guesses a hidden vote from the exported log, and the log can be checked without us."""

import csv
import hashlib
import hmac
import io
import itertools
import json

import pytest
from click.testing import CliRunner

from reviewtool import verification
from reviewtool.cli.server import verify
from reviewtool.errors import Invalid
from reviewtool.reporting.exports import audit_log
from reviewtool.screening import services
from reviewtool.screening.rules.outcome import Vote
from tests import build


def rows(db, member):
    return list(csv.DictReader(io.StringIO(audit_log.table(db, member).decode("utf-8-sig"))))


@pytest.fixture
def records(db, review):
    found = [build.record(db, review.review, f"Trial {number}") for number in range(1, 4)]
    db.commit()
    return found


def test_the_export_is_the_same_whether_somebody_voted_or_not(db, review, records):
    before = {who.id: audit_log.table(db, who) for who in (review.ann, review.cem, review.observer)}
    services.decide(db, review.ben, records[0], Vote.EXCLUDE)
    services.note(db, review.ben, records[0], "wrong dose")
    services.label(db, review.ben, records[0], "dose")
    db.flush()
    for who in (review.ann, review.cem, review.observer):
        assert audit_log.table(db, who) == before[who.id]


def test_nothing_in_the_export_can_be_guessed_open(db, review, records):
    """Even who knows everything of an entry but the vote finds no hash that it gives."""
    for vote, record in zip((Vote.EXCLUDE, Vote.INCLUDE), records, strict=False):
        services.decide(db, review.ben, record, vote)
    db.flush()
    entries = db.exec(
        audit_log.select(audit_log.AuditEntry).where(audit_log.AuditEntry.chain < 0)
    ).all()
    text = audit_log.table(db, review.ann).decode("utf-8-sig")
    for entry, vote in itertools.product(entries, Vote):
        guess = audit_log.content(entry)
        guess["changes"] = json.loads(json.dumps(guess["changes"]))
        guess["changes"]["vote"] = [None, vote.value]
        for form in (guess, guess | {"previous": entry.previous_hash}):
            said = json.dumps(form, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            assert hashlib.sha256(said.encode()).hexdigest() not in text
            assert hmac.new(b"", said.encode(), hashlib.sha256).hexdigest() not in text
        assert entry.salt not in text
        assert entry.seal not in text


def test_salts_are_never_used_twice(db, review, records):
    for record in records:
        services.decide(db, review.ben, record, Vote.EXCLUDE)
    db.flush()
    salts = [e.salt for e in db.exec(audit_log.select(audit_log.AuditEntry))]
    assert len(set(salts)) == len(salts)
    assert all(len(salt) == 64 for salt in salts)


def test_my_own_votes_are_in_my_export_without_their_place(db, review, records):
    services.decide(db, review.ben, records[0], Vote.EXCLUDE)
    services.decide(db, review.ann, records[1], Vote.INCLUDE)
    db.flush()
    mine = [row for row in rows(db, review.ann) if row["action"] == "screening.decide"]
    assert [json.loads(row["changes"])["vote"] for row in mine] == [[None, "include"]]
    assert not any(row["sequence"] or row["hash"] or row["salt"] for row in mine)


def test_once_nothing_is_blind_the_whole_log_is_there_and_can_be_checked(db, review, records):
    for record in records:
        services.decide(db, review.ben, record, Vote.EXCLUDE)
        services.decide(db, review.cem, record, Vote.EXCLUDE)
    db.flush()
    text = audit_log.table(db, review.ann).decode()
    faults, entries, read = verification.exported(text)
    assert faults == []
    assert entries == read == len(rows(db, review.ann))
    assert sum(row["action"] == "screening.decide" for row in rows(db, review.ann)) == 6
    changed = text.replace('""exclude""', '""include""', 1)
    assert [fault.message for fault in verification.exported(changed)[0]] == [
        "Entry 1 was altered."
    ]


def test_who_may_not_read_the_log_can_still_follow_it(db, review, records):
    services.decide(db, review.ben, records[0], Vote.EXCLUDE)
    services.add_reason(db, review.ann, "Wrong population")
    services.add_reason(db, review.ann, "Wrong design")
    db.flush()
    text = audit_log.table(db, review.observer).decode()
    faults, entries, read = verification.exported(text)
    assert (faults, read) == ([], 0)
    assert entries >= 2
    lines = text.splitlines(keepends=True)
    assert verification.exported("".join([*lines[:1], *lines[2:]]))[0]


def test_the_command_checks_a_file_without_a_database(db, review, records, tmp_path):
    services.add_reason(db, review.ann, "Wrong population")
    path = tmp_path / "audit.csv"
    path.write_bytes(audit_log.table(db, review.ann))
    done = CliRunner().invoke(verify, ["--file", str(path)])
    assert done.exit_code == 0, done.output
    path.write_text(path.read_text().replace("Wrong population", "Wrong design"))
    done = CliRunner().invoke(verify, ["--file", str(path)])
    assert done.exit_code == 1
    assert "was altered" in done.output


def test_a_file_that_is_no_log_is_told(tmp_path):
    with pytest.raises(Invalid, match="no exported audit log"):
        verification.exported("number,title\n1,x\n")


def test_the_log_page_and_the_api_count_nothing_of_others(db, review, records, sign_in):
    services.add_reason(db, review.ann, "Wrong population")
    db.commit()
    browser, base = sign_in(review.ann), f"/reviews/{review.review.id}"
    page = browser.get(f"{base}/audit").text
    said = browser.get(f"/api/v1{base}/audit").json
    services.decide(db, review.ben, records[0], Vote.EXCLUDE)
    db.commit()
    from tests.screening.test_blinding import _without_noise

    assert _without_noise(browser.get(f"{base}/audit").text) == _without_noise(page)
    assert browser.get(f"/api/v1{base}/audit").json == said
    assert not {"sequence", "hash", "salt", "seal", "id"} & set(said["entries"][0])


def test_votes_told_of_by_a_merge_stay_hidden_from_who_merged(db, review, records):
    from reviewtool.references.services import duplicates
    from reviewtool.team import queries as team

    services.decide(db, review.ben, records[1], Vote.EXCLUDE)
    db.flush()
    duplicates.merge(db, review.ann, records[0], records[1])
    db.flush()
    seen = json.dumps([e.changes for e in team.audit_entries(db, review.ann)])
    assert "exclude" not in seen
    assert "exclude" not in audit_log.table(db, review.ann).decode()

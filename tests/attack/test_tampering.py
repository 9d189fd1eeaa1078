"""Somebody opens the database and changes it: ``reviewtool verify`` says what, in a sentence."""

import secrets

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from reviewtool import audit, verification
from reviewtool.acts import Act
from reviewtool.cli import running
from reviewtool.cli.server import checkpoint, verify
from reviewtool.extraction.models import Entry
from reviewtool.extraction.services import copies
from reviewtool.extraction.services import studies as study_services
from reviewtool.screening import services as screening
from reviewtool.screening.rules.outcome import Vote
from tests import build


@pytest.fixture
def work(db, review):
    """A review with a resolved conflict and a few extracted cells; returns its record."""
    record = build.record(db, review.review, "Needling")
    other = build.record(db, review.review, "Sham")
    screening.decide(db, review.ben, record, Vote.INCLUDE)
    screening.decide(db, review.cem, record, Vote.EXCLUDE)
    screening.resolve(db, review.dora, record, Vote.INCLUDE)
    screening.decide(db, review.ben, other, Vote.EXCLUDE)
    study = study_services.create(db, review.ann, "Visser 1996", [])
    copy = copies.take(db, review.ben, study)
    copies.save(db, review.ben, copy, {"arm.1.name": "needles", "arm.1.n": "40"})
    for number in range(3):
        audit.append(db, review.ann, Act.TEAM_INVITE, review.review, number=number)
    db.commit()
    return record


def unguard(db):
    """Take the triggers away, as somebody who owns the database can."""
    if db.get_bind().dialect.name == "sqlite":
        db.execute(sa.text("DROP TRIGGER audit_entry_no_update"))
        db.execute(sa.text("DROP TRIGGER audit_entry_no_delete"))
    else:
        db.execute(sa.text("DROP TRIGGER audit_entry_only_grows ON audit_entry"))


def forge(db, chain):
    """Seal a whole chain anew after a change, and correct its head, as a thorough forger does."""
    db.expire_all()
    previous, number = audit.GENESIS, 0
    found = db.exec(
        sa.select(audit.AuditEntry)
        .where(audit.AuditEntry.chain == chain)
        .order_by(audit.AuditEntry.sequence)
    ).scalars()
    for number, entry in enumerate(found, start=1):
        entry.sequence, entry.previous_hash, entry.salt = number, previous, secrets.token_hex(32)
        entry.seal = audit.seal(entry.salt, audit.content(entry))
        entry.hash = previous = audit.link(chain, number, previous, entry.seal)
        db.add(entry)
        db.flush()
    head = db.get(audit.AuditHead, chain)
    head.sequence, head.hash = number, previous
    db.add(head)
    db.flush()


def guarded(db):
    """Put the triggers back, so that nothing is to be seen of them."""
    audit.guard(db.connection())
    db.commit()


def said(db, review):
    db.expire_all()
    return [fault.message for fault in verification.verify(db, review.review.id)]


def run(db, statement, **values):
    db.execute(sa.text(statement), values)


def test_untouched_work_is_sound(db, review, work):
    assert verification.verify(db) == []


def test_a_log_that_was_hashed_anew_is_found_out(db, review, work):
    unguard(db)
    run(
        db,
        "UPDATE audit_entry SET actor = 'mallory' WHERE chain = :c AND sequence = 2",
        c=review.review.id,
    )
    forge(db, review.review.id)
    guarded(db)
    assert verification.chains(db) == []
    [fault] = said(db, review)
    assert "was written anew" in fault


def test_a_chain_that_was_deleted_with_its_head_is_found_out(db, review, work):
    unguard(db)
    run(db, "DELETE FROM audit_entry WHERE chain = :c", c=review.review.id)
    run(db, "DELETE FROM audit_head WHERE chain = :c", c=review.review.id)
    guarded(db)
    assert any("is gone: it had" in fault for fault in said(db, review))


def test_an_end_cut_off_with_the_head_corrected_is_found_out(db, review, work):
    unguard(db)
    last = db.get(audit.AuditHead, review.review.id).sequence
    run(
        db, "DELETE FROM audit_entry WHERE chain = :c AND sequence = :s", c=review.review.id, s=last
    )
    forge(db, review.review.id)
    guarded(db)
    [fault] = said(db, review)
    assert "was cut or rolled back" in fault


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            "UPDATE decision SET vote = 'include' WHERE vote = 'exclude' AND record_id = :r",
            "The vote of Cem on record 1 at title and abstract is “include” in the table, "
            "“exclude” in the log.",
        ),
        (
            "DELETE FROM decision WHERE vote = 'exclude' AND record_id = :r",
            "The vote of Cem on record 1 at title and abstract is in the log, but gone from the "
            "table.",
        ),
        (
            "UPDATE adjudication SET vote = 'exclude' WHERE record_id = :r",
            "The resolution of record 1 is “exclude” in the table, “include” in the log.",
        ),
        (
            "UPDATE entry SET value = '400' WHERE path = 'arm.1.n'",
            "Visser 1996, first copy, arm.1.n: the table has “400”, the log “40”.",
        ),
        (
            "DELETE FROM entry WHERE path = 'arm.1.n'",
            "Visser 1996, arm.1.n: the log has “40”, the cell is gone from the table.",
        ),
    ],
)
def test_what_was_changed_beside_the_log_is_named(db, review, work, change, words):
    run(db, change, **({"r": work.id} if ":r" in change else {}))
    db.commit()
    assert said(db, review) == [words]


def test_a_vote_nobody_gave_is_named(db, review, work):
    from reviewtool.db.types import now
    from reviewtool.screening.models import Decision
    from reviewtool.screening.rules.outcome import Phase

    db.add(
        Decision(
            review_id=review.review.id,
            phase=Phase.TITLE_ABSTRACT,
            record_id=work.id,
            member_id=review.ann.id,
            vote=Vote.EXCLUDE,
            voted_at=now(),
        )
    )
    db.commit()
    assert said(db, review) == [
        "The vote of Ann on record 1 at title and abstract is in the table, but not in the log."
    ]


def test_a_value_nobody_entered_is_named(db, review, work):
    copy = db.exec(sa.select(Entry)).scalars().first().extraction_id
    db.add(Entry(extraction_id=copy, path="arm.2.n", value="7"))
    db.commit()
    assert said(db, review) == [
        "Visser 1996, first copy, arm.2.n: the table has “7”, the log has nothing."
    ]


def test_triggers_that_were_taken_away_are_named(db, review, work):
    unguard(db)
    db.commit()
    faults = said(db, review)
    assert faults
    assert all("is gone, so entries of the log can be changed unseen" in fault for fault in faults)


def test_a_trigger_that_refuses_nothing_any_more_is_named(db, review, work):
    if db.get_bind().dialect.name == "sqlite":
        run(db, "DROP TRIGGER audit_entry_no_update")
        run(
            db,
            "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
            "WHEN 1 = 0 BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
        )
    else:
        run(db, "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_only_grows")
    db.commit()
    [fault] = said(db, review)
    assert "is not the one that was installed" in fault


def test_a_forged_checkpoint_is_no_checkpoint(db, review, work, settings):
    path = settings.data.resolve() / "checkpoints" / f"chain_{review.review.id}.json"
    path.write_text(path.read_text().replace('"sequence": ', '"sequence": 1'))
    assert any("was not signed with this server" in fault for fault in said(db, review))


def test_checkpoints_are_ours_alone(db, review, work, settings):
    folder = settings.data.resolve() / "checkpoints"
    assert folder.stat().st_mode & 0o077 == 0
    assert len(list(folder.glob("chain_*.json"))) == 2
    assert not any(path.stat().st_mode & 0o077 for path in folder.iterdir())


def test_without_checkpoints_the_log_says_so_until_it_is_signed(db, review, work, settings):
    for path in (settings.data.resolve() / "checkpoints").glob("chain_*.json"):
        path.unlink()
    assert all("reviewtool checkpoint" in fault for fault in said(db, review))
    assert verification.sign_as_it_stands(db) >= 2
    db.commit()
    assert verification.verify(db) == []


def test_a_second_folder_keeps_what_the_first_lost(db, review, settings, tmp_path):
    from reviewtool.db.engine import Database

    far = settings.model_copy(update={"checkpoints": tmp_path / "far"})
    database = Database.of(far)
    with database.session(write=True) as session:
        audit.append(session, review.ann, Act.TEAM_INVITE, review.review)
        session.commit()
        for path in (settings.data.resolve() / "checkpoints").glob("chain_*.json"):
            path.unlink()
        assert verification.verify(session) == []
    database.dispose()


def test_what_was_rolled_back_was_never_signed(db, review, work):
    audit.append(db, review.ann, Act.TEAM_INVITE, review.review)
    db.rollback()
    audit.append(db, review.ann, Act.TEAM_INVITE, review.review, again=True)
    db.commit()
    assert verification.verify(db) == []


@pytest.fixture
def command(app, settings, monkeypatch):
    monkeypatch.setattr(running, "settings", lambda: settings)
    return lambda *arguments: CliRunner().invoke(verify, [str(a) for a in arguments])


def test_the_command_names_faults_and_ends_with_one(db, review, work, command):
    assert command().exit_code == 0
    run(db, "UPDATE decision SET vote = 'include'")
    db.commit()
    done = command()
    assert done.exit_code == 1
    assert f"review {review.review.id}: The vote of Cem on record 1" in done.output


def test_a_signed_log_is_sound_for_the_command(db, review, work, command):
    db.commit()
    done = CliRunner().invoke(checkpoint, [])
    assert done.exit_code == 0, done.output
    assert command().exit_code == 0


@pytest.mark.parametrize("at", [0, 50, 4096 * 3, 4096 * 20])
def test_a_damaged_database_is_told_in_a_sentence(database, db, work, settings, command, at):
    if not settings.database.startswith("sqlite"):
        pytest.skip("a file of SQLite")
    db.commit()
    db.close()
    database.dispose()  # the last one out writes everything into the file
    path = settings.data / "reviewtool.sqlite3"
    assert not path.with_name(path.name + "-wal").exists()
    content = bytearray(path.read_bytes())
    for start in range(at, len(content), 4096 * 2):
        content[start : start + 1500] = secrets.token_bytes(len(content[start : start + 1500]))
    path.write_bytes(content)
    done = command()
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert 0 < len(done.output.strip().splitlines()) < 30
    assert "damaged" in done.output or "cannot be opened" in done.output

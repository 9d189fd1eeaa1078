"""A log of an older version is sealed anew: nothing old is left, and nothing wrong is hidden."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command

from reviewtool import verification
from reviewtool.db.engine import Database
from reviewtool.db.migrate import config, upgrade
from reviewtool.settings import Settings

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
ACTS = ["team.create_review", "screening.decide", "team.invite", "screening.decide"]


def old_hash(chain, number, action, previous):
    content = {
        "chain": chain,
        "sequence": number,
        "at": AT.isoformat(timespec="microseconds"),
        "user_id": 1,
        "member_id": 1,
        "actor": "ann@example.org",
        "action": action,
        "subject": "record",
        "subject_id": 1,
        "changes": {"note": [None, "é"]},
        "previous": previous,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def old(tmp_path):
    """A database of the version before, with one chain of four entries; its settings."""
    settings = Settings(environment="test", data=tmp_path, database_url="")
    command.upgrade(config(settings.database), "0014")
    engine = sa.create_engine(settings.database)
    previous = "0" * 64
    with engine.begin() as connection:
        for number, action in enumerate(ACTS, start=1):
            hash = old_hash(5, number, action, previous)
            connection.execute(
                sa.text(
                    "INSERT INTO audit_entry (created_at, chain, sequence, at, user_id, member_id,"
                    " actor, action, subject, subject_id, changes, previous_hash, hash) VALUES"
                    " (:at, 5, :n, :at, 1, 1, 'ann@example.org', :action, 'record', 1, :changes,"
                    " :previous, :hash)"
                ),
                {
                    "at": "2026-01-05 12:00:00.000000",
                    "n": number,
                    "action": action,
                    "changes": json.dumps({"note": [None, "é"]}),
                    "previous": previous,
                    "hash": hash,
                },
            )
            previous = hash
        connection.execute(
            sa.text("INSERT INTO audit_head (chain, sequence, hash) VALUES (5, 4, :hash)"),
            {"hash": previous},
        )
    engine.dispose()
    return settings, engine, previous


def opened(settings):
    return Database.of(settings).session(write=False)


def test_an_old_chain_is_split_and_sound(old):
    settings, _, old_end = old
    upgrade(settings)
    with opened(settings) as db:
        assert verification.chains(db) == []
        assert list(verification.signed(db, db.info["checkpoints"])) == []
        assert list(verification.guards(db)) == []
        found = db.execute(
            sa.text(
                "SELECT chain, sequence, action, hash FROM audit_entry ORDER BY chain, sequence"
            )
        ).all()
    assert [(c, n, a) for c, n, a, _ in found] == [
        (-5, 1, "screening.decide"),
        (-5, 2, "screening.decide"),
        (0, 1, "log.seal"),
        (5, 1, "team.create_review"),
        (5, 2, "team.invite"),
    ]
    assert old_end not in {hash for *_, hash in found}


def test_the_old_end_is_noted_where_members_do_not_read(old):
    settings, _, old_end = old
    upgrade(settings)
    with opened(settings) as db:
        [note] = verification._resealed(db)
    assert note.changes == {"5": [None, {"entries": 4, "old_end": old_end, "fault": ""}]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE audit_entry SET actor = 'mallory' WHERE sequence = 2", "entry 2 was altered"),
        ("DELETE FROM audit_entry WHERE sequence = 2", "entry 2 was missing"),
        ("DELETE FROM audit_entry WHERE sequence = 4", "should have ended at entry 4"),
        ("DELETE FROM audit_head", "its end was not on record"),
    ],
)
def test_sealing_anew_hides_no_fault(old, change, words):
    settings, engine, _ = old
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_entry_no_update"))
        connection.execute(sa.text("DROP TRIGGER audit_entry_no_delete"))
        connection.execute(sa.text(change))
    engine.dispose()
    upgrade(settings)
    with opened(settings) as db:
        assert verification.chains(db) == []
        [fault] = verification.told_before(db)
    assert words in fault.message
    assert fault.message.startswith("When the log was sealed anew on ")

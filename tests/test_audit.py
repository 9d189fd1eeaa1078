"""The audit log only grows, and every single change of it is detected."""

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa

from reviewtool import audit, verification
from reviewtool.acts import Act, words


@pytest.fixture
def chain(db, review):
    """Five entries of one review, with the guards taken away as an intruder would."""
    for number in range(5):
        audit.append(db, review.ann, Act.TEAM_INVITE, review.review, number=number)
    db.commit()
    if db.get_bind().dialect.name == "sqlite":
        db.execute(sa.text("DROP TRIGGER audit_entry_no_update"))
        db.execute(sa.text("DROP TRIGGER audit_entry_no_delete"))
    else:
        db.execute(sa.text("DROP TRIGGER audit_entry_only_grows ON audit_entry"))
    return review.review.id


@pytest.mark.parametrize("verb", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_an_entry(db, review, verb):
    audit.append(db, review.ann, Act.TEAM_INVITE, review.review)
    db.flush()
    with pytest.raises(sa.exc.DatabaseError, match="only grows"):
        db.execute(sa.text(verb))


def test_an_untouched_log_is_sound(db, chain):
    assert verification.chains(db) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET action = 'other' WHERE chain = :c AND sequence = 3",
        "UPDATE audit_entry SET actor = 'mallory' WHERE chain = :c AND sequence = 5",
        "UPDATE audit_entry SET changes = '{}' WHERE chain = :c AND sequence = 2",
        "DELETE FROM audit_entry WHERE chain = :c AND sequence = 1",
        "DELETE FROM audit_entry WHERE chain = :c AND sequence = 3",
        "DELETE FROM audit_entry WHERE chain = :c AND sequence = 5",
        "UPDATE audit_entry SET sequence = CASE sequence WHEN 2 THEN 93 ELSE 92 END "
        "WHERE chain = :c AND sequence IN (2, 3)",
        "DELETE FROM audit_head WHERE chain = :c",
    ],
)
def test_every_single_change_is_detected(db, chain, change):
    db.execute(sa.text(change), {"c": chain})
    db.expire_all()
    assert verification.chains(db, chain)


def test_old_and_new_values_are_kept(db, review):
    changes = audit.changed(review.review, title="Another title")
    entry = audit.append(db, review.ann, Act.TEAM_RENAME_REVIEW, review.review, changes)
    assert entry.changes == {"title": ["Acupuncture for chronic pain", "Another title"]}
    assert entry.actor == review.ann.user.email


PACKAGE = Path(audit.__file__).parent
SOURCES = [p for p in PACKAGE.rglob("*.py") if p.name != "acts.py" and "migrations" not in p.parts]


def test_an_act_is_named_after_what_the_log_stores():
    for act in Act:
        assert act.words
        assert act.stage == act.name.partition("_")[0].lower(), act.name
    assert len({act.words for act in Act}) == len(Act)


def test_every_act_is_done_somewhere():
    named = {
        node.attr
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Act"
    }
    assert named == {act.name for act in Act}


def test_no_text_stands_in_for_an_act():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.append":
                act = node.args[2]
                texts = (ast.Constant, ast.JoinedStr)
                assert not any(isinstance(n, texts) for n in ast.walk(act)), f"{path}:{node.lineno}"


def test_an_act_of_an_older_version_keeps_its_code():
    assert words("screening.decide") == "voted on a record"
    assert words("screening.of_old") == "screening.of_old"

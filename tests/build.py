"""A person, a review with its team, a record, a study: one line each."""

import itertools
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, func, select

from reviewtool.db.types import now
from reviewtool.permissions import Role
from reviewtool.protocol.models import (
    OutcomeKind,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.references.models import Record, Report, Search
from reviewtool.team.access import token_hash
from reviewtool.team.models import Member, Review, SignIn, User

_count = itertools.count(1)


def _account(name: str = "") -> User:
    name = name or f"Person {next(_count)}"
    return User(
        email=f"{name.lower().replace(' ', '.')}.{secrets.token_hex(3)}@example.org",
        name=name,
        fs_uniquifier=secrets.token_hex(32),
        active=True,
    )


def user(db: Session, name: str = "") -> User:
    """An account that can be signed in by the ``sign_in`` fixture (no password)."""
    row = _account(name)
    db.add(row)
    db.flush()
    db.add(sign_in(row))
    db.flush()
    return row


def sign_in(user: User) -> SignIn:
    """The sign-in that the cookies of tests name."""
    return SignIn(
        user_id=user.id,
        key_hash=token_hash(f"test-{user.fs_uniquifier}"),
        device="Firefox on Linux",
        expires_at=now() + timedelta(days=1),
    )


def session_of(user: User) -> dict[str, Any]:
    """What the cookie of a browser signed in as ``user`` holds."""
    key = user.fs_uniquifier
    return {
        "_user_id": key,
        "_fresh": True,
        "identity": key,
        "sign_in": f"test-{key}",
        "fs_cc": "set",
        "fs_paa": 4_000_000_000,
    }


def member(db: Session, review: Review, name: str, role: Role) -> Member:
    """A new person on a review's team."""
    row = Member(review_id=review.id, user_id=0, role=role)
    person = user(db, name)
    row.user_id, row.user = person.id, person
    db.add(row)
    db.flush()
    return row


NAMES = {
    "Ann": Role.OWNER,
    "Ben": Role.REVIEWER,
    "Cem": Role.REVIEWER,
    "Dora": Role.LEAD,
    "Emil": Role.EXTRACTOR,
    "Fay": Role.STATISTICIAN,
    "Gus": Role.OBSERVER,
}


@dataclass
class Team:
    """A review and its people: Ann owns it, Ben and Cem review, Dora leads."""

    review: Review
    ann: Member
    ben: Member
    cem: Member
    dora: Member
    extractor: Member
    statistician: Member
    observer: Member


def team(db: Session, title: str = "Acupuncture for chronic pain") -> Team:
    """A review with one person in each role, committed."""
    review = Review(title=title)
    db.add(review)
    db.flush()
    users = [_account(name) for name in NAMES]
    db.add_all(users)
    db.flush()
    people = [
        Member(review_id=review.id, user_id=one.id, user=one, role=role)
        for one, role in zip(users, NAMES.values(), strict=True)
    ]
    db.add_all([*map(sign_in, users), *people])
    db.commit()
    return Team(review, *people)


def search(db: Session, review: Review, database: str = "PubMed") -> Search:
    """A search of one source."""
    row = Search(review_id=review.id, database=database, searched_on=date(2026, 1, 15))
    db.add(row)
    db.flush()
    return row


def record(db: Session, review: Review, title: str = "", **fields: Any) -> Record:
    """An active record with the next number."""
    number = (
        db.exec(select(func.max(Record.number)).where(Record.review_id == review.id)).one() or 0
    ) + 1
    if "search_id" not in fields:
        found = db.exec(select(Search).where(Search.review_id == review.id)).first()
        fields["search_id"] = (found or search(db, review)).id
    row = Record(review_id=review.id, number=number, title=title or f"Record {number}", **fields)
    db.add(row)
    db.flush()
    return row


def report(db: Session, of: Record) -> Report:
    """The report of a record that passed title and abstract."""
    row = Report(review_id=of.review_id, record_id=of.id)
    db.add(row)
    db.flush()
    return row


def outcome(db: Session, review: Review, name: str = "Pain free", **fields: Any) -> PlannedOutcome:
    """A planned outcome, dichotomous unless told otherwise."""
    fields.setdefault("kind", OutcomeKind.DICHOTOMOUS)
    row = PlannedOutcome(review_id=review.id, name=name, **fields)
    db.add(row)
    db.flush()
    return row


def comparison(
    db: Session,
    review: Review,
    experimental: tuple[str, ...] = ("acupuncture",),
    comparator: tuple[str, ...] = ("sham",),
) -> PlannedComparison:
    """A planned comparison of treatments."""
    row = PlannedComparison(
        review_id=review.id,
        name=f"{' or '.join(experimental)} versus {' or '.join(comparator)}",
        experimental=list(experimental),
        comparator=list(comparator),
    )
    db.add(row)
    db.flush()
    return row


def analysis(
    db: Session, outcome: PlannedOutcome, comparison: PlannedComparison, **fields: Any
) -> PlannedAnalysis:
    """A planned analysis of an outcome."""
    row = PlannedAnalysis(
        review_id=outcome.review_id, outcome_id=outcome.id, comparison_id=comparison.id, **fields
    )
    db.add(row)
    db.flush()
    return row

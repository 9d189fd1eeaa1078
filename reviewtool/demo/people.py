"""The people of a demonstration: the person who asked owns it, three others act in it."""

import secrets
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from reviewtool.permissions import Role
from reviewtool.team import queries, services
from reviewtool.team.models import Member, User

ACTORS = (
    ("first", "First reviewer (published labels)", Role.REVIEWER),
    ("second", "Second reviewer (generated)", Role.REVIEWER),
    ("resolver", "Resolver (published labels)", Role.LEAD),
)


@dataclass(frozen=True)
class Cast:
    """Owner, two reviewers and a resolver of one demonstration review."""

    owner: Member
    first: Member
    second: Member
    resolver: Member


def enrol(db: Session, owner: User, title: str, note: str) -> Cast:
    """A new demonstration review with its cast. The actors' accounts cannot sign in."""
    member = services.create_review(db, owner, title, is_demo=True)
    from reviewtool.team.models import Review

    review = db.get_one(Review, member.review_id)
    review.note = note
    db.add(review)
    cast = [_actor(db, review.id, key, name, role) for key, name, role in ACTORS]
    db.flush()
    return Cast(member, *cast)


def address_of(key: str) -> str:
    """An actor's address; no mail ever goes there."""
    return f"demonstration-{key}@reviewtool.invalid"


def _actor(db: Session, review_id: int, key: str, name: str, role: Role) -> Member:
    email = address_of(key)
    user = queries.user_by_email(db, email)
    if user is None:
        user = User(email=email, name=name, active=False, fs_uniquifier=secrets.token_hex(32))
        try:
            with db.begin_nested():
                db.add(user)
        except IntegrityError:  # another demonstration made the same one at this moment
            user = queries.user_by_email(db, email)
            assert user is not None
    member = Member(review_id=review_id, user_id=user.id, role=role)
    member.user = user
    db.add(member)
    return member

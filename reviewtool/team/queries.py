"""Reading teams: always as the person or member who asks."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload
from sqlmodel import Session, col, func, select

from reviewtool.acts import ABOUT_OTHERS
from reviewtool.audit import SYSTEM, AuditEntry
from reviewtool.db.row import LARGEST_ID, mine
from reviewtool.db.types import now
from reviewtool.errors import NotFound
from reviewtool.jobs import Job
from reviewtool.permissions import Action, Role, require
from reviewtool.team.access import token_hash
from reviewtool.team.errors import InvitationOver
from reviewtool.team.models import (
    ApiToken,
    Invitation,
    Member,
    Review,
    SignIn,
    UnfinishedReview,
    User,
)
from reviewtool.team.rules import clean_email, may_invite


def reviews_of(db: Session, user: User) -> Sequence[tuple[Review, Member]]:
    """The reviews that ``user`` is a member of, newest first."""
    return db.exec(
        select(Review, Member)
        .join(Member, sa.and_(col(Member.review_id) == Review.id))
        .where(
            Member.user_id == user.id,
            col(Member.removed_at).is_(None),
            col(Review.archived_at).is_(None),
            col(Review.id).not_in(select(UnfinishedReview.review_id)),
        )
        .order_by(col(Review.id).desc())
    ).all()


def members(db: Session, member: Member, *, removed: bool = False) -> Sequence[Member]:
    """The team of the asking member's review."""
    statement = select(Member).where(Member.review_id == member.review_id).order_by(col(Member.id))
    if not removed:
        statement = statement.where(col(Member.removed_at).is_(None))
    return db.exec(statement).all()


def member_of_review(db: Session, member: Member, member_id: int) -> Member:
    """Another member of the same review. Raises NotFound."""
    return mine(db, member, Member, member_id)


def member_by_email(db: Session, review_id: int, email: str) -> Member:
    """For commands: the membership of an account. Raises NotFound naming both."""
    found = db.exec(
        select(Member)
        .join(User, col(User.id) == Member.user_id)
        .where(
            Member.review_id == review_id,
            User.email == clean_email(email),
            col(Member.removed_at).is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFound(f"{email} is not a member of review {review_id}.")
    return found


def names(db: Session, member: Member) -> dict[int, str]:
    """Member id -> name, removed members included."""
    rows = db.execute(
        select(Member.id, User.name, User.email)
        .join(User, col(User.id) == Member.user_id)
        .where(Member.review_id == member.review_id)
    )
    return {row.id: row.name or row.email for row in rows}


def owners(db: Session, review_id: int) -> list[int]:
    """Member ids of the present owners."""
    return list(
        db.exec(
            select(Member.id).where(
                Member.review_id == review_id,
                Member.role == Role.OWNER,
                col(Member.removed_at).is_(None),
            )
        ).all()
    )


def open_invitations(db: Session, member: Member) -> Sequence[Invitation]:
    """Invitations still waiting for an answer."""
    return db.exec(
        select(Invitation)
        .where(
            Invitation.review_id == member.review_id,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
            col(Invitation.expires_at) > now(),
        )
        .order_by(col(Invitation.id))
    ).all()


def invitation(db: Session, token: str) -> Invitation:
    """The open invitation with this token. Raises InvitationOver with the reason."""
    found = db.exec(
        select(Invitation).where(Invitation.token_hash == token_hash(token))
    ).one_or_none()
    if found is None:
        raise InvitationOver()
    check_open(db, found)
    return found


def check_open(db: Session, row: Invitation) -> None:
    """Raises InvitationOver when the link has done its work or lost its ground."""
    again = "Ask for a new one if you need it."
    if row.accepted_at is not None:
        raise InvitationOver(f"This invitation was used already; each works once. {again}")
    if row.revoked_at is not None:
        raise InvitationOver(f"This invitation was withdrawn or replaced by a newer one. {again}")
    if row.expires_at < now():
        raise InvitationOver(f"This invitation has expired. {again}")
    review = db.get_one(Review, row.review_id)
    giver = db.get_one(Member, row.invited_by_id)
    if review.archived_at is not None:
        raise InvitationOver("The review of this invitation was archived.")
    if not may_invite(giver, row.role):
        raise InvitationOver(
            "The person who gave this invitation may no longer give it. Ask the review's owner "
            "for a new one."
        )


def user_by_email(db: Session, email: str) -> User | None:
    """The account with this (cleaned) address."""
    return db.exec(select(User).where(User.email == email)).one_or_none()


_ROLES: Any = User.roles
_USER: Any = Member.user
_WHO = (
    sa.select(User, SignIn, Member, Review)
    .join(SignIn, col(SignIn.user_id) == User.id)
    .outerjoin(
        Member,
        sa.and_(
            col(Member.user_id) == User.id,
            col(Member.review_id) == sa.bindparam("review", type_=sa.Integer),
            col(Member.removed_at).is_(None),
            col(Member.review_id).not_in(select(UnfinishedReview.review_id)),
        ),
    )
    .outerjoin(Review, col(Review.id) == Member.review_id)
    .where(
        col(User.fs_uniquifier) == sa.bindparam("uniquifier"),
        col(User.active).is_(True),
        col(SignIn.key_hash) == sa.bindparam("key"),
        col(SignIn.ended_at).is_(None),
        col(SignIn.expires_at) > sa.bindparam("now"),
    )
    # The person is the row beside; their roles come along, as every page asks for them.
    .options(joinedload(_ROLES), lazyload(_USER))
)


def who(
    db: Session, uniquifier: str, key_hash: str, review_id: int | None
) -> tuple[User, SignIn, Member | None, Review | None] | None:
    """Everything that a cookie stands for, in one question: the person, their living sign-in
    with this key, and their part in the review, if they have one.
    """
    review = review_id if review_id is not None and review_id <= LARGEST_ID else 0
    asked = {"uniquifier": uniquifier, "key": key_hash, "review": review, "now": now()}
    found = db.execute(_WHO, asked).unique().one_or_none()
    return None if found is None else (found[0], found[1], found[2], found[3])


def user_by_uniquifier(db: Session, uniquifier: str) -> User | None:
    """The account that a cookie or a mailed link means."""
    return db.exec(select(User).where(User.fs_uniquifier == uniquifier)).one_or_none()


def sign_ins_of(db: Session, user: User) -> Sequence[SignIn]:
    """Where the person is signed in, the latest first."""
    return db.exec(
        select(SignIn)
        .where(
            SignIn.user_id == user.id,
            col(SignIn.ended_at).is_(None),
            col(SignIn.expires_at) > now(),
        )
        .order_by(col(SignIn.id).desc())
    ).all()


def account_log(db: Session, user: User, limit: int = 20) -> Sequence[AuditEntry]:
    """The newest entries about the person's own account: sign-ins, failures, tokens."""
    return db.exec(
        select(AuditEntry)
        .where(AuditEntry.chain == SYSTEM, AuditEntry.user_id == user.id)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(limit)
    ).all()


def has_users(db: Session) -> bool:
    """Whether anybody has an account yet."""
    return db.exec(select(func.count()).select_from(User)).one() > 0


def tokens_of(db: Session, user: User) -> Sequence[ApiToken]:
    """The person's tokens that still work."""
    return db.exec(
        select(ApiToken)
        .where(
            ApiToken.user_id == user.id,
            col(ApiToken.revoked_at).is_(None),
            col(ApiToken.expires_at) > now(),
        )
        .order_by(col(ApiToken.id))
    ).all()


def job(db: Session, member: Member, job_id: int) -> Job:
    """A job of the member's review. Raises NotFound."""
    return mine(db, member, Job, job_id)


def own_job(db: Session, person: User, job_id: int) -> Job:
    """A job of this person's that belongs to no review. Raises NotFound."""
    found = db.get(Job, job_id) if job_id <= LARGEST_ID else None
    if found is None or found.user_id != person.id or found.review_id is not None:
        raise NotFound()
    return found


def unfinished_job(db: Session, person: User, name: str) -> Job | None:
    """The job of that kind that this person asked for, while it is not over."""
    db.exec(select(User.id).where(User.id == person.id).with_for_update())
    rows = db.exec(select(Job).where(Job.user_id == person.id, Job.name == name)).all()
    return next((row for row in rows if not row.is_over), None)


def jobs(db: Session, member: Member, limit: int = 100) -> Sequence[Job]:
    """The newest jobs of the member's review."""
    return db.exec(
        select(Job)
        .where(Job.review_id == member.review_id, col(Job.parent_id).is_(None))
        .order_by(col(Job.id).desc())
        .limit(limit)
    ).all()


ENTRIES_A_PAGE = 100


def _own_blinded(member: Member) -> sa.ColumnElement[bool]:
    """What the member did while it was blinded to others."""
    return sa.and_(
        col(AuditEntry.chain) == -member.review_id,
        col(AuditEntry.member_id) == member.id,
        col(AuditEntry.action).not_in(ABOUT_OTHERS),
    )


def own_blinded_entries(db: Session, member: Member) -> Sequence[AuditEntry]:
    """The member's own blinded acts, oldest first."""
    return db.exec(
        select(AuditEntry).where(_own_blinded(member)).order_by(col(AuditEntry.id))
    ).all()


def audit_entries(
    db: Session,
    member: Member,
    *,
    skip: int = 0,
    action: str = "",
    size: int = ENTRIES_A_PAGE,
) -> Sequence[AuditEntry]:
    """The review's log, newest first, as ``member`` may see it.

    Blinded actions of others are left out: their existence alone would tell who
    voted how soon. They are in the export once nothing in the review is blind any more.
    skip: how many of those that the member sees; numbers of entries would have gaps.
    """
    require(member, Action.SEE_AUDIT)
    statement = (
        select(AuditEntry)
        .where(
            sa.or_(col(AuditEntry.chain) == member.review_id, _own_blinded(member)),
        )
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .offset(skip)
        .limit(size)
    )
    if action:
        statement = statement.where(col(AuditEntry.action).startswith(action, autoescape=True))
    return db.exec(statement).all()

"""Changing teams and accounts: one function per verb. None of them commits."""

import secrets

from flask import url_for
from flask_security import hash_password
from sqlmodel import Session, select

from reviewtool import audit, mail
from reviewtool.acts import Act
from reviewtool.audit import changed
from reviewtool.db.engine import after_commit
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Invalid
from reviewtool.permissions import Action, Role, require
from reviewtool.team import queries, rules
from reviewtool.team.access import token_hash
from reviewtool.team.models import ApiToken, Invitation, Member, Review, User


def create_user(db: Session, email: str, name: str, password: str) -> User:
    """A new account. Raises Invalid when the address is taken."""
    email = rules.clean_email(email)
    if queries.user_by_email(db, email) is not None:
        raise Invalid(f"{email} already has an account. Sign in with it, or reset its password.")
    user = User(
        email=email,
        name=name.strip(),
        password=hash_password(password),
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=now(),
    )
    db.add(user)
    db.flush()
    audit.append(db, user, Act.TEAM_CREATE_ACCOUNT, user, chain=audit.SYSTEM, email=email)
    return user


def create_review(db: Session, user: User, title: str, *, is_demo: bool = False) -> Member:
    """A new review owned by ``user``; returns their membership."""
    review = Review(title=title.strip(), created_by_id=user.id, is_demo=is_demo)
    db.add(review)
    db.flush()
    owner = Member(review_id=review.id, user_id=user.id, role=Role.OWNER)
    owner.user = user
    db.add(owner)
    db.flush()
    audit.append(db, owner, Act.TEAM_CREATE_REVIEW, review, title=review.title)
    return owner


def rename_review(db: Session, actor: Member, review: Review, title: str) -> None:
    """Give the review another title."""
    require(actor, Action.MANAGE_TEAM)
    changes = changed(review, title=title.strip())
    db.add(review)
    audit.append(db, actor, Act.TEAM_RENAME_REVIEW, review, changes)


def archive_review(db: Session, actor: Member, review: Review) -> None:
    """Take the review off everyone's list. Nothing is erased; an admin can bring it back."""
    require(actor, Action.DELETE_REVIEW)
    review.archived_at = now()
    db.add(review)
    audit.append(db, actor, Act.TEAM_ARCHIVE_REVIEW, review)


def invite(db: Session, actor: Member, review: Review, email: str, role: Role) -> str:
    """Mail an invitation; returns its address, which is shown once to the inviter."""
    require(actor, Action.MANAGE_TEAM)
    rules.check_may_give(actor.role, role)
    email = rules.clean_email(email)
    user = queries.user_by_email(db, email)
    if user is not None and any(m.user_id == user.id for m in queries.members(db, actor)):
        raise Invalid(f"{email} is already a member of this review.")
    token = secrets.token_urlsafe(24)
    row = Invitation(
        review_id=actor.review_id,
        email=email,
        role=role,
        token_hash=token_hash(token),
        invited_by_id=actor.id,
        expires_at=now() + rules.INVITATION_LASTS,
    )
    db.add(row)
    audit.append(db, actor, Act.TEAM_INVITE, row, email=email, role=role)
    address = url_for("home.invitation", token=token, _external=True)
    text = (
        f"{actor.name} invites you to the review “{review.title}” as {role.value}.\n\n"
        f"Open this address within {rules.INVITATION_LASTS.days} days:\n{address}\n"
    )
    subject = f"Invitation: {review.title}"

    def deliver() -> None:
        mail.send(email, subject, text)

    after_commit(db, deliver)
    return address


def revoke_invitation(db: Session, actor: Member, row: Invitation) -> None:
    """Make an invitation's link useless."""
    require(actor, Action.MANAGE_TEAM, row)
    row.revoked_at = now()
    db.add(row)
    audit.append(db, actor, Act.TEAM_REVOKE_INVITATION, row, email=row.email)


def accept(db: Session, user: User, row: Invitation) -> Member:
    """Join the review. A removed member comes back with their old votes."""
    member = db.exec(
        select(Member).where(Member.review_id == row.review_id, Member.user_id == user.id)
    ).one_or_none()
    if member is not None and member.removed_at is None:
        raise Conflict("You are already a member of this review.")
    if member is None:
        member = Member(review_id=row.review_id, user_id=user.id, role=row.role)
        member.user = user
    member.removed_at, member.role = None, row.role
    row.accepted_at = now()
    db.add(member)
    db.add(row)
    db.flush()
    audit.append(db, member, Act.TEAM_JOIN, member, role=row.role)
    return member


def change_role(db: Session, actor: Member, member: Member, role: Role) -> None:
    """Raises LastOwner, RoleTooHigh."""
    require(actor, Action.MANAGE_TEAM, member)
    if Role.OWNER in {role, member.role}:
        rules.check_may_give(actor.role, Role.OWNER)
    if member.role is Role.OWNER and role is not Role.OWNER:
        rules.check_owner_stays(queries.owners(db, actor.review_id), member.id)
    changes = changed(member, role=role)
    db.add(member)
    audit.append(db, actor, Act.TEAM_CHANGE_ROLE, member, changes)


def remove(db: Session, actor: Member, member: Member) -> None:
    """Take a member off the team at once; their votes stay. Raises LastOwner."""
    if actor.id != member.id:
        require(actor, Action.MANAGE_TEAM, member)
        if member.role is Role.OWNER:
            rules.check_may_give(actor.role, Role.OWNER)
    if member.role is Role.OWNER:
        rules.check_owner_stays(queries.owners(db, actor.review_id), member.id)
    member.removed_at = now()
    db.add(member)
    audit.append(db, actor, Act.TEAM_REMOVE, member)


def create_token(db: Session, user: User, name: str) -> str:
    """A new API token, shown once."""
    token = "rt_" + secrets.token_urlsafe(32)
    db.add(ApiToken(user_id=user.id, name=name.strip() or "token", token_hash=token_hash(token)))
    audit.append(db, user, Act.TEAM_CREATE_TOKEN, user, chain=audit.SYSTEM, name=name)
    return token


def revoke_token(db: Session, user: User, row: ApiToken) -> None:
    """Make a token useless at once."""
    row.revoked_at = now()
    db.add(row)
    audit.append(db, user, Act.TEAM_REVOKE_TOKEN, row, chain=audit.SYSTEM)


def update_profile(db: Session, user: User, name: str, time_zone: str) -> None:
    """Change how a person is named and in which zone they read times."""
    changes = changed(user, name=name.strip(), time_zone=time_zone)
    db.add(user)
    audit.append(db, user, Act.TEAM_UPDATE_PROFILE, user, changes, chain=audit.SYSTEM)

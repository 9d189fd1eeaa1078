"""Invitations: a link that one address may use once, for as long as its giver may give it."""

import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import audit, mail
from reviewtool.acts import Act
from reviewtool.db.engine import after_commit
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Invalid
from reviewtool.permissions import Action, Role, require
from reviewtool.team import errors, queries, rules
from reviewtool.team.access import token_hash
from reviewtool.team.models import Invitation, Member, Review, User


@dataclass
class Invited:
    """An invitation just given: its address, and after commit how it went out."""

    address: str
    delivery: mail.Delivery = mail.Delivery.FAILED


def invite(db: Session, actor: Member, review: Review, email: str, role: Role) -> Invited:
    """Mail an invitation. It takes the place of an earlier one to the same address.

    Raises RoleTooHigh; Invalid when the address is a member's.
    """
    require(actor, Action.MANAGE_TEAM)
    rules.check_may_give(actor.role, role)
    email = rules.clean_email(email)
    user = queries.user_by_email(db, email)
    if user is not None and any(m.user_id == user.id for m in queries.members(db, actor)):
        raise Invalid(f"{email} is already a member of this review.")
    for earlier in queries.open_invitations(db, actor):
        if earlier.email == email:
            _end(db, actor, earlier, "a newer one was sent")
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
    result = Invited(mail.address_of("home.invitation", token=token))
    text = (
        f"{actor.name} invites you to the review “{review.title}” as {role.value}.\n\n"
        f"Open this address within {rules.INVITATION_LASTS.days} days. It works once, and only "
        f"for {email}:\n{result.address}\n"
    )
    subject = f"Invitation: {review.title}"

    def deliver() -> None:
        result.delivery = mail.send(email, subject, text)

    after_commit(db, deliver)
    return result


def revoke_invitation(db: Session, actor: Member, row: Invitation) -> None:
    """Make an invitation's link useless."""
    require(actor, Action.MANAGE_TEAM, row)
    _end(db, actor, row, "withdrawn")


def end_of_member(db: Session, actor: Member, member: Member) -> None:
    """End what a changed or removed member may no longer give.

    A removed member's own address loses its open invitations too: only a new one, given
    after the removal, brings them back.
    """
    for row in queries.open_invitations(db, member):
        if row.invited_by_id == member.id and not rules.may_invite(member, row.role):
            _end(db, actor, row, "its giver may no longer give it")
        elif member.removed_at is not None and row.email == member.user.email:
            _end(db, actor, row, "its address was taken off the team")


def _end(db: Session, actor: Member, row: Invitation, why: str) -> None:
    row.revoked_at = now()
    db.add(row)
    audit.append(db, actor, Act.TEAM_REVOKE_INVITATION, row, email=row.email, why=why)


def accept(db: Session, user: User, row: Invitation) -> Member:
    """Join the review. A removed member comes back with their old votes.

    Raises ForSomebodyElse, InvitationOver; Conflict for who is a member already.
    """
    if rules.clean_email(user.email) != row.email:
        raise errors.ForSomebodyElse(theirs=row.email, mine=user.email)
    locked = db.exec(
        select(Invitation)
        .where(Invitation.id == row.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    queries.check_open(db, locked)
    member = db.exec(
        select(Member).where(Member.review_id == row.review_id, Member.user_id == user.id)
    ).one_or_none()
    if member is not None and member.removed_at is None:
        raise Conflict("You are already a member of this review.")
    if member is None:
        member = Member(review_id=row.review_id, user_id=user.id, role=row.role)
        member.user = user
    member.removed_at, member.role = None, row.role
    locked.accepted_at = now()
    db.add(member)
    db.add(locked)
    db.flush()
    # What is left for the same address has done its work as well.
    db.execute(
        sa.update(Invitation)
        .where(
            col(Invitation.review_id) == row.review_id,
            col(Invitation.email) == row.email,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
        )
        .values(revoked_at=now())
    )
    audit.append(db, member, Act.TEAM_JOIN, member, role=row.role)
    return member

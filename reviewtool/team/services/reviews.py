"""Reviews and their members."""

from typing import Any

from sqlmodel import Session, func, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.audit import AuditHead, changed
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.permissions import Action, Role, require
from reviewtool.team import queries, rules
from reviewtool.team.models import Member, Review, User
from reviewtool.team.services import invitations


def create_review(db: Session, user: User, title: str, *, is_demo: bool = False) -> Member:
    """A new review owned by ``user``; returns their membership."""
    review = Review(title=title.strip(), created_by_id=user.id, is_demo=is_demo)
    db.add(review)
    db.flush()
    if db.get(AuditHead, review.id) is not None:  # SQLite gives the numbers of removed ones anew
        review.id = 1 + db.exec(select(func.max(AuditHead.chain))).one()
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
    hold(db, review)
    changes = changed(review, title=title.strip())
    db.add(review)
    audit.append(db, actor, Act.TEAM_RENAME_REVIEW, review, changes)


def archive_review(db: Session, actor: Member, review: Review) -> None:
    """Take the review off everyone's list. Nothing is erased; an admin can bring it back."""
    require(actor, Action.DELETE_REVIEW)
    hold(db, review)
    review.archived_at = now()
    db.add(review)
    audit.append(db, actor, Act.TEAM_ARCHIVE_REVIEW, review)


def change_role(db: Session, actor: Member, member: Member, role: Role) -> None:
    """Give another role; invitations that the new one may not give end.

    Raises LastOwner, RoleTooHigh.
    """
    require(actor, Action.MANAGE_TEAM, member)
    hold(db, member)
    if Role.OWNER in {role, member.role}:
        rules.check_may_give(actor.role, Role.OWNER)
    if member.role is Role.OWNER and role is not Role.OWNER:
        rules.check_owner_stays(queries.owners(db, actor.review_id), member.id)
    changes = changed(member, role=role)
    db.add(member)
    audit.append(db, actor, Act.TEAM_CHANGE_ROLE, member, changes)
    invitations.end_of_member(db, actor, member)


def note_download(db: Session, member: Member, file: str, *, by_token: bool = False) -> None:
    """A file left the review: an export, a chart, a full text, an uploaded original."""
    via: dict[str, Any] = {"via": "API token"} if by_token else {}
    audit.append(db, member, Act.TEAM_DOWNLOAD, file=file, **via)


def remove(db: Session, actor: Member, member: Member) -> None:
    """Take a member off the team at once; their votes stay, their invitations end.

    Raises LastOwner.
    """
    hold(db, member)
    if actor.id != member.id:
        require(actor, Action.MANAGE_TEAM, member)
        if member.role is Role.OWNER:
            rules.check_may_give(actor.role, Role.OWNER)
    if member.role is Role.OWNER:
        rules.check_owner_stays(queries.owners(db, actor.review_id), member.id)
    member.removed_at = now()
    db.add(member)
    audit.append(db, actor, Act.TEAM_REMOVE, member)
    invitations.end_of_member(db, actor, member)

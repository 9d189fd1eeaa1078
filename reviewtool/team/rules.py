"""What holds for teams whatever the database says."""

from collections.abc import Iterable
from datetime import timedelta

from reviewtool.errors import Invalid
from reviewtool.permissions import Action, HasRole, Role, allows

INVITATION_LASTS = timedelta(days=14)

_RANK = {Role.OWNER: 2, Role.LEAD: 1}


class LastOwner(Invalid):
    """A review must keep somebody who can do everything."""

    code = "last-owner"
    message = "A review needs at least one owner. Make somebody else owner first."


class RoleTooHigh(Invalid):
    """Nobody gives away more than they have."""

    code = "role-too-high"
    message = "Only an owner can give or take the owner's role."


def may_invite(giver: HasRole, role: Role) -> bool:
    """Whether an invitation as ``role`` that ``giver`` gave still counts."""
    if not allows(giver, Action.MANAGE_TEAM):
        return False
    return role is not Role.OWNER or giver.role is Role.OWNER


def check_owner_stays(owners: Iterable[int], leaving: int) -> None:
    """``owners``: member ids of the present owners. Raises LastOwner."""
    if set(owners) == {leaving}:
        raise LastOwner()


def check_may_give(giver: Role, role: Role) -> None:
    """Whether someone in role ``giver`` may hand out ``role``. Raises RoleTooHigh."""
    if role is Role.OWNER and giver is not Role.OWNER:
        raise RoleTooHigh()


def clean_email(text: str) -> str:
    """An address as it is compared and stored.

    >>> clean_email("  Ann@Example.ORG ")
    'ann@example.org'
    """
    return text.strip().lower()

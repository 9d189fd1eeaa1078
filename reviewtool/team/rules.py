"""What holds for teams whatever the database says."""

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum
from typing import Any

from reviewtool.errors import Invalid
from reviewtool.permissions import Action, HasRole, Role, allows

INVITATION_LASTS = timedelta(days=14)
TOKEN_LASTS = timedelta(days=90)


class Scope(str, Enum):
    """What a program may do with a person's token, within what the person may do."""

    READ = "read"
    WRITE = "read and write"


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


SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "CrOS", "Linux")
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))


def device(agent: str) -> str:
    """What a browser calls itself, in two words; a program keeps its own first word.

    >>> device("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'Firefox on Linux'
    >>> device("curl/8.5.0")
    'curl/8.5.0'
    """
    system = next((name for name in SYSTEMS if name in agent), "")
    browser = next((name for mark, name in BROWSERS if mark + "/" in agent), "")
    if not browser and "Safari/" in agent:
        browser = "Safari"
    words = " on ".join(word for word in (browser, system.replace("Mac OS X", "macOS")) if word)
    return (words or agent.split(" ")[0])[:60] or "an unnamed program"


def clean_email(text: str) -> str:
    """An address as it is compared and stored.

    >>> clean_email("  Ann@Example.ORG ")
    'ann@example.org'
    """
    return text.strip().lower()


def steering(user_id: int, job: Any) -> Action:
    """What this person must be allowed to stop a job or go on with it: less for their own."""
    return Action.READ if job.user_id == user_id else Action.MANAGE_TEAM

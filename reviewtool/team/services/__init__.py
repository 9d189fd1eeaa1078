"""Changing teams and accounts: one function per verb. None of them commits."""

from reviewtool.team.services.accounts import (
    create_token,
    create_user,
    revoke_token,
    update_profile,
)
from reviewtool.team.services.invitations import Invited, accept, invite, revoke_invitation
from reviewtool.team.services.reviews import (
    archive_review,
    change_role,
    create_review,
    remove,
    rename_review,
)

__all__ = [
    "Invited",
    "accept",
    "archive_review",
    "change_role",
    "create_review",
    "create_token",
    "create_user",
    "invite",
    "remove",
    "rename_review",
    "revoke_invitation",
    "revoke_token",
    "update_profile",
]

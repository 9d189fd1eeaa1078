"""Changing teams and accounts: one function per verb. None of them commits."""

from reviewtool.team.services.accounts import (
    create_token,
    create_user,
    make_administrator,
    revoke_token,
    update_profile,
)
from reviewtool.team.services.invitations import Invited, accept, invite, revoke_invitation
from reviewtool.team.services.jobs import cancel_job, resume_job
from reviewtool.team.services.passwords import (
    expect_reset,
    password_changed,
    password_reset,
    set_password,
)
from reviewtool.team.services.reviews import (
    archive_review,
    change_role,
    create_review,
    note_download,
    remove,
    rename_review,
)
from reviewtool.team.services.sign_ins import (
    begin_sign_in,
    end_sign_ins,
    note_failure,
    sign_out,
)

__all__ = [
    "Invited",
    "accept",
    "archive_review",
    "begin_sign_in",
    "cancel_job",
    "change_role",
    "create_review",
    "create_token",
    "create_user",
    "end_sign_ins",
    "expect_reset",
    "invite",
    "make_administrator",
    "note_download",
    "note_failure",
    "password_changed",
    "password_reset",
    "remove",
    "rename_review",
    "resume_job",
    "revoke_invitation",
    "revoke_token",
    "set_password",
    "sign_out",
    "update_profile",
]

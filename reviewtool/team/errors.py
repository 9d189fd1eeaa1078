"""What can go wrong with accounts, teams and the links that lead into them."""

from reviewtool.errors import Conflict, Forbidden, NotFound


class InvitationOver(NotFound):
    """An invitation that opens nothing any more; the message says why."""

    code = "invitation-over"
    message = (
        "This invitation is not known here. Check that the address is complete, or ask the "
        "person who invited you for a new one."
    )


class ForSomebodyElse(Forbidden):
    """A signed-in person opens the invitation of another address."""

    code = "for-somebody-else"
    message = (
        "This invitation is for {theirs}; you are signed in as {mine}. Sign out and open it again "
        "as {theirs}, or ask for an invitation to {mine}."
    )


class TokenReadsOnly(Forbidden):
    """A token made for reading is sent with a change."""

    code = "token-reads-only"
    message = (
        "This token may only read. Make one that may read and write under “My account”, or use GET."
    )


class BuildWasRemoved(Conflict):
    """A review that was being made was taken for left behind, and removed."""

    code = "build-was-removed"
    message = (
        "The review was taken away while it was being made, because its maker had not been heard "
        "of. Nothing of it was kept; begin again."
    )


class BeingBuilt(Conflict):
    """The same thing is being made already."""

    code = "being-built"
    message = "“{title}” is being built already. Wait until it is finished."

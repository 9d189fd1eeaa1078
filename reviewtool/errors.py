"""Everything that can go wrong, each with what a person can do next.

    ReviewToolError
    ├── NotFound            404  not there, or not for this person
    ├── Forbidden           403  a member without the permission
    ├── Invalid             422  a value that cannot be stored
    │   └── ReasonRequired  422  a decision that needs its reason
    ├── Conflict            409  it does not go with what stands now
    ├── ChangedMeanwhile    409  made from a revision that is no longer the newest
    ├── AlreadyDone         409  the same form a second time
    ├── Unsaid              428  a change that does not say what it was made from
    ├── TooMany             429  asked too often; says when to try again
    └── Unavailable         503  a part that the server needs does not answer
        └── Passing         503  the same thing can be tried again as it is
            ├── Busy        503  somebody else is writing
            ├── DatabaseAway 503 the database does not answer
            ├── DiskFailing 503  the disk does not take what is written
            └── DiskFull    507  the disk has no room

A stage adds its own errors by subclassing one of these in its own module.
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from reviewtool.words import duration


class ReviewToolError(Exception):
    """An error with a code for programs and a sentence for people.

    ``details`` fill the placeholders of ``message`` and are shown to API users.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: str = "The request could not be carried out."

    def __init__(self, message: str | None = None, **details: Any) -> None:
        if message is not None:
            self.message = message
        elif details:
            self.message = self.message.format(**details)
        self.details = details
        super().__init__(self.message)


class NotFound(ReviewToolError):
    """Nothing here that this person may see."""

    code, status = "not-found", 404
    message = "There is nothing at this address that you can see."


class Forbidden(ReviewToolError):
    """A member asks for what their role does not include."""

    code, status = "forbidden", 403
    message = "Your role in this review does not include this. Ask the review's owner or lead."


class Invalid(ReviewToolError):
    """A value that cannot be stored as it is."""

    code, status = "invalid", 422
    message = "{field}: this value cannot be stored. Check it and send it again."


class ReasonRequired(Invalid):
    """Full-text exclusions need a reason, or the flow diagram cannot count them."""

    code = "reason-required"
    message = "Choose a reason for excluding this report."


class Conflict(ReviewToolError):
    """The thing changed while this person was working on it."""

    code, status = "conflict", 409
    message = "This was changed by someone else meanwhile. Reload the page and try again."


class TooMany(ReviewToolError):
    """Somebody knocks too often; ``retry_after``: seconds until it makes sense again."""

    code, status = "too-many", 429
    message = "Too many attempts. Try again in {wait}; trying sooner is refused without a look."

    def __init__(self, seconds: float) -> None:
        self.retry_after = max(1, math.ceil(seconds))
        super().__init__(wait=duration(self.retry_after))


class ChangedMeanwhile(ReviewToolError):
    """A change was made from a revision that is no longer the newest; nothing was stored.

    stands: field -> its value now, under the names by which it is sent. labels: field ->
    words. revision: what a change that takes these into account says it was made from, a
    number or one for each field.
    """

    code, status = "changed-meanwhile", 409
    message = (
        "This was changed after you opened it, so nothing was stored yet. Compare what "
        "you sent with what stands now, and send what you choose with the newer revision."
    )

    def __init__(
        self,
        stands: Mapping[str, Any],
        revision: int | Mapping[str, int],
        labels: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.stands, self.revision, self.labels = dict(stands), revision, dict(labels or {})


class Unsaid(ReviewToolError):
    """A change that brings along neither its revision nor a number; nothing was stored."""

    code, status = "revision-required", 428
    message = (
        "Nothing was stored: this form does not say which version it was made from. Open the "
        "page again and send it from there."
    )

    @classmethod
    def by_program(cls) -> "Unsaid":
        """The same for whoever sends JSON."""
        return cls(
            "Nothing was stored: say which revision this change was made from, as the header "
            "If-Match or as “revision” in the JSON (0 for what is not there yet), and for cells "
            "as the “revision” of each."
        )


class AlreadyDone(ReviewToolError):
    """The same form came twice; the second one changes nothing."""

    code, status = "already-done", 409
    message = "This form was sent twice. It was stored once."


class Unavailable(ReviewToolError):
    """A service the product depends on does not answer."""

    code, status = "unavailable", 503
    message = "A part of the server does not answer. Try again in a minute."


class Passing(Unavailable):
    """What stood in the way passes, and nothing was stored: the same can be tried again.

    ``why`` says in some words what it was.
    """

    code = "passing"
    why: ClassVar[str] = "a part of the server did not answer"


class Busy(Passing):
    """Others were writing for longer than one waits, or the database chose their work."""

    code, why = "busy", "somebody else was writing"
    message = (
        "Somebody else is writing, and it took too long to wait for them. Nothing was stored. "
        "Try again in a moment."
    )


class DatabaseAway(Passing):
    """The database server is down, starts, or cannot be reached."""

    code, why = "database-away", "the database does not answer"
    message = (
        "The server’s database does not answer. Nothing was stored. Try again in a minute; if it "
        "stays so, tell the administrator."
    )


class DiskFailing(Passing):
    """The disk is there and has room, but does not take what is written to it."""

    code, why = "disk-failing", "the server’s disk did not take what was written"
    message = (
        "The server’s disk does not take what is written to it. Nothing was stored. Tell the "
        "administrator, and try again when it is mended."
    )


class DiskFull(Passing):
    """No room is left where the server writes."""

    code, status, why = "disk-full", 507, "the server’s disk is full"
    message = (
        "The server’s disk is full, so nothing was stored. Tell the administrator, and try again "
        "once there is room."
    )


class LostTurn(Exception):  # noqa: N818
    """The request is to be carried out again from its beginning: no error for anybody."""

"""What can go wrong while screening."""

from reviewtool.errors import Conflict, Forbidden, Invalid, NotFound


class NotAScreener(Forbidden):
    """A member whom the screening settings leave out."""

    code = "not-a-screener"
    message = (
        "The screening settings name other members for this. Ask the review's owner or lead to "
        "add you there."
    )


class EnoughVotes(Conflict):
    """Others were faster."""

    code = "enough-votes"
    message = (
        "Record {number} already has all its votes, so yours was not stored. Go on to the next."
    )


class Settled(Conflict):
    """A decision that others built on cannot be changed from below."""

    code = "settled"
    message = (
        "Record {number} was settled by a third person. They can take that back; then votes can "
        "be changed again."
    )


class JudgedInFull(Conflict):
    """The report was judged already."""

    code = "judged-in-full"
    message = (
        "The report of record {number} was already judged at full text. Undo those votes first; "
        "then its title and abstract can be judged again."
    )


class NotActive(Conflict):
    """The record left screening meanwhile."""

    code = "not-active"
    message = (
        "Record {number} no longer takes part in screening: it was merged into another record, or "
        "its import was undone. Go on to the next."
    )


class NoReport(Conflict):
    """Full text comes after title and abstract."""

    code = "no-report"
    message = "Record {number} has not passed title and abstract, so it has no report to judge."


class NotRetrieved(Conflict):
    """A report nobody could read cannot be judged."""

    code = "not-retrieved"
    message = (
        "The full text of record {number} has not been retrieved. Upload it, or mark it as "
        "retrieved, and then decide."
    )


class OwnConflict(Forbidden):
    """Two people disagree; neither of them settles it alone."""

    code = "own-conflict"
    message = (
        "You voted on record {number}, so a third person settles it. After talking it over, either "
        "of you can also change their own vote."
    )


class NoConflict(Conflict):
    """Nothing to settle."""

    code = "no-conflict"
    message = "Record {number} is not in conflict, so there is nothing to settle."


class NotAPdf(Invalid):
    """A file that is no PDF, whatever its name says."""

    code = "not-a-pdf"
    message = (
        "“{name}” is not a PDF file (it does not begin as one), so it was not stored. Open it, "
        "save or print it as PDF, and upload that."
    )


class NothingLeft(NotFound):
    """No record waits for this member."""

    code = "nothing-left"
    message = "No record waits for your vote."

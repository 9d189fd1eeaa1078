"""What can go wrong in extraction, with what to do next."""

from reviewtool.errors import Conflict, Forbidden, Invalid


class Blind(Forbidden):
    """A copy of somebody else, before both are done."""

    code = "blind"
    message = (
        "This copy is another extractor's. Both copies open here once both extractors are done."
    )


class BothTaken(Conflict):
    """Two people extract this study already."""

    code = "both-taken"
    message = "Two people extract {study} already. Take another study."


class CopyIsDone(Conflict):
    """Changing a copy that its extractor called done."""

    code = "copy-is-done"
    message = "This copy is finished. Open it again before changing it."


class ConsensusBegan(Conflict):
    """Opening a copy again while a consensus is made from it."""

    code = "consensus-began"
    message = "The consensus of {study} is in progress. Ask {who} to correct the value there."


class NotBothDone(Conflict):
    """A consensus needs two finished copies."""

    code = "not-both-done"
    message = "Both extractors of {study} have to finish first."


class ThirdPersonNeeded(Forbidden):
    """An extractor cannot adjudicate their own copy."""

    code = "third-person"
    message = "You extracted {study}; a third person settles the differences."


class Incomplete(Invalid):
    """Cells that must be filled are empty; ``missing`` lists them in words."""

    code = "incomplete"
    message = "Not finished yet: {missing}"


class HasExtraction(Conflict):
    """A study with extracted values cannot be merged away or removed."""

    code = "has-extraction"
    message = "{study} has extracted values. Clear its copies or keep the study."


class LabelTaken(Conflict):
    """Two studies cannot share a label."""

    code = "label-taken"
    message = (
        "There is already a study called “{label}”. Give this one another name, such as {label}a."
    )

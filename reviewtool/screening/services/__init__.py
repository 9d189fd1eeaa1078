"""Changing: one function per verb. None of them commits."""

from reviewtool.screening.services.fulltexts import (
    Placed,
    assign,
    attach,
    attach_many,
    detach,
    discard,
    set_retrieval,
)
from reviewtool.screening.services.leases import give_back, hand_out
from reviewtool.screening.services.plan import (
    add_reason,
    archive_reason,
    change_plan,
    move_reason,
    rename_reason,
    start_reasons,
)
from reviewtool.screening.services.standing import keep_in_step, refresh
from reviewtool.screening.services.votes import (
    decide,
    decide_and_go_on,
    label,
    note,
    reopen,
    resolve,
    undo,
    unlabel,
)

__all__ = [
    "Placed",
    "add_reason",
    "archive_reason",
    "assign",
    "attach",
    "attach_many",
    "change_plan",
    "decide",
    "decide_and_go_on",
    "detach",
    "discard",
    "give_back",
    "hand_out",
    "keep_in_step",
    "label",
    "move_reason",
    "note",
    "refresh",
    "rename_reason",
    "reopen",
    "resolve",
    "set_retrieval",
    "start_reasons",
    "undo",
    "unlabel",
]

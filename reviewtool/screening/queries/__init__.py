"""Reading: always inside one review, seen by one member.

``plan`` and ``work`` serve those who vote, ``ballot`` says what they may do now,
``votes`` is the only door to other people's votes, notes and labels, ``fulltexts`` knows
reports and their files.
"""

from reviewtool.screening.queries.agreement import Agreement, agreement
from reviewtool.screening.queries.ballot import Ballot, ballot
from reviewtool.screening.queries.fulltexts import (
    Retrievals,
    document,
    documents,
    loose_file,
    loose_files,
    report,
    report_of,
    reports,
    retrievals,
)
from reviewtool.screening.queries.leases import free_record, held_record
from reviewtool.screening.queries.plan import (
    criteria,
    may_resolve,
    may_screen,
    plan,
    reason,
    reasons,
)
from reviewtool.screening.queries.votes import (
    NoteView,
    VoteView,
    adjudication,
    is_complete,
    is_judged,
    my_decision,
    my_labels,
    my_note,
    notes,
    standing,
    visible_decisions,
    votes,
)
from reviewtool.screening.queries.work import (
    Progress,
    conflict_count,
    conflicts,
    history,
    previous_record,
    progress,
    record,
    settled_records,
    waiting_count,
)

__all__ = [
    "Agreement",
    "Ballot",
    "NoteView",
    "Progress",
    "Retrievals",
    "VoteView",
    "adjudication",
    "agreement",
    "ballot",
    "conflict_count",
    "conflicts",
    "criteria",
    "document",
    "documents",
    "free_record",
    "held_record",
    "history",
    "is_complete",
    "is_judged",
    "loose_file",
    "loose_files",
    "may_resolve",
    "may_screen",
    "my_decision",
    "my_labels",
    "my_note",
    "notes",
    "plan",
    "previous_record",
    "progress",
    "reason",
    "reasons",
    "record",
    "report",
    "report_of",
    "reports",
    "retrievals",
    "settled_records",
    "standing",
    "visible_decisions",
    "votes",
    "waiting_count",
]

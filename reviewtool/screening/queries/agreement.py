"""How far two reviewers agreed while neither could see the other's vote."""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, select

from reviewtool.permissions import Action, require
from reviewtool.screening.models import BlindVote
from reviewtool.screening.rules.outcome import Phase, Vote, collapse
from reviewtool.stats.agreement import CohenKappa, cohen_kappa
from reviewtool.team import queries as team
from reviewtool.team.models import Member

TWO = (Vote.INCLUDE, Vote.EXCLUDE)
THREE = (Vote.INCLUDE, Vote.MAYBE, Vote.EXCLUDE)


@dataclass(frozen=True)
class Agreement:
    """Two people's votes as a table, and what follows from it.

    table: rows are the first person's votes, columns the second's, in the order include,
        exclude (maybe counts as include: both go forward).
    three: the same with include, maybe, exclude; None at full text.
    """

    first: str
    second: str
    records: int
    table: list[list[int]]
    kappa: CohenKappa
    three: CohenKappa | None


def agreement(db: Session, member: Member, phase: Phase) -> list[Agreement]:
    """Agreement of every pair of people who voted on the same records.

    Raises Forbidden for members who may not see it.
    """
    require(member, Action.SEE_AGREEMENT)
    names = team.names(db, member)
    by_record: dict[int, list[tuple[str, Vote]]] = defaultdict(list)
    rows = db.exec(
        select(BlindVote)
        .where(BlindVote.review_id == member.review_id, BlindVote.phase == phase)
        .order_by(col(BlindVote.record_id), col(BlindVote.member_id), col(BlindVote.id))
    )
    for row in rows:
        name = names.get(row.member_id or 0, row.outside_name)
        by_record[row.record_id].append((name, row.vote))
    pairs: dict[tuple[str, str], list[tuple[Vote, Vote]]] = defaultdict(list)
    for votes in by_record.values():
        for place, (first, one) in enumerate(votes):
            for second, other in votes[place + 1 :]:
                pairs[first, second].append((one, other))
    return [_compare(*people, votes, phase) for people, votes in sorted(pairs.items())]


def _compare(first: str, second: str, votes: list[tuple[Vote, Vote]], phase: Phase) -> Agreement:
    table = _table([(collapse(a), collapse(b)) for a, b in votes], TWO)
    three = None if phase is Phase.FULL_TEXT else cohen_kappa(_table(votes, THREE))
    return Agreement(first, second, len(votes), table, cohen_kappa(table), three)


def _table(votes: list[tuple[Vote, Vote]], order: tuple[Vote, ...]) -> list[list[int]]:
    table = [[0] * len(order) for _ in order]
    for one, other in votes:
        table[order.index(one)][order.index(other)] += 1
    return table

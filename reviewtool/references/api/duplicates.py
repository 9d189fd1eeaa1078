"""Duplicates as JSON: pairs and merges, and the same verbs as the pages."""

from typing import Literal

from flask import g, request
from pydantic import BaseModel, Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.references.models import Merge, PairState
from reviewtool.references.queries import duplicates as queries
from reviewtool.references.services import duplicates as services
from reviewtool.team.access import review_api
from reviewtool.web.api import Out, StartedOut

bp = review_api("duplicates", __name__, "/duplicates", "Duplicates")

LISTED = (PairState.UNCERTAIN, PairState.RELATED, PairState.NOT_DUPLICATE)


class MergeIn(BaseModel):
    """Which record stays, and field by field whose value."""

    keep: int | None = Field(default=None, description="Id of the record that stays.")
    choices: dict[str, Literal["first", "second"]] = Field(default_factory=dict)


class PairOut(Out):
    """Two records that look alike, and those that stand for them now."""

    id: int
    state: PairState
    score: float = Field(description="how alike they are, 0 to 100")
    first: int = Field(description="id of a record")
    second: int = Field(description="id of a record")
    evidence: list[str] = Field(description="why they look alike, in sentences")


class PairsOut(Out):
    """A page of pairs."""

    pairs: list[PairOut]
    next_after: int | None = Field(description="``after`` of the next page; null on the last")


class MergeOut(Out):
    """A merge: which record stayed, which was set aside, and why."""

    id: int
    survivor: int = Field(description="id of the record that stayed")
    removed: int = Field(description="id of the record that was set aside")
    evidence: list[str]
    by_rules: bool = Field(description="whether the rules were certain and nobody was asked")
    undone: bool


class MergesOut(Out):
    """A page of merges."""

    merges: list[MergeOut]
    next_after: int | None = Field(description="``after`` of the next page; null on the last")


def pair_out(shown: queries.Shown) -> PairOut:
    """A pair with the records that stand for it now."""
    return PairOut.of(shown.pair, first=shown.first.id, second=shown.second.id)


def merge_out(row: Merge) -> MergeOut:
    """A merge as programs see it."""
    return MergeOut.of(
        row,
        survivor=row.survivor_id,
        removed=row.removed_id,
        by_rules=row.member_id is None,
        undone=row.undone_at is not None,
    )


@bp.get("/pairs")
@bp.output(PairsOut)
def list_pairs() -> PairsOut:
    """Fifty pairs in a state (uncertain, related, not_duplicate), from ``after`` on."""
    try:
        state = PairState(request.args.get("state", "uncertain"))
    except ValueError:
        state = PairState.MERGED
    if state not in LISTED:
        raise Invalid("The state is one of: " + ", ".join(s.value for s in LISTED) + ".")
    after = request.args.get("after", type=int)
    page, rows = queries.pairs(request_session(), g.member, state, after=after, before=None)
    return PairsOut(pairs=[pair_out(row) for row in rows], next_after=page.next_after)


@bp.get("/merges")
@bp.output(MergesOut)
def list_merges() -> MergesOut:
    """Fifty merges, standing ones or (``undone=1``) those taken back, from ``after`` on."""
    page, rows = queries.merges(
        request_session(),
        g.member,
        undone=request.args.get("undone") == "1",
        after=request.args.get("after", type=int),
        before=None,
    )
    return MergesOut(merges=[merge_out(row.merge) for row in rows], next_after=page.next_after)


@bp.post("/find")
@bp.output(StartedOut, 202)
def find() -> StartedOut:
    """Start a search for duplicates among what was not compared yet; answers with the job."""
    with transaction() as db:
        job = services.start(db, g.member)
        job_id = job.id
    return StartedOut(job=job_id)


@bp.post("/pairs/<int:pair_id>/merge")
@bp.input(MergeIn)
@bp.output(MergeOut, 201)
def merge(pair_id: int, json_data: MergeIn) -> MergeOut:
    """Merge a pair."""
    with transaction() as db:
        choices = dict(json_data.choices)
        row = services.merge_pair(db, g.member, pair_id, json_data.keep, choices)
        return merge_out(row)


@bp.post("/pairs/<int:pair_id>/apart")
@bp.output(PairOut)
def apart(pair_id: int) -> PairOut:
    """Say that a pair is not a duplicate."""
    with transaction() as db:
        services.tell_apart(db, g.member, pair_id)
        return pair_out(queries.pair(db, g.member, pair_id))


@bp.post("/merges/<int:merge_id>/undo")
@bp.output(MergeOut)
def undo(merge_id: int) -> MergeOut:
    """Take a merge back."""
    with transaction() as db:
        return merge_out(services.undo_merge(db, g.member, merge_id))

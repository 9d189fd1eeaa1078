"""Duplicates as JSON: pairs and merges, and the same verbs as the pages."""

from typing import Any, Literal

from flask import g, request
from pydantic import BaseModel, Field

from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.references.models import Merge, PairState
from reviewtool.references.queries import duplicates as queries
from reviewtool.references.services import duplicates as services
from reviewtool.team.access import review_api

bp = review_api("duplicates", __name__, "/duplicates", "Duplicates")

LISTED = (PairState.UNCERTAIN, PairState.RELATED, PairState.NOT_DUPLICATE)


class MergeIn(BaseModel):
    """Which record stays, and field by field whose value."""

    keep: int | None = Field(default=None, description="Id of the record that stays.")
    choices: dict[str, Literal["first", "second"]] = Field(default_factory=dict)


def pair_out(shown: queries.Shown) -> dict[str, Any]:
    """A pair with the records that stand for it now."""
    return {
        "id": shown.pair.id,
        "state": shown.pair.state.value,
        "score": shown.pair.score,
        "first": shown.first.id,
        "second": shown.second.id,
        "evidence": shown.pair.evidence,
    }


def merge_out(row: Merge) -> dict[str, Any]:
    """A merge: which record stayed, which was set aside, and why."""
    return {
        "id": row.id,
        "survivor": row.survivor_id,
        "removed": row.removed_id,
        "evidence": row.evidence,
        "by_rules": row.member_id is None,
        "undone": row.undone_at is not None,
    }


@bp.get("/pairs")
def list_pairs() -> Any:
    """Fifty pairs in a state (uncertain, related, not_duplicate), from ``after`` on."""
    try:
        state = PairState(request.args.get("state", "uncertain"))
    except ValueError:
        state = PairState.MERGED
    if state not in LISTED:
        raise Invalid("The state is one of: " + ", ".join(s.value for s in LISTED) + ".")
    after = request.args.get("after", type=int)
    page, rows = queries.pairs(request_session(), g.member, state, after=after, before=None)
    return {"pairs": [pair_out(row) for row in rows], "next_after": page.next_after}


@bp.get("/merges")
def list_merges() -> Any:
    """Fifty merges, standing ones or (``undone=1``) those taken back, from ``after`` on."""
    page, rows = queries.merges(
        request_session(),
        g.member,
        undone=request.args.get("undone") == "1",
        after=request.args.get("after", type=int),
        before=None,
    )
    return {"merges": [merge_out(row.merge) for row in rows], "next_after": page.next_after}


@bp.post("/find")
def find() -> Any:
    """Start a search for duplicates among what was not compared yet; answers with the job."""
    with transaction() as db:
        job = services.start(db, g.member)
        job_id = job.id
    return {"job": job_id}, 202


@bp.post("/pairs/<int:pair_id>/merge")
@bp.input(MergeIn)
def merge(pair_id: int, json_data: MergeIn) -> Any:
    """Merge a pair."""
    with transaction() as db:
        choices = dict(json_data.choices)
        row = services.merge_pair(db, g.member, pair_id, json_data.keep, choices)
        return merge_out(row), 201


@bp.post("/pairs/<int:pair_id>/apart")
def apart(pair_id: int) -> Any:
    """Say that a pair is not a duplicate."""
    with transaction() as db:
        services.tell_apart(db, g.member, pair_id)
        return pair_out(queries.pair(db, g.member, pair_id))


@bp.post("/merges/<int:merge_id>/undo")
def undo(merge_id: int) -> Any:
    """Take a merge back."""
    with transaction() as db:
        return merge_out(services.undo_merge(db, g.member, merge_id))

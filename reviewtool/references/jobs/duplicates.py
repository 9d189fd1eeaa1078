"""Searching for duplicates: compare outside any transaction, then write in steps."""

from typing import Any

from sqlmodel import Session, col, select

from reviewtool import events
from reviewtool.db.engine import current_database
from reviewtool.db.turns import turns
from reviewtool.jobs import Run, job
from reviewtool.references.models import Import, PairState
from reviewtool.references.queries import duplicates as queries
from reviewtool.references.rules import Citation, find_duplicates
from reviewtool.references.services import duplicates as services
from reviewtool.references.services import storing
from reviewtool.team.models import Member
from reviewtool.web.addresses import path_to
from reviewtool.words import plural, thousands


@job("references.find_duplicates")
def search(run: Run, import_id: int | None = None) -> None:
    """Compare what is new (and the records of ``import_id``) with everything."""
    review_id = run.review_id
    if review_id is None:
        return
    new: list[Citation] = []
    known: list[Citation] = []
    with current_database().session(write=False) as db:
        covered = queries.compared_up_to(db, review_id)
        apart = queries.told_apart(db, review_id)
        for citation, from_import in queries.citations(db, review_id):
            is_new = int(citation.id) > covered or (
                import_id is not None and from_import == import_id
            )
            (new if is_new else known).append(citation)
    if not new:
        run.report(1, 1, "Every record was compared before.")
        return
    found = find_duplicates(
        new,
        against=known,
        not_duplicates=apart,
        on_progress=lambda done, total: run.report(done, total * 2, "Comparing the records"),
    )
    before = run.result or {}  # of a run that was interrupted
    totals = storing.Totals(merged=int(before.get("merged", 0)))
    evidence = storing.best_evidence(found)
    written = 0
    for groups in storing.steps(found):
        for turn in turns():
            with turn as db:
                merged = storing.store_groups(db, review_id, groups, evidence, covered)
                run.keep(db, {"merged": totals.merged + merged})
        totals.merged += merged
        written += len(groups)
        run.report(len(found.groups) + written, 2 * len(found.groups), "Merging duplicates")
    for turn in turns():
        with turn as db:
            unsure, linked = PairState.UNCERTAIN, PairState.RELATED
            totals.uncertain = storing.store_pairs(db, review_id, found.uncertain, unsure)
            totals.related = storing.store_pairs(db, review_id, found.related, linked)
            last = max(int(c.id) for c in (*new, *known))
            storing.finish(
                db,
                review_id,
                _member(db, run),
                totals,
                compared=len(new),
                last_record_id=max(last, covered),
            )
    run.result = {
        "compared": len(new),
        "merged": totals.merged,
        "uncertain": totals.uncertain,
        "related": totals.related,
    }
    run.result_url = path_to("duplicates.index", review_id=review_id)
    run.report(
        1,
        1,
        f"{plural(len(new), 'record', 'records')} compared: {thousands(totals.merged)} merged, "
        f"{thousands(totals.uncertain)} uncertain, {thousands(totals.related)} related.",
    )


@events.on(events.ImportStored, events.ImportRestored)
def compare_import(db: Session, actor: Any, news: events.ImportNews) -> None:
    """New records are compared at once; those that come back have missed later imports."""
    stored = db.get_one(Import, news.import_id)
    services.enqueue(db, stored.review_id, getattr(actor, "user_id", None), stored.id)


def _member(db: Session, run: Run) -> Member | None:
    return db.exec(
        select(Member).where(
            Member.review_id == run.review_id,
            Member.user_id == run.user_id,
            col(Member.removed_at).is_(None),
        )
    ).one_or_none()

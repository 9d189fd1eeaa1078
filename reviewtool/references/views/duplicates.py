"""Pages of duplicates: the queue of uncertain pairs, and what was merged, linked or undone."""

from dataclasses import dataclass
from typing import Any

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from reviewtool.db.engine import request_session, transaction
from reviewtool.marking import html, lacking
from reviewtool.permissions import Action, allows, require
from reviewtool.references.forms.duplicates import MergeForm
from reviewtool.references.models import DuplicatePair, PairState, Record
from reviewtool.references.queries import duplicates as queries
from reviewtool.references.services import duplicates as services
from reviewtool.team import queries as team
from reviewtool.team.access import review_blueprint
from reviewtool.web.render import redirect_to, render

bp = review_blueprint("duplicates", __name__, "/references/duplicates")

TABS = (
    ("uncertain", "Uncertain", ".index"),
    ("certain", "Certain", ".certain"),
    ("related", "Related", ".related"),
    ("undone", "Undone", ".undone"),
)


@dataclass(frozen=True)
class Line:
    """One field of two records: their values and which of them the merge would keep."""

    name: str
    label: str
    first: str
    second: str
    kept: str

    @property
    def agrees(self) -> bool:
        """Whether there is nothing to choose."""
        return self.first == self.second

    @property
    def sides(self) -> tuple[tuple[str, str, Markup], tuple[str, str, Markup]]:
        """(side, value, value with the words marked that the other side lacks), twice."""
        return (
            ("first", self.first, _beside(self.first, self.second)),
            ("second", self.second, _beside(self.second, self.first)),
        )


def _beside(text: str, other: str) -> Markup:
    """``text`` with the words marked that ``other`` lacks; an empty other marks nothing."""
    return html(lacking(text, other, capitals=False) if other else [("", text)])


@bp.get("/")
def index() -> ResponseReturnValue:
    """The first uncertain pair, or what there is to do instead."""
    db = request_session()
    shown = queries.next_uncertain(db, g.member, request.args.get("after", 0, type=int))
    if shown is not None:
        return _pair_page(shown)
    return render(
        "references/duplicates.html",
        run=queries.last_run(db, g.member),
        uncompared=queries.uncompared(db, g.member),
        done=_just_done(),
        **_frame("uncertain"),
    )


@bp.get("/pairs/<int:pair_id>")
def pair(pair_id: int) -> ResponseReturnValue:
    """Two records side by side."""
    return _pair_page(queries.pair(request_session(), g.member, pair_id))


def _pair_page(shown: queries.Shown) -> ResponseReturnValue:
    db = request_session()
    first, second = shown.first, shown.second
    keep = services.preferred(db, first, second)
    before, behind = queries.neighbours(db, g.member, shown.pair.id)
    waiting = shown.pair.state is PairState.UNCERTAIN and first.id != second.id
    return render(
        "references/duplicate_pair.html",
        shown=shown,
        lines=lines(first, second, keep),
        keep=keep,
        sources=queries.sources(db, [first, second]),
        came_from={r.id: queries.merged_into(db, g.member, r.id) for r in (first, second)},
        before=before,
        behind=behind,
        waiting=waiting,
        may_merge=allows(g.member, Action.MERGE) and first.id != second.id,
        done=_just_done(),
        **_frame(_tab_of(shown.pair)),
    )


def lines(first: Record, second: Record, keep: Record) -> list[Line]:
    """Every field either record has, with the side a merge keeps unless told otherwise."""
    other = second if keep.id == first.id else first
    filled = services.gaps(keep, other)
    found = []
    for name, label in queries.FIELDS:
        one, two = (str(getattr(r, name) or "") for r in (first, second))
        if one or two:
            kept = other if name in filled else keep
            side = "first" if kept.id == first.id else "second"
            found.append(Line(name, label, one, two, side))
    return found


@bp.get("/merged")
def certain() -> ResponseReturnValue:
    """What was merged, by the rules or by a person, with its reasons."""
    return _merges_page("certain", undone=False)


@bp.get("/undone")
def undone() -> ResponseReturnValue:
    """Merges taken back, and pairs that a person told apart."""
    return _merges_page("undone", undone=True)


def _merges_page(tab: str, *, undone: bool) -> ResponseReturnValue:
    db = request_session()
    after, before = (request.args.get(n, type=int) for n in ("after", "before"))
    page, rows = queries.merges(db, g.member, undone=undone, after=after, before=before)
    told: list[queries.Shown] = []
    told_page = None
    if undone:
        told_page, told = queries.pairs(
            db,
            g.member,
            PairState.NOT_DUPLICATE,
            after=request.args.get("told_after", type=int),
            before=None,
        )
    pair_ids = {}
    for m in rows if undone else ():
        found = queries.pair_of(db, m.survivor.id, m.removed.id)
        if found is not None:
            pair_ids[m.merge.id] = found.id
    people = {m.id: m.user.display_name for m in team.members(db, g.member, removed=True)}
    return render(
        "references/duplicate_merges.html",
        page=page,
        merges=rows,
        told_apart=told,
        told_page=told_page,
        people=people,
        undone=undone,
        pair_ids=pair_ids,
        sources=queries.sources(db, [r for m in rows for r in (m.survivor, m.removed)]),
        **_frame(tab),
    )


@bp.get("/related")
def related() -> ResponseReturnValue:
    """Different items worth knowing about together."""
    db = request_session()
    after, before = (request.args.get(n, type=int) for n in ("after", "before"))
    page, rows = queries.pairs(db, g.member, PairState.RELATED, after=after, before=before)
    return render("references/duplicate_related.html", page=page, pairs=rows, **_frame("related"))


@bp.post("/find")
def find() -> ResponseReturnValue:
    """Search for duplicates among what was not compared yet."""
    with transaction() as db:
        job = services.start(db, g.member)
    return redirect_to("team.job", review_id=g.review.id, job_id=job.id)


@bp.post("/pairs/<int:pair_id>/merge")
def merge(pair_id: int) -> ResponseReturnValue:
    """Merge the pair and show the next one."""
    form = MergeForm()
    with transaction() as db:
        shown = queries.pair(db, g.member, pair_id)
        waited = shown.pair.state is PairState.UNCERTAIN
        if not form.validate_on_submit():
            raise services.NotOneOfThem()
        row = services.merge_pair(
            db, g.member, pair_id, form.keep.data, form.choices(request.form.to_dict())
        )
        merge_id = row.id
    return _onward(pair_id, waited, merge=merge_id)


@bp.post("/pairs/<int:pair_id>/apart")
def apart(pair_id: int) -> ResponseReturnValue:
    """Keep both records, for good, and show the next pair."""
    with transaction() as db:
        waited = queries.pair(db, g.member, pair_id).pair.state is PairState.UNCERTAIN
        services.tell_apart(db, g.member, pair_id)
    return _onward(pair_id, waited, apart=pair_id)


def _onward(pair_id: int, waited: bool, **done: int) -> ResponseReturnValue:
    if waited:
        return redirect_to(".index", after=pair_id, **done)
    return redirect_to(".pair", pair_id=pair_id, **done)


@bp.post("/pairs/<int:pair_id>/reopen")
def reopen(pair_id: int) -> ResponseReturnValue:
    """Let a pair that was told apart wait again."""
    with transaction() as db:
        services.reopen(db, g.member, pair_id)
    return redirect_to(".pair", pair_id=pair_id)


@bp.post("/merges/<int:merge_id>/undo")
def undo(merge_id: int) -> ResponseReturnValue:
    """Bring the merged record back."""
    with transaction() as db:
        row = services.undo_merge(db, g.member, merge_id)
        removed = queries.record(db, g.member, row.removed_id)
        survivor = queries.record(db, g.member, row.survivor_id)
        words = f"Record {removed.number} is back beside record {survivor.number}, with its votes."
        pair_row = queries.pair_of(db, row.survivor_id, row.removed_id)
        pair_id = pair_row.id if pair_row else 0
    flash(words)
    if request.form.get("back") == "pair" and pair_id:
        return redirect_to(".pair", pair_id=pair_id)
    return redirect_to(".certain")


def _just_done() -> dict[str, Any] | None:
    """What the strip above the bar offers to undo: the last decision on this page."""
    db = request_session()
    if not allows(g.member, Action.MERGE):
        return None
    if merge_id := request.args.get("merge", type=int):
        row = queries.merge(db, g.member, merge_id)
        if row.undone_at is None:
            survivor = queries.record(db, g.member, row.survivor_id)
            return {
                "words": "Merged",
                "title": survivor.title or survivor.short,
                "url": url_for(".undo", merge_id=merge_id),
            }
    if pair_id := request.args.get("apart", type=int):
        shown = queries.pair(db, g.member, pair_id)
        if shown.pair.state is PairState.NOT_DUPLICATE:
            return {
                "words": "Not a duplicate",
                "title": shown.first.title or shown.first.short,
                "url": url_for(".reopen", pair_id=pair_id),
            }
    return None


def _tab_of(row: DuplicatePair) -> str:
    return {
        PairState.UNCERTAIN: "uncertain",
        PairState.RELATED: "related",
        PairState.UNDONE: "undone",
        PairState.NOT_DUPLICATE: "undone",
    }.get(row.state, "certain")


def _frame(tab: str) -> dict[str, Any]:
    """Tabs with their counts, and the way back to the references."""
    require(g.member, Action.READ)
    counts = queries.counts(request_session(), g.member)
    tabs = [(label, url_for(at), key == tab, counts[key]) for key, label, at in TABS]
    trail = [("References", url_for("references.index")), ("Duplicates", "")]
    return {"tabs": tabs, "counts": counts, "tab": tab, "breadcrumb": trail}

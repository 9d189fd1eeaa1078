"""The list of analyses, one analysis, and what changes them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from reviewtool.charts.kept import drawing
from reviewtool.charts.layouts import LAYOUTS
from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid
from reviewtool.permissions import Action, require
from reviewtool.protocol import queries as protocol
from reviewtool.protocol import services as plan
from reviewtool.protocol.forms import refuse
from reviewtool.protocol.forms.analysis import AnalysisForm
from reviewtool.protocol.models import PlannedAnalysis
from reviewtool.protocol.rules import joint, maps
from reviewtool.protocol.rules.brains import COORDINATES, in_words
from reviewtool.protocol.rules.fitting import DoesNotFit
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.protocol.rules.settling import method_words
from reviewtool.storage import drawings_folder
from reviewtool.synthesis import queries, services
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots import pairwise, pictures
from reviewtool.synthesis.plots.dressed import dressed, judged
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import NarrativeResult, NetworkResult, PairwiseResult
from reviewtool.synthesis.rules.closer import topics
from reviewtool.synthesis.rules.dress import Beside, Dress
from reviewtool.synthesis.rules.places import BY_PLAN, words_of
from reviewtool.synthesis.sheets.directions import ToldWords
from reviewtool.synthesis.sheets.standing import Standing
from reviewtool.synthesis.sheets.written import Written, tested
from reviewtool.synthesis.views import looks
from reviewtool.synthesis.views.blueprint import bp
from reviewtool.web.render import redirect_to, render

WAITS = "map-waits"  # the element of a page that waits for its map
PAGES = {COORDINATES: "coordinates", OVER_TIME: "over_time"}  # pages of kinds, by their names


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every analysis with its result, planned ones first."""
    db = request_session()
    waiting, total = queries.studies_open(db, g.member.review_id)
    known = queries.lines(db, g.member.review_id)
    have = {line.planned.id for line in known}
    return render(
        "synthesis/index.html",
        lines=known,
        standings={
            x.analysis.id: Standing.of(x.analysis, x.run.result if x.run else None) for x in known
        },
        written=Written,
        told={x.analysis.id: ToldWords.of(x, x.run) for x in known},
        how=_told_apart(known),
        not_begun=[p for p in protocol.analyses(db, g.member.review_id) if p.id not in have],
        outcomes={o.id: o for o in protocol.outcomes(db, g.member.review_id)},
        comparisons={c.id: c for c in protocol.comparisons(db, g.member.review_id)},
        has_harms=queries.has_harms(db, g.member.review_id),
        waiting=waiting,
        total=total,
    )


def _told_apart(lines: Sequence[Line]) -> dict[int, str]:
    """How those analyses are done that ask the same question as another one."""

    def question(line: Line) -> tuple[int, int, str, str]:
        plan = line.planned
        return plan.outcome_id, plan.comparison_id, plan.timepoint or "", plan.kind

    asked = Counter(question(line) for line in lines)
    return {
        line.analysis.id: method_words(
            line.planned.kind,
            line.planned.measure,
            line.planned.model,
            line.planned.method,
            line.planned.test,
            line.planned.choices,
        )
        for line in lines
        if asked[question(line)] > 1
    }


@bp.get("/<int:analysis_id>")
def analysis(analysis_id: int) -> ResponseReturnValue:
    """One analysis: plot, numbers, subgroups, sensitivity, how it was made."""
    db = request_session()
    seen = looks.look(*looks.asked(analysis_id))
    line, run, gone = seen.line, seen.run, seen.gone
    own_reference, page, stored = "", "analysis", run
    if run is not None and isinstance(run.result, NetworkResult):
        page, stored = "network", looks.seen_part(line, run)
        own_reference = getattr(stored.result, "reference", "")
        run = looks.seen_from(stored)
    elif line.planned.kind in PAGES:
        page = PAGES[line.planned.kind]
    elif (run is None and line.planned.kind == "narrative") or (
        run is not None and isinstance(run.result, NarrativeResult)
    ):
        page = "narrative"
    beside = queries.beside(db, line)
    dress = looks.dress(beside)
    plots = _plots(line, stored, gone, dress, beside) if stored is not None else {}
    if run is not None and run is not stored:
        drawn = pictures.picture(line, run, "forest", "svg", "screen", dress, beside)
        plots["forest"] = drawn.decode()
    job = queries.running(db, line.analysis)
    answer = render(
        f"synthesis/{page}.html",
        line=line,
        run=run,
        job=job,
        choices=maps.choices_of(line.planned.map),
        map_words=maps.in_words,
        joint_words=lambda stored: joint.in_words(joint.choices_of(stored)),
        joint_stated=lambda r: joint.stated(joint.JointChoices(r.rho, r.pattern, r.unit)),
        structure_words=joint.STRUCTURES,
        of_words=in_words(line.outcome.modality, line.outcome.direction),
        standing=Standing.of(line.analysis, run.result if run else None),
        written=Written,
        told=ToldWords.of(line, run),
        tested=tested,
        plots=plots,
        runs=queries.runs(db, line.analysis),
        old=seen.old,
        stood=queries.which_stands(db, line),
        time_words=words_of,
        gone=gone,
        dress=dress,
        beside=beside,
        layouts=LAYOUTS,
        closer=topics.every(),
        reference=request.args.get("reference", ""),
        own_reference=own_reference,
        part=request.args.get("part", ""),
    )
    answer = make_response(answer)
    if job is not None and request.headers.get("HX-Trigger") == WAITS:
        answer.headers["HX-Reswap"] = "none"  # nothing to show yet: who reads there is left alone
    return answer


def _plots(
    line: Line, run: AnalysisRun, gone: Mapping[int, str], dress: Dress, beside: Beside
) -> dict[str, str]:
    """The plots of a run for the page; a click on a study of the forest plot leaves it out."""
    clickable = isinstance(run.result, PairwiseResult) and run.result.study_count > 1
    plots = {
        what: pictures.picture(line, run, what, "svg", "screen", dress, beside).decode()
        for what in pictures.offered(run)
        if not (clickable and what == "forest")
    }
    if clickable and isinstance(run.result, PairwiseResult):
        chart = pairwise.linked(
            dressed(pairwise.forest(line, run), run.result, dress, beside),
            {
                one.label: url_for(
                    ".analysis",
                    analysis_id=line.analysis.id,
                    run=request.args.get("run", type=int),
                    without=[*gone, one.study_id],
                    **dress.view,
                )
                for one in run.result.studies
            },
        )
        drawn = drawing(drawings_folder(), chart, "svg", "screen", f"forest{run.id}")
        plots["forest"] = drawn.decode()
    if judged(run.result, beside):
        bars = pictures.of_bias(line, run, "bias-bars", "svg", beside, "screen")
        plots["bias-bars"] = bars.decode()
    return plots


@bp.post("/<int:analysis_id>/results/<int:study_id>")
def choose_result(analysis_id: int, study_id: int) -> ResponseReturnValue:
    """Let another result of a study stand, or go by the plan again."""
    chosen = request.form.get("time", "")
    time = None if chosen == BY_PLAN else chosen.removeprefix("at:")
    try:
        with transaction() as db:
            line = queries.line(db, g.member, analysis_id)
            services.choose_result(
                db, g.member, line, study_id, time, request.form.get("reason", "")
            )
    except Invalid as error:
        flash(error.message, "error")
    else:
        flash("Stored. The analysis runs again if its numbers change.")
    return redirect_to(".analysis", analysis_id=analysis_id, _anchor="which-stands")


@bp.post("/<int:analysis_id>/run")
def run(analysis_id: int) -> ResponseReturnValue:
    """Run an analysis now."""
    with transaction() as db:
        line = queries.line(db, g.member, analysis_id)
        job = services.request_run(db, g.member, line)
    return redirect_to("team.job", job_id=job.id)


@bp.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """A post-hoc analysis, labelled as such wherever it appears."""
    require(g.member, Action.ANALYSE)
    db = request_session()
    form: Any = AnalysisForm()
    review_id = g.member.review_id
    form.offer(
        protocol.outcomes(db, review_id),
        protocol.comparisons(db, review_id),
        protocol.characteristics(db, review_id),
        others=protocol.analyses(db, review_id),
    )
    if form.validate_on_submit():
        try:
            with transaction() as db:
                blank: Any = PlannedAnalysis
                plan.save_row(db, g.member, blank(), {**form.values(), "post_hoc": True})
                services.refresh(db, g.member, review_id, "an analysis was added")
        except DoesNotFit as error:
            refuse(form, error)
        else:
            flash("The analysis was added, marked as post hoc.")
            return redirect_to(".index")
    return render("synthesis/new.html", 422 if form.errors else 200, form=form)

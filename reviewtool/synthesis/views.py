"""Pages of the synthesis: the list, one analysis, its files."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import flash, g, request, send_file, url_for
from flask.typing import ResponseReturnValue

from reviewtool.charts.kept import drawing
from reviewtool.db.engine import request_session, transaction
from reviewtool.errors import Invalid, NotFound
from reviewtool.permissions import Action, require
from reviewtool.protocol import queries as protocol
from reviewtool.protocol import services as plan
from reviewtool.protocol.forms import AnalysisForm, refuse
from reviewtool.protocol.models import PlannedAnalysis
from reviewtool.protocol.rules import maps
from reviewtool.protocol.rules.brains import COORDINATES, in_words
from reviewtool.protocol.rules.fitting import DoesNotFit, method_words
from reviewtool.storage import current_storage, drawings_folder
from reviewtool.synthesis import bundle, queries, services
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots import pairwise, pictures
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import MapResult, NetworkResult, PairwiseResult
from reviewtool.synthesis.rules.parts import of_part
from reviewtool.synthesis.rules.places import BY_PLAN, words_of
from reviewtool.synthesis.rules.pooling import NothingToPool
from reviewtool.synthesis.rules.refit import against
from reviewtool.synthesis.rules.without import without
from reviewtool.synthesis.scripts import coordinates
from reviewtool.synthesis.sheets import tables
from reviewtool.synthesis.sheets.standing import Standing
from reviewtool.synthesis.sheets.written import Written, tested
from reviewtool.team.access import review_blueprint
from reviewtool.web.render import redirect_to, render

bp = review_blueprint("synthesis", __name__, "/synthesis")


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
        how=_told_apart(known),
        not_begun=[p for p in protocol.analyses(db, g.member.review_id) if p.id not in have],
        outcomes={o.id: o for o in protocol.outcomes(db, g.member.review_id)},
        comparisons={c.id: c for c in protocol.comparisons(db, g.member.review_id)},
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
            line.planned.map,
        )
        for line in lines
        if asked[question(line)] > 1
    }


@bp.get("/<int:analysis_id>")
def analysis(analysis_id: int) -> ResponseReturnValue:
    """One analysis: plot, numbers, subgroups, sensitivity, how it was made."""
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    run_id = request.args.get("run", type=int)
    run = queries.run(db, line.analysis, run_id) if run_id else line.run
    gone: dict[int, str] = {}
    if run is not None and isinstance(run.result, PairwiseResult):
        line, run, gone = _look(line, run)
    own_reference, page, stored = "", "analysis", run
    if run is not None and isinstance(run.result, NetworkResult):
        page, stored = "network", _seen_part(line, run)
        own_reference = getattr(stored.result, "reference", "")
        run = _seen_from(stored)
    elif line.planned.kind == COORDINATES:
        page = "coordinates"
    plots = _plots(line, stored, gone) if stored is not None else {}
    if run is not None and run is not stored:
        plots["forest"] = pictures.picture(line, run, "forest", "svg", "screen").decode()
    return render(
        f"synthesis/{page}.html",
        line=line,
        run=run,
        job=queries.running(db, line.analysis),
        choices=maps.choices_of(line.planned.map),
        map_words=maps.in_words,
        of_words=in_words(line.outcome.modality, line.outcome.direction),
        standing=Standing.of(line.analysis, run.result if run else None),
        written=Written,
        tested=tested,
        plots=plots,
        runs=queries.runs(db, line.analysis),
        old=run is not None and line.run is not None and run.id != line.run.id,
        stood=queries.which_stands(db, line),
        time_words=words_of,
        gone=gone,
        reference=request.args.get("reference", ""),
        own_reference=own_reference,
        part=request.args.get("part", ""),
    )


def _look(line: Line, run: AnalysisRun) -> tuple[Line, AnalysisRun, dict[int, str]]:
    """The analysis without the studies that ``?without=`` names, and who these are."""
    asked = set(request.args.getlist("without", type=int))
    gone = {row.study_id: row.label for row in run.inputs.rows if row.study_id in asked}
    if not gone:
        return line, run, {}
    try:
        result = without(run.inputs, run.settings, gone)
    except NothingToPool:
        flash("No study would be left. Bring one back first.", "error")
        return line, run, {}
    kept = {name: getattr(run, name) for name in AnalysisRun.model_fields}
    shown = AnalysisRun(**{**kept, "result": result})
    return replace(line, run=shown), shown, gone


def _seen_part(line: Line, run: AnalysisRun) -> AnalysisRun:
    """The part of a network that ``?part=`` names by one of its treatments."""
    part = request.args.get("part", "")
    if not part or not isinstance(run.result, NetworkResult):
        return run
    comparison = line.comparison
    return _showing(
        run,
        of_part(
            run.result,
            run.inputs,
            run.settings,
            part,
            [*comparison.experimental, *comparison.comparator],
            comparison.comparator,
        ),
    )


def _seen_from(run: AnalysisRun) -> AnalysisRun:
    """A network against the treatment that ``?reference=`` names."""
    reference = request.args.get("reference", "")
    if not reference or not isinstance(run.result, NetworkResult) or not run.result.contrasts:
        return run
    return _showing(run, against(run.result, reference))


def _showing(run: AnalysisRun, result: NetworkResult) -> AnalysisRun:
    """A run with another result, for a look: nothing is stored."""
    kept = {name: getattr(run, name) for name in AnalysisRun.model_fields}
    return AnalysisRun(**{**kept, "result": result})


def _plots(line: Line, run: AnalysisRun, gone: Mapping[int, str]) -> dict[str, str]:
    """The plots of a run for the page; a click on a study of the forest plot leaves it out."""
    clickable = isinstance(run.result, PairwiseResult) and run.result.study_count > 1
    plots = {
        what: pictures.picture(line, run, what, "svg", "screen").decode()
        for what in pictures.offered(run)
        if not (clickable and what == "forest")
    }
    if clickable and isinstance(run.result, PairwiseResult):
        chart = pairwise.linked(
            pairwise.forest(line, run),
            {
                one.label: url_for(
                    ".analysis",
                    analysis_id=line.analysis.id,
                    run=request.args.get("run", type=int),
                    without=[*gone, one.study_id],
                )
                for one in run.result.studies
            },
        )
        drawn = drawing(drawings_folder(), chart, "svg", "screen", f"forest{run.id}")
        plots["forest"] = drawn.decode()
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


@bp.get("/<int:analysis_id>/<what>.<any(svg, pdf, png):kind>")
def picture(analysis_id: int, what: str, kind: str) -> ResponseReturnValue:
    """A plot as a file, in light colours; ``?run=`` names an earlier run."""
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    run_id = request.args.get("run", type=int)
    run = queries.run(db, line.analysis, run_id) if run_id else line.run
    run = _seen_from(_seen_part(line, run)) if run is not None else None
    if run is None or what not in pictures.offered(run):
        raise NotFound("This analysis has no such plot.")
    name = f"{bundle.slug(line)}-{what}.{kind}"
    content = pictures.picture(line, run, what, kind)
    return send_file(io.BytesIO(content), pictures.MEDIA[kind], True, name)


@bp.get("/<int:analysis_id>/tables/<what>.<any(csv, docx):kind>")
def table(analysis_id: int, what: str, kind: str) -> ResponseReturnValue:
    """A table of a network as a file; ``?run=`` names an earlier run, ``?reference=`` a view."""
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    run_id = request.args.get("run", type=int)
    run = queries.run(db, line.analysis, run_id) if run_id else line.run
    known = run is not None and isinstance(run.result, NetworkResult) and run.result.contrasts
    if run is None or not known or what not in tables.TABLES:
        raise NotFound("This analysis has no such table.")
    run = _seen_from(_seen_part(line, run))
    content = tables.as_file(tables.TABLES[what](line, run), kind)
    name = f"{bundle.slug(line)}-{what}.{kind}"
    return send_file(io.BytesIO(content), tables.MEDIA[kind], True, name)


def _map_run(analysis_id: int) -> tuple[queries.Line, AnalysisRun, MapResult]:
    """An analysis with the asked-for run of a brain map. Raises NotFound for anything else."""
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    run_id = request.args.get("run", type=int)
    run = queries.run(db, line.analysis, run_id) if run_id else line.run
    if run is None or not isinstance(run.result, MapResult):
        raise NotFound("This analysis has no brain map yet.")
    return line, run, run.result


@bp.get("/<int:analysis_id>/<any(value, shown, z):what>.nii.gz")
def image(analysis_id: int, what: str) -> ResponseReturnValue:
    """A brain map as a NIfTI file: all values, those that stand, or their z values."""
    line, _, result = _map_run(analysis_id)
    content = current_storage().read(result.images[what])
    name = f"{bundle.slug(line)}-{what}.nii.gz"
    return send_file(io.BytesIO(content), "application/gzip", True, name)


@bp.get("/<int:analysis_id>/clusters.csv")
def clusters(analysis_id: int) -> ResponseReturnValue:
    """The clusters of a brain map as a table."""
    line, _, result = _map_run(analysis_id)
    content = coordinates.clusters_csv(result)
    name = f"{bundle.slug(line)}-clusters.csv"
    return send_file(io.BytesIO(content), "text/csv", True, name)


@bp.get("/<int:analysis_id>/foci.txt")
def foci(analysis_id: int) -> ResponseReturnValue:
    """The experiments of a brain map as Sleuth text; ``?side=2`` those of the other map."""
    line, run, _ = _map_run(analysis_id)
    second = request.args.get("side", type=int) == 2
    found = run.inputs.others if second else run.inputs.experiments
    name = f"{bundle.slug(line)}{'-other' if second else ''}.sleuth.txt"
    text = coordinates.as_sleuth(found).encode()
    return send_file(io.BytesIO(text), "text/plain", True, name)


@bp.get("/<int:analysis_id>/script.<any(R, py, csv):kind>")
def script(analysis_id: int, kind: str) -> ResponseReturnValue:
    """The script that reproduces the numbers, or its data."""
    line = queries.line(request_session(), g.member, analysis_id)
    if line.run is None or not bundle.scripted(line.run):
        raise NotFound("There are no numbers yet that a script could reproduce.")
    if kind not in ("csv", bundle.language(line.run)):
        raise NotFound("There are no numbers yet that a script could reproduce.")
    name = bundle.slug(line)
    if kind == "csv":
        return send_file(io.BytesIO(bundle.data(line.run)), "text/csv", True, f"{name}.csv")
    text = bundle.script(line, line.run)
    return send_file(io.BytesIO(text.encode()), "text/plain", True, f"{name}.{kind}")


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

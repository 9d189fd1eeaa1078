"""Which run of an analysis an address names, and how it is looked at: nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import flash, g, request

from reviewtool.db.engine import request_session
from reviewtool.synthesis import queries
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import NetworkResult, PairwiseResult
from reviewtool.synthesis.rules.dress import Beside, Dress
from reviewtool.synthesis.rules.parts import of_part
from reviewtool.synthesis.rules.pooling import NothingToPool
from reviewtool.synthesis.rules.refit import against
from reviewtool.synthesis.rules.without import without


def asked(analysis_id: int) -> tuple[Line, AnalysisRun | None]:
    """An analysis and the run that ``?run=`` names, the newest without it. Raises NotFound."""
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    run_id = request.args.get("run", type=int)
    return line, queries.run(db, line.analysis, run_id) if run_id else line.run


@dataclass(frozen=True)
class Look:
    """How an analysis is looked at.

    line: with the run that is shown. old: it is an earlier run than the newest. gone: who is
    left out of this view, study id -> label.
    """

    line: Line
    run: AnalysisRun | None
    old: bool = False
    gone: Mapping[int, str] = field(default_factory=dict)


def look(line: Line, run: AnalysisRun | None) -> Look:
    """A run as the address wants it, without the studies that ``?without=`` names."""
    old = run is not None and line.run is not None and run.id != line.run.id
    line = replace(line, run=run)
    if run is None or not isinstance(run.result, PairwiseResult):
        return Look(line, run, old)
    named = set(request.args.getlist("without", type=int))
    gone = {row.study_id: row.label for row in run.inputs.rows if row.study_id in named}
    if not gone:
        return Look(line, run, old)
    try:
        result = without(run.inputs, run.settings, gone)
    except NothingToPool:
        flash("No study would be left. Bring one back first.", "error")
        return Look(line, run, old)
    shown = _showing(run, result)
    return Look(replace(line, run=shown), shown, old, gone)


def dress(beside: Beside) -> Dress:
    """How the address wants the forest plot to look. Raises UnknownLook."""
    return Dress.of(
        request.args.get("layout", ""),
        request.args.getlist("column"),
        bias=bool(request.args.get("bias", type=int)),
        beside=beside,
    )


def seen_part(line: Line, run: AnalysisRun) -> AnalysisRun:
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


def seen_from(run: AnalysisRun) -> AnalysisRun:
    """A network against the treatment that ``?reference=`` names."""
    reference = request.args.get("reference", "")
    if not reference or not isinstance(run.result, NetworkResult) or not run.result.contrasts:
        return run
    return _showing(run, against(run.result, reference))


def _showing(run: AnalysisRun, result: NetworkResult | PairwiseResult) -> AnalysisRun:
    """A run with another result, for a look: nothing is stored."""
    kept = {name: getattr(run, name) for name in AnalysisRun.model_fields}
    return AnalysisRun(**{**kept, "result": result})

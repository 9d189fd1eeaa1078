"""Runs of network analyses as charts: geometry, effects against the reference, ranks."""

from math import exp

from reviewtool.charts.forest import Column, Forest, Section, Study
from reviewtool.charts.network import Edge, Geometry, Node
from reviewtool.charts.ranks import Rankogram, Ranks
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line


def geometry(line: Line, run: AnalysisRun) -> Geometry:
    """Treatments by participants, direct comparisons by studies."""
    result = run.result
    ordered = sorted(result["treatments"], key=lambda t: t["name"].casefold())
    return Geometry(
        tuple(Node(t["name"], t["participants"]) for t in ordered),
        tuple(Edge(d["first"], d["second"], d["studies"]) for d in result["direct"]),
        title=f"Network: {line.title}",
    )


def forest(line: Line, run: AnalysisRun) -> Forest:
    """Every treatment against the reference, best first."""
    result = run.result
    log = bool(result["log"])

    def plain(value: float | None) -> float | None:
        return None if value is None else exp(value) if log else value

    studies = tuple(
        Study(
            t["name"],
            plain(t["estimate"]),
            plain(t["ci_low"]),
            plain(t["ci_high"]),
            None,
            (str(t["studies"]),),
        )
        for t in result["treatments"]
        if t["name"] != result["reference"]
    )
    words = (f"Favours {result['reference']}", "Favours treatment")
    return Forest(
        measure=result["measure"],
        sections=(Section(studies),),
        columns=(Column("Studies"),),
        favours=(words[1], words[0]) if line.outcome.lower_is_better else words,
        level=result["level"],
        study_heading=f"Treatment versus {result['reference']}",
        notes=(f"Network estimates, {result['model']} effects, best treatment by P-score first.",),
        title=f"{line.title}: network estimates",
    )


def ranks(line: Line, run: AnalysisRun) -> Rankogram:
    """The probability of each rank, best treatment first."""
    return Rankogram(
        tuple(Ranks(t["name"], tuple(t["ranks"]), t["sucra"]) for t in run.result["treatments"]),
        title=f"Rankogram: {line.title}",
    )

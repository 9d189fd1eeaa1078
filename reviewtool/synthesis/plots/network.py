"""Runs of network analyses as charts: geometry, effects against the reference, ranks."""

from reviewtool.charts.forest import Column, Forest, Section, Study
from reviewtool.charts.network import Edge, Geometry, Node
from reviewtool.charts.ranks import Rankogram, Ranks
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.plot import Plot
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import NetworkResult
from reviewtool.synthesis.sheets.standing import Left


def network(run: AnalysisRun) -> NetworkResult:
    """The result of a run that pools a network. Raises TypeError for a pairwise one."""
    if not isinstance(run.result, NetworkResult):
        raise TypeError("a pairwise analysis has other plots")
    return run.result


def geometry(line: Line, run: AnalysisRun) -> Geometry:
    """Treatments by participants, direct comparisons by studies."""
    result = network(run)
    ordered = sorted(result.treatments, key=lambda t: t.name.casefold())
    return Geometry(
        tuple(Node(t.name, t.participants) for t in ordered),
        tuple(Edge(d.first, d.second, d.studies) for d in result.direct),
        title=f"Network: {line.title}",
        notes=Left.of(result).note,
    )


def forest(line: Line, run: AnalysisRun) -> Forest:
    """Every treatment against the reference, best first."""
    result = network(run)
    studies = []
    for one in result.treatments:
        if one.name == result.reference:
            continue
        shown = result.shown(one)
        cells = (str(one.studies),)
        studies.append(Study(one.name, shown.estimate, shown.ci_low, shown.ci_high, None, cells))
    words = (f"Favours {result.reference}", "Favours treatment")
    good = "lower" if result.lower_is_better else "higher"
    return Forest(
        measure=result.measure,
        sections=(Section(tuple(studies)),),
        columns=(Column("Studies"),),
        favours=(words[1], words[0]) if result.lower_is_better else words,
        level=result.level,
        study_heading=f"Treatment versus {result.reference}",
        notes=(
            f"Network estimates, {result.model} effects, best treatment by P-score first "
            f"({good} is better).",
            *Left.of(result).note,
        ),
        title=f"{line.title}: network estimates",
    )


def ranks(line: Line, run: AnalysisRun) -> Rankogram:
    """The probability of each rank, best treatment first."""
    result = network(run)
    good = "lower" if result.lower_is_better else "higher"
    return Rankogram(
        tuple(Ranks(t.name, t.ranks, t.sucra or 0.0) for t in result.treatments),
        title=f"Rankogram: {line.title}",
        notes=(f"Rank 1 is the best: {good} is better.", *Left.of(result).note),
    )


PLOTS = (
    Plot("network", "Network", NetworkResult, geometry),
    Plot("forest", "Forest plot", NetworkResult, forest),
    Plot("ranks", "Rankogram", NetworkResult, ranks),
)

"""Runs of network analyses as charts: geometry, effects against the reference, ranks."""

from collections.abc import Sequence

from reviewtool.charts import of_networks
from reviewtool.charts.bias_shares import BiasShares
from reviewtool.charts.forest import Column, Forest, Section, Study
from reviewtool.charts.funnel import Funnel
from reviewtool.charts.heat import Heat
from reviewtool.charts.network import Edge, Geometry, Node
from reviewtool.charts.ranks import Rankogram, Ranks
from reviewtool.protocol.rules.treatments import plain
from reviewtool.stats.network import Network
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.plot import Plot
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import NetworkResult
from reviewtool.synthesis.results.additive import CombinationEffect, ComponentEffect
from reviewtool.synthesis.rules.pairwise import ENOUGH_FOR_FUNNEL
from reviewtool.synthesis.rules.refit import fitted
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


def _of(run: AnalysisRun) -> tuple[Network, str, Sequence[str]]:
    """The fitted network, its model, and the note on who is left out."""
    result = network(run)
    return fitted(result), result.model, Left.of(result).note


def splits(line: Line, run: AnalysisRun) -> Forest:
    """Direct, indirect and network estimate of each comparison that has all three."""
    return of_networks.splits(*_of(run), f"Node splitting: {line.title}")


def contributions(line: Line, run: AnalysisRun) -> Heat:
    """What each direct comparison contributes to each estimate."""
    return of_networks.contribution_matrix(*_of(run), f"Contribution matrix: {line.title}")


def by_bias(line: Line, run: AnalysisRun) -> BiasShares:
    """The same by the risk of bias of the studies behind it."""
    result = network(run)
    return of_networks.by_bias(
        fitted(result),
        result.model,
        result.judgements,
        Left.of(result).note,
        f"Contributions by risk of bias: {line.title}",
    )


def heat(line: Line, run: AnalysisRun) -> Heat:
    """Which designs disagree, and with whom."""
    return of_networks.heat(*_of(run), f"Net heat plot: {line.title}")


def funnel(line: Line, run: AnalysisRun) -> Funnel:
    """Studies around the effect of their own comparison, in the order of the plan."""
    result = network(run)
    return of_networks.adjusted_funnel(
        fitted(result),
        result.model,
        in_order(line, result),
        Left.of(result).note,
        f"Comparison-adjusted funnel plot: {line.title}",
    )


def in_order(line: Line, result: NetworkResult) -> tuple[str, ...]:
    """The treatments of a network as the plan names them, comparators last."""
    names = (*line.comparison.experimental, *line.comparison.comparator)
    there = {plain(one.name): one.name for one in result.treatments}
    return tuple(there[plain(name)] for name in names if plain(name) in there)


def _enough_for_funnel(result: NetworkResult) -> bool:
    found = of_networks.funnel_points(fitted(result), result.model, ()) if result.contrasts else ()
    return len(found) >= ENOUGH_FOR_FUNNEL


def components(line: Line, run: AnalysisRun) -> Forest:
    """Components, and combinations by the sum of theirs."""
    result = network(run)
    found = result.additive
    assert found is not None

    def rows(effects: Sequence[ComponentEffect | CombinationEffect]) -> tuple[Study, ...]:
        return tuple(
            Study(
                one.name,
                shown.estimate,
                shown.ci_low,
                shown.ci_high,
                None,
                (str(one.studies) if isinstance(one, ComponentEffect) else "",),
            )
            for one in effects
            for shown in (result.shown(one),)
        )

    sections = [
        Section(rows(found.components), "Components"),
        Section(rows(found.combinations), f"Combinations versus {found.reference}"),
    ]
    words = ("Favours without", "Favours with")
    inactive = (f"{found.inactive} taken as inactive.",) if found.inactive else ()
    return Forest(
        measure=result.measure,
        sections=tuple(sections),
        columns=(Column("Studies"),),
        favours=(words[1], words[0]) if result.lower_is_better else words,
        level=result.level,
        study_heading="Component or combination",
        notes=(
            f"Additive model, {result.model} effects. Combinations are sums of their components.",
            *inactive,
            *Left.of(result).note,
        ),
        title=f"Components: {line.title}",
    )


PLOTS = (
    Plot("components", "Components", NetworkResult, components, lambda r: r.additive is not None),
    Plot("network", "Network", NetworkResult, geometry),
    Plot("forest", "Forest plot", NetworkResult, forest),
    Plot("ranks", "Rankogram", NetworkResult, ranks),
    Plot(
        "splits",
        "Node splitting",
        NetworkResult,
        splits,
        lambda result: (
            any(one.studies and one.p is not None for one in result.splits)
            and bool(result.contrasts)
        ),
    ),
    Plot(
        "contributions",
        "Contribution matrix",
        NetworkResult,
        contributions,
        lambda result: bool(result.contrasts),
    ),
    Plot(
        "by-bias",
        "Contributions by risk of bias",
        NetworkResult,
        by_bias,
        lambda result: bool(result.contrasts and result.judgements),
    ),
    Plot(
        "heat",
        "Net heat plot",
        NetworkResult,
        heat,
        lambda result: bool(result.contrasts) and of_networks.has_heat(fitted(result)),
    ),
    Plot(
        "funnel",
        "Comparison-adjusted funnel plot",
        NetworkResult,
        funnel,
        _enough_for_funnel,
    ),
)

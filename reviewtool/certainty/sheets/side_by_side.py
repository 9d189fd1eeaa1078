"""Results beside each other: outcomes of a set, or time points of an outcome.

Numbers, heterogeneity, importance and certainty in one table, with a plot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from reviewtool import table_files
from reviewtool.certainty import queries
from reviewtool.certainty.queries import Line
from reviewtool.certainty.rules.evidence import Evidence
from reviewtool.certainty.sheets.summary import effect_of, together_of
from reviewtool.charts.over_time import Moment, OverTime, Series
from reviewtool.charts.panels import Panel, Panels
from reviewtool.errors import NotFound
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import PlannedComparison
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.protocol.rules.times import days_of
from reviewtool.synthesis.plots import over_time as over_time_plots
from reviewtool.synthesis.plots import pairwise
from reviewtool.synthesis.queries import Line as Analysed
from reviewtool.synthesis.queries import lines as analysed_lines
from reviewtool.synthesis.results import OverTimeResult, PairwiseResult
from reviewtool.synthesis.rules.importance import Importance
from reviewtool.synthesis.sheets.standing import Standing
from reviewtool.synthesis.sheets.written import Written
from reviewtool.team.models import Member
from reviewtool.words import capital, named, out_of_hundred, studies

COLUMNS = (
    *("set", "comparison", "timepoint", "outcome", "unit", "measure", "studies", "participants"),
    *("estimate", "ci_low", "ci_high", "level", "pi_low", "pi_high", "i2", "tau2", "q", "q_p"),
    *("together_estimate", "together_ci_low", "together_ci_high"),
    *("minimal_important_difference", "reached", "certainty", "state", "left_out"),
)


@dataclass(frozen=True)
class Row:
    """One outcome of the set at one time point, in one comparison."""

    line: Line
    evidence: Evidence
    standing: Standing | None

    @property
    def result(self) -> PairwiseResult | None:
        """The pooled numbers, where there are some."""
        found = self.line.run.result if self.line.run else None
        return found if isinstance(found, PairwiseResult) else None

    @property
    def analysed(self) -> Analysed | None:
        """The line as the synthesis knows it."""
        return self.line.analysed

    @property
    def importance(self) -> Importance | None:
        """How the effect stands to the outcome's minimal important difference."""
        return self.analysed.importance if self.analysed else None

    @property
    def effect(self) -> str:
        """The effect as people read it, or what stands in its place."""
        return effect_of(self.line, self.evidence)

    @property
    def together(self) -> str:
        """The joint estimate as people read it, where time points are analysed together."""
        return together_of(self.line)

    @property
    def written(self) -> Written | None:
        """The numbers in words."""
        return Written(self.result) if self.result else None


@dataclass(frozen=True)
class Group:
    """The rows of one comparison at one time point. joint: its time points together."""

    comparison: PlannedComparison
    timepoint: str
    rows: tuple[Row, ...]
    joint: Analysed | None = None

    @property
    def title(self) -> str:
        """Comparison and time point in words."""
        return ", ".join(part for part in (self.comparison.name, self.timepoint) if part)

    @property
    def drawn(self) -> tuple[Row, ...]:
        """Those with a plot."""
        return tuple(row for row in self.rows if row.result and row.result.studies)


@dataclass(frozen=True)
class SideBySide:
    """A set with its outcomes, by comparison and time point; or an outcome over time.

    by_time: rows are time points of one outcome.
    """

    name: str
    groups: tuple[Group, ...]
    by_time: bool = False

    def group(self, comparison_id: int, timepoint: str) -> Group:
        """One of the groups. Raises NotFound."""
        for group in self.groups:
            if group.comparison.id == comparison_id and group.timepoint == timepoint:
                return group
        raise NotFound("This set has no such comparison.")


def side_by_side(db: Session, member: Member, outcome_id: int) -> SideBySide:
    """The set that an outcome belongs to.

    Raises NotFound for an outcome that is not in the plan or belongs to none.
    """
    outcomes = {o.id: o for o in protocol.outcomes(db, member.review_id)}
    name = outcomes[outcome_id].belongs_to if outcome_id in outcomes else ""
    if not name:
        raise NotFound("This outcome belongs to no set.")
    groups: dict[tuple[int | None, str], list[Row]] = {}
    comparisons: dict[int | None, PlannedComparison] = {}
    for line in queries.lines(db, member):
        if line.outcome.belongs_to != name:
            continue
        result = line.run.result if line.run else None
        standing = Standing.of(line.analysis, result) if line.analysis else None
        row = Row(line, queries.evidence(db, line), standing)
        comparisons[line.comparison.id] = line.comparison
        groups.setdefault((line.comparison.id, line.planned.timepoint), []).append(row)
    return SideBySide(
        name,
        tuple(Group(comparisons[key], time, tuple(rows)) for (key, time), rows in groups.items()),
    )


def over_time(db: Session, member: Member, outcome_id: int) -> SideBySide:
    """An outcome at its time points, by comparison, earliest first.

    Raises NotFound for an outcome that is not in the plan, or has fewer than two time points.
    """
    outcomes = {o.id: o for o in protocol.outcomes(db, member.review_id)}
    times = list(outcomes[outcome_id].timepoints or ()) if outcome_id in outcomes else []
    if len(times) < 2:
        raise NotFound("This outcome is planned at fewer than two time points.")
    groups: dict[int | None, list[Row]] = {}
    comparisons: dict[int | None, PlannedComparison] = {}
    for line in queries.lines(db, member):
        if line.outcome.id != outcome_id or line.planned.timepoint not in times:
            continue
        result = line.run.result if line.run else None
        standing = Standing.of(line.analysis, result) if line.analysis else None
        comparisons[line.comparison.id] = line.comparison
        row = Row(line, queries.evidence(db, line), standing)
        groups.setdefault(line.comparison.id, []).append(row)
    joint: dict[int | None, Analysed] = {
        one.comparison.id: one
        for one in reversed(analysed_lines(db, member.review_id))
        if one.outcome.id == outcome_id and one.planned.kind == OVER_TIME
    }
    for one in joint.values():
        comparisons.setdefault(one.comparison.id, one.comparison)
        groups.setdefault(one.comparison.id, [])
    return SideBySide(
        outcomes[outcome_id].name,
        tuple(
            Group(
                comparisons[key],
                "",
                tuple(sorted(rows, key=lambda row: times.index(row.line.planned.timepoint))),
                joint.get(key),
            )
            for key, rows in groups.items()
        ),
        by_time=True,
    )


def course(name: str, group: Group) -> OverTime:
    """The pooled effects of a group over time, each time point once.

    Only effects on the measure of the first one are drawn; the rest is in the table. The
    second series is that of all time points together.
    """
    first = group.drawn[0]
    same = [row for row in group.drawn if row.evidence.measure == first.evidence.measure]
    moments: dict[str, Moment] = {}
    for row in same:
        label, natural, result = row.line.planned.timepoint, row.evidence.natural, row.result
        count = result.study_count if result else 0
        point, low, high = natural or (None, None, None)
        moments.setdefault(label, Moment(label, point, low, high, count, days_of(label)))
    assert first.analysed is not None
    left, right = first.analysed.favours
    compares = first.evidence.measure.groups == 2
    return OverTime(
        first.evidence.measure.name,
        (Series(over_time_plots.ALONE, tuple(moments.values())), *_together(group, first)),
        favours=(capital(left), capital(right)) if compares else ("", ""),
        level=first.evidence.level,
        important=pairwise.important(first.analysed, first.result) if first.result else (),
        title=f"{name}: {group.title}",
    )


def _together(group: Group, first: Row) -> Iterator[Series]:
    result = group.joint.run.result if group.joint and group.joint.run else None
    alone = first.result
    if not isinstance(result, OverTimeResult) or alone is None:
        return
    if (result.measure, result.level) == (alone.measure, alone.level):
        yield Series(over_time_plots.TOGETHER, over_time_plots.moments(result))


def panels(name: str, group: Group) -> Panels:
    """A forest plot of every outcome of a group, under each other.

    Effects that can be compared (one measure, and one unit where it has some) share an axis.
    """
    scales = {
        (row.evidence.measure.name, row.evidence.measure.in_units and row.line.outcome.unit)
        for row in group.drawn
    }
    return Panels(tuple(_panels(group)), f"{name}: {group.title}", one_axis=len(scales) == 1)


def _panels(group: Group) -> Iterator[Panel]:
    for row in group.drawn:
        analysed, run, result = row.analysed, row.line.run, row.result
        if analysed is None or run is None or result is None:
            continue
        plot = pairwise.forest(analysed, run)
        pooled = result.pooled
        facts = [studies(result.study_count)]
        if pooled.i2 is not None and pooled.k > 1:
            facts.append(named(out_of_hundred(pooled.i2), "I²"))
        if row.importance is not None:
            facts.append(f"important difference {row.importance.reached.value}")
        if row.line.level is not None:
            facts.append(f"{row.line.level.value.lower()} certainty")
        unit = f" ({row.line.outcome.unit})" if row.line.outcome.unit else ""
        bare = replace(plot, columns=(), notes=())
        yield Panel(f"{row.line.outcome.name}{unit}", bare, ", ".join(facts))


def table(found: SideBySide) -> bytes:
    """The table as CSV, with every digit."""
    return table_files.write(COLUMNS, (_cells(row) for group in found.groups for row in group.rows))


def _cells(row: Row) -> dict[str, Any]:
    line, result = row.line, row.result
    cells: dict[str, Any] = {
        "set": line.outcome.belongs_to,
        "comparison": line.comparison.name,
        "timepoint": line.planned.timepoint,
        "outcome": line.outcome.name,
        "unit": line.outcome.unit,
        "measure": row.evidence.measure.name,
        "level": row.evidence.level,
        "minimal_important_difference": line.outcome.minimal_important_difference,
        "reached": row.importance.reached if row.importance else "",
        "certainty": line.level or "",
        "state": row.standing.label if row.standing else "Not pooled",
        "left_out": "; ".join(f"{x.label}: {x.reason}" for x in row.evidence.left_out),
    }
    joint = line.joint.result if line.joint else None
    if joint is not None and line.together is not None:
        jointly = joint.shown(line.together)
        cells |= {f"together_{n}": getattr(jointly, n) for n in ("estimate", "ci_low", "ci_high")}
    if result is None:
        return cells
    pooled = result.pooled
    shown = result.shown(pooled)
    return cells | {
        "studies": result.study_count,
        "participants": row.evidence.participants or "",
        "estimate": shown.estimate,
        "ci_low": shown.ci_low,
        "ci_high": shown.ci_high,
        "pi_low": result.natural(pooled.pi_low),
        "pi_high": result.natural(pooled.pi_high),
        "i2": pooled.i2 if pooled.k > 1 else None,
        "tau2": pooled.tau2 if pooled.k > 1 else None,
        "q": pooled.q if pooled.k > 1 else None,
        "q_p": pooled.q_p if pooled.k > 1 else None,
    }

"""What a forest plot is made of: studies, diamonds, sections, columns."""

from dataclasses import dataclass

from reviewtool.stats.measures import Measure, measure
from reviewtool.words import capital, estimate, interval


@dataclass(frozen=True)
class Study:
    """One study: its effect as shown (ratios not logged), limits, weight in per cent.

    cells: what stands in the arm columns. An effect of None is not estimable.
    """

    label: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    cells: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class Summary:
    """A diamond: a pooled effect, with the prediction interval where there is one.

    notes: lines under the label, such as the heterogeneity.
    """

    label: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    cells: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    prediction: tuple[float, float] | None = None


@dataclass(frozen=True)
class Section:
    """A subgroup, or all studies under an empty title."""

    studies: tuple[Study, ...]
    title: str = ""
    summary: Summary | None = None


@dataclass(frozen=True)
class Column:
    """An arm's column: ``heading`` over ``under`` ("Sumatriptan" over "Events/total")."""

    heading: str
    under: str = ""


@dataclass(frozen=True)
class Forest:
    """A forest plot. ``favours`` are the words left and right under the axis.

    important: values that a minimal important difference marks, benefit first.
    description: what it shows, for those who cannot see it, where lines are not studies.
    """

    measure: str
    sections: tuple[Section, ...]
    overall: tuple[Summary, ...] = ()
    columns: tuple[Column, ...] = ()
    favours: tuple[str, str] = ("", "")
    level: float = 95.0
    notes: tuple[str, ...] = ()
    title: str = "Forest plot"
    limits: tuple[float, float] | None = None
    study_heading: str = "Study"
    important: tuple[float, ...] = ()
    description: str = ""

    @property
    def about(self) -> Measure:
        """What is drawn."""
        return measure(self.measure)

    @property
    def log(self) -> bool:
        """Whether the axis is logarithmic."""
        return self.about.is_ratio

    @property
    def null(self) -> float | None:
        """The value of no effect; None where nothing is compared."""
        return self.about.null

    @property
    def weighted(self) -> bool:
        """Whether any line has a weight; the column is left out otherwise."""
        lines: list[Study | Summary] = [*self.studies, *self.summaries]
        return any(line.weight is not None for line in lines)

    @property
    def summaries(self) -> list[Summary]:
        """Every diamond, subgroups first."""
        return [s.summary for s in self.sections if s.summary] + list(self.overall)

    @property
    def studies(self) -> list[Study]:
        """Every study in order."""
        return [study for section in self.sections for study in section.studies]

    def written(self, line: Study | Summary) -> str:
        """What stands in the effect's column."""
        point, low, high = (self._in_unit(v) for v in (line.estimate, line.low, line.high))
        return capital(estimate(point, low, high, self.about.digits))

    def span(self, prediction: tuple[float, float]) -> str:
        """The same for a prediction interval."""
        low, high = (self._in_unit(v) for v in prediction)
        return f"({interval(low, high, self.about.digits)})"

    def _in_unit(self, value: float | None) -> float | None:
        return 100 * value if self.about.percent and value is not None else value

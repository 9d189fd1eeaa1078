"""What a forest plot is made of: studies, diamonds, sections, columns."""

from dataclasses import dataclass

from reviewtool.charts.bias import Domain
from reviewtool.charts.layouts import Style, style_of
from reviewtool.charts.layouts.style import Between, Pooling
from reviewtool.stats.measures import Measure, measure
from reviewtool.words import confidence

__all__ = ["Between", "Column", "Domain", "Forest", "Pooling", "Section", "Study", "Summary"]


@dataclass(frozen=True)
class Study:
    """One study: its effect as shown (ratios not logged), limits, weight in per cent.

    cells: what stands in the arm columns, part by part. An effect of None is not estimable.
    more: what stands in further columns; bias: judgements in the order of the domains.
    """

    label: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    cells: tuple[str, ...] = ()
    url: str = ""
    more: tuple[str, ...] = ()
    bias: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """A diamond: a pooled effect, with the prediction interval where there is one.

    notes: lines under the label; pooled: numbers that further lines are written from.
    """

    label: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    cells: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    prediction: tuple[float, float] | None = None
    pooled: Pooling | None = None
    k: int = 0


@dataclass(frozen=True)
class Section:
    """A subgroup, or all studies under an empty title."""

    studies: tuple[Study, ...]
    title: str = ""
    summary: Summary | None = None


@dataclass(frozen=True)
class Column:
    """An arm's column: ``heading`` over ``under`` ("Sumatriptan" over "Events/total").

    parts: names of the cells it takes ("Events", "Total"), which ``together`` joins to one
    where the layout does not set them apart.
    """

    heading: str
    under: str = ""
    parts: tuple[str, ...] = ()
    together: str = ""

    @property
    def cells(self) -> int:
        """How many cells of a line it takes."""
        return max(1, len(self.parts))

    def joined(self, cells: tuple[str, ...]) -> str:
        """Its cells as one.

        >>> arm = Column("Placebo", parts=("Mean", "SD", "Total"), together="{0} ({1}), {2}")
        >>> arm.joined(("2.1", "0.4", "30")), arm.joined(("", "", "90")), arm.joined(())
        ('2.1 (0.4), 30', '90', '')
        """
        if self.together and len(cells) == self.cells and all(cells):
            return self.together.format(*cells)
        return ", ".join(filter(None, cells))


@dataclass(frozen=True)
class Forest:
    """A forest plot. ``favours`` are the words left and right under the axis.

    important: values that a minimal important difference marks, benefit first.
    description: what it shows, for those who cannot see it, where lines are not studies.
    more: further columns after the studies' names. bias: domains of the lights at the right.
    layout: by which journal's manner, a key of ``layouts``.
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
    more: tuple[Column, ...] = ()
    bias: tuple[Domain, ...] = ()
    layout: str = ""

    @property
    def style(self) -> Style:
        """The layout."""
        return style_of(self.layout)

    @property
    def sides(self) -> tuple[str, str]:
        """The words left and right, as the layout spells them."""
        left, right = (words.replace("Favours", self.style.favour) for words in self.favours)
        return left, right

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

    @property
    def pooled(self) -> Pooling | None:
        """The numbers behind the last diamond, where they are known."""
        known = [s.pooled for s in self.summaries if s.pooled is not None]
        return known[-1] if known else None

    def written(self, line: Study | Summary) -> str:
        """What stands in the effect's column."""
        point, low, high = (self._in_unit(v) for v in (line.estimate, line.low, line.high))
        return self.style.wording.written(point, low, high, self.about.digits)

    def span(self, prediction: tuple[float, float]) -> str:
        """The same for a prediction interval."""
        low, high = (100 * v if self.about.percent else v for v in prediction)
        return self.style.wording.interval(low, high, self.about.digits)

    def lines_under(self, summary: Summary) -> tuple[str, ...]:
        """The lines of words under a diamond, in the layout's manner."""
        if summary.pooled is None:
            return summary.notes
        return (*self.style.wording.lines(summary.pooled, summary.k), *summary.notes)

    def heading(self, template: str) -> str:
        """A heading of the layout, filled for this measure."""
        return self.style.heading(
            template,
            short=self.about.short,
            title=self.about.axis_title,
            how=self.pooled.how if self.pooled else "",
            level=self.level,
        )

    def label(self, summary: Summary, *, overall: bool) -> str:
        """What a diamond is called."""
        wording = self.style.wording
        template = wording.total if overall else wording.subtotal
        if "{label}" not in template and summary.pooled is None:
            template = "{label}"
        return template.format(label=summary.label, ci=confidence(self.level))

    def _in_unit(self, value: float | None) -> float | None:
        return 100 * value if self.about.percent and value is not None else value

"""Where an analysis stands, in words that never hide whom it left out."""

from dataclasses import dataclass

from reviewtool.synthesis.models import Analysis, AnalysisState
from reviewtool.synthesis.results import AnyResult, MapResult, NarrativeResult, NetworkResult
from reviewtool.synthesis.rules.selection import LeftOut
from reviewtool.words import plural, studies, thousands

FEW = 10  # studies of other comparisons that a plot names
STATES = {
    AnalysisState.WAITING: "Waits for extraction",
    AnalysisState.QUEUED: "Running",
    AnalysisState.CURRENT: "Current",
    AnalysisState.STALE: "Out of date",
    AnalysisState.FAILED: "Failed",
}


@dataclass(frozen=True)
class Left:
    """Whom an analysis left out.

    unusable: numbers that give no effect or do not go with the method. elsewhere: a result
    for the outcome, but none for this comparison and time point. unreported: none for the
    outcome. partly: ids of studies of which another comparison was pooled.
    """

    unusable: tuple[LeftOut, ...] = ()
    elsewhere: tuple[LeftOut, ...] = ()
    unreported: tuple[LeftOut, ...] = ()
    partly: frozenset[int] = frozenset()

    @classmethod
    def of(cls, result: AnyResult) -> "Left":
        """Those a result names."""
        used: frozenset[int] = frozenset()
        if isinstance(result, MapResult):
            used = result.study_ids
        elif isinstance(result, NarrativeResult):
            used = frozenset(one.study_id for one in result.directions.rows)
        elif not isinstance(result, NetworkResult):
            used = frozenset(one.study_id for one in result.studies)

        def at(stage: str) -> tuple[LeftOut, ...]:
            return tuple(one for one in result.left_out if one.stage == stage)

        unusable = at("numbers")
        partly = frozenset(one.study_id for one in unusable) & used
        return cls(unusable, at("comparison"), at("unreported"), partly)

    def __bool__(self) -> bool:
        return bool(self.unusable or self.elsewhere or self.unreported)

    @property
    def urgent(self) -> str:
        """How many could not be used, in words; "" for nobody.

        >>> Left((LeftOut(1, "Lee", "no SE"),)).urgent
        '1 study left out'
        """
        parts = []
        if studies := len({one.study_id for one in self.unusable} - self.partly):
            parts.append(f"{plural(studies, 'study', 'studies')} left out")
        if rows := sum(one.study_id in self.partly for one in self.unusable):
            parts.append(f"{plural(rows, 'comparison', 'comparisons')} left out")
        return ", ".join(parts)

    @property
    def others(self) -> str:
        """How many have no result that could be used, in words; "" for nobody.

        >>> Left((), (), (LeftOut(2, "Poe", "", "unreported"),)).others
        '1 study without a result'
        """
        parts: list[str] = []
        for those, what in (
            (self.elsewhere, "not in this comparison"),
            (self.unreported, "without a result"),
        ):
            if count := len({one.study_id for one in those}):
                parts.append(
                    f"{thousands(count)} {what}"
                    if parts
                    else f"{plural(count, 'study', 'studies')} {what}"
                )
        return ", ".join(parts)

    @property
    def note(self) -> tuple[str, ...]:
        """Lines under a plot: those that could not be used by name, others as long as few."""
        few = len(self.elsewhere) <= FEW
        named = [*self.unusable, *(self.elsewhere if few else ())]
        lines = [f"Left out: {', '.join(one.label for one in named)}."] if named else []
        if not few:
            lines.append(f"Without a result for this comparison: {studies(len(self.elsewhere))}.")
        return tuple(lines)

    @property
    def words(self) -> str:
        """All of them in words; "" for nobody."""
        return ", ".join(part for part in (self.urgent, self.others) if part)


@dataclass(frozen=True)
class Standing:
    """The state of an analysis with whom its numbers leave out."""

    label: str
    left: Left

    @classmethod
    def of(cls, analysis: Analysis, result: AnyResult | None) -> "Standing":
        """Where ``analysis`` stands with its newest result, if it has one."""
        left = Left() if result is None else Left.of(result)
        return cls(STATES[analysis.state], left)

    @property
    def words(self) -> str:
        """``Current; 2 studies left out``."""
        return f"{self.label}; {self.left.words}" if self.left else self.label

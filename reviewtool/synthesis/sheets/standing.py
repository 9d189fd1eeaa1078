"""Where an analysis stands, in words that never hide whom it left out."""

from dataclasses import dataclass

from reviewtool.synthesis.models import Analysis, AnalysisState
from reviewtool.synthesis.results import AnyResult, NetworkResult
from reviewtool.synthesis.rules.selection import LeftOut
from reviewtool.words import plural

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

    named: those that had a result for the outcome. unreported: those that had none.
    partly: ids of studies of which another comparison was pooled.
    """

    named: tuple[LeftOut, ...]
    unreported: tuple[LeftOut, ...]
    partly: frozenset[int] = frozenset()

    @classmethod
    def of(cls, result: AnyResult) -> "Left":
        """Those a result names."""
        used = (
            frozenset()
            if isinstance(result, NetworkResult)
            else frozenset(one.study_id for one in result.studies)
        )
        named = tuple(one for one in result.left_out if one.stage != "unreported")
        return cls(
            named,
            tuple(one for one in result.left_out if one.stage == "unreported"),
            frozenset(one.study_id for one in named) & used,
        )

    def __bool__(self) -> bool:
        return bool(self.named or self.unreported)

    @property
    def studies(self) -> int:
        """How many studies have a result for the outcome and are not in the analysis at all."""
        return len({one.study_id for one in self.named} - self.partly)

    @property
    def words(self) -> str:
        """How many, in words; "" for nobody.

        >>> Left((LeftOut(1, "Lee", "no SE"),), (LeftOut(2, "Poe", "", "unreported"),)).words
        '1 study left out, 1 without a result'
        """
        parts = []
        if self.studies:
            parts.append(f"{plural(self.studies, 'study', 'studies')} left out")
        rows = sum(one.study_id in self.partly for one in self.named)
        if rows:
            parts.append(f"{plural(rows, 'comparison', 'comparisons')} left out")
        if self.unreported:
            silent = len({one.study_id for one in self.unreported})
            parts.append(
                f"{silent} without a result"
                if parts
                else f"{plural(silent, 'study', 'studies')} without a result"
            )
        return ", ".join(parts)


@dataclass(frozen=True)
class Standing:
    """The state of an analysis with whom its numbers leave out."""

    label: str
    left: Left

    @classmethod
    def of(cls, analysis: Analysis, result: AnyResult | None) -> "Standing":
        """Where ``analysis`` stands with its newest result, if it has one."""
        left = Left((), ()) if result is None else Left.of(result)
        return cls(STATES[analysis.state], left)

    @property
    def words(self) -> str:
        """``Current; 2 studies left out``."""
        return f"{self.label}; {self.left.words}" if self.left else self.label

"""How another pooled effect stands beside the main one: what it would make a reader say."""

from dataclasses import dataclass

from reviewtool.synthesis.results import Effect, PairwiseResult
from reviewtool.synthesis.rules.closer.topic import Asked
from reviewtool.synthesis.rules.importance import Importance, importance

AGAIN, NO_LONGER = "includes no effect", "excludes no effect"


@dataclass(frozen=True)
class Beside:
    """The main result and what an effect of its outcome is measured against."""

    result: PairwiseResult
    asked: Asked = Asked()

    def includes_null(self, effect: Effect) -> bool | None:
        """Whether an interval holds no effect; None where nothing is compared or estimated."""
        null, shown = self.result.effect_measure.null, self.result.shown(effect)
        if null is None or shown.ci_low is None or shown.ci_high is None:
            return None
        return shown.ci_low <= null <= shown.ci_high

    def importance(self, effect: Effect) -> Importance | None:
        """How an effect stands to the minimal important difference."""
        shown = self.result.shown(effect)
        return importance(
            self.result.effect_measure,
            (shown.estimate, shown.ci_low, shown.ci_high),
            self.asked.difference,
            lower_is_better=self.asked.lower_is_better,
            unit=self.asked.unit,
        )

    def changes(self, effect: Effect | None) -> tuple[str, ...]:
        """What ``effect`` would say otherwise than the main result; empty where nothing.

        Whether the interval holds no effect, and whether the minimal important difference
        is reached.
        """
        if effect is None or effect.estimate is None:
            return ()
        said = []
        before, now = self.includes_null(self.result.pooled), self.includes_null(effect)
        if before is not None and now is not None and before != now:
            said.append(AGAIN if now else NO_LONGER)
        old, new = self.importance(self.result.pooled), self.importance(effect)
        if old is not None and new is not None and old.reached is not new.reached:
            said.append(f"minimal important difference {new.reached.value}")
        return tuple(said)

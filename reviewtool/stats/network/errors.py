"""What can keep studies from forming one network.

StatsError
├── Disconnected          the treatments fall into parts that no study compares
└── InconsistentStudy     a multi-arm study whose contrasts contradict each other
"""

from reviewtool.stats.errors import StatsError


class Disconnected(StatsError):
    """``subnets`` lists the parts; nothing compares one with another."""

    code = "disconnected"
    message = (
        "The network falls into {count} parts that no study connects: {parts}. "
        "Analyse each part by itself, or add a study that connects them."
    )

    def __init__(self, subnets: tuple[tuple[str, ...], ...]) -> None:
        self.subnets = subnets
        parts = " | ".join(", ".join(names) for names in subnets)
        super().__init__(count=len(subnets), parts=parts)


class InconsistentStudy(StatsError):
    """``study`` names the one whose contrasts cannot all be right."""

    code = "inconsistent-study"
    message = "{study}: {reason}. Correct its rows, or leave the study out."

    def __init__(self, study: str, reason: str) -> None:
        self.reason = reason
        super().__init__(study=study, reason=reason)

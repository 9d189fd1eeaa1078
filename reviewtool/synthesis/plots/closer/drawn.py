"""What a plot of a topic is; the file of a topic declares its own in ``PLOTS``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots import closer
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.rules.closer import topics
from reviewtool.synthesis.rules.closer.topic import Topic


@dataclass(frozen=True)
class Drawn:
    """One plot of what a topic found.

    key: in addresses and file names. label: "leave-one-out forest plot". draws: the chart of
    an analysis, the run that is seen and the finding. fits: whether the finding has it.
    """

    key: str
    label: str
    draws: Callable[[Line, AnalysisRun, Any], Any]
    fits: Callable[[Any], bool]


def of_topic(topic: Topic) -> tuple[Drawn, ...]:
    """The plots of a topic."""
    plots: tuple[Drawn, ...] = topics.part_of(topic, closer, "PLOTS")
    return plots

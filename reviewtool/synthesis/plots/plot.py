"""What a plot of a run is; each module of this room declares its own in ``PLOTS``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import Result


@dataclass(frozen=True)
class Plot:
    """One plot of a kind of result.

    key: in addresses and file names, unique among the plots of its kind. draws: the chart
    of a run. fits: whether a result has what the plot shows.
    """

    key: str
    label: str
    kind: type[Result]
    draws: Callable[[Line, AnalysisRun], Any]
    fits: Callable[[Any], bool] = lambda _: True

    def offered(self, run: AnalysisRun) -> bool:
        """Whether a run has this plot."""
        return isinstance(run.result, self.kind) and self.fits(run.result)

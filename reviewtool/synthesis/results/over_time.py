"""What an analysis of several time points together found."""

from typing import Literal

from reviewtool.synthesis.results.parts import (
    Effect,
    Number,
    Part,
    Refit,
    Result,
    StudyEffect,
    Test,
)


class StudyAtTime(StudyEffect):
    """The effect of a study at a planned time point."""

    timepoint: str


class Alone(Refit):
    """The same time point pooled by itself, with the model and method of the whole."""

    k: int


class TimeEffect(Effect):
    """The joint estimate at one time point.

    days: its time, where the label is one. k: studies that report it. tau2: variance between
    studies at this time point.
    """

    timepoint: str
    days: Number = None
    k: int
    p: Number = None
    tau2: Number = None
    alone: Alone


class AtCorrelation(Part):
    """The whole again with another correlation stated; ``error`` says why there is none.
    ``estimates`` follow the order of the time points."""

    rho: float
    estimates: tuple[Effect, ...] = ()
    change: Test | None = None
    error: str = ""


class OverTimeResult(Result):
    """The time points of an outcome, each with its mean, in one multivariate model.

    rho, pattern, unit: the stated correlation of results of a study (``protocol.rules.joint``).
    structure: of the random effects, as fitted; instead: why not the one planned.
    correlations: of the random effects, rows and columns as ``times``; empty without
    heterogeneity. change: whether all time points have one mean.
    """

    kind: Literal["times"] = "times"
    method: str
    test: str
    df: Number = None
    rho: float
    pattern: str
    unit: str
    structure: str
    instead: str = ""
    times: tuple[TimeEffect, ...]
    studies: tuple[StudyAtTime, ...]
    correlations: tuple[tuple[Number, ...], ...] = ()
    heterogeneity: Test
    change: Test | None = None
    sensitivity: tuple[AtCorrelation, ...] = ()

    @property
    def study_count(self) -> int:
        """How many studies report any of the time points."""
        return len({one.study_id for one in self.studies})

    @property
    def results_count(self) -> int:
        """How many results they have."""
        return len(self.studies)

    def at(self, timepoint: str) -> TimeEffect | None:
        """The joint estimate at a time point, if it has one."""
        return next((one for one in self.times if one.timepoint == timepoint), None)

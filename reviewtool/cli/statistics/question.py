"""What is asked of a table, whether it makes sense, and the answer's frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from reviewtool.stats import guidance
from reviewtool.stats.errors import BadInput, StatsError, UnknownChoice

if TYPE_CHECKING:
    from reviewtool.stats.arrays import Vector
    from reviewtool.stats.count_pooling import CountPooled
    from reviewtool.stats.from_sheets import Studies, Zeros
    from reviewtool.stats.measures import Scale
    from reviewtool.stats.results import Pooled
    from reviewtool.stats.sheets import Sheet

COUNT_METHODS = ("MH", "Peto")
GLMM_MEASURES = ("OR", "IRR", "PLO", "IRLN")
# Methods and tests in the letters and under the names that other programs use.
METHODS = {
    **{name.casefold(): name for name in ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")},
    "mh": "MH",
    "peto": "Peto",
    "fe": "EE",
    "ce": "EE",
    "fixed": "EE",
    "common": "EE",
}
TESTS = {
    **{name: name for name in guidance.TESTS},
    "hk": "knha",
    "hksj": "knha",
    "hartung-knapp": "knha",
    "wald": "z",
    "normal": "z",
}
SENSITIVITY = ("leave-one-out", "cumulative", "influence")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table. Levels in per cent; None and () ask for nothing."""

    measure: str | None = None
    method: str = guidance.METHOD
    test: str = guidance.TEST
    level: float = 95.0
    interval_level: float | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    control: str | None = None
    zeros: Zeros | None = None
    subgroup: str | None = None
    common_tau2: bool = False
    moderators: tuple[str, ...] = ()
    prior: str | None = None
    common: bool = False
    sensitivity: tuple[str, ...] = ()
    order: str | None = None
    asymmetry: bool = False
    robust: str | None = None
    rho: float | None = None
    glmm: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The answer: what was pooled, the result of the engine, everything as plain values.

    rows: indices of the pooled studies among all. y, v: theirs, on the analysis scale.
    """

    studies: Studies
    rows: Vector
    y: Vector
    v: Vector
    result: Pooled | CountPooled
    report: dict[str, Any]

    @property
    def names(self) -> list[str]:
        """The pooled studies."""
        return [self.studies.names[i] for i in self.rows]

    @property
    def test(self) -> str:
        """The test of the pooled estimate; counts are pooled with Wald intervals."""
        from reviewtool.stats.results import Pooled

        return self.result.test if isinstance(self.result, Pooled) else "z"

    @property
    def of_studies(self) -> list[str]:
        """The study of each pooled row, where some give several."""
        return [self.studies.studies[i] for i in self.rows]

    @property
    def sheet(self) -> Sheet:
        """The rows of the pooled studies."""
        return self.studies.sheet.at(self.rows.tolist())

    @property
    def own_scale(self) -> Scale:
        """The way back for each study's own effect."""
        es = self.studies.effects
        return es.scale if es.sizes is None else es.scale.at(es.sizes[self.rows])


def refuse(problem: str, remedy: str) -> StatsError:
    """An option that does not fit the question."""
    return BadInput(problem=problem, remedy=remedy)


def check(ask: Question) -> None:
    """Raises BadInput, UnknownChoice for options that do not go together."""
    if ask.subgroup and ask.moderators:
        raise refuse("Subgroups and moderators were both asked for.", "Choose one of them.")
    if ask.common_tau2 and not ask.subgroup:
        raise refuse("--common-tau2 is about subgroups.", "Name them with --subgroup.")
    if ask.order and "cumulative" not in ask.sensitivity:
        raise refuse("--order is about cumulative analysis.", "Ask for --sensitivity cumulative.")
    if ask.rho is not None and not ask.robust:
        raise refuse("--rho is about effects of one cluster.", "Name clusters with --robust.")
    if ask.test not in guidance.TESTS:
        raise UnknownChoice(what="Test", given=ask.test, choices=", ".join(guidance.TESTS))
    if ask.method == "EE":
        if ask.test in ("knha", "adhoc"):
            raise refuse(
                "Hartung-Knapp intervals belong to the random-effects model.",
                "Take --test z with --method EE, or another method.",
            )
        if ask.common:
            raise refuse("--method EE is the common effect already.", "Leave --common out.")
    if ask.method in COUNT_METHODS:
        _check_counts(ask)


def _check_counts(ask: Question) -> None:
    asked = {
        "--subgroup": ask.subgroup,
        "--moderators": ask.moderators,
        "--prior": ask.prior,
        "--common": ask.common,
        "--sensitivity": ask.sensitivity,
        "--robust": ask.robust,
        "--asymmetry": ask.asymmetry,
        "--test": ask.test not in ("auto", "z"),
    }
    wrong = [option for option, value in asked.items() if value]
    if wrong:
        raise refuse(
            f"{', '.join(wrong)} does not go with --method {ask.method}, which pools counts "
            "directly under one common effect.",
            "Take a method of inverse variances, such as REML or EE, or leave the option out.",
        )
    if ask.zeros is not None:
        raise refuse(
            f"--method {ask.method} corrects no zero cells.", "Leave the options on zeros out."
        )


def check_studies(ask: Question, studies: Studies) -> None:
    """Raises BadInput for options that do not go with what the table holds."""
    from reviewtool.stats.measures import Data
    from reviewtool.words import capital

    measure = studies.measure
    if ask.method in COUNT_METHODS and ask.method not in measure.pools:
        what = "odds ratios" if ask.method == "Peto" else "OR, RR, RD, IRR and IRD"
        raise refuse(
            f"--method {ask.method} pools {what} only, not {measure.plural}.",
            "Choose another method or measure.",
        )
    if ask.interval_level is not None and studies.sheet.find("lb") is None:
        raise refuse(
            "--interval-level is about reported intervals, and the table has none.",
            "Leave it out; --level is the level of the results.",
        )
    counted = measure.data in (Data.COUNTS, Data.RATES, Data.COUNT, Data.RATE)
    if ask.zeros is not None and (not counted or measure.raw):
        raise refuse(
            f"{capital(measure.plural)} have no zero cells to correct.",
            "Leave the options on zeros out.",
        )
    if ask.glmm and measure.name not in GLMM_MEASURES:
        raise refuse(
            f"--glmm pools {', '.join(GLMM_MEASURES)} only, not {measure.name}.",
            "Choose one of them with --measure.",
        )
    if ask.glmm and not studies.columns:
        raise refuse("--glmm needs counts, and the table has none.", "Leave it out.")


def with_zeros(add: float | None, to: str | None, keep: bool) -> Zeros | None:
    """The zero-cell policy that was asked for; None when nothing was."""
    from reviewtool.stats.from_sheets import Zeros

    if add is None and to is None and not keep:
        return None
    asked = Zeros(keep00=keep)
    if add is not None:
        asked = replace(asked, add=add)
    return replace(asked, to=to) if to is not None else asked


def back(scale: Scale, values: Sequence[float]) -> list[float]:
    """``values`` of the analysis scale as people read them."""
    return [float(x) for x in scale.back(list(values))]

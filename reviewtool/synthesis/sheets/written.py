"""Numbers of an analysis as people read them: on the natural scale, with the measure's digits."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviewtool import words
from reviewtool.stats.distributions import critical
from reviewtool.stats.measures import Measure
from reviewtool.synthesis.results import Effect, NetworkResult, Result, Split, StudyEffect, Test

WIDEST = 18  # characters over a column of numbers
OF_SUBGROUP = "Subgroup "  # how a warning about one begins


def number(of: Measure, value: float | None) -> str:
    """A natural value of a measure.

    >>> from reviewtool.stats.measures import measure
    >>> number(measure("OR"), 0.494), number(measure("PFT"), 0.2345)
    ('0.49', '23.4\u202f%')
    """
    return words.percent(value, of.digits) if of.percent else words.num(value, of.digits)


def limits(of: Measure, low: float | None, high: float | None) -> str:
    """Two natural limits.

    >>> from reviewtool.stats.measures import measure
    >>> limits(measure("OR"), 0.34, 0.7), limits(measure("PFT"), 0.12, 0.3)
    ('0.34 to 0.70', '12.0 to 30.0\u202f%')
    """
    if low is None or high is None or not of.percent:
        return words.interval(low, high, of.digits)
    return f"{words.num(100 * low, of.digits)} to {words.percent(high, of.digits)}"


def effect(
    of: Measure, value: float | None, low: float | None, high: float | None, level: float
) -> str:
    """A natural estimate with its name and interval. level: in per cent.

    >>> from reviewtool.stats.measures import measure
    >>> effect(measure("RR"), 0.49, 0.34, 0.7, 95)
    'RR 0.49 (95\u202f% CI 0.34 to 0.70)'
    """
    if value is None:
        return f"{of.short} {words.NOT_ESTIMABLE}"
    interval = f"({words.confidence(level)} {limits(of, low, high)})"
    return f"{of.short} {number(of, value)} {interval}"


@dataclass(frozen=True)
class Written:
    """A result for a page: what its numbers are called and how they are printed."""

    result: Result

    @property
    def heading(self) -> str:
        """The measure over a column."""
        return self.result.effect_measure.heading

    @property
    def short(self) -> str:
        """The measure in a narrow column."""
        return self.result.effect_measure.short

    @property
    def column(self) -> str:
        """The measure over a column of numbers: its heading where that is not too wide."""
        return self.heading if len(self.heading) <= WIDEST else self.short

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the whole."""
        return tuple(x for x in self.result.warnings if not x.startswith(OF_SUBGROUP))

    @property
    def subgroup_warnings(self) -> tuple[str, ...]:
        """Warnings about one subgroup each."""
        return tuple(x for x in self.result.warnings if x.startswith(OF_SUBGROUP))

    @property
    def scale(self) -> str:
        """The name of the analysis scale where it is not the natural one, else ""."""
        scale = self.result.effect_measure.scale
        return scale.name if scale.r_back else ""

    @property
    def confidence(self) -> str:
        """The name of the intervals: 95 % CI."""
        return words.confidence(self.result.level)

    @property
    def credible(self) -> str:
        """The name of Bayesian intervals: 95 % CrI."""
        return words.confidence(self.result.level, "CrI")

    @property
    def compares(self) -> bool:
        """Whether something is compared, so that no effect has a meaning."""
        return self.result.effect_measure.null is not None

    @property
    def better(self) -> str:
        """Which direction counts as good in a network's ranking; "" for other results."""
        if not isinstance(self.result, NetworkResult):
            return ""
        return "lower is better" if self.result.lower_is_better else "higher is better"

    def value(self, x: float | None) -> str:
        """A value of the analysis scale."""
        return number(self.result.effect_measure, self.result.natural(x))

    def exact(self, x: float | None) -> str:
        """The same with every digit."""
        natural = self.result.natural(x)
        return "" if natural is None else repr(natural)

    def interval(self, low: float | None, high: float | None) -> str:
        """Two limits of the analysis scale."""
        return limits(
            self.result.effect_measure, self.result.natural(low), self.result.natural(high)
        )

    def study(self, one: StudyEffect) -> tuple[str, str]:
        """A study's estimate and its limits, by its own size where the scale needs one."""
        shown, of = self.result.shown(one), self.result.effect_measure
        return number(of, shown.estimate), limits(of, shown.ci_low, shown.ci_high)

    def effect(self, one: Effect) -> str:
        """An estimate with its name, limits and level."""
        shown = self.result.shown(one)
        return effect(
            self.result.effect_measure,
            shown.estimate,
            shown.ci_low,
            shown.ci_high,
            self.result.level,
        )

    def of_split(self, one: Split, source: str) -> Effect:
        """Direct, indirect or network evidence on a pair with its Wald limits."""
        estimate, se = getattr(one, source), getattr(one, f"{source}_se")
        if estimate is None or se is None:
            return Effect()
        half = critical(self.result.level, None) * se
        return Effect(estimate=estimate, se=se, ci_low=estimate - half, ci_high=estimate + half)

    def sources(self, studies: Sequence[StudyEffect]) -> str:
        """Where the studies' effects come from, in a sentence's words.

        One kind: "each effect computed from its groups". Both: how many of each.
        """
        computed = sum(one.source == "arms" for one in studies)
        reported = len(studies) - computed
        each = "the effect" if len(studies) == 1 else "each effect"
        if not reported:
            groups = "group" if self.result.effect_measure.groups == 1 else "groups"
            return f"{each} computed from its {groups}"
        if not computed:
            return f"{each} as reported"
        return f"{words.plural(computed, 'effect', 'effects')} computed, {reported} as reported"


def tested(found: Test) -> str:
    """A test in words.

    >>> tested(Test(q=3.21, df=2, p=0.2)), tested(Test(q=1.5, df=1, df2=7.0, p=0.26))
    ('Q = 3.21, df = 2, p = 0.20', 'F = 1.50, df = 1, 7, p = 0.26')
    """
    name = "F" if found.df2 is not None else "Q"
    second = f", {words.num(found.df2, 0)}" if found.df2 is not None else ""
    return f"{words.named(words.num(found.q), name)}, df = {found.df}{second}, {words.p(found.p)}"

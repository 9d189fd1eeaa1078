"""What a layout of the forest plot consists of: the order of columns, words, marks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from reviewtool import words
from reviewtool.charts import page
from reviewtool.words import NOT_ESTIMABLE, confidence, named, num, out_of_hundred

Column = Literal["study", "more", "arms", "weight", "effect", "plot", "bias"]


@dataclass(frozen=True)
class Between:
    """A test for differences between subgroups: chi-square on ``df``, F on ``df`` and ``df2``."""

    q: float
    df: float
    p: float | None
    df2: float | None = None


@dataclass(frozen=True)
class Pooling:
    """The numbers behind a diamond, where they are known: lines of words are made of them.

    i2: in per cent. statistic: z, or t on ``df`` degrees of freedom, of the test of no
    effect. model: "random" or "common". method: REML, DL, EE, MH, Peto and so on.
    """

    tau2: float | None = None
    q: float | None = None
    q_df: float | None = None
    q_p: float | None = None
    i2: float | None = None
    statistic: float | None = None
    df: float | None = None
    p: float | None = None
    model: Literal["random", "common"] = "random"
    method: str = ""
    between: Between | None = None

    @property
    def how(self) -> str:
        """Weights and model in short.

        >>> Pooling(method="MH", model="common").how, Pooling(method="REML").how
        ('M-H, Fixed', 'IV, Random')
        """
        weights = {"MH": "M-H", "Peto": "Peto"}.get(self.method, "IV")
        return f"{weights}, {'Fixed' if self.model == 'common' else 'Random'}"


@dataclass(frozen=True)
class Wording:
    """How a journal writes numbers and lines.

    effect: of point, low, high. ``dashed``: limits joined by a dash unless one is negative.
    heterogeneity: of tau2, q, df, p, i2, each with its sign ("= 0.24"). tight: without
    spaces around signs. zero: whether p values have one before the point. chi: what Cochran's
    Q is called.
    """

    effect: str = "{point} ({low} to {high})"
    span: str = "({low} to {high})"
    dashed: bool = False
    p: str = "p"
    zero: bool = True
    tight: bool = False
    heterogeneity: str = "Heterogeneity: τ² {tau2}, Q {q}, df {df}, {p}, I² {i2}"
    overall: str = ""
    between: str = "Test for subgroup differences: {name} {q}, df {df}, {p}"
    chi: str = "Q"
    total: str = "{label}"
    subtotal: str = "{label}"
    prediction: str = "Prediction interval"

    def written(self, point: float | None, low: float | None, high: float | None, n: int) -> str:
        """An effect with its limits in ``n`` decimals."""
        if point is None or low is None or high is None or any(x != x for x in (point, low, high)):
            return words.capital(words.estimate(point, low, high, n))
        return self._filled(self.effect, num(point, n), low, high, n)

    def interval(self, low: float, high: float, n: int) -> str:
        """Two limits, as those of a prediction interval."""
        return self._filled(self.span, "", low, high, n)

    def _filled(self, template: str, point: str, low: float, high: float, n: int) -> str:
        if self.dashed and low >= 0:
            template = template.replace(" to ", "-")
        return template.format(point=point, low=num(low, n), high=num(high, n))

    def of_p(self, value: float | None) -> str:
        """A p value in the journal's manner."""
        if value is None or value != value:
            return f"{self.p} {NOT_ESTIMABLE}"
        text = words.p_cell(value)
        return named(text if self.zero else text.replace("0.", ".", 1), self.p)

    def lines(self, pooled: Pooling, k: int) -> tuple[str, ...]:
        """What stands under a diamond: heterogeneity, test of no effect."""
        found = []
        if pooled.q is not None and k > 1:
            found.append(self._heterogeneity(pooled))
        if self.overall and pooled.statistic is not None:
            found.append(self._overall(pooled))
        if pooled.between is not None:
            found.append(self._between(pooled.between))
        return tuple(map(self._spaced, found))

    def _heterogeneity(self, pooled: Pooling) -> str:
        text = self.heterogeneity
        if pooled.tau2 is None or pooled.model == "common":
            text = re.sub(r"[^ ]+ \{tau2\}[,;] ", "", text)
        if pooled.i2 is None:
            text = re.sub(r"[,;] I² \{i2\}", "", text)
        return text.format(
            tau2=_after(num(pooled.tau2, 3)),
            q=_after(num(pooled.q)),
            df=_after(num(pooled.q_df, 0)),
            p=self.of_p(pooled.q_p),
            i2=_after(out_of_hundred(pooled.i2)),
        )

    def _overall(self, pooled: Pooling) -> str:
        letter = "z" if pooled.df is None else "t"
        df = "" if pooled.df is None else f", df = {num(pooled.df, 0)}"
        return self.overall.format(
            letter=letter,
            capital=letter.upper(),
            value=_after(num(pooled.statistic)),
            df=df,
            p=self.of_p(pooled.p),
        )

    def _between(self, test: "Between") -> str:
        second = f", {num(test.df2, 0)}" if test.df2 else ""
        return self.between.format(
            name="F" if test.df2 else self.chi,
            q=_after(num(test.q)),
            df=_after(f"{num(test.df, 0)}{second}"),
            p=self.of_p(test.p),
        )

    def _spaced(self, text: str) -> str:
        """Without spaces around signs where the journal has none."""
        return re.sub(r" ([=<>]) ", r"\1", text) if self.tight else text


def _after(text: str) -> str:
    """A number with the sign that leads to it: "= 0.24", "< 0.001"."""
    return named(text, "").strip()


@dataclass(frozen=True)
class Style:
    """A layout.

    order: its columns from the left. split: each number of an arm has a column of its own.
    over: what an arm's column holds stands over both arms, which are named below it.
    under: other words for what an arm's column holds. effect, effect_under: heading of the
    effect's column and the line below, of short, title, how and ci; plot the same. favours:
    where the words left and right of no effect stand; favour: how they begin. stacked: the
    interval stands on a line below the study's name, for narrow screens. letters: domains of
    bias by letter. signs: of judgements, where they are not the usual ones. events_below: sums
    of events have a line.
    """

    key: str
    label: str
    wording: Wording
    order: tuple[Column, ...] = ("study", "more", "arms", "plot", "weight", "effect", "bias")
    study: str = ""
    split: bool = False
    over: bool = False
    under: Mapping[str, str] = field(default_factory=dict)
    weight: str = "Weight, %"
    percent: bool = False
    effect: str = "{short} ({ci})"
    effect_under: str = ""
    plot: str = "{title} ({ci})"
    plot_under: str = ""
    favours: Literal["below", "above"] = "below"
    favour: str = "Favours"
    square: str = page.ACCENT
    diamond: str = page.ACCENT
    outline: str = "none"
    stripes: bool = False
    head_fill: str = ""
    stacked: bool = False
    letters: bool = False
    signs: Mapping[str, str] = field(default_factory=dict)
    events_below: bool = False
    pooled_line: bool = True

    def heading(self, template: str, *, short: str, title: str, how: str, level: float) -> str:
        """A heading for a measure: the spaces and commas of what is unknown are left out."""
        text = template.format(short=short, title=title, how=how, ci=confidence(level))
        return text.removeprefix(", ")

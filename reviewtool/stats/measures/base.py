"""What an effect measure is, and everything anybody may ask of one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

import numpy as np

from reviewtool.stats.arrays import Vector
from reviewtool.stats.measures.scales import IDENTITY, Scale

Columns: TypeAlias = Mapping[str, Vector]
Flags: TypeAlias = np.ndarray  # bool, shape (k,)


class Options(NamedTuple):
    """Zero-cell policy and variance type.

    drop00 leaves out studies without events, or without non-events, in both arms;
    keep11 keeps the latter all the same.
    """

    add: float
    to: str
    drop00: bool
    vtype: str
    level: float | Vector = 95.0  # of reported intervals, per cent
    keep11: bool = False


class Problem(NamedTuple):
    """One number that cannot be."""

    row: int
    column: str
    value: float
    reason: str


Compute: TypeAlias = Callable[[Columns, Options], tuple[Vector, Vector, Flags]]
Parts: TypeAlias = Mapping[str, tuple[str, ...]]


class Data(Enum):
    """What a study gives a measure.

    kind: the outcome kind whose cells hold it. groups: how many groups a study has.
    words: the same for people. parts: what is extracted, and the column of each group
    that takes it (the first is the experimental group, or the later measurement).
    needs: the columns without which nothing can be computed; a bar joins alternatives.
    """

    COUNTS = (
        "dichotomous",
        2,
        "events and totals of two groups",
        {"events": ("ai", "ci"), "total": ("n1i", "n2i")},
        ("ai", "bi|n1i", "ci", "di|n2i"),
    )
    RATES = (
        "rate",
        2,
        "events and person-time of two groups",
        {"events": ("x1i", "x2i"), "time": ("t1i", "t2i")},
        ("x1i", "t1i", "x2i", "t2i"),
    )
    MEANS = (
        "continuous",
        2,
        "means, standard deviations and sizes of two groups",
        {"mean": ("m1i", "m2i"), "sd": ("sd1i", "sd2i"), "n": ("n1i", "n2i")},
        ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
    )
    CHANGES = (
        "change",
        1,
        "means and standard deviations of one group after and before, with their correlation",
        {"mean": ("m1i", "m2i"), "sd": ("sd1i", "sd2i"), "n": ("ni",), "correlation": ("ri",)},
        ("m1i", "sd1i", "m2i", "sd2i", "ni", "ri"),
    )
    COUNT = (
        "dichotomous",
        1,
        "events and total of one group",
        {"events": ("xi",), "total": ("ni",)},
        ("xi", "ni|mi"),
    )
    RATE = (
        "rate",
        1,
        "events and person-time of one group",
        {"events": ("xi",), "time": ("ti",)},
        ("xi", "ti"),
    )
    MEAN = (
        "continuous",
        1,
        "mean, standard deviation and size of one group",
        {"mean": ("mi",), "sd": ("sdi",), "n": ("ni",)},
        ("mi", "sdi", "ni"),
    )
    CORRELATION = (
        "correlation",
        1,
        "a correlation and the sample size",
        {"correlation": ("ri",), "n": ("ni",)},
        ("ri", "ni"),
    )
    ESTIMATE = (
        "estimate",
        2,
        "an estimate with its standard error, interval or p-value",
        {"estimate": ("est",), "se": ("sei",), "ci_low": ("lb",), "ci_high": ("ub",)},
        ("yi|est",),
    )

    def __init__(
        self, kind: str, groups: int, words: str, parts: Parts, needs: tuple[str, ...]
    ) -> None:
        self.kind = kind
        self.groups = groups
        self.words = words
        self.parts = parts
        self.needs = needs


KINDS = tuple(dict.fromkeys(data.kind for data in Data))
# One group seen once: its value is compared with nothing.
ALONE = frozenset({Data.COUNT, Data.RATE, Data.MEAN})


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One effect measure: asked by protocol, extraction, engine, charts and reports alike.

    heading: what plots, pages and tables print over natural values; variant tells
    measures of one heading apart in a list; short fits a narrow column. title: the
    analysis scale in words. compute: the formula; raw: always from the raw counts,
    nothing is ever added. unused: columns of its data it does without. above_zero:
    columns that must be, or there is no effect. reported: studies print it themselves,
    with an interval or standard error, so that it also fits outcomes of given estimates.
    directions: what values left and right of the null mean. absolute: risk that goes
    with a comparator risk and a natural effect. pools: methods that can pool it. usual:
    what is taken for its data when nobody chooses. before: parts of one group measured
    twice whose first column is the value before, not after. drops_double_zero: studies without an
    event in either arm say nothing and are left out (Cochrane Handbook, 10.4.4.1);
    keeps_all_events: those in which everybody has the event are kept all the same.
    in_units: natural values are in the outcome's own unit.
    r_name: metafor's name in ``escalc``. digits, percent: how natural values are printed.
    """

    name: str
    heading: str
    title: str
    data: Data
    compute: Compute
    scale: Scale = IDENTITY
    variant: str = ""
    short: str = ""
    directions: tuple[str, str] = ("", "")
    absolute: Callable[[float, float], float] | None = None
    pools: tuple[str, ...] = ("inverse",)
    reported: bool = False
    usual: bool = False
    drops_double_zero: bool = False
    keeps_all_events: bool = False
    in_units: bool = False
    raw: bool = False
    unused: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    above_zero: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    r_name: str = ""
    digits: int = 2
    percent: bool = False

    def __post_init__(self) -> None:
        for name in ("short", "r_name"):
            if not getattr(self, name):
                object.__setattr__(self, name, self.name)

    @property
    def label(self) -> str:
        """The heading, told apart from others like it: for lists to choose from."""
        return f"{self.heading} ({self.variant})" if self.variant else self.heading

    @property
    def axis_title(self) -> str:
        """The heading with the unit, where values stand without one: along an axis."""
        return f"{self.heading}, %" if self.percent else self.heading

    @property
    def plural(self) -> str:
        """Several of its effects inside a sentence: 'odds ratios', 'ratios of means'."""
        own = self.heading.startswith(("Peto", "Yule", "Fisher"))
        words = self.heading if own else self.heading[0].lower() + self.heading[1:]
        if words.startswith("ratio of "):
            return words.replace("ratio", "ratios", 1)
        head, apart, tail = words.partition(" from ")
        return f"{head}s{apart}{tail}"

    @property
    def groups(self) -> int:
        """1 or 2: how many groups of a study it takes."""
        return self.data.groups

    @property
    def parts(self) -> Parts:
        """What is extracted -> its columns: of each group, or after and before."""
        return {
            part: columns[::-1] if part in self.before else columns
            for part, columns in self.data.parts.items()
        }

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns it cannot do without; a bar joins alternatives: 'bi|n1i'."""
        return tuple(name for name in self.data.needs if name not in self.unused)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The outcome kinds it can be planned for."""
        own = self.data.kind
        return (own, "estimate") if self.reported and own != "estimate" else (own,)

    @property
    def is_ratio(self) -> bool:
        """Whether natural values multiply: drawn on a log axis, null at 1."""
        return self.scale.is_ratio

    @property
    def null(self) -> float | None:
        """No effect, on the natural scale; None where nothing is compared."""
        if self.data in ALONE:
            return None
        return 1.0 if self.scale.is_ratio else 0.0

    def check(self, columns: Columns) -> Iterator[Problem]:
        """Every impossible number: negative counts and SDs, events above totals."""
        for name, values in columns.items():
            if name in ("m1i", "m2i", "yi", "est", "lb", "ub"):
                continue
            if name == "mi" and self.data is Data.MEAN:
                continue
            if name == "ri":
                yield from _problems(name, values, np.abs(values) > 1, "correlations lie in -1..1")
            else:
                yield from _problems(name, values, values < 0, "it cannot be negative")
        for part, whole in (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni")):
            if part in columns and whole in columns:
                over = columns[part] > columns[whole]
                yield from _problems(part, columns[part], over, f"it exceeds {whole}")


def _problems(name: str, values: Vector, wrong: Flags, reason: str) -> Iterator[Problem]:
    for i in np.flatnonzero(wrong):
        yield Problem(int(i), name, float(values[i]), reason)


def plain(formula: Callable[[Columns, str], tuple[Vector, Vector]]) -> Compute:
    """A formula without counts: nothing is ever corrected."""

    def compute(columns: Columns, options: Options) -> tuple[Vector, Vector, Flags]:
        y, v = formula(columns, options.vtype)
        return y, v, np.zeros(y.shape, dtype=bool)

    return compute


def hedges_j(m: Vector) -> Vector:
    """Exact small-sample correction J(m); NaN for m < 2.

    Source: Hedges 1981, J Educ Stat 6:107.
    """
    from scipy.special import gammaln

    with np.errstate(all="ignore"):
        j: Vector = np.exp(gammaln(m / 2) - gammaln((m - 1) / 2) - 0.5 * np.log(m / 2))
    return np.where(m > 1, j, np.nan)


def to_correct(zero: Flags, to: str) -> Flags:
    """Which studies the zero-cell policy adjusts."""
    if to == "only0":
        return zero
    if to == "all":
        return np.ones_like(zero)
    if to == "if0all":
        return np.full_like(zero, bool(zero.any()))
    return np.zeros_like(zero)

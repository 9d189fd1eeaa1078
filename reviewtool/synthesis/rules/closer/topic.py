"""What a topic of the closer look is, what it works on and what it finds."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from reviewtool.protocol.rules.leaving_out import Known
from reviewtool.reading import number
from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import StatsError
from reviewtool.synthesis.results import PairwiseResult, Part, Pooled
from reviewtool.synthesis.rules.pairwise import taken
from reviewtool.synthesis.rules.pooling import Inputs, Settings
from reviewtool.synthesis.rules.selection import Row
from reviewtool.synthesis.rules.without import left, without

T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """What is known of the outcome.

    difference: the minimal important one, in the outcome's unit; None where there is none.
    harm: it is an adverse event.
    """

    name: str = ""
    harm: bool = False
    difference: float | None = None
    lower_is_better: bool = True
    unit: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of the studies besides their numbers, for topics that ask for it.

    known: study id -> facts. judgements: domain (and ``overall``) -> judgements of the tools,
    best to worst. fields: key -> name of each characteristic. names: of domains too. planned:
    sets that the plan leaves out.
    """

    known: Mapping[int, Known] = field(default_factory=dict)
    judgements: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    planned: Sequence[str] = ()
    planned_id: int = 0


@dataclass(frozen=True)
class Studied:
    """A pooled result and what it was pooled from, without the studies that are left out.

    rows, labels, y, v: shape (k,), in the order of ``result.studies``, on the analysis scale.
    settings: as they could be followed (see ``pairwise.taken``). gone: who is left out of
    this view. asked: what is known of the outcome. facts: what is known of the studies, where
    the topic asks for it.
    """

    result: PairwiseResult
    rows: Sequence[Row]
    labels: list[str]
    y: Vector
    v: Vector
    settings: Settings
    inputs: Inputs
    gone: tuple[str, ...] = ()
    asked: Asked = Asked()
    facts: Facts = Facts()

    @property
    def k(self) -> int:
        """How many effects were pooled."""
        return len(self.rows)

    @property
    def studies(self) -> list[str]:
        """Whose effect each row is."""
        return [str(row.study_id) for row in self.rows]

    @property
    def about(self) -> dict[str, Any]:
        """What every finding says of the result that it looks at."""
        return {
            "measure": self.result.measure,
            "level": self.result.level,
            "pooled": self.result.pooled,
            "gone": self.gone,
        }


def studied(
    result: PairwiseResult, inputs: Inputs, settings: Settings, gone: Collection[int] = ()
) -> Studied:
    """What a run pooled, without the studies ``gone`` (ids); those that it never had do not count.

    Raises NothingToPool when no study is left.
    """
    away = {row.study_id: row.label for row in inputs.rows if row.study_id in gone}
    if away:
        result, inputs = without(inputs, settings, away), left(inputs, away)
    found = taken(inputs, settings)
    return Studied(
        result,
        found.rows,
        found.labels,
        found.y,
        found.v,
        found.settings,
        inputs,
        tuple(away.values()),
    )


def _typed(value: Any) -> Any:
    """A number as people type it. Raises ValueError for what can be read in two ways."""
    return number(value) if isinstance(value, str) else value


# A number with a decimal point or comma: rho=0.5, rho=0,5.
TYPED = BeforeValidator(_typed)
# A list that an address may name once: without=3.
SEVERAL = BeforeValidator(lambda value: value if isinstance(value, list) else [value])


class Choices(BaseModel):
    """What an address may choose: a run by its id, studies to leave out, and what a topic adds.

    A choice that is missing or empty is the default.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: int | None = Field(default=None, description="an earlier run; the newest by default")
    without: Annotated[list[int], SEVERAL] = Field(
        default=[], description="ids of studies left out of this view; can be given several times"
    )


class Finding(Part):
    """What a topic found, on the analysis scale (log for ratios), beside the result it looks at.

    pooled: that result. gone: studies left out of this view. missing: what could not be
    computed -> why, in a sentence.
    """

    measure: str
    level: float
    pooled: Pooled
    gone: tuple[str, ...] = ()
    missing: Mapping[str, str] = {}
    warnings: tuple[str, ...] = ()


class Trying:
    """Computes the parts of a finding, and keeps why one of them is missing."""

    def __init__(self) -> None:
        self.missing: dict[str, str] = {}

    def of(self, part: str, compute: Callable[[], T]) -> T | None:
        """What ``compute`` gives; None where it cannot, with the reason kept under ``part``."""
        try:
            return compute()
        except StatsError as error:
            self.missing[part] = error.message
            return None


@dataclass(frozen=True)
class Topic:
    """One page of the closer look.

    key: in addresses, and with ``_`` for ``-`` the name of its files. label: on its tab.
    told: what it shows, in a sentence. place: where among the tabs. finds: computes what it
    shows from the choices of an address. slow: a page is shown first and asks for the numbers
    in a second request, because they take longer than a page may; so it is from ``large``
    effects on. knows: it asks for ``Studied.facts``.
    """

    key: str
    label: str
    told: str
    place: int
    finding: type[Finding]
    finds: Callable[[Studied, Any], Finding]
    choices: type[Choices] = Choices
    slow: bool = False
    knows: bool = False
    large: int | None = None

    def takes_long(self, k: int) -> bool:
        """Whether a page should not wait for what it finds in ``k`` effects."""
        return self.slow or (self.large is not None and k >= self.large)

    @property
    def file(self) -> str:
        """The name of its files."""
        return self.key.replace("-", "_")

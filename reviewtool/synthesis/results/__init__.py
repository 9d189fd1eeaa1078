"""What an analysis found, typed from the engine to the page.

Effects and limits are on the analysis scale (log for ratios); ``shown`` gives them on the
scale people read. Percentages (weights, i2, level) run from 0 to 100. None stands where a
number is not defined. Stored as JSON with ``version``; migrations bring older rows along.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from reviewtool.synthesis.results.additive import AdditiveResult
from reviewtool.synthesis.results.over_time import OverTimeResult
from reviewtool.synthesis.results.parts import (
    VERSION,
    Effect,
    Number,
    Part,
    Pooled,
    Refit,
    Result,
    StudyEffect,
    Test,
    finite,
)
from reviewtool.synthesis.results.told import Directions, Told, Votes
from reviewtool.synthesis.rules.selection import LeftOut

__all__ = [
    "AdditiveResult",
    "VERSION",
    "AnatomyShare",
    "AnyResult",
    "Asymmetry",
    "Cell",
    "ContrastRow",
    "Contributing",
    "Directions",
    "Effect",
    "HeadToHead",
    "LinePoint",
    "MapCluster",
    "MapExperiment",
    "MapPeak",
    "MapResult",
    "MapSide",
    "NarrativeResult",
    "NetworkPart",
    "NetworkResult",
    "NetworkTests",
    "Number",
    "OverTimeResult",
    "Omitted",
    "PairwiseResult",
    "Part",
    "Pooled",
    "Refit",
    "Regression",
    "RegressionPoint",
    "Result",
    "Sensitivity",
    "Split",
    "StudyEffect",
    "SubgroupPooled",
    "Term",
    "Test",
    "Told",
    "TreatmentResult",
    "Votes",
    "Without",
    "WithoutHighRisk",
    "WithoutSet",
    "finite",
]


class SubgroupPooled(Pooled):
    """The studies of one subgroup taken together."""

    label: str


class Term(Effect):
    """A coefficient of a meta-regression."""

    name: str
    p: Number = None


class RegressionPoint(Part):
    """A study in the plot of a meta-regression on one characteristic."""

    label: str
    value: float
    estimate: float
    weight: float


class LinePoint(Part):
    """The fitted mean at one value of the characteristic."""

    value: float
    estimate: float
    ci_low: float
    ci_high: float


class Regression(Part):
    """A meta-regression; ``error`` says why there is none."""

    error: str = ""
    k: int = 0
    terms: tuple[Term, ...] = ()
    tau2: Number = None
    i2: Number = None
    r2: Number = None
    qm: Test | None = None
    points: tuple[RegressionPoint, ...] = ()
    line: tuple[LinePoint, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Omitted(Refit):
    """The pooled effect without one study."""

    omitted: str


class WithoutHighRisk(Part):
    """The analysis without studies at high risk of bias; nothing pooled when none is left
    out or none remains."""

    k: int
    pooled: Pooled | None = None


class WithoutSet(Part):
    """The analysis without the studies of one planned set.

    code: as the plan writes it. left_out: whom it leaves out, by label. k: effects that
    remain. reason: why nothing is pooled.
    """

    code: str
    words: str
    left_out: tuple[str, ...]
    k: int
    pooled: Pooled | None = None
    reason: str = ""


class Sensitivity(Part):
    """The further runs that the plan names."""

    common: Pooled | None = None
    exclude_high_risk: WithoutHighRisk | None = None
    sets: tuple[WithoutSet, ...] = ()
    leave_one_out: tuple[Omitted, ...] = ()


class Asymmetry(Part):
    """A test for small-study effects; ``slope`` is that of the effect on its standard error."""

    test: str = "Egger"
    slope: Number
    t: Number
    df: Number
    p: Number


class PairwiseResult(Result):
    """Studies of one comparison, pooled.

    directions: where a single study has an effect to pool, or others give no more than one.
    """

    kind: Literal["pairwise"] = "pairwise"
    pooled: Pooled
    studies: tuple[StudyEffect, ...]
    subgroups: tuple[SubgroupPooled, ...] = ()
    between: Test | None = None
    regression: Regression | None = None
    sensitivity: Sensitivity = Field(default_factory=Sensitivity)
    asymmetry: Asymmetry | None = None
    directions: Directions | None = None

    @property
    def study_count(self) -> int:
        """How many studies were pooled; one with several treatments counts once."""
        return len({one.study_id for one in self.studies})


class NarrativeResult(Result):
    """Studies of one comparison that are not pooled: by plan, or because nothing can be.

    refused: why not, where pooling was planned.
    """

    kind: Literal["narrative"] = "narrative"
    directions: Directions
    refused: str = ""

    @property
    def study_count(self) -> int:
        """How many studies are told of."""
        return self.directions.study_count


class TreatmentResult(Effect):
    """One treatment against the reference; ``ranks`` are probabilities, best rank first."""

    name: str
    studies: int
    participants: Number = None
    pi_low: Number = None
    pi_high: Number = None
    p_score: Number
    sucra: Number
    ranks: tuple[float, ...]


class Cell(Effect):
    """A row treatment versus a column treatment."""

    p: Number = None


class HeadToHead(Part):
    """How many studies compare two treatments directly."""

    first: str
    second: str
    studies: int


class ContrastRow(Part):
    """One comparison of two arms of a study, as it entered the network."""

    study: str
    first: str
    second: str
    estimate: float
    se: float


class Split(Part):
    """Direct beside indirect evidence on one pair; None where one of them is missing."""

    first: str
    second: str
    studies: int
    share: Number
    direct: Number
    direct_se: Number
    indirect: Number
    indirect_se: Number
    network: Number
    network_se: Number
    difference: Number
    difference_se: Number
    p: Number


class NetworkTests(Part):
    """Heterogeneity and inconsistency: all of it, within designs, between designs."""

    total: Test | None = None
    within: Test | None = None
    between: Test | None = None


class NetworkPart(Part):
    """Treatments that studies connect, and how many studies do."""

    treatments: tuple[str, ...]
    studies: int


class NetworkResult(Result):
    """All treatments of a network compared with each other.

    judgements: study, as ``contrasts`` name it -> agreed overall risk of bias.
    parts: of a network that falls apart, this one first; empty where it does not. others:
    the other parts, where the plan has each analysed on its own. additive: the components of
    its combinations, where planned.
    """

    kind: Literal["network"] = "network"
    model: Literal["common", "random"]
    method: str
    reference: str
    lower_is_better: bool
    k: int
    tau2: Number = None
    i2: Number = None
    q: NetworkTests
    interaction: Test | None = None
    treatments: tuple[TreatmentResult, ...]
    league: Mapping[str, Mapping[str, Cell]]
    direct: tuple[HeadToHead, ...]
    contrasts: tuple[ContrastRow, ...]
    splits: tuple[Split, ...]
    judgements: Mapping[str, str] = Field(default_factory=dict)
    parts: tuple[NetworkPart, ...] = ()
    others: tuple["NetworkResult", ...] = ()
    additive: AdditiveResult | None = None

    @property
    def study_count(self) -> int:
        """How many studies are in the network."""
        return self.k


class MapPeak(Part):
    """A local maximum: millimetres in MNI space, uncorrected p, its standard normal deviate."""

    x: float
    y: float
    z: float
    value: float
    p: float
    deviate: Number = None
    region: str = ""


class AnatomyShare(Part):
    """How much of a cluster lies in a region, 0 to 1."""

    region: str
    share: float


class Contributing(Part):
    """An experiment's part in a cluster: of its summed values (0 to 1), and foci inside."""

    experiment: str
    study: str
    share: float
    foci: int


class Without(Part):
    """How much of a cluster (0 to 1) still forms one when an experiment is left out."""

    experiment: str
    kept: float


class MapCluster(Part):
    """Voxels of a map that stand and touch. Places in mm (MNI), the highest peak first.

    p_size, p_mass, p_voxel: family-wise, None where nothing was drawn. sign: of a contrast,
    whose value is larger.
    """

    number: int
    voxels: int
    mm3: float
    centre: tuple[float, float, float]
    peaks: tuple[MapPeak, ...]
    covers: tuple[AnatomyShare, ...] = ()
    p_size: Number = None
    p_mass: Number = None
    p_voxel: Number = None
    contributing: tuple[Contributing, ...] = ()
    without: tuple[Without, ...] = ()
    sign: Literal["", "first", "second"] = ""

    @property
    def peak(self) -> MapPeak:
        """The highest."""
        return self.peaks[0]

    @property
    def foci(self) -> int:
        """Foci inside."""
        return sum(one.foci for one in self.contributing)

    @property
    def studies(self) -> int:
        """Studies that contribute."""
        return len({one.study for one in self.contributing})

    @property
    def left_without(self) -> dict[str, float]:
        """Experiment -> how much of the cluster is left without it."""
        return {one.experiment: one.kept for one in self.without}

    @property
    def fragile(self) -> tuple[Without, ...]:
        """Experiments without which less than half of the cluster is left."""
        return tuple(one for one in self.without if one.kept < 0.5)


class MapExperiment(Part):
    """An experiment that took part."""

    study_id: int
    study: str
    contrast: str
    n: int
    foci: int
    space: str


class MapSide(Part):
    """One of the maps of a result; ``label`` is "" for the analysis' own."""

    label: str = ""
    foci: int
    people: int
    experiments: tuple[MapExperiment, ...]


class MapResult(Result):
    """Where foci of experiments converge; of two maps, where they differ or agree.

    threshold: the value a voxel exceeded. least_size (voxels), least_value: what 95 of 100
    draws stay below. images: SHA-256 of the stored NIfTI files by name (value, shown, z).
    """

    kind: Literal["coordinates"] = "coordinates"
    algorithm: str
    correction: str
    combine: str = ""
    forming: float
    corrected_level: float
    draws: int = 0
    seed: int | None = None
    mask: str
    sides: tuple[MapSide, ...]
    threshold: Number = None
    least_size: Number = None
    least_value: Number = None
    significant: int = 0
    clusters: tuple[MapCluster, ...] = ()
    images: Mapping[str, str] = Field(default_factory=dict)

    @property
    def study_ids(self) -> frozenset[int]:
        """Studies that took part."""
        return frozenset(one.study_id for side in self.sides for one in side.experiments)

    @property
    def study_count(self) -> int:
        """How many studies took part."""
        return len(self.study_ids)


AnyResult = Annotated[
    PairwiseResult | NarrativeResult | NetworkResult | MapResult | OverTimeResult,
    Field(discriminator="kind"),
]

"""The plan of a review: question, criteria, outcomes, comparisons, planned analyses.

What later stages refer to (outcomes, comparisons, analyses) are rows; the rest of
the plan is one JSON document. Registering freezes rows and document together.
"""

from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import Json, UtcDateTime, text_enum
from reviewtool.protocol.rules.times import Stands
from reviewtool.stats import guidance


class OutcomeKind(str, Enum):
    """What kind of numbers an outcome has: the kinds that effect measures are made for."""

    DICHOTOMOUS = "dichotomous"
    CONTINUOUS = "continuous"
    RATE = "rate"
    CHANGE = "change"
    CORRELATION = "correlation"
    ESTIMATE = "estimate"
    COORDINATES = "coordinates"


class OutcomeRole(str, Enum):
    """How much an outcome matters to the question."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    HARM = "harm"


class Protocol(Versioned, table=True):
    """The working copy of the protocol, one per review."""

    __table_args__ = (UniqueConstraint("review_id"),)

    review_id: int = Field(foreign_key="review.id")
    document: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    updated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    registry_name: str = Field(default="", max_length=100)
    registry_id: str = Field(default="", max_length=100)
    registered_on: date | None = None


class ProtocolVersion(Row, table=True):
    """A frozen copy: version 1.0 at registration, then one per amendment."""

    __table_args__ = (UniqueConstraint("review_id", "number"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    number: str = Field(max_length=20)
    content: Any = Field(sa_type=Json, nullable=False)
    content_hash: str = Field(max_length=64)
    approved_by_id: int = Field(foreign_key="member.id")


class Amendment(Row, table=True):
    """A dated change to a registered protocol, with its reason."""

    review_id: int = Field(foreign_key="review.id", index=True)
    from_version: str = Field(max_length=20)
    to_version: str = Field(max_length=20)
    member_id: int = Field(foreign_key="member.id")
    section: str = Field(max_length=200)
    old_text: str = ""
    new_text: str = ""
    reason: str = ""
    stage_reached: str = Field(default="", max_length=40)
    knew_results: bool = False
    effect_on_work: str = ""
    amended_on: date


class Criterion(Versioned, table=True):
    """One eligibility criterion, shown beside every record."""

    review_id: int = Field(foreign_key="review.id", index=True)
    position: int = 0
    include: bool = True
    aspect: str = Field(default="", max_length=40)
    text: str


class PlannedOutcome(Versioned, table=True):
    """An outcome that the protocol names.

    ``timepoints`` is a list of labels ("3 months"); ``minimal_important_difference``
    is in ``unit``. ``lower_is_better`` says which direction counts as good; plots and
    rankings name it. ``measure`` is the one its analyses have when nobody chooses.
    ``belongs_to`` names the set that the outcome is read with: a cluster of regions, a
    scale with its subscales; "" for none. Brain coordinates have no measure; ``modality``
    and ``direction`` say of which experiments, "" for any.
    scale with its subscales; "" for none. ``windows`` says which reported times count for
    a time point (label -> "3 to 6 weeks") and ``window_rule`` which one when several do.
    """

    review_id: int = Field(foreign_key="review.id", index=True)
    position: int = 0
    name: str = Field(max_length=300)
    kind: OutcomeKind = Field(sa_type=text_enum(OutcomeKind))
    role: OutcomeRole = Field(default=OutcomeRole.PRIMARY, sa_type=text_enum(OutcomeRole))
    measure: str = Field(default="", max_length=10)
    unit: str = Field(default="", max_length=100)
    lower_is_better: bool = True
    timepoints: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    minimal_important_difference: float | None = None
    definition: str = ""
    belongs_to: str = Field(default="", max_length=200)
    modality: str = Field(default="", max_length=40)
    direction: str = Field(default="", max_length=40)
    windows: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    window_rule: Stands = Field(default=Stands.NEAREST, sa_type=text_enum(Stands))
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PlannedComparison(Versioned, table=True):
    """Experimental treatments against comparators, by treatment name.

    Without comparators it describes one group, for measures such as a proportion.
    """

    review_id: int = Field(foreign_key="review.id", index=True)
    position: int = 0
    name: str = Field(max_length=300)
    experimental: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    comparator: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PlannedAnalysis(Versioned, table=True):
    """A synthesis decided on beforehand.

    ``kind`` is pairwise, network, times, coordinates or narrative; ``subgroup`` is ``treatment``,
    ``bias`` or the key of a study characteristic; ``sensitivity`` lists the names
    of further runs (``exclude_high_risk``, ``common``, ``leave_one_out``) and sets of studies to
    leave out, as ``protocol.rules.leaving_out`` writes them. ``map`` holds the choices of a
    coordinates analysis, as ``protocol.rules.maps`` names them, ``joint`` those of one over
    time (``protocol.rules.joint``), and ``network`` those of a network that are not the usual
    ones (``protocol.rules.networks``).
    """

    review_id: int = Field(foreign_key="review.id", index=True)
    position: int = 0
    outcome_id: int = Field(foreign_key="planned_outcome.id", index=True)
    comparison_id: int = Field(foreign_key="planned_comparison.id", index=True)
    timepoint: str = Field(default="", max_length=100)
    kind: str = Field(default="pairwise", max_length=20)
    measure: str = Field(default="OR", max_length=10)
    model: str = Field(default="random", max_length=20)
    method: str = Field(default="REML", max_length=10)
    test: str = Field(default=guidance.TEST, max_length=10)
    level: float = 95.0
    subgroup: str = Field(default="", max_length=100)
    moderators: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    sensitivity: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    map: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    joint: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    network: Any = Field(default_factory=dict, sa_type=Json, nullable=False)
    post_hoc: bool = False
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def choices(self) -> dict[str, Any]:
        """The choices that only its kind has."""
        own: dict[str, Any] = self.map or self.joint or self.network or {}
        return own

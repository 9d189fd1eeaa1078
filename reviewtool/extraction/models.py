"""Studies and what was read from their reports.

Each extractor fills a copy of cells (``Entry``); the consensus copy is the third.
Completing the consensus writes the typed rows (``Arm``, ``Result``, ``Experiment``,
``Focus``) that later stages read. Nothing else writes those.
"""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from reviewtool.db.row import Row, Versioned
from reviewtool.db.types import Json, UtcDateTime, text_enum


class CopyKind(str, Enum):
    """Whose copy: one of two blind extractors, or the consensus."""

    FIRST = "first"
    SECOND = "second"
    CONSENSUS = "consensus"


class CopyState(str, Enum):
    """How far a copy has come."""

    IN_PROGRESS = "in_progress"
    DONE = "done"


class Study(Versioned, table=True):
    """An investigation, reported in one or more reports."""

    __table_args__ = (UniqueConstraint("review_id", "label"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    label: str = Field(max_length=200)
    year: int | None = None
    registry_number: str = Field(default="", max_length=100)
    design: str = Field(default="randomised", max_length=60)
    note: str = Field(default="", sa_type=Text)
    origin: str = Field(default="", max_length=200)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StudyReport(Row, table=True):
    """Which reports tell of which study."""

    __table_args__ = (UniqueConstraint("study_id", "report_id"),)

    study_id: int = Field(foreign_key="study.id", index=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    is_primary: bool = False


class StudyField(Versioned, table=True):
    """A characteristic that every study is asked for.

    ``kind`` is text, number, choice or date; ``options`` lists the choices.
    """

    __table_args__ = (UniqueConstraint("review_id", "key"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    position: int = 0
    key: str = Field(max_length=60)
    label: str = Field(max_length=200)
    section: str = Field(default="Methods", max_length=60)
    kind: str = Field(default="text", max_length=20)
    options: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    required: bool = False
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Extraction(Versioned, table=True):
    """One copy of a study's data: first, second or consensus."""

    __table_args__ = (UniqueConstraint("study_id", "kind"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    study_id: int = Field(foreign_key="study.id", index=True)
    kind: CopyKind = Field(sa_type=text_enum(CopyKind))
    member_id: int | None = Field(default=None, foreign_key="member.id", index=True)
    state: CopyState = Field(default=CopyState.IN_PROGRESS, sa_type=text_enum(CopyState))
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Entry(Versioned, table=True):
    """One cell of a copy, with where it was read.

    ``path`` names the cell: ``study.country`` (a StudyField key), ``arm.1.name``,
    ``arm.1.treatment``, ``arm.1.n``, ``result.<outcome_id>.<timepoint>.1.events``
    (``.total``, ``.mean``, ``.sd``, ``.n``, ``.time``, ``.correlation``, ``.mean_before``,
    ``.sd_before``), and for contrasts between arm 1 and the
    reference arm 2 ``result.<outcome_id>.<timepoint>.1v2.estimate`` (``.se``,
    ``.ci_low``, ``.ci_high``, ``.p``, ``.favours``). Brain coordinates:
    ``experiment.1.name`` (``.n``, ``.modality``, ``.direction``, ``.space``, ``.threshold``)
    and ``experiment.1.focus.3.at``,
    its x, y and z in millimetres, with ``.statistic`` and ``.size``. Time points in paths are
    their labels, "" for none.
    ``value`` is the text as typed, normalised by the rules. ``derived`` says by which
    formula from which raw values it was computed, empty when it was read as it is.
    """

    __table_args__ = (UniqueConstraint("extraction_id", "path"),)

    extraction_id: int = Field(foreign_key="extraction.id", index=True)
    path: str = Field(max_length=300)
    value: str = Field(default="", sa_type=Text)
    quote: str = Field(default="", sa_type=Text)
    page: str = Field(default="", max_length=20)
    report_id: int | None = Field(default=None, foreign_key="report.id")
    derived: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    member_id: int | None = Field(default=None, foreign_key="member.id")


class Arm(Row, table=True):
    """A group of participants, as the consensus has it."""

    __table_args__ = (UniqueConstraint("study_id", "number"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    study_id: int = Field(foreign_key="study.id", index=True)
    number: int
    name: str = Field(max_length=200)
    treatment: str = Field(max_length=200)
    dose: str = Field(default="", max_length=100)
    participants: int | None = None


class Result(Row, table=True):
    """Numbers of one arm (or of a contrast with ``reference_arm_id``), as agreed.

    Dichotomous: ``events`` of ``total``. Rate: ``events`` in ``time`` (person-time).
    Continuous: ``mean``, ``sd``, ``total``. Change of one group: ``mean`` and ``sd`` after,
    ``mean_before`` and ``sd_before``, ``total``, and their ``correlation``. Correlation:
    ``correlation``, ``total``. Contrast: ``estimate`` on the analysis scale (log for
    ratios) with ``se``; where a report gives less, an estimate alone, or ``p_reported`` as it
    is printed ("<0.05") and whom the result ``favours``: first, second or neither of the two.
    """

    review_id: int = Field(foreign_key="review.id", index=True)
    study_id: int = Field(foreign_key="study.id", index=True)
    outcome_id: int = Field(foreign_key="planned_outcome.id", index=True)
    timepoint: str = Field(default="", max_length=100)
    arm_id: int = Field(foreign_key="arm.id", index=True)
    reference_arm_id: int | None = Field(default=None, foreign_key="arm.id")
    events: float | None = None
    total: float | None = None
    mean: float | None = None
    sd: float | None = None
    time: float | None = None
    mean_before: float | None = None
    sd_before: float | None = None
    correlation: float | None = None
    estimate: float | None = None
    se: float | None = None
    p_reported: str = Field(default="", max_length=20)
    favours: str = Field(default="", max_length=20)
    derived: bool = False


class Experiment(Row, table=True):
    """One contrast of a study with brain coordinates, as agreed.

    ``space`` is MNI or Talairach: the one its foci are in.
    """

    __table_args__ = (UniqueConstraint("study_id", "number"),)

    review_id: int = Field(foreign_key="review.id", index=True)
    study_id: int = Field(foreign_key="study.id", index=True)
    number: int
    name: str = Field(max_length=200)
    participants: int
    modality: str = Field(max_length=40)
    direction: str = Field(max_length=40)
    space: str = Field(max_length=20)
    threshold: str = Field(default="", max_length=200)


class Focus(Row, table=True):
    """One peak of an experiment: millimetres in the experiment's space."""

    __table_args__ = (UniqueConstraint("experiment_id", "number"),)

    experiment_id: int = Field(foreign_key="experiment.id", index=True)
    number: int
    x: float
    y: float
    z: float
    statistic: float | None = None
    size: float | None = None

"""What is sent to the extraction stage and what it answers."""

from typing import Literal

from pydantic import BaseModel, Field

from reviewtool.extraction.models import CopyKind, CopyState
from reviewtool.extraction.services import CellIn
from reviewtool.web.api import Out


class CellBody(BaseModel):
    """A cell; parts left out stay as they are."""

    value: str | None = Field(default=None, max_length=5000)
    quote: str | None = Field(default=None, max_length=5000)
    page: str | None = Field(default=None, max_length=20)
    report_id: int | None = None
    note: str | None = Field(default=None, max_length=2000)
    revision: int | None = Field(
        default=None, ge=0, description="of the cell as it was read; 0 for one not filled yet"
    )

    def cell(self) -> CellIn:
        """What the service stores."""
        return CellIn(**self.model_dump(exclude={"revision"}), made_from=self.revision)


class CellsIn(BaseModel):
    """Cells by path, such as ``arm.1.n`` or ``result.4.3 months.1.mean``."""

    cells: dict[str, CellBody] = Field(max_length=5000)


class ManyFociIn(BaseModel):
    """Coordinates as a text: a Sleuth file, or CSV with a line of names."""

    text: str = Field(min_length=1, max_length=2_000_000)
    modality: str = Field(default="", max_length=40, description="where the text says none")
    direction: str = Field(default="", max_length=40, description="where the text says none")
    space: str = Field(default="", max_length=40, description="where the text says none")


class FociIn(ManyFociIn):
    """Coordinates of one study; also rows of x, y and z alone."""

    into: int = Field(default=0, ge=0, le=60, description="experiment of foci without a heading")
    of_study: str = Field(
        default="", max_length=300, description="which study of the file; empty: by its name"
    )


class StudyIn(BaseModel):
    """A new study."""

    label: str = Field(min_length=1, max_length=200)
    year: int | None = Field(default=None, ge=1800, le=2200)
    registry_number: str = Field(default="", max_length=100)
    design: str = Field(default="randomised", max_length=60)
    report_ids: list[int] = Field(default_factory=list, max_length=500)


class AdoptIn(BaseModel):
    """Which extractor's value the consensus takes."""

    path: str = Field(max_length=300)
    copy_kind: CopyKind
    cell_revision: int | None = Field(default=None, ge=0, description="as in the cells")


class CopyStateOut(Out):
    """A copy and how far it is."""

    id: int
    state: CopyState
    revision: int = Field(description="send it back to finish or clear, as If-Match")


class CopyLineOut(CopyStateOut):
    """A copy in the list of studies."""

    member_id: int | None = Field(description="whose it is")


class StudyLineOut(Out):
    """A study with the state of its copies."""

    id: int
    label: str
    year: int | None
    reports: int = Field(description="how many reports tell of it")
    copies: dict[CopyKind, CopyLineOut]


class CharacteristicOut(Out):
    """What every study is asked for; its cell is ``study.<key>``."""

    key: str
    label: str
    kind: str = Field(description="text, number, choice or date")
    options: list[str]
    required: bool


class AskedOut(Out):
    """An outcome: cells ``result.<id>.<time point>.<arm>.<part>``."""

    id: int
    name: str
    kind: str
    measure: str
    unit: str
    timepoints: list[str]
    parts: dict[str, str] = Field(description="what each group is asked: part -> label")
    needed: list[str] = Field(description="parts without which a group has no result")
    modality: str = Field(description="of brain coordinates; empty for any")
    direction: str = Field(description="of brain coordinates; empty for any")
    takes_estimates: bool = Field(
        description="whether cells <arm>v<arm>.estimate, se, ci_low, ci_high, p and favours "
        "(first, second, neither) are asked for"
    )


class FormOut(Out):
    """What a copy is asked for."""

    characteristics: list[CharacteristicOut]
    outcomes: list[AskedOut]
    least_arms: int
    asks_foci: bool = Field(
        description="whether cells experiment.<number>.<part> and "
        "experiment.<number>.focus.<number>.<part> are asked for"
    )
    experiment_parts: dict[str, str] = Field(description="part -> label")
    focus_parts: dict[str, str] = Field(description="part -> label")


class StrayOut(Out):
    """An agreed treatment that no comparison names, so that no analysis counts it."""

    name: str
    alike: list[str] = Field(description="names of comparisons that look like it")
    studies: list[str]


class StraysOut(Out):
    """Agreed treatments that no comparison names."""

    treatments: list[StrayOut]


class NameIn(BaseModel):
    """Call the agreed treatment ``found`` by the protocol's ``name``."""

    found: str = Field(min_length=1, max_length=200)
    name: str = Field(min_length=1, max_length=200)


class DoseOut(Out):
    """A dose as it is written."""

    name: str
    arms: int
    studies: list[str]


class TreatmentOut(Out):
    """A treatment of agreed studies as it is written; planned: a comparison names it."""

    name: str
    planned: bool
    arms: int
    studies: list[str]
    doses: list[DoseOut]


class MergedOut(Out):
    """Arms whose treatment (or dose, of a treatment) was read otherwise."""

    part: str
    name: str
    before: str
    treatment: str
    studies: list[str]


class VocabularyOut(Out):
    """Treatments and doses in use, and the merges that can be undone."""

    treatments: list[TreatmentOut]
    merged: list[MergedOut]


class MergeIn(BaseModel):
    """Write the treatment or dose ``found`` as ``name``; treatment: of a dose."""

    part: Literal["treatment", "dose"] = "treatment"
    found: str = Field(min_length=1, max_length=200)
    name: str = Field(min_length=1, max_length=200)
    treatment: str = Field(default="", max_length=200)


class UndoMergeIn(BaseModel):
    """Write ``name`` as it was read, ``before``."""

    part: Literal["treatment", "dose"] = "treatment"
    name: str = Field(min_length=1, max_length=200)
    before: str = Field(min_length=1, max_length=200)
    treatment: str = Field(default="", max_length=200)


class StudyMadeOut(Out):
    """A study that was made."""

    id: int
    label: str


class TakenOut(CopyStateOut):
    """A copy that is the asking person's."""

    kind: CopyKind


class CellOut(Out):
    """A cell: its value, and where it was read."""

    value: str
    quote: str
    page: str
    report_id: int | None
    derived: str = Field(description="the formula it was computed by; empty when read as it is")
    note: str
    member_id: int | None = Field(description="who wrote it last")
    revision: int = Field(description="counts the changes of the cell")


class CopyOut(TakenOut):
    """A copy with its cells, by path."""

    study_id: int
    cells: dict[str, CellOut]


class SavedOut(Out):
    """What became of the cells sent, by path."""

    stored: list[str]
    same: list[str]
    refused: dict[str, str] = Field(description="not stored, with the reason")
    flagged: dict[str, str] = Field(description="stored, but odd, with the reason")
    saved_at: str
    revisions: dict[str, int] = Field(description="of the cells sent, as they stand now")
    state: CopyState


class UnreadOut(Out):
    """A line that was not taken."""

    line: int
    text: str
    message: str


class FociOut(SavedOut):
    """What became of coordinates sent as a text."""

    experiments: int
    foci: int
    unread: list[UnreadOut] = Field(description="lines that were not stored, with the reason")
    notes: list[str]


class StudyFociOut(Out):
    """What became of one study of a file."""

    study: str
    copy_id: int = Field(description="your copy; 0 where there is none")
    experiments: int
    foci: int
    left: str = Field(description="why nothing of it was stored; empty when it was")
    unread: list[UnreadOut]


class ManyFociOut(Out):
    """What became of a file of many studies."""

    studies: list[StudyFociOut]
    unread: list[UnreadOut] = Field(description="lines that were not read")
    notes: list[str]


class AdoptedOut(SavedOut):
    """The same, with the value that was taken."""

    value: str

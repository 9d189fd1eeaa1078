"""The stages of a review in their order: the one list that app, frame and tests read."""

from dataclasses import dataclass

# A stage may use those before it, never those after it.
STAGES = (
    "team",
    "protocol",
    "references",
    "screening",
    "extraction",
    "bias",
    "synthesis",
    "certainty",
    "reporting",
)

# The rooms of a stage, lowest first: a room may use those before it and itself.
ROOMS = (
    ("errors",),
    ("rules", "models"),
    ("queries",),
    ("services", "sheets"),
    ("plots", "scripts", "exports", "progress", "replay"),
    ("jobs", "forms"),
    ("views", "api"),
)


@dataclass(frozen=True)
class StageEntry:
    """A stage as the frame shows it: where it opens and who counts its progress.

    ``progress`` names a module with ``progress(db, member) -> (done, total)`` and
    ``tasks(db, member) -> [(text, url)]``.
    """

    key: str
    label: str
    endpoint: str
    progress: str


FRAME = (
    StageEntry("protocol", "Protocol", "protocol.index", "reviewtool.protocol.progress"),
    StageEntry("references", "References", "references.index", "reviewtool.references.progress"),
    StageEntry("screening", "Screening", "screening.index", "reviewtool.screening.progress.titles"),
    StageEntry("fulltext", "Full text", "fulltext.index", "reviewtool.screening.progress.fulltext"),
    StageEntry("extraction", "Extraction", "extraction.index", "reviewtool.extraction.progress"),
    StageEntry("bias", "Risk of bias", "bias.index", "reviewtool.bias.progress"),
    StageEntry("synthesis", "Synthesis", "synthesis.index", "reviewtool.synthesis.progress"),
    StageEntry("certainty", "Certainty", "certainty.index", "reviewtool.certainty.progress"),
    StageEntry("report", "Report", "reporting.index", "reviewtool.reporting.progress"),
)

"""What can be taken out of a review. Adding an export: a module, and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from reviewtool.errors import NotFound
from reviewtool.reporting.exports import (
    analyses,
    audit_log,
    bias,
    extraction,
    prisma,
    protocol,
    records,
    searches,
)
from reviewtool.reporting.sheets import differences
from reviewtool.team.models import Member

CSV = "text/csv; charset=utf-8"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
RIS = "application/x-research-info-systems"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Export:
    """One file: its key, words, name, media type and how it is written."""

    key: str
    label: str
    file_name: str
    media_type: str
    write: Callable[[Session, Member], bytes]


EXPORTS: tuple[Export, ...] = (
    Export("records", "Records with every decision", "records.csv", CSV, records.table),
    Export("votes", "Votes, one line each", "votes.csv", CSV, records.votes),
    Export("records_ris", "Records with decisions, RIS", "records.ris", RIS, records.ris),
    Export("included_ris", "Included reports, RIS", "included.ris", RIS, records.included_ris),
    Export("searches", "Searches (PRISMA-S)", "searches.csv", CSV, searches.table),
    Export(
        "searches_docx", "Searches with strategies, Word", "searches.docx", DOCX, searches.as_docx
    ),
    Export(
        "extraction", "Extraction: every cell and copy", "extraction.csv", CSV, extraction.cells
    ),
    Export("results", "Extraction: agreed results by arm", "results.csv", CSV, extraction.results),
    Export("foci", "Extraction: brain coordinates", "foci.csv", CSV, extraction.foci),
    Export(
        "foci_sleuth",
        "Extraction: brain coordinates, Sleuth text",
        "foci.sleuth.txt",
        TEXT,
        extraction.foci_sleuth,
    ),
    Export("studies", "Studies and their characteristics", "studies.csv", CSV, extraction.studies),
    Export("bias", "Risk of bias, robvis form", "risk_of_bias.csv", CSV, bias.robvis),
    Export(
        "bias_answers",
        "Risk of bias: answers and support",
        "risk_of_bias_answers.csv",
        CSV,
        bias.answers,
    ),
    Export("analyses", "Analyses: results", "analyses.csv", CSV, analyses.table),
    Export(
        "analyses_json", "Analyses: inputs, settings, results", "analyses.json", JSON, analyses.full
    ),
    Export("harms", "Adverse events over studies", "adverse_events.csv", CSV, analyses.harms),
    Export(
        "harms_docx",
        "Adverse events over studies, Word",
        "adverse_events.docx",
        DOCX,
        analyses.harms_docx,
    ),
    Export("certainty", "Summary of findings", "summary_of_findings.csv", CSV, analyses.certainty),
    Export("prisma", "PRISMA 2020 counts", "prisma.csv", CSV, prisma.template),
    Export("prisma_items", "What each PRISMA number counts", "prisma_items.csv", CSV, prisma.items),
    Export("protocol", "Protocol, JSON", "protocol.json", JSON, protocol.as_json),
    Export("protocol_docx", "Protocol, Word", "protocol.docx", DOCX, protocol.as_docx),
    Export(
        "differences",
        "Differences between protocol and review, Word",
        "differences_from_protocol.docx",
        DOCX,
        differences.as_docx,
    ),
    Export("audit", "Audit log", "audit.csv", CSV, audit_log.table),
)


def export(key: str) -> Export:
    """The export with this key. Raises NotFound."""
    for one in EXPORTS:
        if one.key == key:
            return one
    raise NotFound(f"There is no export named “{key}”.")

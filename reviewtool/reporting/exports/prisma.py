"""PRISMA counts in the column form that the PRISMA2020 R package reads."""

from typing import Any

from sqlmodel import Session

from reviewtool import table_files
from reviewtool.reporting import queries
from reviewtool.team.models import Member

# data, node, box, description, number wanted. Order and keys as in the package's template.
ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("", "node4", "prevstud", "Grey title box; Previous studies"),
    ("previous_studies", "node5", "box1", "Studies included in previous version of review"),
    ("previous_reports", "", "box1", "Reports of studies included in previous version of review"),
    (
        "",
        "node6",
        "newstud",
        "Yellow title box; Identification of new studies via databases and registers",
    ),
    ("database_results", "node7", "box2", "Records identified from: Databases"),
    ("register_results", "", "box2", "Records identified from: Registers"),
    ("", "node16", "othstud", "Grey title box; Identification of new studies via other methods"),
    ("website_results", "node17", "box11", "Records identified from: Websites"),
    ("organisation_results", "", "box11", "Records identified from: Organisations"),
    ("citations_results", "", "box11", "Records identified from: Citation searching"),
    ("duplicates", "node8", "box3", "Duplicate records"),
    ("excluded_automatic", "", "box3", "Records marked as ineligible by automation tools"),
    ("excluded_other", "", "box3", "Records removed for other reasons"),
    ("records_screened", "node9", "box4", "Records screened (databases and registers)"),
    ("records_excluded", "node10", "box5", "Records excluded (databases and registers)"),
    (
        "dbr_sought_reports",
        "node11",
        "box6",
        "Reports sought for retrieval (databases and registers)",
    ),
    (
        "dbr_notretrieved_reports",
        "node12",
        "box7",
        "Reports not retrieved (databases and registers)",
    ),
    ("other_sought_reports", "node18", "box12", "Reports sought for retrieval (other)"),
    ("other_notretrieved_reports", "node19", "box13", "Reports not retrieved (other)"),
    (
        "dbr_assessed",
        "node13",
        "box8",
        "Reports assessed for eligibility (databases and registers)",
    ),
    ("dbr_excluded", "node14", "box9", "Reports excluded (databases and registers)"),
    ("other_assessed", "node20", "box14", "Reports assessed for eligibility (other)"),
    ("other_excluded", "node21", "box15", "Reports excluded (other)"),
    ("new_studies", "node15", "box10", "New studies included in review"),
    ("new_reports", "", "box10", "Reports of new included studies"),
    ("total_studies", "node22", "box16", "Total studies included in review"),
    ("total_reports", "", "box16", "Reports of total included studies"),
    ("identification", "node1", "identification", "Blue identification box"),
    ("screening", "node2", "screening", "Blue screening box"),
    ("included", "node3", "included", "Blue included box"),
    ("database_specific_results", "", "box2", "Records identified from: specific databases"),
    ("register_specific_results", "", "box2", "Records identified from: specific registers"),
)


def template(db: Session, member: Member) -> bytes:
    """Rows data,node,box,description,boxtext,tooltips,url,n; lists as ``Name, n; Name, n``."""
    counts = queries.counts(db, member.review_id)
    counts |= {
        "previous_studies": 0,
        "previous_reports": 0,
        "total_studies": counts["new_studies"],
        "total_reports": counts["new_reports"],
    }
    rows = [
        [
            key or "NA",
            node or "NA",
            box,
            words,
            words,
            words,
            f"{key or box}.html",
            _n(counts.get(key, 0)),
        ]
        for key, node, box, words in ROWS
    ]
    return table_files.write(
        ["data", "node", "box", "description", "boxtext", "tooltips", "url", "n"],
        rows,
        mark=False,
    )


def _n(value: Any) -> Any:
    if isinstance(value, dict):
        return "; ".join(
            f"{name.replace(',', ' ').replace(';', ' ')}, {n}" for name, n in value.items()
        )
    return value


def items(db: Session, member: Member) -> bytes:
    """Every number's list: box, unit, identifier, title."""
    rows = []
    for key, box in queries.BOXES.items():
        after = 0
        while batch := queries.items(db, member, key, after=after, size=500):
            after = batch[-1]["id"]
            rows += [
                [
                    key,
                    box.label,
                    box.unit,
                    i["id"],
                    i.get("number"),
                    i["title"],
                    i.get("year"),
                    i.get("reason", ""),
                ]
                for i in batch
            ]
    return table_files.write(
        ["box", "label", "unit", "id", "record_number", "title", "year", "reason"], rows
    )

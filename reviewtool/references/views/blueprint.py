"""The blueprint that every page of the stage hangs on, and its tabs."""

from flask import g, url_for

from reviewtool.db.engine import request_session
from reviewtool.references.queries import records as records_queries
from reviewtool.team.access import review_blueprint

bp = review_blueprint("references", __name__, "/references")


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Breadcrumb below References."""
    return [("References", url_for("references.index")), *more]


def stage_tabs(current: str) -> list[tuple[str, str, bool, int | None]]:
    """Searches, records, duplicates."""
    db = request_session()
    return [
        ("Searches and imports", url_for("references.index"), current == "index", None),
        (
            "Records",
            url_for("references.records"),
            current == "records",
            records_queries.active_count(db, g.member),
        ),
        ("Duplicates", url_for("duplicates.index"), current == "duplicates", None),
    ]

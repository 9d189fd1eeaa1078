"""Server time of every page of the demonstration, beside the limit of 100 ms.

Builds the demonstration in a temporary folder (its time is printed beside the limit of
60 s), imports and deduplicates its 671 citations once more (limit 5 s), then asks for
each page six times; the first answer warms the caches of the process and is shown apart.
"""

import contextvars
import statistics
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlmodel import select

from reviewtool import jobs
from reviewtool.app import create_app
from reviewtool.db import transaction
from reviewtool.db.migrate import upgrade
from reviewtool.demo import steps
from reviewtool.demo.build import build
from reviewtool.demo.sources import citations
from reviewtool.references.services import imports as imports_services
from reviewtool.settings import Settings
from reviewtool.team import services
from reviewtool.team.models import Member, User
from tests import build as make

LIMIT_MS = 100.0


class Browser(FlaskClient):
    """Requests that share nothing with this script's app context."""

    def open(self, *args, **kwargs):
        return contextvars.Context().run(super().open, *args, **kwargs)


def pages(app, db) -> list[str]:
    """Every GET page of both reviews that needs no more than a review and one id."""
    from reviewtool.extraction.models import Extraction, Study
    from reviewtool.references.models import Import, Record, Report, Search
    from reviewtool.synthesis.models import Analysis

    ids = {}
    for name, model in (
        ("record_id", Record),
        ("report_id", Report),
        ("import_id", Import),
        ("search_id", Search),
        ("study_id", Study),
        ("copy_id", Extraction),
        ("analysis_id", Analysis),
    ):
        ids[name] = db.exec(select(model.id).where(model.review_id == 1).order_by(model.id)).first()
    found = []
    for rule in app.url_map.iter_rules():
        known = {"review_id", *ids}
        if "GET" not in rule.methods or not rule.rule.startswith("/reviews/<int:review_id>"):
            continue
        if not set(rule.arguments) <= known or "." in rule.rule.rsplit("/", 1)[1]:
            continue
        values = {"review_id": 1, **{k: v for k, v in ids.items() if k in rule.arguments}}
        found.append(rule.build(values)[1])
    return sorted(found)


def ask(browser, path) -> tuple[int, float]:
    """(status, server milliseconds) of one request."""
    answer = browser.get(path)
    return answer.status_code, float(answer.headers["Server-Timing"].split("dur=")[1])


def main() -> None:
    """Print one line per page, the slowest first."""
    folder = Path(tempfile.mkdtemp(prefix="reviewtool-bench-"))
    settings = Settings(data=folder, database_url="", log_level="ERROR")
    upgrade(settings)
    app = create_app(settings)
    app.test_client_class = Browser
    with app.app_context():
        with transaction() as db:
            user = services.create_user(db, "bench@example.org", "Bench", "correct horse")
            db.add(make.sign_in(user))
        began = time.perf_counter()
        build(user.id, lambda *_: None)
        took = time.perf_counter() - began
        print(f"demonstration built in {took:.1f} s, limit 60 s, ratio {took / 60:.2f}")
        took = import_again(app, user)
        words = "671 citations imported and deduplicated"
        print(f"{words} in {took:.2f} s, limit 5 s, ratio {took / 5:.2f}")
        with app.extensions["database"].session(write=False) as db:
            addresses = pages(app, db)
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update(make.session_of(user))
    lines = []
    for path in addresses:
        status, first = ask(browser, path)
        if status == 200:
            median = statistics.median(ask(browser, path)[1] for _ in range(5))
            lines.append((median, first, path))
    print(f"{'median ms':>9} {'first ms':>9} {'of limit':>8}  page")
    for median, first, path in sorted(lines, reverse=True):
        print(f"{median:9.1f} {first:9.1f} {median / LIMIT_MS:8.2f}  {path}")
    slow = sum(median > LIMIT_MS for median, _, _ in lines)
    print(f"{len(lines)} pages, {slow} above {LIMIT_MS:.0f} ms")


def import_again(app, user: User) -> float:
    """Seconds for importing and deduplicating the demonstration's citations in a new review."""
    with transaction() as db:
        member = services.create_review(db, user, "Import")
    lines = [(c.pmid, c.title, c.authors, c.year) for c in citations()]
    content = steps.table(["PMID", "Title", "Authors", "Year"], lines)
    began = time.perf_counter()
    with jobs.held() as ids:
        with transaction() as db:
            owner = db.get_one(Member, member.id)
            imports_services.import_bytes(db, owner, "citations.csv", content, database="MEDLINE")
        steps.drain(ids)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

"""Import 100,000 RIS records into a fresh database: seconds, memory, the site meanwhile.

    python -m tests.benchmarks.bench_import [RECORDS]

Prints wall and CPU seconds of the import job (the search for duplicates that follows is
a job of its own and is not counted), the peak memory of the process, how long a page of
records took while the import ran, and pages of the finished list.
"""

import os
import random
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from reviewtool import jobs
from reviewtool.app import create_app
from reviewtool.db.migrate import upgrade
from reviewtool.references.models import Import
from reviewtool.references.queries import records as records_queries
from reviewtool.references.queries.records import Filter
from reviewtool.references.services import imports as imports_services
from reviewtool.settings import Settings
from reviewtool.team.models import Member
from tests import build

WORDS = [
    "acupuncture",
    "migraine",
    "randomised",
    "placebo",
    "pain",
    "headache",
    "children",
    "adults",
    "treatment",
    "controlled",
    "trial",
    "efficacy",
    "safety",
    "needle",
    "sham",
    "prophylaxis",
    "chronic",
    "acute",
    "dose",
    "response",
    "quality",
    "of",
    "life",
]


def library(path: Path, count: int) -> None:
    """A RIS file of ``count`` records with abstracts of about 1,200 characters."""
    rng = random.Random(1)  # noqa: S311
    with path.open("w", encoding="utf-8") as out:
        for n in range(count):
            title = " ".join(rng.choices(WORDS, k=12))
            abstract = " ".join(rng.choices(WORDS, k=170))
            out.write(
                f"TY  - JOUR\nTI  - {title} {n}\nAU  - Müller, A.\nAU  - Lee, B. {n}\n"
                f"AU  - Wu, C.\nPY  - {1980 + n % 45}\nJO  - Journal of {WORDS[n % 20]}\n"
                f"VL  - {n % 90}\nSP  - {n % 900}\nDO  - 10.1000/bench.{n}\nSN  - 1234-5678\n"
                f"KW  - one\nKW  - two\nAB  - {abstract}\nER  - \n\n"
            )


def peak() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    folder = Path(tempfile.mkdtemp(prefix="bench-import-"))
    settings = Settings(
        environment="test", data=folder, database_url=os.environ.get("BENCH_DATABASE_URL", "")
    )
    upgrade(settings)
    app = create_app(settings)
    app.extensions["send_job"] = lambda _id: None  # the job is run below, in this process
    path = folder / "big.ris"
    library(path, count)
    print(f"{count:,} records, {path.stat().st_size >> 20} MB; peak before {peak():.0f} MB")
    with app.app_context(), app.extensions["database"].session(write=True) as db:
        team = build.team(db)
        with path.open("rb") as stream:
            row = imports_services.upload(db, team.ann, path.name, stream)
        search = imports_services.add_search(db, team.ann, database="Bench")
        job = imports_services.start(db, team.ann, row, search)
        db.commit()
        import_id, job_id, member = row.id, job.id, team.ann

    pages: list[float] = []
    over = threading.Event()

    def browse() -> None:
        with app.app_context():
            while not over.wait(0.5):
                started = time.perf_counter()
                with app.extensions["database"].session(write=False) as db:
                    records_queries.records(db, member, Filter())
                pages.append(time.perf_counter() - started)

    reader = threading.Thread(target=browse)
    reader.start()
    wall, cpu = time.perf_counter(), time.process_time()
    with app.app_context():
        jobs.run(job_id)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    over.set()
    reader.join()
    with app.app_context(), app.extensions["database"].session(write=False) as db:
        session = build.session_of(db.get_one(Member, member.id).user)
        done = db.get_one(Import, import_id)
        error = db.get_one(jobs.Job, job_id).error
        print(
            f"{done.state.value} {error}: {done.entries:,} read = {done.stored:,} stored + "
            f"{done.rejected:,} rejected"
        )
        print(f"import {wall:.1f} s wall, {cpu:.1f} s CPU, peak {peak():.0f} MB")
        if pages:
            print(
                f"page while importing: median {sorted(pages)[len(pages) // 2] * 1000:.0f} ms, "
                f"worst {max(pages) * 1000:.0f} ms of {len(pages)}"
            )
        for name, chosen in (
            ("all", Filter()),
            ("two words", Filter(words="migraine needle")),
            ("rare phrase", Filter(words='"needle sham prophylaxis" year:2001')),
            ("author", Filter(words="author:lee")),
            ("without abstract", Filter(missing="abstract")),
        ):
            started, worked = time.perf_counter(), time.process_time()
            page = records_queries.records(db, member, chosen)
            first, first_cpu = time.perf_counter() - started, time.process_time() - worked
            started = time.perf_counter()
            records_queries.records(db, member, chosen, after=count * 9 // 10)
            last = time.perf_counter() - started
            print(
                f"list, {name}: {page.total:,} found, first page {first * 1000:.0f} ms "
                f"({first_cpu * 1000:.0f} ms CPU), late page {last * 1000:.0f} ms"
            )
    browse_pages(app, session, member.review_id, count)


def browse_pages(app: Any, signed_in: dict[str, Any], review_id: int, count: int) -> None:
    """The list as a browser asks for it: sign-in, query, template; the fastest of five."""
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update(signed_in)
    for query in (
        "",
        f"?after={count * 9 // 10}",
        "?q=migraine+needle",
        "?q=author:lee",
        "?q=-needle",
        "?q=%22needle+sham+prophylaxis%22+year:2001",
        "?missing=abstract",
        "?missing=year",
        "?state=merged",
        "?from=1990&to=1999",
    ):
        times = []
        for _ in range(5):
            started = time.perf_counter()
            answer = browser.get(f"/reviews/{review_id}/references/records{query}")
            times.append(time.perf_counter() - started)
        print(
            f"page {query or '(all)'}: {answer.status_code}, {min(times) * 1000:.0f} ms, "
            f"worst of five {max(times) * 1000:.0f} ms (limit 100)"
        )


if __name__ == "__main__":
    main()

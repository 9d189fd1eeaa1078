"""Forty people screen at once: how long a vote and the next record take, and who is refused.

    python -m tests.benchmarks.bench_votes [--seconds 20] [--pause 0] [--pause 5] [--only sqlite]

Starts the product itself (``up``: broker, worker and web) on SQLite and on PostgreSQL (with
its usual durability), with 40 signed-in reviewers and 6,000 records that take two votes
each, and speaks HTTP to it as a browser with htmx does: the page of the next record once,
then for each vote the form's POST, and what it leads to. Every person is one keep-alive
connection.

Load: ``--pause 0`` is a person who votes again the moment the next record is there, with no
reading at all; ``--pause 5`` reads for 5 s on average (exponentially distributed). Prints
p50 and p95 of the vote (POST until answered), of the next record (the GET that follows,
where one does) and of both; votes, refusals, their share; and each figure beside its limit.
What a vote costs in the web processes, and in PostgreSQL, is told in milliseconds of CPU, so
that a machine that does other things at the same time does not hide it.
"""

import argparse
import asyncio
import contextlib
import html
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask.sessions import SecureCookieSessionInterface

from reviewtool.app import create_app
from reviewtool.db.migrate import upgrade
from reviewtool.permissions import Role
from reviewtool.settings import Settings
from reviewtool.team.services import rename_review
from tests import build, services

PEOPLE, RECORDS = 40, 6000
LIMIT_MS = {"sqlite": 300.0, "postgresql": 150.0}  # p95 of a vote
LIMIT_WASTED = 0.01
WORDS = ["acupuncture", "migraine", "randomised", "placebo", "pain", "children", "sham", "dose"]


@dataclass
class Figures:
    """What forty people saw: milliseconds and counts."""

    vote: list[float] = field(default_factory=list)
    following: list[float] = field(default_factory=list)
    both: list[float] = field(default_factory=list)
    refused: int = 0
    handed: list[int] = field(default_factory=list)  # record ids, in the order handed out


class Person:
    """A browser with one connection, a cookie and the form it was last shown."""

    def __init__(self, port: int, cookie: str, start: str) -> None:
        self.port, self.cookie, self.start = port, cookie, start
        self.action = self.token = ""
        self.connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """(status, address it leads to, body) of one request."""
        body = urlencode(form or {})
        head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        head.append(f"Cookie: reviewtool={self.cookie}")
        if self.action:
            head.append("HX-Request: true")
        if form is not None:
            head.append("Content-Type: application/x-www-form-urlencoded")
            head.append(f"Content-Length: {len(body)}")
        lines = []
        while not lines:
            if self.connection is None:
                self.connection = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.connection
            writer.write("\r\n".join([*head, "", body]).encode())
            try:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                self.connection = None  # closed while nothing was said, as browsers find it
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].partition(";")[0].partition("=")[2]
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        where = urlsplit(headers.get("location", ""))
        return (
            int(lines[0].split()[1]),
            where._replace(scheme="", netloc="").geturl(),
            data.decode(),
        )

    def read(self, page: str) -> int | None:
        """Remember the form; the id of the record that is shown, or None when none is left."""
        found = re.search(r'class="decision" method="post" action="([^"]*/(\d+)/decision)"', page)
        if found is None:
            return None
        self.action = html.unescape(found[1])
        self.token = re.search(r'name="csrf_token" value="([^"]*)"', page)[1]
        return int(found[2])

    async def screen(self, until: float, pause: float, drawn: random.Random, seen: Figures) -> None:
        """Vote, and vote again, until the time is over or nothing is left."""
        await asyncio.sleep(drawn.random() * (pause or 0.5))
        status, _, page = await self.ask("GET", self.start)
        assert status == 200, (status, page[:300])
        while (shown := self.read(page)) is not None and time.perf_counter() < until:
            seen.handed.append(shown)
            if pause:
                await asyncio.sleep(drawn.expovariate(1 / pause))
            word = drawn.choices(["exclude", "include", "maybe"], [0.7, 0.2, 0.1])[0]
            began = time.perf_counter()
            status, leads_to, page = await self.ask(
                "POST", self.action, {"vote": word, "csrf_token": self.token}
            )
            voted = time.perf_counter()
            assert status in {200, 303}, (status, page[:300])
            seen.refused += status == 303 and "done=" not in leads_to
            seen.vote.append(1000 * (voted - began))
            if status == 303:
                status, _, page = await self.ask("GET", leads_to)
                assert status == 200, (status, page[:300])
                seen.following.append(1000 * (time.perf_counter() - voted))
            seen.both.append(1000 * (time.perf_counter() - began))


def prepare(settings: Settings) -> tuple[str, list[str]]:
    """Fill the database; the address to begin at, and the cookie of each person."""
    upgrade(settings)
    app, drawn = create_app(settings), random.Random(1)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    with app.app_context(), app.extensions["database"].session(write=True) as db:
        team = build.team(db)
        rename_review(db, team.ann, team.review, "Benchmark")  # its log has begun
        people = [build.member(db, team.review, f"V {n}", Role.REVIEWER) for n in range(PEOPLE)]
        source = build.search(db, team.review)
        for number in range(1, RECORDS + 1):
            db.add(
                build.Record(
                    review_id=team.review.id,
                    number=number,
                    search_id=source.id,
                    title=" ".join(drawn.choices(WORDS, k=12)).capitalize(),
                    abstract=" ".join(drawn.choices(WORDS, k=170)),
                    authors="Visser WH; Klein KB; Cox RC",
                    year=1996,
                    journal="Headache",
                )
            )
        db.commit()
        cookies = [signer.dumps(build.session_of(one.user)) for one in people]
        start = f"/reviews/{team.review.id}/screening/next"
    app.extensions["database"].settle("record")
    app.extensions["database"].dispose()
    return start, [one if isinstance(one, str) else one.decode() for one in cookies]


def processor_time(*words: str) -> float:
    """CPU seconds of the living processes whose command holds all these words (Linux)."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if all(word in command for word in words):
                said = (folder / "stat").read_text().rpartition(")")[2].split()
                ticks += int(said[11]) + int(said[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(settings: Settings) -> Iterator[None]:
    """The product as ``up`` starts it, until the block ends."""
    environment = os.environ | {
        "REVIEWTOOL_DATA": str(settings.data),
        "REVIEWTOOL_PORT": str(settings.port),
        "REVIEWTOOL_DATABASE_URL": settings.database_url,
    }
    command = [sys.executable, "-m", "reviewtool", "up"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if "is ready" in line:
                break
        else:
            raise SystemExit("the server did not start")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


async def crowd(port: int, start: str, cookies: list[str], seconds: float, pause: float) -> Figures:
    """All people at once, for so long."""
    seen, until = Figures(), time.perf_counter() + seconds
    people = [Person(port, cookie, start) for cookie in cookies]
    await asyncio.gather(
        *(
            one.screen(until, pause, random.Random(number), seen)
            for number, one in enumerate(people)
        )
    )
    return seen


def spread(values: list[float]) -> tuple[float, float]:
    """(p50, p95) in milliseconds."""
    if len(values) < 2:
        return (float("nan"),) * 2
    parts = statistics.quantiles(values, n=20)
    return parts[9], parts[18]


def told(
    name: str, pause: float, seconds: float, seen: Figures, spent: tuple[float, float]
) -> None:
    """One block of figures beside their limits. spent: CPU seconds (web, PostgreSQL)."""
    limit, sent = LIMIT_MS[name], len(seen.vote)
    wasted = seen.refused / max(sent, 1)
    load = os.getloadavg()[0]
    print(f"{name}, {PEOPLE} people, pause {pause:g} s, {seconds:g} s, load average {load:.1f}")
    for words, values in (
        ("vote", seen.vote),
        ("next record", seen.following),
        ("vote to next record", seen.both),
    ):
        if values:
            p50, p95 = spread(values)
            print(
                f"  {words:<20} p50 {p50:7.0f} ms  p95 {p95:7.0f} ms  of limit {p95 / limit:5.2f}"
            )
    web, database = (1000 * one / max(sent, 1) for one in spent)
    beside = f", {database:.1f} ms in PostgreSQL" if name == "postgresql" else ""
    print(f"  CPU for each vote {web:.1f} ms in the web processes{beside}")
    print(f"  {sent} votes sent, {sent / seconds:.1f} a second, {seen.refused} refused")
    print(
        f"  wasted {wasted:.2%}, limit {LIMIT_WASTED:.0%}, ratio {wasted / LIMIT_WASTED:.2f}",
        flush=True,
    )


def bench(name: str, database_url: str, seconds: float, pauses: list[float]) -> None:
    """One database, one run for each pause, each on fresh records."""
    folder = Path(tempfile.mkdtemp(prefix="reviewtool-votes-"))
    for number, pause in enumerate(pauses):
        data = folder / str(number)
        data.mkdir()
        settings = Settings(
            data=data,
            database_url=database_url and f"{database_url}_{number}",
            port=services.free_port(),
            log_level="WARNING",
        )
        start, cookies = prepare(settings)
        web, rows = ("granian", f"--port {settings.port} "), ("postgres", f"votes_{number}")
        with server(settings):
            before = processor_time(*web), processor_time(*rows)
            seen = asyncio.run(crowd(settings.port, start, cookies, seconds, pause))
            spent = processor_time(*web) - before[0], processor_time(*rows) - before[1]
        told(name, pause, seconds, seen, spent)


def main() -> None:
    """Both databases, with and without pauses."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--pause", type=float, action="append")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    pauses = asked.pause or [0.0, 5.0]
    if asked.only != "postgresql":
        bench("sqlite", "", asked.seconds, pauses)
    if asked.only != "sqlite":
        with services.postgres() as url:
            import sqlalchemy as sa

            engine = sa.create_engine(
                Settings(database_url=url).database, isolation_level="AUTOCOMMIT"
            )
            with engine.connect() as connection:
                for number in range(len(pauses)):
                    connection.execute(sa.text(f"CREATE DATABASE votes_{number}"))
            engine.dispose()
            bench("postgresql", url.removesuffix("postgres") + "votes", asked.seconds, pauses)


if __name__ == "__main__":
    main()

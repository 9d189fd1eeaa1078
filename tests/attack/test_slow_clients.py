"""Clients that send or read slowly hold connections, never the server.

Real sockets against the real server: while they hang, ``/healthz`` answers within a second
and a page within two, and whoever is slow but honest is served.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from reviewtool import server
from reviewtool.screening import services as screening
from reviewtool.storage import Storage
from reviewtool.web import door
from tests import build, required

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the server runs on Linux, macOS")

ROOT = Path(__file__).parents[2]
HOST = b"Host: 127.0.0.1\r\n"
HALF_HEADER = b"GET /sign-in HTTP/1.1\r\n" + HOST + b"Accept: text/h"
HALF_BODY = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\nemail=an"
HALF_CHUNKED = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nema"
KEPT = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
PDF_SIZE = 20 * 1024 * 1024
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\n" + b"%" * (PDF_SIZE - 60) + b"\ntrailer<<>>\n%%EOF\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """The web server on the data of the test."""

    def __init__(self, settings, folder):
        self.port = free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWTOOL_")}
        environment |= {
            "REVIEWTOOL_ENVIRONMENT": "test",
            "REVIEWTOOL_DATA": str(settings.data),
            "REVIEWTOOL_DATABASE_URL": settings.database_url,
        }
        with (folder / "web.log").open("wb") as log:
            self.process = subprocess.Popen(
                server.command("127.0.0.1", self.port),
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                self.seconds("/sign-in")
                return
            assert self.process.poll() is None, (folder / "web.log").read_text()
            assert time.monotonic() < end
            time.sleep(0.1)

    def seconds(self, path):
        """How long a page takes; it must come."""
        began = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=15) as answer:
            assert answer.status == 200
            answer.read()
        return time.monotonic() - began

    def answers(self):
        """Health within a second, a page within two: the best of three, on a busy machine."""
        for path, limit in (("/healthz", 1), ("/sign-in", 2)):
            assert any(self.seconds(path) < limit for _ in range(3)), path

    def open_connections(self):
        """How many clients the server still holds, from the kernel's own table."""
        ours = f":{self.port:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(ours) and row[3] == "01" for row in rows)

    def lets_go(self, within):
        """Answers all the time, and holds no slow client after ``within`` seconds."""
        end = time.monotonic() + within
        while self.open_connections():
            assert time.monotonic() < end, f"{self.open_connections()} are held"
            self.answers()
            time.sleep(0.5)


@pytest.fixture
def served(app, settings, tmp_path):
    found = Served(settings, tmp_path)
    yield found
    found.process.terminate()
    found.process.wait(20)


@pytest.fixture
def hang():
    """``hang(port, number, text)``: so many connections that say ``text`` and no more."""
    held = []

    def make(port, number, text=b""):
        new = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(number)]
        for one in new:
            one.sendall(text)
        held.extend(new)
        return new

    yield make
    for one in held:
        one.close()


@contextlib.contextmanager
def dripping(sockets, every=1.0):
    """Each of the sockets sends one more byte a second."""
    stop = threading.Event()

    def drip():
        while not stop.wait(every):
            for one in sockets:
                with contextlib.suppress(OSError):
                    one.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_requests_that_are_half_sent_stop_nobody(served, hang):
    for half in (b"", HALF_HEADER, HALF_BODY, HALF_CHUNKED):
        hang(served.port, 20, half)
    time.sleep(0.5)
    served.answers()


@pytest.mark.services
@pytest.mark.parametrize(
    ("said", "within"),
    [
        (b"", server.HEADERS_WITHIN / 1000),
        (HALF_HEADER, server.HEADERS_WITHIN / 1000),
        (KEPT, server.HEADERS_WITHIN / 1000),
        (HALF_BODY, door.PATIENCE),
        (HALF_CHUNKED, door.PATIENCE),
    ],
    ids=["silent", "half a header", "kept and idle", "half a body", "half a chunk"],
)
def test_two_hundred_slow_clients_are_given_up_and_meanwhile_it_answers(served, hang, said, within):
    hang(served.port, 200, said)
    served.lets_go(within + 5)


@pytest.mark.services
@pytest.mark.parametrize(
    ("said", "within"),
    [(HALF_HEADER, server.HEADERS_WITHIN / 1000), (HALF_BODY, door.PATIENCE)],
    ids=["header", "body"],
)
def test_a_byte_a_second_is_too_slow(served, hang, said, within):
    with dripping(hang(served.port, 100, said)):
        served.lets_go(within + 5)


def upload(port, base, cookie, pause):
    """Send the PDF in pieces of 64 KB; the answer's status line and body."""
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="trial.pdf"\r\n'
    body = head + b"Content-Type: application/pdf\r\n\r\n" + PDF + b"\r\n--cut--\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as one:
        one.sendall(
            f"POST {base} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: reviewtool={cookie}\r\n"
            f"Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        for start in range(0, len(body), 65536):
            one.sendall(body[start : start + 65536])
            time.sleep(pause)
        answer = b""
        while piece := one.recv(65536):
            answer += piece
    head, _, content = answer.partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].decode(), content


@pytest.fixture
def report(db, review):
    found = build.report(db, build.record(db, review.review, "A trial"))
    db.commit()
    return found


@pytest.mark.services
def test_a_slow_but_honest_upload_arrives_among_two_hundred_others(
    served, hang, review, report, sign_in, settings
):
    cookie = sign_in(review.ben).get_cookie("reviewtool").value
    base = f"/api/v1/reviews/{review.review.id}/full-text/reports/{report.id}/documents"
    with dripping(hang(served.port, 200, HALF_BODY)):
        began = time.monotonic()
        found = []
        sender = threading.Thread(
            target=lambda: found.append(upload(served.port, base, cookie, 0.06))
        )
        sender.start()
        while sender.is_alive():
            served.answers()
            time.sleep(1)
    status, content = found[0]
    assert "201" in status, content
    assert time.monotonic() - began > door.PATIENCE  # longer than a drip is waited for
    assert json.loads(content)["size"] == len(PDF)


@pytest.mark.services
def test_readers_who_do_not_read_are_given_up(served, hang, db, review, report, sign_in, settings):
    document = screening.attach(
        db, review.ben, report, Storage(settings.files), "trial.pdf", PDF
    ).id
    db.commit()
    cookie = sign_in(review.ben).get_cookie("reviewtool").value
    path = f"/reviews/{review.review.id}/full-text/documents/{document}"
    asking = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: reviewtool={cookie}\r\n\r\n"
    readers = hang(served.port, 60, asking.encode())
    assert b" 200 " in readers[0].recv(64)
    served.lets_go(2 * door.QUIET + 10)


@pytest.mark.services
def test_the_proxy_of_many_machines_holds_back_slow_clients(served, hang, tmp_path):
    nginx = required.program("nginx", package="nginx")
    port = free_port()
    text = (ROOT / "nginx.conf").read_text()
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    text = text.replace("http://web:8080", f"http://127.0.0.1:{served.port}")
    text = text.replace("limit_conn clients 100;", "limit_conn clients 250;")
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log;\n{text}"
    )
    (tmp_path / "logs").mkdir()
    proxy = subprocess.Popen([nginx, "-p", tmp_path, "-c", tmp_path / "nginx.conf"])
    try:
        time.sleep(1)
        assert proxy.poll() is None, (tmp_path / "error.log").read_text()
        hang(port, 100, HALF_HEADER)
        hang(port, 100, HALF_BODY)
        front = Served.__new__(Served)
        front.port = port
        for _ in range(10):
            front.answers()
            time.sleep(0.5)
        assert served.open_connections() < 20  # the slow ones do not get past the proxy
        front.lets_go(30)
    finally:
        proxy.terminate()
        proxy.wait(20)

"""The door: what goes in to the application, what comes out, and who is not waited for."""

import asyncio
import io

import pytest

from reviewtool.web import door
from reviewtool.web.door import Door, FileBody


def scope(method="POST", path="/a", **headers):
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"q=1",
        "http_version": "1.1",
        "scheme": "http",
        "client": ("192.0.2.7", 5000),
        "server": ("127.0.0.1", 8080),
        "headers": [(k.replace("__", "-").encode(), v.encode()) for k, v in headers.items()],
    }


def knock(door_, scope_, *chunks, then=None):
    """Send the chunks; returns status, headers, body of the answer."""
    sent, waiting = [], list(chunks)

    async def receive():
        if waiting:
            chunk = waiting.pop(0)
            more = bool(waiting) or then is not None
            return {"type": "http.request", "body": chunk, "more_body": more}
        if then == "gone":
            return {"type": "http.disconnect"}
        await asyncio.sleep(3600)
        return {}

    async def send(message):
        sent.append(message)

    asyncio.run(door_(scope_, receive, send))
    body = b"".join(m.get("body", b"") for m in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), body


@pytest.fixture
def asked():
    return []


@pytest.fixture
def echo(asked, tmp_path):
    """An application that answers with what it was sent."""

    def app(environ, start_response):
        asked.append(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read()]

    return Door(app, tmp_path, limit=1_000_000)


def test_a_body_goes_in_whole_and_with_its_length(echo, asked, tmp_path):
    chunks = [b"a" * 300_000, b"b" * 300_000, b"c"]
    found = knock(echo, scope(transfer__encoding="chunked"), *chunks)
    assert found == (200, {b"content-type": b"text/plain"}, b"".join(chunks))
    assert asked[0]["CONTENT_LENGTH"] == "600001"
    assert "HTTP_TRANSFER_ENCODING" not in asked[0]
    assert list(tmp_path.iterdir()) == []  # what did not fit in memory left nothing


def test_the_application_reads_who_asks_for_what(echo, asked):
    knock(echo, scope("GET", "/caf%C3%A9", x__a="1", x_a="forged", cookie="a=1"))
    environ = asked[0]
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/café"
    assert (environ["REMOTE_ADDR"], environ["QUERY_STRING"]) == ("192.0.2.7", "q=1")
    assert environ["HTTP_X_A"] == "1"  # a header written with _ is not one written with -
    assert environ["HTTP_COOKIE"] == "a=1"


def test_what_is_too_large_is_not_read_to_its_end(echo, asked):
    knock(echo, scope(content__length="1000001"), b"x")
    assert asked[0]["CONTENT_LENGTH"] == "1000001"  # the application refuses it
    assert asked[0]["wsgi.input"].closed
    knock(echo, scope(transfer__encoding="chunked"), *[b"x" * 400_000] * 9)
    assert asked[1]["CONTENT_LENGTH"] == "1200000"


@pytest.mark.parametrize(
    ("then", "status"), [("slow", 408), ("gone", 400)], ids=["slow", "broken off"]
)
def test_a_request_that_never_ends_reaches_nobody(echo, asked, monkeypatch, then, status):
    monkeypatch.setattr(door, "QUIET", 0.05)
    found = knock(echo, scope(content__length="100"), b"half", then=then)
    assert (found[0], asked) == (status, [])
    assert found[1][b"connection"] == b"close"
    assert not echo.unfinished


def test_a_body_shorter_than_it_said_reaches_nobody(echo, asked):
    assert knock(echo, scope(content__length="100"), b"half")[0] == 400
    assert asked == []


def test_one_address_cannot_take_all_places(echo, asked, monkeypatch):
    echo.unfinished["192.0.2.7"] = door.UNFINISHED_OF_ONE
    monkeypatch.setattr(door, "AT_ONCE", 0.05)
    monkeypatch.setattr(door, "QUIET", 0.2)
    status, headers, _ = knock(echo, scope(content__length="2"), b"x", then="slow")
    assert (status, headers[b"retry-after"]) == (503, b"60")
    other = scope(content__length="2") | {"client": ("192.0.2.8", 1)}
    assert knock(echo, other, b"x", then="slow")[0] == 408  # there was a place to wait in
    # what is there at once needs no place: people behind the same address go on
    assert knock(echo, scope(content__length="2"), b"x", b"y")[0] == 200
    assert knock(echo, scope("GET"))[0] == 200


def test_a_full_disk_is_said(echo, asked, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(door.Spool, "store", full)
    status, _, text = knock(echo, scope(content__length="300000"), b"x" * 300_000)
    assert (status, asked) == (507, [])
    assert b"no room" in text


def test_health_is_answered_without_the_application(echo, asked):
    assert knock(echo, scope("GET", "/healthz"))[0] == 200
    assert asked == []


def test_a_file_is_sent_as_it_lies_and_closed(tmp_path):
    content = b"0123456789" * 50_000
    (tmp_path / "file").write_bytes(content)
    opened = (tmp_path / "file").open("rb")

    def app(environ, start_response):
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](opened)

    assert knock(Door(app, tmp_path, 1), scope("GET"))[2] == content
    assert opened.closed
    assert b"".join(FileBody(io.BytesIO(content))) == content


def test_an_application_that_fails_is_a_sentence(tmp_path):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"half of it"
        raise RuntimeError

    status, _, text = knock(Door(app, tmp_path, 1), scope("GET"))
    assert (status, b"half" in text) == (500, False)

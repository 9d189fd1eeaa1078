"""The door in front of the application: a request goes in whole, an answer comes out whole.

A thread works only on a request that has come in to its last byte, and is free again before
the first byte of the answer leaves. Whoever sends or reads slowly holds a connection for a
while, and nobody waits for them. ``/healthz`` is answered here, whatever the threads do.

Headers that come in slowly are the server's own matter (``reviewtool.server``).
"""

import asyncio
import logging
import os
import socket
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from reviewtool import private
from reviewtool.web.proxies import WSGI, Environ

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[str, str]]
Address = tuple[str, int]

THREADS = 8
QUIET = 20.0  # seconds without a byte, then the client is given up
PATIENCE = 15.0  # seconds before the speed counts
SLOWEST = 1024  # bytes a second, on average from then on; an old telephone line is faster
AT_ONCE = 0.5  # seconds in which a small request is there; it needs no place
UNFINISHED = 512  # requests that may come in at the same time
UNFINISHED_OF_ONE = 384  # of them from one address, so that nobody takes all places
LAST_WORDS = 0.25  # seconds between our refusal and the end of the connection
IN_MEMORY = 256 * 1024  # bytes of one request or answer; the rest is in a file
CHUNK = 64 * 1024

TOO_SLOW = (
    "The request came in too slowly and was dropped. Check your connection and send it again."
)
BROKEN_OFF = "The request broke off."
TOO_MANY = "Too many slow requests are coming in. Wait a minute and send it again."
NO_ROOM = "The server has no room left on its disk. Nothing was stored. Tell the administrator."
FAILED = "The server could not answer. Try again; if it fails again, tell the administrator."


class TooSlow(Exception):
    """The client sends or reads too slowly to be waited for."""


class Gone(Exception):
    """The client closed the connection before its request was whole."""


class Pace:
    """How long the next step of one transfer may take.

    >>> pace = Pace()
    >>> pace.moved = 10 * SLOWEST
    >>> PATIENCE < pace.left() <= QUIET
    True
    """

    def __init__(self) -> None:
        self.began, self.moved = time.monotonic(), 0

    def left(self) -> float:
        """Seconds for the next bytes to move; not above zero: the client is too slow."""
        on_average = self.began + PATIENCE + self.moved / SLOWEST
        return min(QUIET, on_average - time.monotonic())

    async def step(self, waiting: Awaitable[Any]) -> Any:
        """Await it in the time that is left. Raises TooSlow.

        Nothing is cancelled: what is given up ends when the connection is closed.
        """
        moving = asyncio.ensure_future(waiting)
        moving.add_done_callback(_ended)
        done, _ = await asyncio.wait({moving}, timeout=max(0.0, self.left()))
        if not done:
            raise TooSlow
        return moving.result()


def _ended(task: "asyncio.Future[Any]") -> None:
    """Nobody may be left to hear how it ended."""
    if not task.cancelled():
        task.exception()


class Spool:
    """Bytes in order: few of them in memory, many in a nameless file of ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.size = folder, 0
        self.memory = bytearray()
        self.file: IO[bytes] | None = None

    def add(self, data: bytes) -> None:
        """Keep it in memory; ``is_full`` says when to ``store``."""
        self.memory += data
        self.size += len(data)

    @property
    def is_full(self) -> bool:
        """Whether what is in memory should go to the file."""
        return len(self.memory) >= IN_MEMORY

    def store(self) -> None:
        """Write what is in memory to the file. Raises OSError when the disk is full."""
        if self.file is None:
            private.folder(self.folder)
            self.file = TemporaryFile(dir=self.folder)  # noqa: SIM115  # closed with the request
        self.file.write(self.memory)
        self.memory.clear()

    def reader(self) -> IO[bytes]:
        """Everything from its first byte."""
        if self.file is None:
            return BytesIO(self.memory)
        self.store()
        self.file.seek(0)
        return self.file


class FileBody:
    """``wsgi.file_wrapper``: an open file, read while it is sent."""

    def __init__(self, file: IO[bytes], _block: int = CHUNK) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.file.read(CHUNK):
            yield chunk

    def close(self) -> None:
        """Close the file."""
        self.file.close()


@dataclass
class Answer:
    """What the application said: status, headers, and a body that is read without waiting."""

    status: int
    headers: Headers
    body: IO[bytes]


class Door:
    """ASGI in front, WSGI behind, with ``THREADS`` threads for the application."""

    def __init__(self, app: WSGI, folder: Path, limit: int) -> None:
        """folder: for requests and answers too long for memory. limit: bytes of a request."""
        self.app, self.folder, self.limit = app, folder, limit
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")
        self.unfinished: Counter[str] = Counter()
        self.leaving: set[Address] = set()
        self.guarded = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        if not self.guarded:
            self.guarded = True
            _give_up_dead_readers()
        if scope["path"] == "/healthz":
            await _plain(send, 200, '{"status":"ok"}\n', "application/json")
            return
        try:
            body = await self._whole(scope, receive)
        except TooSlow:
            await _plain(send, 408, TOO_SLOW)
            self._hang_up(scope)
        except BlockingIOError:
            await _plain(send, 503, TOO_MANY)
            self._hang_up(scope)
        except OSError as error:
            log.error("a request could not be taken in: %s", error)
            await _plain(send, 507, NO_ROOM)
            self._hang_up(scope)
        except Gone:
            await _plain(send, 400, BROKEN_OFF)
        else:
            with body:
                await self._serve(scope, body, send)

    async def _serve(self, scope: Scope, body: IO[bytes], send: Send) -> None:
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(self.threads, self._ask, _environ(scope, body))
        except Exception:
            log.exception("no answer to %s %s", scope["method"], scope["path"])
            await _plain(send, 500, FAILED)
            return
        try:
            await _tell(answer, send)
        except TooSlow:
            log.info("gave up a slow reader of %s", scope["path"])
            self._hang_up(scope)
        finally:
            answer.body.close()

    async def _whole(self, scope: Scope, receive: Receive) -> IO[bytes]:
        """The body to its last byte. Raises TooSlow, Gone, OSError (no room, no place)."""
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if not length and b"transfer-encoding" not in headers:
            return BytesIO()
        declared = int(length) if length.isdigit() else 0
        if declared > self.limit:
            return BytesIO()  # the application refuses it by what it declares
        reading = asyncio.ensure_future(self._read(scope, declared, receive))
        reading.add_done_callback(_ended)
        await asyncio.wait({reading}, timeout=AT_ONCE)
        if reading.done():
            return await reading
        address = (scope.get("client") or ("",))[0]
        self._take_place(address)
        try:
            return await reading
        finally:
            self._leave_place(address)

    async def _read(self, scope: Scope, declared: int, receive: Receive) -> IO[bytes]:
        spool, pace = Spool(self.folder), Pace()
        try:
            while True:
                message = await pace.step(receive())
                if message["type"] == "http.disconnect":
                    raise Gone
                chunk = message.get("body", b"")
                pace.moved += len(chunk)
                spool.add(chunk)
                if spool.is_full:
                    await asyncio.to_thread(spool.store)
                if not message.get("more_body") or spool.size > self.limit:
                    break
            if spool.size < declared:
                raise Gone
            scope["length"] = spool.size
            return await asyncio.to_thread(spool.reader) if spool.file else spool.reader()
        except BaseException:
            if spool.file:
                spool.file.close()
            raise

    def _hang_up(self, scope: Scope) -> None:
        """Close this connection in a moment: the last words go out, and many go together."""
        if not self.leaving:
            asyncio.get_running_loop().call_later(LAST_WORDS, self._close_all)
        host, port = scope.get("client") or ("", 0)
        self.leaving.add((host, int(port)))  # granian gives the port as text

    def _close_all(self) -> None:
        leaving, self.leaving = self.leaving, set()
        _close(leaving)

    def _take_place(self, address: str) -> None:
        if self.unfinished.total() >= UNFINISHED or self.unfinished[address] >= UNFINISHED_OF_ONE:
            raise BlockingIOError
        self.unfinished[address] += 1

    def _leave_place(self, address: str) -> None:
        self.unfinished[address] -= 1
        if not self.unfinished[address]:
            del self.unfinished[address]

    def _ask(self, environ: Environ) -> Answer:
        """Run the application in this thread and take in its whole answer."""
        said: list[Any] = []
        spool = Spool(self.folder)

        def write(data: bytes) -> None:
            spool.add(data)
            if spool.is_full:
                spool.store()

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:
            said[:] = [int(status.split(" ", 1)[0]), headers]
            return write

        found: Iterable[bytes] = self.app(environ, start_response)
        if isinstance(found, FileBody) and said:
            return Answer(said[0], said[1], found.file)
        try:
            for chunk in found:
                write(chunk)
        finally:
            if (close := getattr(found, "close", None)) is not None:
                close()
        return Answer(said[0], said[1], spool.reader())


def _environ(scope: Scope, body: IO[bytes]) -> Environ:
    """The request as the application reads it (PEP 3333)."""
    client = scope.get("client") or ("", 0)
    server = scope.get("server") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileBody,
    }
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1").upper(), value.decode("latin-1")
        if "_" in name:  # it would be taken for the header of the same name with a hyphen
            continue
        key = name.replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{text}" if key in environ else text
    if "length" in scope:
        environ["CONTENT_LENGTH"] = str(scope["length"])
        environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ


async def _tell(answer: Answer, send: Send) -> None:
    """Send the answer at the client's pace. Raises TooSlow."""
    headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    pace, from_disk = Pace(), not isinstance(answer.body, BytesIO)
    size = CHUNK if from_disk else -1
    while True:
        read = answer.body.read
        chunk = await asyncio.to_thread(read, size) if from_disk else read(size)
        more = from_disk and bool(chunk)
        await pace.step(send({"type": "http.response.body", "body": chunk, "more_body": more}))
        pace.moved += len(chunk)
        if not more:
            return


async def _plain(send: Send, status: int, text: str, kind: str = "text/plain") -> None:
    """An answer of our own; one that refuses closes the connection."""
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status >= 400:
        headers.append((b"connection", b"close"))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"60"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})


def _sockets() -> Iterator[socket.socket]:
    """This process's sockets, each through a handle of its own; none where they cannot be listed.

    The server keeps its connections to itself, so they are found among the open files.
    """
    with suppress(OSError):
        for name in os.listdir("/dev/fd"):
            with suppress(OSError, ValueError):
                handle = os.dup(int(name))
                try:
                    found = socket.socket(fileno=handle)
                except OSError:
                    os.close(handle)
                    continue
                with found:
                    yield found


def _close(clients: set[Address]) -> None:
    """Close the connections of these clients, all in one look at the open files."""
    for found in _sockets():
        with suppress(OSError):
            if found.family in {socket.AF_INET, socket.AF_INET6} and (
                tuple(found.getpeername()[:2]) in clients
            ):
                found.shutdown(socket.SHUT_RDWR)


def _give_up_dead_readers() -> None:
    """Linux closes accepted connections whose client takes no byte for ``QUIET`` seconds.

    The last bytes of an answer are with the server, where no pace is kept.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    for found in _sockets():
        with suppress(OSError):
            if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(QUIET * 1000))

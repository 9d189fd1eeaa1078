"""How the web server is started, alone or by ``up``: one command line for both."""

import resource
import sys
from contextlib import suppress

HEADERS_WITHIN = 10_000  # milliseconds; also for a kept connection that asks nothing more
CONNECTIONS = 4096  # at the same time, for each process
OPEN_FILES = 4 * CONNECTIONS


def command(host: str, port: int, processes: int = 1) -> list[str]:
    """granian with the bounds that no setting may loosen."""
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asginl",
        "--http",
        "1",  # with "auto" a connection that says nothing is never closed
        "--no-ws",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(processes),
        "--backlog",
        str(CONNECTIONS),
        "--backpressure",
        str(CONNECTIONS),
        "--http1-header-read-timeout",
        str(HEADERS_WITHIN),
        "--workers-kill-timeout",
        "5",
        "--log-level",
        "warning",
        "reviewtool.wsgi:door",
    ]


def allow_connections() -> None:
    """Raise this process's limit of open files, which its children take over."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

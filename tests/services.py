"""Run the suite on private PostgreSQL and Redis servers, then stop them.

Uses the Debian binaries on loopback, in a temporary folder; nothing of the system's own
servers is touched. PostgreSQL refuses to run as root, so root hands over to ``postgres``.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def binary(name: str) -> str:
    """Path of a server's program, or one clear line."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(versions[-1]) if versions else None)
    if found is None:
        sys.exit(f"{name} is not installed. On Debian: apt install postgresql redis-server")
    return found


@contextmanager
def postgres(*options: str) -> Iterator[str]:
    """The address of a PostgreSQL server of our own; ``options`` as ``postgres -c`` takes them."""
    folder = Path(tempfile.mkdtemp(prefix="reviewtool-postgres-"))
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_postgres:
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        shutil.chown(folder / "pg", "postgres", "postgres")
    port, cluster = free_port(), folder / "pg" / "cluster"
    said = ["listen_addresses=127.0.0.1", "max_connections=200", *options]
    words = " ".join(f"-c {one}" for one in said) + f" -p {port} -k {folder / 'pg'}"
    how = ["-A", "trust", "-U", "reviewtool", "-E", "UTF8", "--no-locale"]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run([*as_postgres, binary("initdb"), "-D", cluster, *how], **quiet)
    pg_ctl = [*as_postgres, binary("pg_ctl"), "-D", str(cluster)]
    log = folder / "pg" / "log"
    subprocess.run([*pg_ctl, "-o", words, "-l", str(log), "-w", "start"], **quiet)
    try:
        yield f"postgresql://reviewtool@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*pg_ctl, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """The address of a Redis server of our own."""
    folder, port = Path(tempfile.mkdtemp(prefix="reviewtool-redis-")), free_port()
    how = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([binary("redis-server"), *how], stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Start, test, stop; the exit code is pytest's."""
    chosen = ["-n", "2", "--dist", "worksteal", "-q", "-m", "not browser and not r", "tests"]
    arguments = sys.argv[1:] or chosen
    with postgres("fsync=off") as database, redis() as broker:
        environment = os.environ | {
            "REVIEWTOOL_TEST_DATABASE_URL": database,
            "REVIEWTOOL_TEST_BROKER_URL": broker,
        }
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-o", "addopts=--strict-markers", *arguments],
            env=environment,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())

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
from pathlib import Path

# Tests that meet neither server; `make test` has run them.
PURE = ("stats", "formats", "charts", "instruments", "test_architecture.py", "test_launch.py")


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


def main() -> int:
    """Start, test, stop; the exit code is pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="reviewtool-services-"))
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_postgres:
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        shutil.chown(folder / "pg", "postgres", "postgres")
    pg_port, redis_port = free_port(), free_port()
    cluster = folder / "pg" / "cluster"
    options = (
        f"-c listen_addresses=127.0.0.1 -p {pg_port} -k {folder / 'pg'} "
        "-c fsync=off -c max_connections=200"
    )
    subprocess.run(
        [
            *as_postgres,
            binary("initdb"),
            "-D",
            cluster,
            "-A",
            "trust",
            "-U",
            "reviewtool",
            "-E",
            "UTF8",
            "--no-locale",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
    pg_ctl = [*as_postgres, binary("pg_ctl"), "-D", str(cluster)]
    subprocess.run(
        [*pg_ctl, "-o", options, "-l", str(folder / "pg" / "log"), "-w", "start"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
    redis = subprocess.Popen(
        [
            binary("redis-server"),
            "--port",
            str(redis_port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        ],
        stdout=subprocess.DEVNULL,
    )
    environment = os.environ | {
        "REVIEWTOOL_TEST_DATABASE_URL": f"postgresql://reviewtool@127.0.0.1:{pg_port}/postgres",
        "REVIEWTOOL_TEST_BROKER_URL": f"redis://127.0.0.1:{redis_port}/0",
    }
    pure = [f"--ignore=tests/{name}" for name in PURE]
    arguments = sys.argv[1:] or ["-n", "2", "-q", "-m", "not browser and not r", *pure]
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-o", "addopts=--strict-markers", *arguments],
            env=environment,
        ).returncode
    finally:
        redis.terminate()
        redis.wait()
        subprocess.run([*pg_ctl, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

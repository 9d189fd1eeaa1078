"""Files and folders that only the account which runs the server reads.

The data folder holds votes that others must not see yet, password hashes and the secret
that signs cookies: nothing in it is anybody else's to read.
"""

import contextlib
import os
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def only_mine() -> None:
    """From here on, what this process and its children make is theirs alone."""
    os.umask(0o077)


def folder(path: Path) -> Path:
    """Make the folder if need be, and close it to others; one that is read-only stays so."""
    path.mkdir(parents=True, exist_ok=True, mode=FOLDER)
    with contextlib.suppress(PermissionError):  # somebody else's, who lets us write in it
        path.chmod(path.stat().st_mode & FOLDER)
    return path


def touch(path: Path) -> None:
    """Make an empty file for us alone, unless there is one already."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE))


def write(path: Path, text: str) -> None:
    """Write a file that holds a secret."""
    folder(path.parent)
    touch(path)
    path.write_text(text)


def tighten(data: Path) -> None:
    """Close what an earlier version left open to others in the data folder."""
    folder(data)
    for name in ("logs", "run", "broker"):
        if (data / name).is_dir():
            folder(data / name)
    for path in [*data.iterdir(), *(data / "logs").glob("*")]:
        if path.is_file() and not path.is_symlink():
            with contextlib.suppress(PermissionError):
                path.chmod(path.stat().st_mode & FILE)

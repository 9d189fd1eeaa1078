"""The one writer of zips: the same files always give the same bytes."""

import io
import zipfile
from collections.abc import Iterable

WRITTEN = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: when it was made says nothing
READABLE = 0o644 << 16
# What is compressed already.
PACKED = (".png", ".gz", ".zip", ".docx", ".xlsx", ".pdf")


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Put a file into an open zip."""
    entry = zipfile.ZipInfo(name, WRITTEN)
    entry.external_attr = READABLE
    entry.create_system = 3  # so that it is the same on every system
    packed = name.lower().endswith(PACKED)
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def write(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of (name, content).

    >>> write([("a.txt", b"x")]) == write([("a.txt", b"x")])
    True
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files:
            add(archive, name, content)
    return stream.getvalue()


def again(content: bytes) -> bytes:
    """The same zip without the times at which its files were written."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return write((name, archive.read(name)) for name in archive.namelist())

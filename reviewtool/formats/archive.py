"""A zip of export files, as Rayyan sends them: which files lie in it."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

MAGIC = b"PK\x03\x04"
FILES = 60
BYTES = 2 << 30
RATIO = 100  # text compresses 3 to 20 times; a bomb, a thousand
SMALL = 10 << 20  # what may compress as well as it likes
# Zips that are one document (Excel, Word, OpenDocument, EPUB) and are read as such.
_DOCUMENT = ("[Content_Types].xml", "mimetype")
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def open_archive(source: BinaryIO) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]] | None:
    """The archive and its files; None where ``source`` is no zip of files, or one not to open.

    Not opened are zips of more than 60 files or 2 GB, with a password, damaged, or that
    unpack to more than text ever does. ``source`` is left at its beginning.
    """
    begins = source.read(len(MAGIC))
    source.seek(0)
    if begins != MAGIC:
        return None
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        source.seek(0)
        return None
    entries = archive.infolist()
    files = [e for e in entries if not e.is_dir() and e.file_size and not _is_clutter(e.filename)]
    size = sum(e.file_size for e in files)
    packed = sum(e.compress_size for e in files)
    if (
        not files
        or len(files) > FILES
        or any(e.filename in _DOCUMENT for e in entries)
        or any(e.flag_bits & 1 for e in files)
        or size > BYTES
        or size > max(SMALL, packed * RATIO)
    ):
        source.seek(0)
        return None
    return archive, files


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1] in _CLUTTER

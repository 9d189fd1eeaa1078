"""Uploaded files on disk, named by the SHA-256 of their content."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from reviewtool import private
from reviewtool.db import faults
from reviewtool.errors import NotFound, Unavailable

CHUNK = 1 << 20


class Storage:
    """A folder of files; the same content is kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lies. Raises NotFound when it is not there."""
        if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):
            raise NotFound()
        path = self.folder / sha256[:2] / sha256
        if not path.is_file():
            raise NotFound(
                "The stored file is missing from the data folder. Restore it from a backup."
            )
        return path

    def put(self, source: BinaryIO | bytes) -> tuple[str, int]:
        """Keep the content; returns its hash and size. Raises DiskFull, Unavailable."""
        try:
            return self._put(source)
        except OSError as error:
            passing = faults.of_system(error)
            if passing is not None:
                raise passing from error
            raise Unavailable(
                f"The file could not be stored ({error.strerror}). Ask the administrator to check "
                "the data folder's space and permissions."
            ) from error

    def _put(self, source: BinaryIO | bytes) -> tuple[str, int]:
        private.folder(self.folder)
        hasher, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".upload-")
        try:
            with os.fdopen(handle, "wb") as target:
                for chunk in _chunks(source):
                    hasher.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            sha256 = hasher.hexdigest()
            final = self.folder / sha256[:2] / sha256
            private.folder(final.parent)
            os.replace(name, final)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return sha256, size

    def remove(self, sha256: str) -> None:
        """Forget a file; one that is not there already is no error."""
        with contextlib.suppress(NotFound):
            self.path(sha256).unlink(missing_ok=True)

    def read(self, sha256: str) -> bytes:
        """The whole content."""
        return self.path(sha256).read_bytes()


def _chunks(source: BinaryIO | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    while chunk := source.read(CHUNK):
        yield chunk


def current_storage() -> Storage:
    """The storage of the running app."""
    from flask import current_app

    storage: Storage = current_app.extensions["storage"]
    return storage


def drawings_folder() -> Path | None:
    """Where drawn charts are kept; None outside an app, where nothing is kept."""
    from flask import current_app, has_app_context

    if not has_app_context():
        return None
    folder: Path = current_app.extensions["settings"].data.resolve() / "drawings"
    return folder

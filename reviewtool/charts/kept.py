"""Charts that were drawn once are kept on disk: drawing takes longer than a page may.

A drawing depends on nothing but its key, so it is never out of date; the folder can be
emptied at any time.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from reviewtool import __version__


def kept(folder: Path | None, key: str, draw: Callable[[], bytes]) -> bytes:
    """The drawing with this key, from ``folder`` or drawn now; without a folder none is kept."""
    if folder is None:
        return draw()
    name = hashlib.sha256(f"{__version__}\n{key}".encode()).hexdigest()
    path = folder / name[:2] / name
    if path.is_file():
        return path.read_bytes()
    content = draw()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        os.replace(temporary, path)
    except OSError:  # a full disk costs time, not the page
        return content
    return content

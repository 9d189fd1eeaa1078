"""Charts that were drawn once are kept on disk: drawing takes longer than a page may.

A drawing is found by all that it depends on, its chart with every number and word and the
code that draws, so it is never out of date; the folder can be emptied at any time.
"""

import hashlib
import os
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from reviewtool import words
from reviewtool.charts.output import NARROWER, Chart, Format, Theme, render


@cache
def _code() -> str:
    """A digest of the code that draws."""
    files = [Path(words.__file__), *sorted(Path(__file__).parent.rglob("*.py"))]
    digest = hashlib.sha256(version("matplotlib").encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def drawing(
    folder: Path | None,
    chart: Chart,
    format: Format = "svg",
    theme: Theme = "print",
    name: str = "chart",
) -> bytes:
    """``render`` of these, from ``folder`` or drawn now; without a folder none is kept.

    For the screen (theme "screen") a chart that can be drawn narrower comes in both shapes,
    of which the page shows the one it has room for.
    """
    wide = _drawing(folder, chart, format, theme, name)
    narrower = NARROWER.get(type(chart))
    if theme != "screen" or narrower is None:
        return wide
    slim = _drawing(folder, narrower(chart), format, theme, f"{name}narrow")
    parts = ((b"wide", wide), (b"narrow", slim))
    return b"".join(b'<div class="drawn-%b">%b</div>' % part for part in parts)


def _drawing(folder: Path | None, chart: Chart, format: Format, theme: Theme, name: str) -> bytes:
    if folder is None:
        return render(chart, format, theme, name)
    key = hashlib.sha256(f"{_code()} {format} {theme} {name} {chart!r}".encode()).hexdigest()
    path = folder / key[:2] / key
    if path.is_file():
        return path.read_bytes()
    content = render(chart, format, theme, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        os.replace(temporary, path)
    except OSError:  # a full disk costs time, not the page
        return content
    return content

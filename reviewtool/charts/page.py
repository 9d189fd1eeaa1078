"""A sheet to draw on: points from the top left, text that can be measured, links.

Every chart is drawn here and written by ``charts.render``. Matplotlib's ``Figure`` does
the output; nothing is drawn through pyplot, whose state is shared by all requests.
"""

import logging
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal, TypedDict, Unpack

INK, MUTED, LINE = "#1d1f23", "#5b5f68", "#d9d5cc"
ACCENT, SURFACE, SOFT = "#1f4e79", "#ffffff", "#a9bccf"
LOW, SOME, HIGH = "#2e7d32", "#8a6d00", "#b3261e"
BAND = "#f3f1ea"
SHADE, DEEP = "#efece5", "#e2ddd2"
# On screen each colour is the page's own token, so dark mode holds in charts.
TOKENS = {
    INK: f"var(--ink, {INK})",
    MUTED: f"var(--muted, {MUTED})",
    LINE: f"var(--line, {LINE})",
    ACCENT: f"var(--accent, {ACCENT})",
    SURFACE: "var(--bg, #fff)",
    LOW: f"var(--low, {LOW})",
    SOME: f"var(--some, {SOME})",
    HIGH: f"var(--high, {HIGH})",
    BAND: f"var(--hover, {BAND})",
    SOFT: "color-mix(in srgb, var(--accent) 40%, var(--bg))",
    SHADE: "color-mix(in srgb, var(--muted) 12%, var(--bg))",
    DEEP: "color-mix(in srgb, var(--muted) 24%, var(--bg))",
}
FACES = ("Source Sans 3", "Arial", "Liberation Sans", "Helvetica")
# For names of studies: faces that have Chinese, Japanese and Korean signs, the first that is
# there (those of Noto go by the name of the first in their file); else all that have some.
EAST_ASIAN = (
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
)
IN_PARTS = (
    "Microsoft YaHei",
    "PingFang SC",
    "Yu Gothic",
    "Hiragino Sans",
    "IPAGothic",
    "IPAPGothic",
    "NanumGothic",
    "Malgun Gothic",
    "Droid Sans Fallback",
)
# It comes with Matplotlib and has every sign that ``words`` writes.
COMPLETE = "DejaVu Sans"
SIZE = 9.0  # points
Align = Literal["left", "center", "right"]


class Look(TypedDict, total=False):
    """How a shape looks, as ``Page.shape`` has it."""

    fill: str
    edge: str
    thick: float
    name: str
    order: float


@cache
def faces() -> tuple[str, ...]:
    """The first face of FACES that this machine has, and others for the signs it lacks."""
    from matplotlib import font_manager, rcParams

    # Text stays text, and ids do not change from run to run.
    rcParams["svg.fonttype"], rcParams["svg.hashsalt"] = "none", "reviewtool"
    # It tells of every face that comes in one weight only.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    known = {font.name for font in font_manager.fontManager.ttflist}
    first, whole, parts = (
        [name for name in some if name in known] for some in (FACES, EAST_ASIAN, IN_PARTS)
    )
    found = (*first[:1], COMPLETE, *(whole[:1] or parts))
    # Fonts of type 42 stay fonts in a PDF, but outlines of the CFF kind would be missing there.
    rcParams["pdf.fonttype"] = 3 if any(map(_has_cff, found)) else 42
    return found


def _has_cff(face: str) -> bool:
    """Whether the outlines of a face are of the CFF kind, as its file says at its head."""
    from matplotlib.font_manager import FontProperties, findfont

    with open(findfont(FontProperties(family=face)), "rb") as file:
        head = file.read(16)
        if head[:4] == b"ttcf":  # a collection: where its first face begins
            file.seek(int.from_bytes(head[12:16], "big"))
            head = file.read(4)
    return head[:4] == b"OTTO"


@contextmanager
def boxes_in_silence() -> Iterator[None]:
    """A sign that no face has is drawn as a box; nobody who reads the log can mend that."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        yield


def lacking(text: str) -> set[str]:
    """The signs of ``text`` that none of the faces has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    held = set[int]()
    for name in faces():
        held |= get_font(findfont(FontProperties(family=name))).get_charmap().keys()
    return {sign for sign in text if ord(sign) not in held}


@cache
def _properties(size: float, bold: bool, italic: bool) -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(
        family=list(faces()),
        size=size,
        weight="bold" if bold else "normal",
        style="italic" if italic else "normal",
    )


@cache
def width(text: str, size: float = SIZE, bold: bool = False, italic: bool = False) -> float:
    """How wide ``text`` is set, in points."""
    from matplotlib.textpath import TextToPath

    if not text:
        return 0.0
    with boxes_in_silence():
        return float(
            TextToPath().get_text_width_height_descent(
                _visible(text), _properties(size, bold, italic), ismath=False
            )[0]
        )


def _visible(text: str) -> str:
    return text.replace("\u202f", "\u2009")  # many faces have no narrow no-break space


def clip(text: str, room: float, size: float = SIZE, bold: bool = False) -> str:
    """``text`` cut to ``room`` points with an ellipsis, at a word where there is one."""
    text = re.sub(r"[ \t\n]+", " ", text)  # but not the spaces that hold a number together
    if width(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…", size, bold) <= room:
            low = middle
        else:
            high = middle - 1
    cut = text[:low].rstrip()
    space = cut.rfind(" ")
    return (cut[:space] if space > 0.7 * len(cut) else cut).rstrip(" ,;:(") + "…"


def wrap(text: str, room: float, size: float = SIZE, bold: bool = False) -> list[str]:
    """``text`` in lines of at most ``room`` points; a longer word is cut.

    A number is not parted from the sign before it ("df = 4").
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in re.split(r"(?<![=<>]) (?![=<>])", paragraph):
            word = clip(word, room, size, bold)
            wider = f"{line} {word}" if line else word
            if width(wider, size, bold) <= room:
                line = wider
            else:
                lines.append(line)
                line = word
        lines.append(line)
    return lines


class Page:
    """A sheet of ``wide`` x ``high`` units; (0, 0) is the top left corner.

    scale: points of paper to a unit, where a plot is drawn smaller to fit on it.
    """

    def __init__(
        self, wide: float, high: float, title: str, description: str, scale: float = 1.0
    ) -> None:
        from matplotlib.figure import Figure

        faces()
        self.wide, self.high, self.scale = wide, high, scale
        self.title, self.description = title, description
        self.figure = Figure(figsize=(wide * scale / 72, high * scale / 72), facecolor="none")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, wide)
        self.axes.set_ylim(high, 0)

    def move(self, right: float, down: float) -> None:
        """Put the top left corner of what is drawn this far into the sheet."""
        self.axes.set_xlim(-right, self.wide - right)
        self.axes.set_ylim(self.high - down, -down)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        align: Align = "left",
        size: float = SIZE,
        bold: bool = False,
        italic: bool = False,
        colour: str = INK,
        url: str = "",
        name: str = "",
        turned: bool = False,
    ) -> None:
        """Set ``text`` with its vertical middle at y. ``name`` becomes the element's id."""
        if not text:
            return
        artist = self.axes.text(
            x,
            y,
            _visible(text),
            ha=align,
            va="center" if turned else "center_baseline",
            color=colour,
            fontproperties=_properties(size * self.scale, bold, italic),
            clip_on=False,
            rotation=90 if turned else 0,
            parse_math=False,
        )
        if url:
            artist.set_url(url)
        if name:
            artist.set_gid(name)

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        colour: str = INK,
        thick: float = 0.7,
        dashes: tuple[float, ...] = (),
        name: str = "",
        order: float = 2.0,
    ) -> None:
        """A polyline."""
        from matplotlib.lines import Line2D

        artist = Line2D(
            xs,
            ys,
            color=colour,
            linewidth=thick * self.scale,
            solid_capstyle="butt",
            clip_on=False,
            zorder=order,
            linestyle=(0, dashes) if dashes else "-",
        )
        if name:
            artist.set_gid(name)
        self.axes.add_line(artist)

    def shape(
        self,
        points: Sequence[tuple[float, float]],
        *,
        fill: str = "none",
        edge: str = "none",
        thick: float = 0.7,
        name: str = "",
        order: float = 2.5,
    ) -> None:
        """A filled polygon."""
        from matplotlib.patches import Polygon

        artist = Polygon(
            points,
            closed=True,
            facecolor=fill,
            edgecolor=edge,
            linewidth=thick * self.scale,
            clip_on=False,
            zorder=order,
            joinstyle="miter",
        )
        if name:
            artist.set_gid(name)
        self.axes.add_patch(artist)

    def area(
        self,
        rings: Sequence[Sequence[tuple[float, float]]],
        *,
        fill: str = "none",
        opacity: float = 1.0,
        edge: str = "none",
        thick: float = 0.7,
        dashes: tuple[float, ...] = (),
        name: str = "",
        order: float = 2.5,
    ) -> None:
        """One area of several closed rings; a ring that turns the other way is a hole."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        kept = [ring for ring in rings if len(ring) >= 3]
        if not kept:
            return
        path = Path.make_compound_path(*(Path([*ring, ring[0]], closed=True) for ring in kept))
        artist = PathPatch(
            path,
            facecolor=fill,
            edgecolor=edge,
            linewidth=thick * self.scale,
            linestyle=(0, dashes) if dashes else "-",
            alpha=None if opacity == 1 else opacity,
            clip_on=False,
            zorder=order,
            joinstyle="round",
        )
        if name:
            artist.set_gid(name)
        self.axes.add_patch(artist)

    def box(
        self,
        left: float,
        top: float,
        wide: float,
        high: float,
        **look: Unpack[Look],
    ) -> None:
        """A rectangle."""
        corners = [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)]
        self.shape(corners, **look)

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        **look: Unpack[Look],
    ) -> None:
        """A circle, as a polygon of many corners: no shared marker ids in the SVG."""
        corners = [
            (x + radius * math.cos(math.tau * i / 36), y + radius * math.sin(math.tau * i / 36))
            for i in range(36)
        ]
        self.shape(corners, **look)

    def arrow(self, xs: Sequence[float], ys: Sequence[float], *, colour: str = INK) -> None:
        """A polyline with a head at its end."""
        self.line(xs, ys, colour=colour, thick=0.8)
        angle = math.atan2(ys[-1] - ys[-2], xs[-1] - xs[-2])
        self.head(xs[-1], ys[-1], angle, colour=colour)

    def head(
        self, x: float, y: float, angle: float, *, size: float = 5.0, colour: str = INK
    ) -> None:
        """An arrow head with its tip at (x, y)."""
        sides = [
            (x - size * math.cos(angle + side), y - size * math.sin(angle + side))
            for side in (0.42, -0.42)
        ]
        self.shape([(x, y), *sides], fill=colour)

"""Brain maps as pictures: a glass brain from three sides, and slices on anatomy.

Left is left in every picture. Colours deepen with the value in steps of one hue, so that they
hold in grey and for the colour-blind; a second map (the other direction of a comparison) has
another hue and broken edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reviewtool.charts import page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.charts.outlines import Ring, moved, rings_above, smooth
from reviewtool.stats.coordinates.atlas import BRAIN, GREY, WHITE, brain_mask, tissues
from reviewtool.stats.coordinates.description import DescribedCluster
from reviewtool.stats.coordinates.space import Mask
from reviewtool.words import exact, plain, plural

WIDE = 470.0
GAP = 10.0
STEPS = 5  # shades of a hue
Plane = Literal["x", "y", "z"]
# Per plane: the axes to the right and upwards, and where one looks from.
AXES: dict[Plane, tuple[int, int, str]] = {
    "x": (1, 2, "From the right"),
    "y": (0, 2, "From behind"),
    "z": (0, 1, "From above"),
}
ROOM = ((-76.0, 76.0), (-112.0, 80.0), (-74.0, 86.0))  # mm drawn along x, y and z
MOST_CUTS = 12
APART = 5.0  # mm between slices that are chosen for clusters


@dataclass(frozen=True)
class Mark:
    """A cluster's number, its place (mm, MNI) and the region's name for the description."""

    number: int
    x: float
    y: float
    z: float
    name: str = ""


def marks_of(rows: Sequence[DescribedCluster]) -> tuple[Mark, ...]:
    """The rows of a cluster table as marks."""
    return tuple(
        Mark(row.number, row.peak.x, row.peak.y, row.peak.z, row.region.words) for row in rows
    )


@dataclass(frozen=True, eq=False)
class GlassBrain:
    """Values seen through the brain from three sides: the largest along each line.

    values: per brain voxel of ``mask``, shape (v,); 0 where nothing is to be shown. scale:
    what the values are. other: a second map, for the other direction, on the same scale.
    names: what the two maps show, when there are two.
    """

    values: NDArray[np.float64] = field(repr=False)
    mask: Mask = field(repr=False)
    scale: str = "ALE"
    marks: tuple[Mark, ...] = ()
    other: NDArray[np.float64] | None = field(default=None, repr=False)
    names: tuple[str, str] = ("", "")
    notes: tuple[str, ...] = ()
    title: str = "Glass brain"


@dataclass(frozen=True, eq=False)
class BrainSlices:
    """Values on slices of the brain; grey matter is darker than white matter.

    cuts: (plane, mm), at most 12; empty chooses axial slices through the marks. The rest is
    as in GlassBrain.
    """

    values: NDArray[np.float64] = field(repr=False)
    mask: Mask = field(repr=False)
    cuts: tuple[tuple[Plane, float], ...] = ()
    scale: str = "ALE"
    marks: tuple[Mark, ...] = ()
    other: NDArray[np.float64] | None = field(default=None, repr=False)
    names: tuple[str, str] = ("", "")
    notes: tuple[str, ...] = ()
    title: str = "Brain slices"


def draw(chart: GlassBrain) -> page.Page:
    """The three views as a sheet. Raises NothingToDraw when no voxel has a value."""
    maps, low, high = _maps(chart)
    planes: tuple[Plane, ...] = ("x", "y", "z")
    scale = (WIDE - GAP * (len(planes) + 1)) / sum(_span(AXES[p][0]) for p in planes)
    tall = max(_span(AXES[p][1]) for p in planes) * scale
    notes = _notes(chart.notes)
    sheet = page.Page(
        WIDE, 22 + tall + 46 + 11 * len(notes), chart.title, _words(chart, "Glass brain")
    )
    left = GAP
    for plane in planes:
        a, u, words = AXES[plane]
        depth = 3 - a - u
        origin = left - scale * ROOM[a][0], 22 + scale * ROOM[u][1]
        whole, middle = _silhouette(plane)
        sheet.text(
            left + scale * _span(a) / 2, 12, words, align="center", size=8, colour=page.MUTED
        )
        outline = moved(whole, *origin, scale)
        sheet.area(outline, fill=page.BAND, edge=page.MUTED, thick=0.8, order=1.5)
        sheet.area(moved(middle, *origin, scale), edge=page.LINE, thick=0.7, order=1.6)
        for which, image in enumerate(maps):
            _colour(sheet, np.asarray(image.max(axis=depth)), a, u, origin, scale, low, high, which)
        _sides(sheet, plane, origin, scale)
        _numbers(sheet, chart.marks, plane, origin, scale)
        left += scale * _span(a) + GAP
    _key(sheet, chart, low, high, 22 + tall + 16)
    _write(sheet, notes, 22 + tall + 40)
    return sheet


def draw_slices(chart: BrainSlices) -> page.Page:
    """The slices as a sheet. Raises NothingToDraw when no voxel has a value."""
    maps, low, high = _maps(chart)
    cuts = chart.cuts[:MOST_CUTS] or cuts_through(chart.marks)
    columns = min(len(cuts), 4)
    wide = max(_span(AXES[plane][0]) for plane, _ in cuts)
    scale = (WIDE - GAP * (max(columns, 3) + 1)) / (max(columns, 3) * wide)
    tall = max(_span(AXES[plane][1]) for plane, _ in cuts) * scale + 16
    rows = -(-len(cuts) // columns)
    notes = _notes(chart.notes)
    words = _words(chart, f"{plural(len(cuts), 'slice', 'slices')} of the brain")
    sheet = page.Page(WIDE, 8 + rows * tall + 46 + 11 * len(notes), chart.title, words)
    for number, (plane, at) in enumerate(cuts):
        left = GAP + (number % columns) * (wide * scale + GAP)
        _slice(
            sheet, chart, maps, low, high, plane, at, left, 8 + (number // columns) * tall, scale
        )
    _key(sheet, chart, low, high, 8 + rows * tall + 16)
    _write(sheet, notes, 8 + rows * tall + 40)
    return sheet


def cuts_through(marks: Sequence[Mark], most: int = 8) -> tuple[tuple[Plane, float], ...]:
    """Axial slices through the marks, at least 5 mm apart, from below upwards.

    >>> cuts_through([Mark(1, 0, 0, 20), Mark(2, 0, 0, 22), Mark(3, 0, 0, -8)])
    (('z', -8), ('z', 20))
    """
    kept: list[float] = []
    for mark in marks:
        if len(kept) < most and all(abs(mark.z - other) >= APART for other in kept):
            kept.append(mark.z)
    chosen = sorted(kept) or [-30.0, -15.0, 0.0, 15.0, 30.0, 45.0, 60.0]
    return tuple(("z", at) for at in chosen)


def _slice(
    sheet: page.Page,
    chart: BrainSlices,
    maps: Sequence[NDArray[np.float64]],
    low: float,
    high: float,
    plane: Plane,
    at: float,
    left: float,
    top: float,
    scale: float,
) -> None:
    a, u, _ = AXES[plane]
    depth = 3 - a - u
    origin = left - scale * ROOM[a][0], top + scale * ROOM[u][1]
    index = int(np.clip(np.rint((at - _axis(depth)[0]) / 2), 0, len(_axis(depth)) - 1))
    outline, white, grey = _anatomy(depth, index)
    whole = moved(outline, *origin, scale)
    sheet.area(whole, fill=page.SURFACE, order=1.5)
    sheet.area(moved(white, *origin, scale), fill=page.BAND, order=1.6)
    sheet.area(moved(grey, *origin, scale), fill=page.LINE, order=1.6)
    sheet.area(whole, edge=page.MUTED, thick=0.7, order=1.7)
    for which, image in enumerate(maps):
        _colour(sheet, _cut(image, index, depth), a, u, origin, scale, low, high, which)
    near = [mark for mark in chart.marks if abs((mark.x, mark.y, mark.z)[depth] - at) < APART]
    _sides(sheet, plane, origin, scale)
    _numbers(sheet, near, plane, origin, scale)
    words = f"{plane} = {exact(at, 0)} mm"
    under = top + scale * _span(u) + 6
    sheet.text(left + scale * _span(a) / 2, under, words, align="center", size=8, colour=page.MUTED)


@cache
def _silhouette(plane: Plane) -> tuple[list[Ring], list[Ring]]:
    """The brain's outline seen along an axis, and that of a slice near its middle, mm."""
    a, u, _ = AXES[plane]
    depth = 3 - a - u
    brain = tissues()[::-1] >= BRAIN
    whole = smooth(_ones(brain.any(axis=depth)), 0.9)
    middle = smooth(_cut(_ones(brain), _middle(depth), depth), 0.9)
    return _rings(whole, a, u, 0.5), _rings(middle, a, u, 0.5)


@lru_cache(maxsize=64)
def _anatomy(depth: int, index: int) -> tuple[list[Ring], list[Ring], list[Ring]]:
    """Outline, white and grey matter of a slice across axis ``depth``, mm."""
    a, u = (axis for axis in range(3) if axis != depth)
    cut = _cut(tissues()[::-1].astype(np.float64), index, depth)
    return (
        _rings(smooth(_ones(cut >= BRAIN), 0.9), a, u, 0.5),
        _rings(smooth(_ones(cut == WHITE), 0.5), a, u, 0.5, 0.7, 20.0),
        _rings(smooth(_ones(cut == GREY), 0.5), a, u, 0.5, 0.7, 20.0),
    )


def _maps(chart: GlassBrain | BrainSlices) -> tuple[list[NDArray[np.float64]], float, float]:
    """The maps on the brain's own grid with x ascending, and the range of their values."""
    given = [chart.values] if chart.other is None else [chart.values, chart.other]
    shown = np.concatenate([one[one > 0] for one in given])
    if shown.size == 0:
        raise NothingToDraw(
            what="no voxel stands out", remedy="Choose another threshold, or add experiments."
        )
    return [_standard(chart.mask, one) for one in given], float(shown.min()), float(shown.max())


def _standard(mask: Mask, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values on the grid of the brain that comes along, x ascending; nearest voxels."""
    own, image = brain_mask(), mask.volume(values)
    if mask.shape != own.shape or not np.allclose(mask.affine, own.affine):
        found = np.zeros(own.shape)
        rest = np.indices(own.shape[1:]).reshape(2, -1)
        for i in range(own.shape[0]):
            ijk = np.vstack([np.full(rest.shape[1], i), rest]).T
            there = mask.voxel_of(own.place_of(ijk))
            held = mask.holds(there)
            plane = np.zeros(rest.shape[1])
            plane[held] = image[tuple(there[held].T)]
            found[i] = plane.reshape(own.shape[1:])
        image = found
    return image[::-1]


def _axis(axis: int) -> NDArray[np.float64]:
    """Centres of the brain's grid along x, y or z, ascending, mm."""
    mask = brain_mask()
    ends = mask.place_of(np.array([(0, 0, 0), np.array(mask.shape) - 1]))[:, axis]
    return np.linspace(ends.min(), ends.max(), mask.shape[axis])


def _ones(where: NDArray[np.bool_] | np.bool_) -> NDArray[np.float64]:
    return np.asarray(where, dtype=np.float64)


def _cut(image: NDArray[np.float64], index: int, axis: int) -> NDArray[np.float64]:
    return np.asarray(np.take(image, index, axis=axis))


def _middle(axis: int) -> int:
    return int(np.argmin(np.abs(_axis(axis) - (-20.0 if axis == 1 else 0.0))))


def _span(axis: int) -> float:
    return ROOM[axis][1] - ROOM[axis][0]


def _rings(
    image: NDArray[np.float64],
    across: int,
    up: int,
    level: float,
    tolerance: float = 0.4,
    least: float = 8.0,
) -> list[Ring]:
    return rings_above(image, _axis(across), _axis(up), level, tolerance, least)


HUES = (page.ACCENT, page.SOME)
DASHES = (2.0, 1.5)  # the second map's edge, in print without colours


def _colour(
    sheet: page.Page,
    image: NDArray[np.float64],
    across: int,
    up: int,
    origin: tuple[float, float],
    scale: float,
    low: float,
    high: float,
    which: int,
) -> None:
    """The values in steps of one hue: each step lies on the one below and deepens it."""
    for step, level in enumerate(_levels(low, high)):
        # The first step is drawn around the voxels themselves, half of each.
        source = smooth(_ones(image > 0), 0.5) if step == 0 else image
        rings = _rings(source, across, up, 0.5 if step == 0 else level, 0.3, 3.0)
        edge = HUES[which] if step == 0 else "none"
        dashes = DASHES if which and step == 0 else ()
        sheet.area(
            moved(rings, *origin, scale),
            fill=HUES[which],
            opacity=0.34,
            edge=edge,
            thick=0.6,
            dashes=dashes,
            order=2.6 + 0.02 * step,
        )


def _levels(low: float, high: float) -> list[float]:
    return [low + (high - low) * step / STEPS for step in range(STEPS if high > low else 1)]


def _sides(sheet: page.Page, plane: Plane, origin: tuple[float, float], scale: float) -> None:
    """Which side is which."""
    a, u, _ = AXES[plane]
    left, right = ("back", "front") if plane == "x" else ("L", "R")
    y = origin[1] - scale * (ROOM[u][0] + 5)
    if plane == "x" and scale < 0.6:
        return
    sheet.text(origin[0] + scale * (ROOM[a][0] + 1), y, left, size=7, colour=page.MUTED)
    sheet.text(
        origin[0] + scale * (ROOM[a][1] - 1), y, right, align="right", size=7, colour=page.MUTED
    )


def _numbers(
    sheet: page.Page,
    marks: Sequence[Mark],
    plane: Plane,
    origin: tuple[float, float],
    scale: float,
) -> None:
    """A dot at the peak of each cluster, and its number beside it where there is room."""
    a, u, _ = AXES[plane]
    middle = origin[0] + scale * sum(ROOM[a]) / 2
    placed: list[tuple[float, float]] = []
    for mark in marks:
        place = (mark.x, mark.y, mark.z)
        x, y = origin[0] + scale * place[a], origin[1] - scale * place[u]
        sheet.circle(x, y, 1.3, fill=page.SURFACE, edge=page.INK, thick=0.6, order=2.9)
        toward = 1 if x < middle else -1  # inwards, where the sheet has room
        for left, top in ((x + 11 * toward, y - 9), (x - 11 * toward, y - 9), (x, y + 13)):
            if all(abs(left - i) >= 11 or abs(top - j) >= 10 for i, j in placed):
                placed.append((left, top))
                sheet.text(left, top, str(mark.number), align="center", size=8, bold=True)
                break


def _key(
    sheet: page.Page, chart: GlassBrain | BrainSlices, low: float, high: float, y: float
) -> None:
    """The steps of each hue with their values."""
    levels = _levels(low, high)
    step, left = 22.0, GAP + 4
    for which, name in enumerate(chart.names if chart.other is not None else ("",)):
        words = f"{chart.scale}, {name}" if name else chart.scale
        label = page.clip(words, 80, 8)
        sheet.text(left, y, label, size=8)
        x = left + page.width(label, 8) + 8
        for k in range(len(levels)):
            for layer in range(k + 1):
                ring = _box(x + k * step, y - 5, step, 10)
                sheet.area([ring], fill=HUES[which], opacity=0.34, order=2 + 0.01 * layer)
        bar = _box(x, y - 5, step * len(levels), 10)
        sheet.area([bar], edge=HUES[which], thick=0.8, dashes=DASHES if which else (), order=2.3)
        sheet.text(x, y + 13, plain(low, 3), size=7, colour=page.MUTED)
        end = x + len(levels) * step
        if high > low:
            sheet.text(end, y + 13, plain(high, 3), align="right", size=7, colour=page.MUTED)
        left = max(end, x + 40) + 18


def _box(left: float, top: float, wide: float, high: float) -> Ring:
    return [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)]


def _notes(notes: Sequence[str]) -> list[str]:
    return [line for note in notes for line in page.wrap(note, WIDE - 30, 8)]


def _write(sheet: page.Page, notes: Sequence[str], top: float) -> None:
    for i, note in enumerate(notes):
        sheet.text(14, top + 11 * i, note, size=8, colour=page.MUTED)


def _words(chart: GlassBrain | BrainSlices, kind: str) -> str:
    """What the picture shows, for those who do not see it."""
    marks = [
        f"{mark.number}: {mark.name + ' ' if mark.name else ''}"
        f"({', '.join(exact(v, 0) for v in (mark.x, mark.y, mark.z))})"
        for mark in chart.marks
    ]
    listed = f" Clusters with their peaks in mm: {'; '.join(marks)}." if marks else ""
    return f"{kind} with {chart.scale} of the voxels that stand out.{listed}"

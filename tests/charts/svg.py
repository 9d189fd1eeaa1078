"""Reading back what a chart drew: its texts, their places, its links."""

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from reviewtool.charts import output, page, render

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True)
class Label:
    """A text with its box, in points from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Label") -> bool:
        """Whether the boxes share more than a hair."""
        return (
            self.left < other.right - 0.5
            and other.left < self.right - 0.5
            and self.top < other.bottom - 0.5
            and other.top < self.bottom - 0.5
        )


def tree(chart: Any, **options: Any) -> ET.Element:
    """The chart's SVG, parsed."""
    return ET.fromstring(render(chart, "svg", **options))


def texts(chart: Any) -> list[str]:
    """Every real text of the SVG, in drawing order."""
    return ["".join(node.itertext()) for node in tree(chart).iter(f"{SVG}text")]


def links(chart: Any) -> dict[str, str]:
    """Text -> address, for texts inside a link."""
    found = {}
    for anchor in tree(chart).iter(f"{SVG}a"):
        for node in anchor.iter(f"{SVG}text"):
            found["".join(node.itertext())] = anchor.get(LINK) or anchor.get("href") or ""
    return found


def labels(chart: Any) -> list[Label]:
    """Every text with the box that Matplotlib measures for it."""
    return labels_of(output.CHARTS[type(chart)](chart))


def labels_of(sheet: page.Page) -> list[Label]:
    """The same of a sheet that is drawn already."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    sheet.figure.set_dpi(72)
    renderer = FigureCanvasAgg(sheet.figure).get_renderer()
    high = sheet.high * sheet.scale
    found = []
    for artist in sheet.axes.texts:
        box = artist.get_window_extent(renderer)
        found.append(Label(artist.get_text(), box.x0, high - box.y1, box.x1, high - box.y0))
    return found


def overlapping(every: list[Label]) -> list[tuple[str, str]]:
    """Pairs of texts that overlap."""
    ordered = sorted(every, key=lambda label: label.top)
    pairs = []
    for i, a in enumerate(ordered):
        for b in ordered[i + 1 :]:
            if b.top > a.bottom:
                break
            if a.overlaps(b):
                pairs.append((a.text, b.text))
    return pairs


def leaving(every: list[Label], sheet: page.Page) -> list[str]:
    """Texts that leave the sheet."""
    wide, high = sheet.wide * sheet.scale, sheet.high * sheet.scale
    return [
        a.text
        for a in every
        if a.left < -0.5 or a.top < -0.5 or a.right > wide + 0.5 or a.bottom > high + 0.5
    ]


def collisions(chart: Any) -> list[tuple[str, str]]:
    """Pairs of texts of a chart that overlap."""
    return overlapping(labels(chart))


def outside(chart: Any) -> list[str]:
    """Texts of a chart that leave its sheet."""
    sheet = output.CHARTS[type(chart)](chart)
    return leaving(labels_of(sheet), sheet)


def size(chart: Any) -> tuple[float, float]:
    """Width and height of the drawing, in points."""
    box = re.findall(r"[\d.]+", tree(chart).get("viewBox", ""))
    return float(box[2]), float(box[3])

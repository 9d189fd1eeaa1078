"""The registry of charts, and writing them as bytes that do not change from run to run."""

import io
import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Literal, TypeAlias

from reviewtool.charts import (
    baujat,
    bias,
    bias_shares,
    brain,
    bubble,
    densities,
    directions,
    flow,
    forest,
    forest_pages,
    funnel,
    heat,
    labbe,
    network,
    over_time,
    panels,
    ranks,
)
from reviewtool.charts.errors import UnknownFormat
from reviewtool.charts.page import TOKENS, Page, boxes_in_silence, faces

Format = Literal["svg", "pdf", "png", "tiff"]
MEDIA = {
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "png": "image/png",
    "tiff": "image/tiff",
}
PACKED = ("svg", "pdf", "png")  # in archives; a TIFF is many times their size
DOTS = 300  # to the inch, as journals ask for pictures
Theme = Literal["print", "screen"]
Chart: TypeAlias = (
    forest.Forest
    | flow.Flow
    | funnel.Funnel
    | bias.TrafficLights
    | bias.SummaryBars
    | network.Geometry
    | ranks.Rankogram
    | bubble.Bubble
    | densities.Densities
    | baujat.Baujat
    | labbe.Labbe
    | over_time.OverTime
    | panels.Panels
    | heat.Heat
    | bias_shares.BiasShares
    | directions.EffectDirections
    | brain.GlassBrain
    | brain.BrainSlices
)
CHARTS: dict[type, Callable[[Any], Page]] = {
    forest.Forest: forest.draw,
    flow.Flow: flow.draw,
    funnel.Funnel: funnel.draw,
    bias.TrafficLights: bias.draw,
    bias.SummaryBars: bias.draw_summary,
    network.Geometry: network.draw,
    ranks.Rankogram: ranks.draw,
    bubble.Bubble: bubble.draw,
    densities.Densities: densities.draw,
    baujat.Baujat: baujat.draw,
    labbe.Labbe: labbe.draw,
    over_time.OverTime: over_time.draw,
    panels.Panels: panels.draw,
    heat.Heat: heat.draw,
    bias_shares.BiasShares: bias_shares.draw,
    directions.EffectDirections: directions.draw,
    brain.GlassBrain: brain.draw,
    brain.BrainSlices: brain.draw_slices,
}
# What a PDF is of when it has pages: too long for one sheet of paper.
PAGED: dict[type, Callable[[Any], list[Page]]] = {forest.Forest: forest_pages.draw}
# The same chart for a narrow screen, where there is another way to draw it.
NARROWER: dict[type, Callable[[Any], Any]] = {
    forest.Forest: forest.narrowed,
    panels.Panels: panels.narrowed,
}
# Behind the face that the sheet was measured with, those that are as wide.
STACK = "Arial, 'Liberation Sans', Helvetica, system-ui, sans-serif"


def render(
    chart: Chart, format: Format = "svg", theme: Theme = "print", name: str = "chart"
) -> bytes:
    """``chart`` as a file.

    theme "screen" (SVG only) takes its colours from the page's tokens; "print" is
    always light. name: prefix of the ids inside an SVG, unlike for two on one page.
    Raises NothingToDraw for an empty chart, UnknownFormat.
    """
    if format not in MEDIA:
        raise UnknownFormat(given=format)
    with boxes_in_silence():
        if format == "pdf":
            draw = PAGED.get(type(chart), lambda one: [CHARTS[type(one)](one)])
            return _pdf(draw(chart))
        return _saved(CHARTS[type(chart)](chart), format, theme, name)


def _saved(page: Page, format: Format, theme: Theme, name: str) -> bytes:
    buffer = io.BytesIO()
    if format == "svg":
        page.figure.savefig(buffer, format="svg", metadata={"Date": None})
        return _svg(buffer.getvalue().decode(), page, theme, name).encode()
    words = {"Software": None, "Title": page.title, "Description": page.description}
    page.figure.savefig(buffer, format="png", dpi=DOTS, facecolor="white", metadata=words)
    return buffer.getvalue() if format == "png" else _tiff(buffer, page)


def _pdf(pages: Sequence[Page]) -> bytes:
    """Sheets as one document."""
    from matplotlib.backends.backend_pdf import PdfPages

    buffer = io.BytesIO()
    with PdfPages(buffer, metadata=_about(pages[0])) as document:
        for page in pages:
            document.savefig(page.figure, facecolor="white")
    return buffer.getvalue()


def _about(page: Page) -> dict[str, str | None]:
    """What a PDF says of itself; without times, so that its bytes do not change."""
    return {
        "CreationDate": None,
        "ModDate": None,
        "Title": page.title,
        "Subject": page.description,
        "Creator": "reviewtool",
    }


def _tiff(drawn: io.BytesIO, page: Page) -> bytes:
    """A drawing as TIFF without transparency, packed without loss (LZW)."""
    from PIL import Image, TiffImagePlugin

    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[TiffImagePlugin.IMAGEDESCRIPTION] = f"{page.title}. {page.description}"
    buffer = io.BytesIO()
    Image.open(drawn).convert("RGB").save(
        buffer, format="TIFF", compression="tiff_lzw", dpi=(DOTS, DOTS), tiffinfo=tags
    )
    return buffer.getvalue()


def _svg(text: str, page: Page, theme: Theme, name: str) -> str:
    """Real text in the page's face, a title and a description, no dates, few bytes."""
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r'<g id="(?:text|line2d|patch|axes|figure)_\d+">', "<g>", text)
    # Matplotlib 3.10 writes "font: 9px 'Arial'", 3.11 "font-size: 9px; font-family: 'Arial'".
    stack = f"'{faces()[0]}', {STACK}"
    text = re.sub(r"(font: [^;\"]*?\d(?:\.\d+)?px |font-family: )[^;\"]+", rf"\1{stack}", text)
    text = text.replace("\u2009", "\u202f")
    text = re.sub(r' id="([^"]+)"', rf' id="{name}-\1"', text)
    text = re.sub(r'(url\(|href=")#', rf"\1#{name}-", text)
    if theme == "screen":
        text = re.sub(r' width="[\d.]+pt" height="[\d.]+pt"', f' width="{page.wide:.0f}pt"', text)
        text = re.sub("|".join(TOKENS), lambda found: TOKENS[found.group()], text)
    role = "group" if "<a " in text else "img"  # links of an image are not offered to readers
    head = (
        f' role="{role}" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(page.title)}</title>'
        f'<desc id="{name}-desc">{escape(page.description)}</desc>'
    )
    start = text.index(">", text.index("<svg"))
    return re.sub(r"\n\s*\n", "\n", (text[:start] + head + text[start + 1 :])).strip() + "\n"

"""Plots against pictures that somebody has looked at: what is drawn where, not each pixel.

Stored is each picture in greys on a coarse grid, drawn with the face that comes with the
plotting library, so that machines agree. After a change that is meant, look at the plots and
store them anew: ``REVIEWTOOL_NEW_PICTURES=1 python -m pytest tests/charts/test_pictures.py``.
"""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reviewtool.charts import bias, page, render
from reviewtool.charts.layouts import LAYOUTS
from tests.charts import samples

STORED = Path(__file__).parent / "pictures"
WIDE = 160  # columns of the grid
MEAN, MOST = 0.01, 0.25  # differences of grey (0 to 1): of all cells, of the worst


def lights():
    domains = tuple(bias.Domain(one.key, one.label) for one in samples.DOMAINS)
    judged = tuple(
        bias.StudyBias(
            f"Study {i + 1}",
            {one.key: samples.WORDS[(i + j) % 3] for j, one in enumerate(domains)},
        )
        for i in range(6)
    )
    return domains, judged


PICTURES = {
    **{f"forest-{key or 'own'}": samples.forest(8, key, groups=2) for key in LAYOUTS},
    "lights": bias.TrafficLights(*lights()),
    "bars": bias.SummaryBars(*lights()),
}
# How the eye of somebody without green cones sees linear red, green and blue.
# Source: Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)


@pytest.fixture
def one_face(monkeypatch):
    """Only the face that every machine has."""
    caches = page.faces, page._properties, page.width
    with monkeypatch.context() as patch:
        patch.setattr(page, "FACES", ())
        for kept in caches:
            kept.cache_clear()
        yield
    for kept in caches:
        kept.cache_clear()


def grid(png):
    """Greys (0 to 1) of a picture on a grid of ``WIDE`` columns."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    high = round(picture.height * WIDE / picture.width)
    return np.asarray(picture.resize((WIDE, high), Image.Resampling.BOX), float) / 255


def unlike(first, second):
    """Why two grids are not the same picture; empty where they are."""
    if first.shape != second.shape:
        return f"{first.shape} is not {second.shape}"
    apart = np.abs(first - second)
    if apart.mean() > MEAN or apart.max() > MOST:
        return f"grey differs by {apart.mean():.3f} in the mean, by {apart.max():.2f} at most"
    return ""


SLOW = {"forest-jama", "forest-bmj"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.services] if n in SLOW else []) for n in PICTURES],
)
def test_a_plot_looks_as_it_was_looked_at(one_face, name):
    drawn, stored = grid(render(PICTURES[name], "png")), STORED / f"{name}.png"
    if os.environ.get("REVIEWTOOL_NEW_PICTURES"):
        STORED.mkdir(exist_ok=True)
        Image.fromarray(np.round(drawn * 255).astype(np.uint8)).save(stored, optimize=True)
    assert not unlike(drawn, np.asarray(Image.open(stored), float) / 255)


def test_another_study_or_layout_is_another_picture(one_face):
    stored = np.asarray(Image.open(STORED / "forest-own.png"), float) / 255
    assert unlike(grid(render(samples.forest(9, groups=2), "png")), stored)
    assert unlike(grid(render(samples.forest(8, "bmj", groups=2), "png")), stored)
    turned = bias.TrafficLights(PICTURES["lights"].domains, PICTURES["lights"].studies[::-1])
    lights_stored = np.asarray(Image.open(STORED / "lights.png"), float) / 255
    assert unlike(grid(render(turned, "png")), lights_stored)


def linear(colour):
    """Linear red, green, blue of a colour as #rrggbb."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def test_judgements_are_told_apart_without_colour():
    """By a sign of its own each, on which grey or red-green blindness has no hold."""
    signs = [sign for _, sign, _ in bias.SIGNS.values()]
    assert len(set(signs)) == len(signs)
    for colour, sign, _ in bias.SIGNS.values():
        for seen in (linear(colour), DEUTERANOPIA @ linear(colour)):
            luminance = float(seen.clip(0, 1) @ [0.2126, 0.7152, 0.0722])
            assert not sign or 1.05 / (luminance + 0.05) > 4.5, f"{sign} is not read on {colour}"

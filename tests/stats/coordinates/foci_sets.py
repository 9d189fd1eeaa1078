"""Sets of foci: those of the reference folder, and small ones made up here."""

import csv
import os
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from reviewtool.stats.coordinates import Experiment, Mask, experiment, read_mask

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("REVIEWTOOL_REFERENCE", ROOT / ".." / "shared" / "reference")) / "cbma"
SETS = sorted(path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json"))
SPACES = {"mni": "MNI", "tal": "Talairach", "talairach": "Talairach"}


@cache
def reference_mask() -> Mask:
    """The brain mask behind the reference numbers."""
    found = sorted(FOLDER.glob("*mask*.nii*"))
    if not found:
        pytest.skip(f"no brain mask in {FOLDER.name}/")
    return read_mask(found[0])


@cache
def reference_set(name: str) -> tuple[Experiment, ...]:
    """The experiments of a set, from its table or, where it has none, its Sleuth text."""
    path = FOLDER / f"{name}.csv"
    rows = _table(path) if path.exists() else _sleuth(FOLDER / f"{name}.sleuth.txt")
    grouped: dict[tuple[str, str], tuple[int, str, list[list[float]]]] = {}
    for study, contrast, n, space, place in rows:
        grouped.setdefault((study, contrast), (n, space, []))[2].append(place)
    return tuple(
        experiment(study, contrast, n, foci, SPACES[space.lower()])
        for (study, contrast), (n, space, foci) in grouped.items()
    )


def _table(path: Path):
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            place = [float(row[axis]) for axis in "xyz"]
            yield row["study"], row["contrast"], int(float(row["n"])), row["space"], place


def _sleuth(path: Path):
    space = study = contrast = ""
    n = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        heading = line.removeprefix("//").strip() if line.startswith("//") else ""
        if found := re.match(r"reference\s*=\s*(\w+)", heading, re.I):
            space = found[1]
        elif found := re.match(r"subjects\s*=\s*(\d+)", heading, re.I):
            n = int(found[1])
        elif heading:
            study, _, contrast = (part.strip() for part in heading.partition(":"))
        elif line.strip():
            yield study, contrast, n, space, [float(value) for value in line.split()]


@cache
def small_mask() -> Mask:
    """A ball of 9 voxels' radius on a grid of 4 mm: 3 112 voxels."""
    axes = np.indices((24, 24, 24)) - 11.5
    affine = np.array([[-4.0, 0, 0, 46], [0, 4, 0, -46], [0, 0, 4, -46], [0, 0, 0, 1]])
    return Mask((axes**2).sum(axis=0) <= 81, affine, "ball")


def made_up(
    count: int = 20, seed: int = 1, at: tuple[float, ...] = (10, 10, 2)
) -> list[Experiment]:
    """Experiments of which most report a focus near ``at``, and some anywhere."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        foci = rng.uniform(-30, 30, (int(rng.integers(1, 5)), 3))
        if number % 4:
            foci[0] = np.asarray(at) + rng.normal(0, 3, 3)
        found.append(experiment(f"S{number:02d}", "a > b", int(rng.integers(8, 40)), foci))
    return found

"""Experiments with their foci, and what a reader should know before trusting them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviewtool.stats.arrays import Matrix
from reviewtool.stats.coordinates.errors import BadFoci, NoFoci
from reviewtool.stats.coordinates.kernels import ends_at
from reviewtool.stats.coordinates.space import Mask, Space, Variant, mixed_spaces, to_mni
from reviewtool.stats.errors import UnknownChoice
from reviewtool.words import plain, plural

ADVISED = 17
FEW = (
    "{found}: with fewer than {advised}, single experiments can drive a result and power for "
    "moderate effects is low (Eickhoff et al. 2016, doi:10.1016/j.neuroimage.2016.04.072)."
)
FARTHEST = 250.0  # mm from the origin: farther is no place in a head, but a slip


@dataclass(frozen=True, eq=False)
class Experiment:
    """One contrast of one study: the people it compared and the peaks it reported.

    n: people (both groups together, as the field enters them). foci: shape (f, 3), MNI
    space, mm. space: the space in which they were reported.
    """

    study: str
    contrast: str
    n: int
    foci: Matrix = field(repr=False)
    space: Space = "MNI"

    @property
    def name(self) -> str:
        """Study and contrast, as messages and tables call it."""
        return f"{self.study}: {self.contrast}" if self.contrast else self.study


def experiment(
    study: str,
    contrast: str,
    n: float,
    foci: ArrayLike,
    space: Space = "MNI",
    variant: Variant = "pooled",
) -> Experiment:
    """An experiment from coordinates as reported; Talairach ones become MNI by Lancaster.

    foci: shape (f, 3), mm in ``space``. variant: see ``space.to_mni``.
    Raises BadFoci naming the experiment, UnknownChoice for another space.
    """
    name = f"{study}: {contrast}" if contrast else study
    if space not in ("MNI", "Talairach"):
        raise UnknownChoice(what="The space", given=space, choices="MNI, Talairach")
    if not (np.isfinite(n) and n >= 1 and n == int(n)):
        raise BadFoci(
            experiment=name,
            problem=f"the number of people is {plain(n)}.",
            remedy="Give a whole number of at least 1.",
        )
    try:
        places = np.asarray(foci, dtype=np.float64).reshape(-1, 3)
    except (TypeError, ValueError):
        raise BadFoci(
            experiment=name,
            problem="a focus is not three numbers.",
            remedy="Give x, y and z in millimetres.",
        ) from None
    wrong = ~np.all(np.isfinite(places) & (np.abs(places) <= FARTHEST), axis=1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadFoci(
            experiment=name,
            problem=f"focus {row + 1} is ({', '.join(plain(v) for v in places[row])}), which "
            "is no place in a head.",
            remedy="Give x, y and z in millimetres.",
        )
    if space == "Talairach":
        places = to_mni(places, variant)
    return Experiment(study, contrast, int(n), places, space)


def merged_by_study(experiments: Iterable[Experiment]) -> tuple[Experiment, ...]:
    """One experiment per study: the foci of all its contrasts, the smallest n.

    Contrasts of the same people are not independent; together they count once.
    Source: Turkeltaub et al. 2012, Hum Brain Mapp 33:1 (doi:10.1002/hbm.21186).
    """
    grouped: dict[str, list[Experiment]] = {}
    for one in experiments:
        grouped.setdefault(one.study, []).append(one)
    return tuple(
        Experiment(
            study,
            "; ".join(one.contrast for one in several if one.contrast),
            min(one.n for one in several),
            np.concatenate([one.foci for one in several]),
            several[0].space,
        )
        for study, several in grouped.items()
    )


@dataclass(frozen=True, eq=False)
class Located:
    """Experiments with foci in or near the image, their voxels, and what was noticed.

    voxels: per experiment, shape (f, 3); some may lie just outside the image. left_out:
    names of experiments without such a focus.
    """

    experiments: tuple[Experiment, ...]
    voxels: tuple[NDArray[np.int64], ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def foci(self) -> int:
        """Foci that take part."""
        return sum(len(voxels) for voxels in self.voxels)


def outside(experiments: Sequence[Experiment], mask: Mask) -> list[tuple[str, int]]:
    """(experiment, row of the focus) of every focus whose voxel is not brain."""
    return [
        (one.name, int(row))
        for one in experiments
        for row in np.flatnonzero(~mask.in_brain(one.foci))
    ]


def locate(experiments: Sequence[Experiment], mask: Mask) -> Located:
    """Each experiment's foci as voxels; what should be known about them as warnings.

    A focus outside the brain stays where its surroundings reach into the image. One farther
    away takes no part. Raises NoFoci when none is left.
    """
    kept: list[Experiment] = []
    voxels: list[NDArray[np.int64]] = []
    empty: list[str] = []
    away = lost = 0
    for one in experiments:
        ijk = mask.voxel_of(one.foci)
        held = mask.holds(ijk, ends_at(one.n))
        lost += int(np.count_nonzero(~held))
        away += int(np.count_nonzero(held & ~mask.in_brain(one.foci)))
        ijk = ijk[held]
        if len(ijk):
            kept.append(one)
            voxels.append(ijk)
        else:
            empty.append(one.name)
    if not kept:
        raise NoFoci(
            problem="No experiment has a focus in or near the brain.",
            remedy="Enter coordinates, or check their signs and units (millimetres).",
        )
    notes = []
    if len(kept) < ADVISED:
        found = plural(len(kept), "experiment", "experiments")
        notes.append(FEW.format(found=found, advised=ADVISED))
    notes.append(mixed_spaces([one.space for one in kept]))
    if away:
        notes.append(
            f"{plural(away, 'focus lies', 'foci lie')} outside the brain mask and "
            f"{'counts' if away == 1 else 'count'} only through the brain nearby."
        )
    if lost:
        notes.append(
            f"{plural(lost, 'focus lies', 'foci lie')} far outside the brain and "
            f"{'takes' if lost == 1 else 'take'} no part."
        )
    if empty:
        notes.append("Left out, without a focus in or near the brain: " + "; ".join(empty) + ".")
    return Located(tuple(kept), tuple(voxels), tuple(empty), tuple(note for note in notes if note))

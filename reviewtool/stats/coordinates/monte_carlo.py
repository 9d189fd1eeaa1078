"""What chance makes of the same numbers of foci: the largest value and cluster per draw.

Each draw has a seed of its own, so the draws are the same however they are divided among
workers, and a run that was cut off goes on where it stopped.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviewtool.stats.arrays import Vector
from reviewtool.stats.coordinates.clusters import touching
from reviewtool.stats.coordinates.maps import FORMING, CoordinateMap
from reviewtool.stats.coordinates.modelled import Model
from reviewtool.stats.coordinates.painting import around_brain
from reviewtool.stats.coordinates.parts import in_order
from reviewtool.stats.errors import BadInput


@dataclass(frozen=True, eq=False)
class Design:
    """All that a draw needs: the model, the foci per experiment, the forming threshold.

    threshold: value above which voxels form clusters.
    """

    model: Model = field(repr=False)
    foci: tuple[int, ...]
    threshold: float

    @property
    def key(self) -> str:
        """Names the design, so that draws of another one cannot be mixed in."""
        model = self.model
        said = repr(
            (model.method, model.people, model.weights, model.radius, self.foci, self.threshold)
        )
        digest = sha256(said.encode())
        digest.update(np.packbits(model.mask.inside).tobytes())
        digest.update(np.ascontiguousarray(model.mask.affine).tobytes())
        return digest.hexdigest()[:32]


def design_of(result: CoordinateMap, forming: float = FORMING) -> Design:
    """What to draw for ``result``; forming: uncorrected p below which clusters form.

    Raises BadInput for a p that is none.
    """
    if not 0 < forming < 0.5:
        raise BadInput(
            problem=f"The threshold that forms clusters is p < {forming}.",
            remedy="Choose a p value between 0 and 0.5; 0.001 is usual.",
        )
    foci = tuple(len(voxels) for voxels in result.voxels)
    return Design(result.model, foci, result.threshold(forming))


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Draws number ``first`` and on: per draw the largest value, cluster size and mass.

    value, size (voxels), mass: shape (d,). seed and key say what they are draws of.
    """

    key: str
    seed: int
    first: int
    value: Vector = field(repr=False)
    size: NDArray[np.int64] = field(repr=False)
    mass: Vector = field(repr=False)

    @property
    def begins(self) -> int:
        """The number of the first draw."""
        return self.first

    @property
    def count(self) -> int:
        """Number of draws."""
        return int(self.value.size)

    def to_json(self) -> dict[str, Any]:
        """The draws as plain values, to be stored between parts of a run."""
        return {
            "key": self.key,
            "seed": self.seed,
            "first": self.first,
            "value": self.value.tolist(),
            "size": self.size.tolist(),
            "mass": self.mass.tolist(),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Draws":
        """The draws that ``to_json`` stored."""
        return cls(
            stored["key"],
            stored["seed"],
            stored["first"],
            np.asarray(stored["value"], dtype=np.float64),
            np.asarray(stored["size"], dtype=np.int64),
            np.asarray(stored["mass"], dtype=np.float64),
        )


def draw(
    design: Design,
    seed: int,
    first: int,
    count: int,
    on_draw: Callable[[int], None] | None = None,
) -> Draws:
    """Draws ``first`` to ``first + count - 1``: foci anywhere in the brain, each alike likely.

    on_draw: called after each draw with how many of this part are done; what it raises
    ends the part. A part depends on nothing but its arguments.
    """
    if seed < 0 or first < 0 or count < 0:
        raise BadInput(
            problem="Seeds and draws are counted from 0.", remedy="Choose a seed of at least 0."
        )
    model, mask = design.model, design.model.mask
    canvas = around_brain(mask, model.reach)
    middles, brain = canvas.middles(mask.voxels), canvas.places(mask.voxels)
    is_brain = np.zeros(canvas.sum.size, dtype=bool)
    is_brain[brain] = True
    shapes = {id(kernel): kernel.astype(np.float32) for kernel in model.kernels}
    ends = np.cumsum(design.foci)
    experiments = [
        (shapes[id(kernel)], slice(int(end) - foci, int(end)))
        for kernel, foci, end in zip(model.kernels, design.foci, ends, strict=True)
    ]
    limit = np.float32(model.total_of(design.threshold))
    value, size, mass = np.zeros(count), np.zeros(count, dtype=np.int64), np.zeros(count)
    for row in range(count):
        source = np.random.SeedSequence(seed, spawn_key=(first + row,))
        picked = middles[np.random.default_rng(source).integers(0, len(middles), ends[-1])]
        canvas.clear()
        for shape, own in experiments:
            canvas.add(shape, picked[own])
        flat = canvas.sum.ravel()
        above = np.flatnonzero(flat > limit)
        above = above[is_brain[above]]
        if above.size == 0:
            value[row] = model.value_of(flat[brain].max())
        else:
            values = model.value_of(flat[above])
            label = touching(above, canvas.steps)
            value[row] = values.max()
            size[row] = np.bincount(label).max()
            mass[row] = np.bincount(label, values - design.threshold).max()
        if on_draw is not None:
            on_draw(row + 1)
    return Draws(design.key, seed, first, value, size, mass)


def joined(parts: Iterable[Draws]) -> Draws:
    """Parts of one run as one, in any order; a part that was done twice counts once.

    Raises UnlikeDraws for other designs or seeds, gaps and overlaps.
    """
    kept = in_order(parts)
    return Draws(
        kept[0].key,
        kept[0].seed,
        kept[0].first,
        np.concatenate([part.value for part in kept]),
        np.concatenate([part.size for part in kept]),
        np.concatenate([part.mass for part in kept]),
    )


def share_at_least(values: ArrayLike, drawn: ArrayLike) -> Vector:
    """The share of draws at least as large as each value, never below one draw.

    >>> share_at_least([1.0, 5.0], [1.0, 2.0, 3.0, 4.0]).tolist()
    [1.0, 0.25]
    """
    ordered = np.sort(np.asarray(drawn, dtype=np.float64))
    below = np.searchsorted(ordered, np.asarray(values, dtype=np.float64), side="left")
    return np.maximum(ordered.size - below, 1) / ordered.size

"""Two groups of experiments compared: the difference of their maps, by permutation.

The experiments are dealt anew into groups of the same sizes; a difference stands where few
deals give one as large. Each deal has a seed of its own, as a draw has in ``monte_carlo``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.coordinates.clusters import Cluster, clusters_of, touching
from reviewtool.stats.coordinates.errors import UnlikeDraws
from reviewtool.stats.coordinates.maps import FORMING, CoordinateMap, normal_deviate
from reviewtool.stats.coordinates.mkda import whole_weights
from reviewtool.stats.coordinates.modelled import Model
from reviewtool.stats.coordinates.monte_carlo import share_at_least
from reviewtool.stats.coordinates.parts import in_order
from reviewtool.stats.coordinates.space import Mask
from reviewtool.stats.errors import BadInput, TooFewStudies, UnknownChoice
from reviewtool.words import plural, thousands

BLOCK = 400_000  # values (deals times voxels) computed at a time: bounds the memory
KINDS = ("difference", "chi-square")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two groups, and the voxels in which they are compared.

    kind: "difference" of values (first minus second), or "chi-square" of the shares of
    experiments that report a focus nearby (MKDA), signed by which group's is larger.
    where: positions among the brain's voxels, shape (w,). layers: shape (n1 + n2, w), first
    group first. weights: shape (n1 + n2,). observed: shape (w,).
    """

    kind: str
    mask: Mask = field(repr=False)
    first: int
    second: int
    where: NDArray[np.int64] = field(repr=False)
    layers: NDArray[np.float32] = field(repr=False)
    weights: Vector = field(repr=False)
    observed: Vector = field(repr=False)
    multiplicative: bool = field(repr=False)

    @property
    def key(self) -> str:
        """Names the comparison, so that deals of another one cannot be mixed in."""
        digest = sha256(repr((self.kind, self.first, self.second)).encode())
        digest.update(self.where.tobytes())
        digest.update(self.observed.tobytes())
        return digest.hexdigest()[:32]


def compare(
    first: CoordinateMap,
    second: CoordinateMap,
    where: NDArray[np.bool_] | None = None,
    kind: str = "difference",
) -> Comparison:
    """What to permute for first minus second.

    where: shape (v,), the voxels to compare; None takes those with uncorrected p < 0.001 in
    either map (for chi-square all that some experiment reaches). kind: see Comparison.
    Raises BadInput for maps of unlike kinds or masks, or no voxel; TooFewStudies for a
    group of one experiment; UnknownChoice.
    Sources: Eickhoff et al. 2011, NeuroImage 57:938 (ALE); Wager et al. 2007 (chi-square).
    """
    if kind not in KINDS:
        raise UnknownChoice(what="The comparison", given=kind, choices=", ".join(KINDS))
    if first.method != second.method or (kind == "chi-square" and first.method != "MKDA"):
        raise BadInput(
            problem="The two maps are not of the same method.",
            remedy="Compare ALE with ALE or MKDA with MKDA; chi-square needs MKDA.",
        )
    if (
        first.mask.shape != second.mask.shape
        or not np.array_equal(first.mask.inside, second.mask.inside)
        or not np.array_equal(first.mask.affine, second.mask.affine)
    ):
        raise BadInput(
            problem="The two maps have other brain masks.", remedy="Compute both on one mask."
        )
    n1, n2 = len(first.experiments), len(second.experiments)
    if min(n1, n2) < 2:
        raise TooFewStudies(needed=2, found=min(n1, n2))
    if where is None:
        where = (
            (first.value > first.threshold(FORMING)) | (second.value > second.threshold(FORMING))
            if kind == "difference"
            else (first.value > 0) | (second.value > 0)
        )
    at = np.flatnonzero(where)
    if at.size == 0:
        raise BadInput(
            problem="There is no voxel to compare: neither map has one that stands out.",
            remedy="Choose the voxels, or add experiments.",
        )
    people = first.model.people + second.model.people
    equal = len(set(first.model.weights + second.model.weights)) == 1 or kind == "chi-square"
    weights = whole_weights(people, "equal" if equal or first.method == "ALE" else "root n")
    model = Model(first.method, first.mask, people, weights, first.model.radius)
    layers = np.empty((n1 + n2, at.size), np.float32)
    for row, layer in enumerate(model.layers(first.voxels + second.voxels)):
        layers[row] = layer[at]
    dealt = np.zeros((1, n1 + n2), np.float32)
    dealt[0, :n1] = 1
    observed = _statistic(dealt, layers, np.asarray(weights, float), kind, first.method == "ALE")
    return Comparison(
        kind,
        first.mask,
        n1,
        n2,
        at,
        layers,
        np.asarray(weights, dtype=np.float64),
        observed[0],
        first.method == "ALE",
    )


def _statistic(
    dealt: NDArray[np.float32],
    layers: NDArray[np.float32],
    weights: Vector,
    kind: str,
    multiplicative: bool,
) -> Matrix:
    """The comparison for each deal, shape (d, w); dealt: shape (d, n), 1 for the first group."""
    one = (dealt @ layers).astype(np.float64)
    two = layers.sum(axis=0, dtype=np.float64) - one
    if multiplicative:
        return np.asarray(np.exp(-two) - np.exp(-one))
    n1 = (dealt @ weights)[:, None]
    n2 = weights.sum() - n1
    difference = one / n1 - two / n2
    if kind == "difference":
        return np.asarray(difference)
    share = (one + two) / (n1 + n2)
    spread = share * (1 - share) * (1 / n1 + 1 / n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi = np.where(spread > 0, difference**2 / spread, 0.0)
    return np.asarray(np.sign(difference) * chi)


@dataclass(frozen=True, slots=True, eq=False)
class Deals:
    """Deals number ``start`` and on: how many were as large as observed, and the extremes.

    larger, smaller: shape (w,), deals with a statistic >= and <= the observed one.
    highest, lowest: shape (d,), the extremes of each deal. size_first, size_second: shape
    (d,), voxels of the largest cluster in favour of either group; empty where no clusters
    were asked for.
    """

    key: str
    seed: int
    start: int
    larger: NDArray[np.int64] = field(repr=False)
    smaller: NDArray[np.int64] = field(repr=False)
    highest: Vector = field(repr=False)
    lowest: Vector = field(repr=False)
    size_first: NDArray[np.int64] = field(repr=False, default_factory=lambda: np.zeros(0, np.int64))
    size_second: NDArray[np.int64] = field(
        repr=False, default_factory=lambda: np.zeros(0, np.int64)
    )

    @property
    def begins(self) -> int:
        """The number of the first deal."""
        return self.start

    @property
    def count(self) -> int:
        """Number of deals."""
        return int(self.highest.size)

    def to_json(self) -> dict[str, object]:
        """The deals as plain values, to be stored between parts of a run."""
        return {
            "key": self.key,
            "seed": self.seed,
            "start": self.start,
            "larger": self.larger.tolist(),
            "smaller": self.smaller.tolist(),
            "highest": self.highest.tolist(),
            "lowest": self.lowest.tolist(),
            "size_first": self.size_first.tolist(),
            "size_second": self.size_second.tolist(),
        }

    @classmethod
    def from_json(cls, stored: dict[str, object]) -> "Deals":
        """The deals that ``to_json`` stored."""
        return cls(
            str(stored["key"]),
            int(stored["seed"]),  # type: ignore[call-overload]
            int(stored["start"]),  # type: ignore[call-overload]
            np.asarray(stored["larger"], dtype=np.int64),
            np.asarray(stored["smaller"], dtype=np.int64),
            np.asarray(stored["highest"], dtype=np.float64),
            np.asarray(stored["lowest"], dtype=np.float64),
            np.asarray(stored.get("size_first", ()), dtype=np.int64),
            np.asarray(stored.get("size_second", ()), dtype=np.int64),
        )


def deal(
    comparison: Comparison,
    seed: int,
    start: int,
    count: int,
    on_deal: Callable[[int], None] | None = None,
    forming: float | None = None,
) -> Deals:
    """Deals ``start`` to ``start + count - 1``; on_deal: called with how many are done.

    forming: p at which voxels form clusters, whose largest of each deal is kept then.
    """
    n = comparison.first + comparison.second
    limits = None if forming is None else forming_limits(comparison, forming)
    sizes = np.zeros((2, count if limits is not None else 0), np.int64)
    width = comparison.observed.size
    larger, smaller = np.zeros(width, np.int64), np.zeros(width, np.int64)
    highest, lowest = np.zeros(count), np.zeros(count)
    # What float32 sums may differ by when the same experiments are dealt again.
    slack = 1e-6 * max(1e-6, float(np.abs(comparison.observed).max()))
    several = max(1, BLOCK // width)
    for begin in range(0, count, several):
        rows = range(begin, min(begin + several, count))
        dealt = np.zeros((len(rows), n), np.float32)
        for row in rows:
            source = np.random.SeedSequence(seed, spawn_key=(start + row,))
            order = np.random.default_rng(source).permutation(n)
            dealt[row - begin, order[: comparison.first]] = 1
        found = _statistic(
            dealt,
            comparison.layers,
            comparison.weights,
            comparison.kind,
            comparison.multiplicative,
        )
        larger += np.count_nonzero(found >= comparison.observed - slack, axis=0)
        smaller += np.count_nonzero(found <= comparison.observed + slack, axis=0)
        highest[begin : begin + len(rows)] = found.max(axis=1)
        lowest[begin : begin + len(rows)] = found.min(axis=1)
        if limits is not None:
            for row in rows:
                sizes[:, row] = _largest(comparison, found[row - begin], limits)
        if on_deal is not None:
            on_deal(begin + len(rows))
    key = comparison.key if forming is None else f"{comparison.key}-{forming}"
    return Deals(key, seed, start, larger, smaller, highest, lowest, *sizes)


def forming_limits(comparison: Comparison, forming: float) -> tuple[Vector, Vector]:
    """Above which value a voxel forms clusters of the first group, below which of the second.

    Shape (w,) each. The sum of a group's layers is taken as normal around what dealing gives
    on average, with the variance of a sample without replacement; the statistic falls or
    rises with it. The limits do not look at who is in which group, so that the largest
    clusters of the deals are those of chance whatever the sums are distributed like.
    Raises BadInput for a p that is none.
    """
    if not 0 < forming < 0.5:
        raise BadInput(
            problem=f"The threshold that forms clusters is p < {forming}.",
            remedy="Choose a p value between 0 and 0.5; 0.001 is usual.",
        )
    deviate = NormalDist().inv_cdf(1 - forming)
    n1, n2 = comparison.first, comparison.second
    layers = comparison.layers.astype(np.float64)
    if comparison.kind == "chi-square":
        limit = np.full(layers.shape[1], deviate**2)
        return limit, -limit
    middle = n1 * layers.mean(axis=0)
    spread = deviate * np.sqrt(n1 * n2 / (n1 + n2) * layers.var(axis=0, ddof=1))
    total = layers.sum(axis=0)
    w1 = float(comparison.weights.sum()) * n1 / (n1 + n2)
    w2 = float(comparison.weights.sum()) - w1

    def of(one: Vector) -> Vector:
        if comparison.multiplicative:
            return np.asarray(np.exp(-(total - one)) - np.exp(-one))
        return np.asarray(one / w1 - (total - one) / w2)

    # What float32 sums may differ by where dealing changes nothing.
    slack = 1e-6 * max(1e-6, float(np.abs(comparison.observed).max()))
    up, down = of(middle + spread) + slack, of(middle - spread) - slack
    return np.maximum(up, 0.0), np.minimum(down, 0.0)


def _largest(
    comparison: Comparison, found: Vector, limits: tuple[Vector, Vector]
) -> tuple[int, int]:
    """Voxels of the largest cluster in favour of either group."""
    i, j, k = (side + 1 for side in comparison.mask.shape)
    sizes = []
    for above in (found > limits[0], found < limits[1]):
        members = comparison.where[above]
        if members.size == 0:
            sizes.append(0)
            continue
        a, b, c = comparison.mask.voxels[members].T
        label = touching((a * j + b) * k + c, (j * k, k, 1))
        sizes.append(int(np.bincount(label).max()))
    return sizes[0], sizes[1]


def joined_deals(parts: Iterable[Deals]) -> Deals:
    """Parts of one run as one, in any order; a part that was done twice counts once.

    Raises UnlikeDraws for other comparisons or seeds, gaps and overlaps.
    """
    kept = in_order(parts)
    return Deals(
        kept[0].key,
        kept[0].seed,
        kept[0].start,
        np.sum([part.larger for part in kept], axis=0),
        np.sum([part.smaller for part in kept], axis=0),
        np.concatenate([part.highest for part in kept]),
        np.concatenate([part.lowest for part in kept]),
        np.concatenate([part.size_first for part in kept]),
        np.concatenate([part.size_second for part in kept]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Subtraction:
    """First minus second in every brain voxel; voxels that were not compared have p = 1.

    difference, p_first, p_second, z: shape (v,). p_first: that the first group is not
    larger; p_second: that the second is not. z: signed, positive where the first is larger.
    fwe_first, fwe_second: the same p values over the largest difference of each deal.
    """

    mask: Mask = field(repr=False)
    difference: Vector = field(repr=False)
    p_first: Vector = field(repr=False)
    p_second: Vector = field(repr=False)
    z: Vector = field(repr=False)
    fwe_first: Vector = field(repr=False)
    fwe_second: Vector = field(repr=False)
    sentence: str
    warnings: tuple[str, ...] = ()


def subtracted(comparison: Comparison, deals: Deals) -> Subtraction:
    """The comparison with its p values. Raises UnlikeDraws for foreign deals."""
    if deals.key.partition("-")[0] != comparison.key:
        raise UnlikeDraws(
            problem="they were dealt for other groups or settings.",
            remedy="Run the permutations again.",
        )
    size, count = comparison.mask.size, deals.count
    at, observed = comparison.where, comparison.observed

    def everywhere(values: Vector, empty: float) -> Vector:
        image = np.full(size, empty)
        image[at] = values
        return image

    p1 = np.maximum(deals.larger, 1) / count
    p2 = np.maximum(deals.smaller, 1) / count
    up, down = np.sort(deals.highest), np.sort(-deals.lowest)
    fwe1 = np.maximum(count - np.searchsorted(up, observed, "left"), 1) / count
    fwe2 = np.maximum(count - np.searchsorted(down, -observed, "left"), 1) / count
    z = np.where(observed > 0, normal_deviate(p1), -normal_deviate(p2))
    few = count < 1000
    what = "difference" if comparison.kind == "difference" else "chi-square"
    return Subtraction(
        comparison.mask,
        everywhere(observed, 0.0),
        everywhere(p1, 1.0),
        everywhere(p2, 1.0),
        everywhere(z, 0.0),
        everywhere(fwe1, 1.0),
        everywhere(fwe2, 1.0),
        f"{comparison.first} against {comparison.second} experiments: {what} in "
        f"{plural(at.size, 'voxel', 'voxels')}, compared with {thousands(count)} deals of the "
        f"experiments into groups of the same sizes (seed {deals.seed}).",
        (f"{plural(count, 'deal', 'deals')}: p values need at least 1 000.",) if few else (),
    )


def large_clusters(
    comparison: Comparison, deals: Deals, forming: float, level: float = 0.05
) -> tuple[Vector, Vector]:
    """Differences in clusters larger than chance makes them, for either group; shape (v,) each.

    A cluster stands when its share of deals with one as large is below ``level``, in its own
    direction. Values are in favour of the group, 0 where nothing stands.
    """
    limits = forming_limits(comparison, forming)
    size = comparison.mask.size
    images = []
    for sign, above, drawn in (
        (1.0, comparison.observed > limits[0], deals.size_first),
        (-1.0, comparison.observed < limits[1], deals.size_second),
    ):
        value, other = np.zeros(size), np.zeros(size)
        value[comparison.where[above]] = sign * comparison.observed[above]
        for one in clusters_of(comparison.mask, value, other, other, 0.0):
            if share_at_least([one.voxels], drawn)[0] >= level:
                value[one.members] = 0.0
        images.append(value)
    return images[0], images[1]


def standing(
    found: Subtraction, level: float = 0.05, family_wise: bool = False, least: float = 0.0
) -> tuple[tuple[Cluster, ...], tuple[Cluster, ...]]:
    """Clusters where the first group is larger, and where the second is.

    level: of p, uncorrected or over the largest difference. least: clusters smaller than
    this are left out, mm3. A cluster's values are differences in favour of its group.
    """
    sides = []
    for sign, p in (
        (1.0, found.fwe_first if family_wise else found.p_first),
        (-1.0, found.fwe_second if family_wise else found.p_second),
    ):
        value = np.where((p < level) & (sign * found.difference > 0), sign * found.difference, 0.0)
        groups = clusters_of(found.mask, value, p, sign * found.z, 0.0)
        sides.append(tuple(one for one in groups if one.mm3 >= least))
    return sides[0], sides[1]


def groups_share(first: Sequence[str], second: Sequence[str]) -> str:
    """A warning when studies stand in both groups, as a permutation takes them for others.

    >>> groups_share(["A", "B"], ["B", "C"])
    'In both groups: B. The comparison treats them as different people.'
    >>> groups_share(["A"], ["B"])
    ''
    """
    both = sorted(set(first) & set(second))
    if not both:
        return ""
    return f"In both groups: {', '.join(both)}. The comparison treats them as different people."

"""Draws a brain map again from its foci with the installed reviewtool, and compares it.

The draws depend on seed and number alone, so the same version finds the same numbers.
Run it in this folder: python reproduce.py
"""

import sys
from pathlib import Path

from reviewtool.stats import coordinates as engine
from reviewtool.synthesis.scripts.reproduce.checking import Checks


class Maps:
    """The maps of an analysis, and what stands on each."""

    def __init__(self, checks: Checks) -> None:
        self.checks, self.of = checks, checks.settings
        self.forming, self.level = float(self.of["forming"]), float(self.of["level"])
        self.seed, self.draws = int(self.of["seed"]), int(self.of["draws"])
        self.maps = [self._map(side) for side in ("1", "2")[: int(self.of["sides"])]]

    def _map(self, side: str) -> engine.CoordinateMap:
        found: dict[tuple[str, str, str, str], list[list[float]]] = {}
        for row in self.checks.rows:
            if row["side"] == side:
                key = row["study"], row["contrast"], row["n"], row["space"]
                found.setdefault(key, []).append([float(row[axis]) for axis in "xyz"])
        used = [
            engine.experiment(
                study, contrast, int(n), foci, "Talairach" if space != "MNI" else "MNI"
            )
            for (study, contrast, n, space), foci in found.items()
        ]
        if self.of["merged"] == "yes":
            used = list(engine.merged_by_study(used))
        method = engine.ale if self.of["algorithm"] == "ALE" else engine.mkda
        return method(used, engine.brain_mask())

    def stands(self, side: int) -> engine.Corrected:
        """What stands on one map; side: 0 or 1."""
        one, draws = self.maps[side], None
        if self.draws:
            design = engine.design_of(one, self.forming)
            draws = engine.draw(design, self.seed + side, 0, self.draws)
        kind = {"cluster": "size", "voxel": "voxel", "fdr": "FDR"}.get(
            self.of["correction"], "none"
        )
        return engine.corrected(one, kind, self.level, self.forming, draws)  # type: ignore[arg-type]


def check_clusters(checks: Checks, clusters: list[engine.Cluster]) -> None:
    """How many clusters, and the size and the peak of each."""
    checks.check("clusters", len(clusters))
    for number, one in enumerate(clusters, 1):
        checks.check(f"cluster {number}, voxels", one.voxels)
        checks.check(f"cluster {number}, peak", float(one.peak.value))


def contrast(maps: Maps) -> None:
    """Where the values of the two maps differ."""
    comparison = engine.compare(maps.maps[0], maps.maps[1])
    forming = maps.forming if maps.of["correction"] == "cluster" else None
    deals = engine.deal(comparison, maps.seed, 0, maps.draws, None, forming)
    made = engine.subtracted(comparison, deals)
    if forming is not None:
        stand = engine.large_clusters(comparison, deals, forming, maps.level)
        maps.checks.check("voxels that stand", sum(int((one > 0).sum()) for one in stand))
        return
    voxel = maps.of["correction"] == "voxel"
    limit = maps.level if voxel else maps.forming
    first, second = (made.fwe_first, made.fwe_second) if voxel else (made.p_first, made.p_second)
    up = (first < limit) & (made.difference > 0)
    down = (second < limit) & (made.difference < 0)
    maps.checks.check("voxels that stand", int(up.sum() + down.sum()))


def main(folder: Path) -> int:
    """Everything the map holds; the exit status."""
    checks = Checks(folder)
    maps = Maps(checks)
    if checks.settings["combine"] == "contrast":
        contrast(maps)
        return checks.finish()
    first = maps.stands(0)
    if checks.settings["combine"] == "conjunction":
        both = engine.conjunction(first, maps.stands(1))
        checks.check("voxels that stand", int((both.value > 0).sum()))
        check_clusters(checks, list(both.clusters))
        return checks.finish()
    checks.check("voxels that stand", int(first.significant.sum()))
    checks.check("threshold", float(first.threshold))
    check_clusters(checks, [one.cluster for one in first.clusters])
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))

"""How fast the statistics are, with R beside them in the same run: `make bench-stats`.

R runs metafor where it is installed (and netmeta where that is); otherwise its column
stays empty. Times are the best of several rounds, in milliseconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from reviewtool.stats import effect_sizes, pool
from reviewtool.stats.batch import pool_many
from reviewtool.stats.network import fit_network, given_contrasts, p_scores
from reviewtool.stats.sensitivity import leave_one_out
from tests.stats import r_script

SIZES = (13, 50, 1000)
NETWORKS = (9, 22)
MANY, EACH = 1000, 20


def best(work: Callable[[], object], rounds: int = 7) -> float:
    """Milliseconds of the quickest of ``rounds``, each of at least 20 ms."""
    work()
    times = []
    for _ in range(rounds):
        count, start = 0, time.perf_counter()
        while count == 0 or time.perf_counter() - start < 0.02:
            work()
            count += 1
        times.append((time.perf_counter() - start) / count)
    return 1000 * min(times)


def tables(k: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(k)
    n1, n2 = rng.integers(40, 400, k), rng.integers(40, 400, k)
    a = rng.binomial(n1, np.clip(0.2 + rng.normal(0, 0.05, k), 0.02, 0.9))
    c = rng.binomial(n2, 0.25, k)
    return {"ai": a, "n1i": n1, "ci": c, "n2i": n2}


def complete_fit(data: dict[str, np.ndarray]) -> object:
    """Effect sizes, REML, tau2 with interval, Hartung-Knapp, prediction interval."""
    e = effect_sizes("OR", **data)
    return pool(e.y, e.v, test="knha")


def bare_fits(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The linear algebra of many REML fits and nothing else: a floor for pool_many."""
    tau2 = np.maximum(y.var(1, ddof=1) - v.mean(1), 0)
    for _ in range(12):
        w = 1 / (v + tau2[:, None])
        w2 = w * w
        total, squares = w.sum(1), w2.sum(1)
        r = y - ((w * y).sum(1) / total)[:, None]
        share = squares / total
        trace2 = squares - 2 * (w2 * w).sum(1) / total + share**2
        step = ((w2 * r * r).sum(1) - total + share) / trace2
        tau2 = np.maximum(tau2 + step, 0)
    return tau2


def network(treatments: int) -> tuple[list[str], list[str], list[str], np.ndarray, np.ndarray]:
    """Two-arm trials: a ring of comparisons with a hub, four trials each."""
    rng = np.random.default_rng(treatments)
    names = [f"T{i:02d}" for i in range(treatments)]
    pairs = [(0, j) for j in range(1, treatments)]
    pairs += [(j, j % (treatments - 1) + 1) for j in range(1, treatments)]
    rows = [(a, b) for a, b in pairs for _ in range(4)]
    effect = rng.normal(0, 0.4, treatments)
    se = rng.uniform(0.1, 0.4, len(rows))
    te = np.array([effect[a] - effect[b] for a, b in rows]) + rng.normal(0, se)
    studies = [f"S{i:03d}" for i in range(len(rows))]
    return studies, [names[a] for a, _ in rows], [names[b] for _, b in rows], te, se


def network_fit(data: tuple[list[str], list[str], list[str], np.ndarray, np.ndarray]) -> object:
    study, first, second, te, se = data
    return p_scores(fit_network(given_contrasts(study, first, second, te, se)))


def in_r() -> dict[str, float]:
    """Milliseconds of the same work in R, by name; empty without R."""
    if not r_script.available():
        return {}
    columns: dict[str, np.ndarray] = {}
    for k in SIZES:
        columns |= {f"{name}{k}": values for name, values in tables(k).items()}
    timer = (
        "ms <- function(f, n) { f(); t <- proc.time()[[3]]; for (i in 1:n) f(); "
        "1000 * (proc.time()[[3]] - t) / n }\n"
    )
    fit = 'rma(measure = "OR", ai = ai{k}, n1i = n1i{k}, ci = ci{k}, n2i = n2i{k}, test = "knha")'
    bodies = {}
    for k, rounds in zip(SIZES, (40, 20, 1), strict=True):
        call = fit.format(k=k)
        bodies[f"fit {k}"] = (
            f"{timer}f <- function() {{ r <- {call}; confint(r); predict(r) }}\n"
            f"out <- list(ms = ms(f, {rounds}))"
        )
    call = fit.format(k=50).replace(', test = "knha"', "")
    bodies["leave-one-out 50"] = (
        f"{timer}r <- {call}\nout <- list(ms = ms(function() leave1out(r), 3))"
    )
    bodies["1000 fits"] = (
        f"{timer}set.seed(1); y <- matrix(rnorm({MANY * EACH}), {EACH}); "
        f"v <- matrix(runif({MANY * EACH}, .01, .2), {EACH})\n"
        f"f <- function() for (j in 1:{MANY}) rma(y[, j], v[, j])\nout <- list(ms = ms(f, 1))"
    )
    with tempfile.TemporaryDirectory() as folder:
        found = r_script.run(Path(folder), columns, bodies)
    return {name: answer["ms"][0] for name, answer in found.items()}


def in_python() -> dict[str, float]:
    """Milliseconds here, by the same names, and the floor of the thousand."""
    found = {}
    for k in SIZES:
        data = tables(k)
        found[f"fit {k}"] = best(lambda data=data: complete_fit(data))
    e = effect_sizes("OR", **tables(50))
    found["leave-one-out 50"] = best(lambda: leave_one_out(e.y, e.v))
    rng = np.random.default_rng(1)
    v = rng.uniform(0.01, 0.2, (MANY, EACH))
    y = rng.normal(0, np.sqrt(v + 0.1))
    found["1000 fits"] = best(lambda: pool_many(y, v))
    found["1000 fits, bare numpy"] = best(lambda: bare_fits(y, v))
    for size in NETWORKS:
        trials = network(size)
        found[f"network {size}"] = best(lambda trials=trials: network_fit(trials), rounds=3)
    return found


def main() -> None:
    """Print one line per task: here, R, and how many times faster."""
    ours, theirs = in_python(), in_r()
    print(f"{'task':24}{'here, ms':>12}{'R, ms':>12}{'ratio':>9}")
    for name, ms in ours.items():
        other = theirs.get(name)
        beside = f"{other:12.2f}{other / ms:8.0f}x" if other else f"{'-':>12}{'-':>9}"
        print(f"{name:24}{ms:12.3f}{beside}")
    if not theirs:
        print("R with metafor was not found: only this side was measured.")
    print("Networks have no R beside them here: netmeta is not among Debian's packages.")


if __name__ == "__main__":
    main()

"""How fast networks are: `python tests/benchmarks/bench_network.py`.

Networks of 9 and of 22 treatments with multi-arm studies: the complete analysis that
netmeta does in one call (models, Q, direct and indirect evidence, ranks). R runs beside
it where netmeta is installed; otherwise the times stated in the issue that asked for
this, 3.9 s and 10.7 s, stand in, labelled as stated. Bayesian pooling has no such
partner here. Times are the best of five rounds, in milliseconds.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from reviewtool.stats.bayes import half_normal, pool_bayes
from reviewtool.stats.network import (
    Contrasts,
    Network,
    arm_contrasts,
    contributions,
    design_by_treatment,
    fit_network,
    p_scores,
    rank_probabilities,
    split_nodes,
    within_designs,
)

STATED = {9: 3900.0, 22: 10700.0}
SCRIPT = """
suppressMessages(library(netmeta))
d <- read.csv("{path}")
run <- function() netmeta(TE, seTE, treat1, treat2, studlab, data = d, method.tau = "DL")
invisible(run())
cat(min(sapply(1:3, function(i) system.time(run())[["elapsed"]])) * 1000)
"""


def simulated(treatments: int) -> Contrasts:
    """Four studies per treatment, a fifth of them with three arms."""
    rng = np.random.default_rng(treatments)
    truth = rng.normal(0, 0.5, treatments)
    study, treatment, event, total = [], [], [], []
    for s in range(4 * treatments):
        arms = rng.choice(treatments, 3 if s % 5 == 0 else 2, replace=False)
        if s < treatments - 1:
            arms = np.array([s, s + 1])
        for arm in arms:
            n = int(rng.integers(50, 400))
            risk = 1 / (1 + np.exp(1 - truth[arm] - rng.normal(0, 0.2)))
            study.append(f"S{s:03d}")
            treatment.append(f"T{arm:02d}")
            event.append(int(rng.binomial(n, risk)))
            total.append(n)
    return arm_contrasts(study, treatment, measure="OR", event=event, n=total)


def complete(c: Contrasts) -> Network:
    """What one call of netmeta computes."""
    net = fit_network(c, method="DL")
    for model in ("common", "random"):
        p_scores(net, model)
        split_nodes(net, model)
    within_designs(net)
    design_by_treatment(net)
    return net


def best(work: Callable[[], object], rounds: int = 5) -> float:
    """Milliseconds of the quickest round, after one to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def netmeta_time(c: Contrasts) -> float | None:
    """Milliseconds of netmeta on the same contrasts; None where R cannot run it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contrasts.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["studlab", "treat1", "treat2", "TE", "seTE"])
            writer.writerows(zip(c.study, c.treat1, c.treat2, c.te, c.se, strict=True))
        script = SCRIPT.format(path=path)
        try:
            done = subprocess.run(
                ["Rscript", "-e", script], capture_output=True, text=True, timeout=300
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return float(done.stdout) if done.returncode == 0 else None


def report(treatments: int) -> None:
    c = simulated(treatments)
    here, r = best(lambda: complete(c)), netmeta_time(c)
    partner = r if r is not None else STATED[treatments]
    label = "R netmeta" if r is not None else "stated for netmeta"
    print(f"{treatments} treatments, {len(set(c.study))} studies")
    print(
        f"  complete analysis  {here:9.1f} ms   {label} {partner:9.1f} ms   {partner / here:.0f}x"
    )
    net = fit_network(c, method="DL")
    print(f"  model alone, DL    {best(lambda: fit_network(c, method='DL')):9.1f} ms")
    print(f"  model alone, REML  {best(lambda: fit_network(c, method='REML')):9.1f} ms")
    print(f"  200 000 ranks      {best(lambda: rank_probabilities(net), 2):9.1f} ms")
    print(f"  contributions      {best(lambda: contributions(net), 2):9.1f} ms")


def main() -> None:
    for treatments in (9, 22):
        report(treatments)
    rng = np.random.default_rng(1)
    y, v = rng.normal(0, 0.4, 13), rng.uniform(0.02, 0.2, 13)
    print(f"Bayesian, 13 studies {best(lambda: pool_bayes(y, v, half_normal(0.5))):8.1f} ms")


if __name__ == "__main__":
    main()

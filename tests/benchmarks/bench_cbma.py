"""How fast brains are: `make bench-cbma`.

ALE and its Monte Carlo draws on the reference sets of foci (or a made-up one where they are
not there), beside NiMARE 0.22 on the same foci and mask in the same run. NiMARE gets an
environment of its own that is thrown away; `--python PATH` names one that is there already.
Both run in processes of their own on one core; peak memory is what the system says of the
whole process. Then the growth with experiments, foci and draws.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from reviewtool.stats.coordinates import (  # noqa: E402
    Experiment,
    Mask,
    ale,
    brain_mask,
    design_of,
    draw,
    experiment,
    read_mask,
    write_image,
)

OURS = """
import json, resource, sys, time
import numpy as np
from reviewtool.stats.coordinates import ale, design_of, draw, experiment, read_mask
job = json.load(open(sys.argv[1]))
mask = read_mask(job["mask"])
used = [experiment(e["study"], "", e["n"], e["foci"]) for e in job["experiments"]]
start = time.perf_counter()
result = ale(used, mask)
first = time.perf_counter() - start
design = design_of(result)
draw(design, 1, 0, 3)
start, cpu = time.perf_counter(), time.process_time()
draws = draw(design, 1, 0, job["draws"])
print(json.dumps({
    "map": first,
    "draw": (time.perf_counter() - start) / job["draws"],
    "cpu": (time.process_time() - cpu) / job["draws"],
    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "value": float(np.quantile(draws.value, 0.95)),
    "size": float(np.quantile(draws.size, 0.95)),
}))
"""
THEIRS = """
import json, logging, resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from nimare.dataset import Dataset
from nimare.meta.cbma.ale import ALE
from nimare.correct import FWECorrector
logging.disable(logging.CRITICAL)
job = json.load(open(sys.argv[1]))
studies = {}
for e in job["experiments"]:
    x, y, z = (list(column) for column in zip(*e["foci"]))
    studies[e["study"]] = {"contrasts": {"1": {
        "coords": {"space": "MNI", "x": x, "y": y, "z": z},
        "metadata": {"sample_sizes": [e["n"]]},
    }}}
data = Dataset(studies, target="mni152_2mm", mask=job["mask"])
ALE(null_method="approximate").fit(data)
start = time.perf_counter()
result = ALE(null_method="approximate").fit(data)
first = time.perf_counter() - start
FWECorrector(method="montecarlo", n_iters=3, n_cores=1).transform(result)
start, cpu = time.perf_counter(), time.process_time()
corrected = FWECorrector(
    method="montecarlo", voxel_thresh=0.001, n_iters=job["draws"], n_cores=1
).transform(result)
spent, cpu = time.perf_counter() - start, time.process_time() - cpu
null = corrected.estimator.null_distributions_
print(json.dumps({
    "map": first,
    "draw": spent / job["draws"],
    "cpu": cpu / job["draws"],
    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "value": float(np.quantile(null["values_level-voxel_corr-fwe_method-montecarlo"], 0.95)),
    "size": float(np.quantile(
        null["values_desc-size_level-cluster_corr-fwe_method-montecarlo"], 0.95)),
}))
"""
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


def made_up(count: int, foci: int, seed: int = 1) -> list[Experiment]:
    """``count`` experiments with ``foci`` foci each, anywhere in the brain, n from 10 to 40."""
    rng = np.random.default_rng(seed)
    mask = brain_mask()
    found = []
    for number in range(count):
        places = mask.place_of(mask.voxels[rng.integers(0, mask.size, foci)])
        found.append(experiment(f"S{number:03d}", "", int(rng.integers(10, 41)), places))
    return found


def reference_sets() -> dict[str, tuple[list[Experiment], Path]]:
    """Name -> experiments and the file of their mask; empty where there is no reference."""
    os.environ.setdefault("REVIEWTOOL_REFERENCE", str(ROOT / ".." / "shared" / "reference"))
    from tests.stats.coordinates.foci_sets import FOLDER, SETS, reference_set

    masks = sorted(FOLDER.glob("*mask*.nii.gz"))
    return {name: (list(reference_set(name)), masks[0]) for name in SETS} if masks else {}


def environment(folder: Path) -> str:
    """A Python with NiMARE 0.22, made in ``folder``."""
    print("Making an environment with NiMARE 0.22 (some minutes).", flush=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run(
        [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "nimare==0.22.*",
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return python


def measured(python: str, script: str, job: Path) -> dict[str, float]:
    """What ``script`` prints of the job, run by ``python`` on one core."""
    path = str(ROOT) if script is OURS else ""
    done = subprocess.run(
        [python, "-c", script, str(job)],
        capture_output=True,
        text=True,
        env={**os.environ, **ONE_CORE, "PYTHONPATH": path},
        cwd=job.parent,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def beside(name: str, used: list[Experiment], mask: Path, python: str, draws: int) -> None:
    """One set, both programs."""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder) / "job.json"
        every = [
            {"study": f"S{i:03d}", "n": one.n, "foci": one.foci.tolist()}
            for i, one in enumerate(used)
        ]
        job.write_text(json.dumps({"mask": str(mask), "draws": draws, "experiments": every}))
        rounds = [
            (measured(sys.executable, OURS, job), measured(python, THEIRS, job)) for _ in range(2)
        ]
    foci = sum(len(one.foci) for one in used)
    print(f"{name}: {len(used)} experiments, {foci} foci, {draws} draws, best of two rounds")
    for label, row in (("reviewtool", 0), ("NiMARE 0.22", 1)):
        best = {key: min(pair[row][key] for pair in rounds) for key in rounds[0][row]}
        print(
            f"  {label:12} map {best['map']:6.2f} s   per draw {1000 * best['draw']:6.1f} ms "
            f"(CPU {1000 * best['cpu']:6.1f} ms)   per 1 000 draws {1000 * best['draw']:6.1f} s   "
            f"peak memory {best['mb']:5.0f} MB   95 % largest ALE {best['value']:.4f}, "
            f"cluster {best['size']:.0f} voxels"
        )
    ours, theirs = (
        {k: min(pair[row][k] for pair in rounds) for k in ("draw", "cpu", "mb")} for row in (0, 1)
    )
    print(
        f"  {theirs['draw'] / ours['draw']:.1f} times faster per draw "
        f"({theirs['cpu'] / ours['cpu']:.1f} by CPU time), "
        f"{ours['mb'] / theirs['mb']:.2f} of the memory"
    )


def growth(mask: Mask) -> None:
    """Time against experiments, foci and draws."""
    print("growth (foci anywhere; CPU time)")
    for count, foci in (
        (10, 13),
        (20, 13),
        (40, 13),
        (80, 13),
        (160, 13),
        (20, 6),
        (20, 26),
        (20, 52),
    ):
        start = time.process_time()
        result = ale(made_up(count, foci), mask)
        first = time.process_time() - start
        design = design_of(result)
        start = time.process_time()
        draw(design, 1, 0, 30)
        each = (time.process_time() - start) / 30
        print(
            f"  {count:4} experiments x {foci:3} foci   map {first:6.2f} s   "
            f"draw {1000 * each:6.1f} ms"
        )
    design = design_of(ale(made_up(20, 13), mask))
    for draws in (50, 100, 200):
        start = time.process_time()
        draw(design, 1, 0, draws)
        print(f"  {draws:4} draws   {time.process_time() - start:6.2f} s")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--python", help="a Python with NiMARE 0.22")
    asked.add_argument("--draws", type=int, default=100)
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        python = chosen.python or environment(Path(folder) / "nimare")
        sets = reference_sets()
        if not sets:
            path = Path(folder) / "mask.nii.gz"
            path.write_bytes(write_image(np.ones(brain_mask().size), brain_mask()))
            sets = {"made up": (made_up(21, 13), path)}
        for name, (used, mask) in sets.items():
            beside(name, used, mask, python, chosen.draws)
    growth(read_mask(mask))


if __name__ == "__main__":
    main()

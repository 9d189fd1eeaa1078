"""Folders that reproduce an analysis, written to disk and run."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

from reviewtool.synthesis.rules.pairwise import Inputs, Settings, analyse
from reviewtool.synthesis.scripts import folder
from reviewtool.synthesis.scripts.reproduce import network, over_time, pairwise
from tests import required

SOFTWARE = {"reviewtool": "0", "numpy": "2", "scipy": "1"}
TITLE = "Pain “free”, 3 months:\nacupuncture \\ sham"


def run_of(result, settings=None, inputs=None):
    """A run of an analysis that no database holds."""
    return SimpleNamespace(
        id=1,
        result=result,
        settings=settings,
        inputs=inputs,
        inputs_hash="0" * 64,
        software=SOFTWARE,
    )


def write(where: Path, run) -> Path:
    """The folder of a run, as it lies in its zip."""
    where.mkdir(exist_ok=True)
    for part in folder.parts(SimpleNamespace(title=TITLE), run):
        (where / part.name).write_bytes(part.content)
    return where


def pairwise_run(rows, more=None, **settings):
    """The run of a pairwise analysis of ``rows``."""
    chosen = Settings(**settings)
    inputs = Inputs(tuple(rows), **(more or {}))
    return run_of(analyse(inputs, chosen), chosen, inputs)


def in_python(where: Path, capsys) -> tuple[int, str]:
    """Exit status and output of the Python script, in this process."""
    made = (where / "reproduce.py").read_text()
    script = next(x for x in (network, over_time, pairwise) if (x.__doc__ or "") in made)
    capsys.readouterr()
    status = script.main(where)
    return status, capsys.readouterr().out


def in_r(where: Path) -> tuple[int, str]:
    """Exit status and output of the R script."""
    done = subprocess.run(
        [required.rscript(), "reproduce.R"], cwd=where, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def numbers(where: Path) -> list[dict]:
    """The expected numbers."""
    return json.loads((where / "expected.json").read_text())["numbers"]


def passes(found: tuple[int, str], where: Path) -> bool:
    """Whether every expected number was found; says which were not."""
    status, output = found
    failed = [x for x in output.splitlines() if x.startswith(("FAIL", "Error"))]
    assert (status, failed) == (0, []), output[-3000:]
    assert output.count("PASS ") == len(numbers(where))
    return True

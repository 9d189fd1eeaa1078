"""The folder that reproduces an analysis: data, scripts, expected numbers, versions."""

import json
from collections.abc import Iterator, Sequence
from importlib.resources import files as inside
from typing import NamedTuple

from reviewtool.errors import NotFound
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import (
    MapResult,
    NarrativeResult,
    NetworkResult,
    OverTimeResult,
    PairwiseResult,
)
from reviewtool.synthesis.scripts import coordinates, network, over_time, pairwise, reproduce
from reviewtool.synthesis.scripts.numbers import (
    Number,
    expected_json,
    one_line,
    settings_json,
)

PACKAGE = reproduce.__name__
# What the scripts need, and what they were tried with.
NEEDS = {"Python": "3.11", "numpy": "2.0", "scipy": "1.14"}
NEEDS_R = {"R": "4.0"}
TRIED_R = {"R": "4.2.2"}
METAFOR = ("3.4", "3.8.1")  # needed, tried
NOTHING = "There are no numbers yet that a script could reproduce."
README = """\
{title}

Run {run} of this analysis, computed by {software}.
Its inputs have the SHA-256 {inputs}.

  python reproduce.py     {python}
{r}
Each compares its numbers with those of expected.json, prints PASS or FAIL for every one, and
ends with exit status 1 where one differs or was not computed.

  data.csv        the studies, with every digit; an apostrophe stands before what a spreadsheet
                  would run as a formula
  settings.json   how they are pooled
  expected.json   {count} numbers with their names, and how far another program may be from each
  versions.json   what computed them, and what the scripts need
{left_out}"""


class Part(NamedTuple):
    """A file of the folder, and what it is."""

    name: str
    content: bytes
    label: str


class Read(NamedTuple):
    """What the scripts of one kind of analysis read."""

    kind: str
    data: bytes
    settings: dict[str, str]
    numbers: Sequence[Number]


def reproducible(run: AnalysisRun) -> bool:
    """Whether the run holds the numbers that scripts start from."""
    result = run.result
    if isinstance(result, NarrativeResult):
        return False
    if isinstance(result, MapResult):
        return True
    return bool(result.contrasts if isinstance(result, NetworkResult) else result.studies)


def _read(run: AnalysisRun) -> Read:
    match run.result:
        case MapResult() as found:
            how, numbers = coordinates.settings(run, found), [*coordinates.numbers(found)]
            return Read("coordinates", coordinates.data_csv(run), how, numbers)
        case NetworkResult() as found:
            data, how = network.data_csv(found), network.settings(found)
            return Read("network", data, how, [*network.numbers(found)])
        case OverTimeResult() as found:
            data, how = over_time.data_csv(found), over_time.settings(found)
            return Read("over_time", data, how, [*over_time.numbers(found)])
        case PairwiseResult() as found:
            data, how = pairwise.data_csv(run, found), pairwise.settings(run, found)
            return Read("pairwise", data, how, [*pairwise.numbers(found)])
        case NarrativeResult():
            raise NotFound(NOTHING)


def parts(line: Line, run: AnalysisRun) -> Iterator[Part]:
    """Every file of the folder. Raises NotFound where nothing was pooled."""
    if not reproducible(run):
        raise NotFound(NOTHING)
    own = _read(run)
    how = settings_json({"title": line.title, **own.settings})
    yield Part("README.txt", _readme(line, run, own).encode(), "How to run the scripts")
    yield Part("data.csv", own.data, "Data of the scripts")
    yield Part("settings.json", how, "Settings of the analysis")
    yield Part("expected.json", expected_json(own.numbers), "Expected numbers with tolerances")
    yield Part("versions.json", _versions(run, own.kind), "Versions of the software")
    for name, source, label in _scripts(own.kind):
        yield Part(name, _source(source), label)


def _scripts(own: str) -> Iterator[tuple[str, str, str]]:
    """(name in the folder, name of its source, what it is)."""
    yield "reproduce.py", f"{own}.py", "Python script that computes every number again"
    yield "checking.py", "checking.py", "Part of the Python script: compares numbers"
    if own == "pairwise":
        yield "effects.py", "effects.py", "Part of the Python script: effects of studies"
    if own != "coordinates":
        yield "reproduce.R", f"{own}.R", "R script that computes every number again"
        yield "checking.R", "checking.R", "Part of the R script: compares numbers"


def _source(name: str) -> bytes:
    """A script as it runs beside its parts, outside the package."""
    text = inside(PACKAGE).joinpath(name).read_text(encoding="utf-8")
    return text.replace(f"from {PACKAGE}.", "from ").encode()


def _readme(line: Line, run: AnalysisRun, own: Read) -> str:
    needs = {
        "pairwise": "numpy and scipy alone; nothing of reviewtool is used",
        "network": "numpy and scipy alone; nothing of reviewtool is used",
        "over_time": "numpy and scipy alone; the variances between studies are taken as they are",
        "coordinates": f"with reviewtool {run.software['reviewtool']}, whose engine draws again",
    }
    in_r = {
        "pairwise": "  Rscript reproduce.R     with metafor\n",
        "network": "  Rscript reproduce.R     base R alone\n",
        "over_time": "  Rscript reproduce.R     base R, and metafor to find the variances again\n",
        "coordinates": "\nThere is no script in R: no package of R draws such maps.\n",
    }
    left = "".join(f"\n  {one_line(x.label)}: {one_line(x.reason)}" for x in run.result.left_out)
    return README.format(
        title=one_line(line.title),
        run=run.id,
        software=", ".join(f"{name} {number}" for name, number in run.software.items()),
        inputs=run.inputs_hash,
        python=needs[own.kind],
        r=in_r[own.kind],
        count=len(own.numbers),
        left_out=f"\nNot in the data:{left}\n" if left else "",
    )


def _versions(run: AnalysisRun, own: str) -> bytes:
    least, tried = {**NEEDS}, {}
    if own != "coordinates":
        least, tried = {**least, **NEEDS_R}, {**TRIED_R}
    if own in {"pairwise", "over_time"}:
        least["metafor"], tried["metafor"] = METAFOR
    content = {"computed_by": run.software, "scripts_need": least, "scripts_tried_with": tried}
    return (json.dumps(content, indent=1) + "\n").encode()

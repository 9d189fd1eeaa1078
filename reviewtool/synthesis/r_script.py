"""An R script that reproduces a run with metafor, and the data it reads.

The script stops with an error when a number differs from ours by more than 1e-6.
"""

import csv
import io
import json
from typing import Any

from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line

COLUMNS = [
    "study",
    "subgroup",
    "treatment",
    "ai",
    "n1i",
    "ci",
    "n2i",
    "m1i",
    "sd1i",
    "m2i",
    "sd2i",
    "yi",
    "sei",
]


def data_csv(run: AnalysisRun) -> bytes:
    """One line per row of the analysis, with the columns metafor's escalc reads."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for one in run.result["studies"]:
        first, second = one["group1"], one["group2"]
        writer.writerow(
            _text(value)
            for value in (
                one["label"],
                one["subgroup"],
                one["treatment"],
                first["events"],
                first["total"],
                second["events"],
                second["total"],
                first["mean"],
                first["sd"],
                second["mean"],
                second["sd"],
                one["estimate"],
                one["se"],
            )
        )
    return stream.getvalue().encode()


def _text(value: Any) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def script(line: Line, run: AnalysisRun, data_name: str) -> str:
    """The script; run it in the folder of its data file."""
    pooled, settings = run.result["pooled"], run.settings
    parts = [
        f"# {line.title}",
        f"# Run {run.id}, inputs {run.inputs_hash[:16]}, reviewtool {run.software['reviewtool']}",
        "library(metafor)",
        f"d <- read.csv({json.dumps(data_name)}, stringsAsFactors = FALSE)",
        *_effects(run),
        *_fit("res", "d", settings),
        "print(res)",
        *_check("res", pooled),
    ]
    for number, group in enumerate(run.result.get("subgroups") or [], 1):
        label = json.dumps(group["label"])
        parts += [
            f"# Subgroup {group['label']}",
            *_fit(f"sub{number}", f"d[d$subgroup == {label}, ]", settings),
            *_check(f"sub{number}", group),
        ]
    parts.append('cat("Every number was reproduced.\\n")')
    return "\n".join(parts) + "\n"


def _effects(run: AnalysisRun) -> list[str]:
    measure, first = run.result["measure"], run.result["studies"][0]["group1"]
    if first["events"] is not None:
        drop = "TRUE" if measure in {"OR", "RR"} else "FALSE"
        return [
            f'd <- escalc(measure = "{measure}", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d,',
            f'            add = 0.5, to = "only0", drop00 = {drop}, append = TRUE, replace = TRUE)',
        ]
    if first["mean"] is not None:
        return [
            f'd <- escalc(measure = "{measure}", m1i = m1i, sd1i = sd1i, n1i = n1i,',
            "            m2i = m2i, sd2i = sd2i, n2i = n2i, data = d, replace = TRUE)",
        ]
    return ["d$vi <- d$sei^2"]


def _fit(name: str, data: str, settings: dict[str, Any]) -> list[str]:
    level = settings["level"]
    if settings["method"] == "MH" and settings["measure"] in {"OR", "RR", "RD"}:
        return [
            f'{name} <- rma.mh(measure = "{settings["measure"]}", ai = ai, n1i = n1i, ci = ci,',
            f"            n2i = n2i, data = {data}, add = c(1/2, 0), level = {level})",
        ]
    common = settings["model"] == "common" or settings["method"] in {"EE", "MH"}
    method, test = ("EE", "z") if common else (settings["method"], settings["test"])
    return [
        f'{name} <- rma(yi, vi, data = {data}, method = "{method}", test = "{test}",',
        f"            level = {level}, control = list(threshold = 1e-12, maxiter = 10000))",
    ]


def _check(name: str, expected: dict[str, Any]) -> list[str]:
    ours = [expected["estimate"], expected["ci_low"], expected["ci_high"]]
    theirs = f"c({name}$b[1], {name}$ci.lb, {name}$ci.ub)"
    if expected.get("tau2") is not None:
        ours.append(expected["tau2"])
        theirs = f"c({name}$b[1], {name}$ci.lb, {name}$ci.ub, {name}$tau2)"
    numbers = ", ".join("NA" if v is None else repr(float(v)) for v in ours)
    return [f"stopifnot(max(abs({theirs} - c({numbers})), na.rm = TRUE) < 1e-6)"]

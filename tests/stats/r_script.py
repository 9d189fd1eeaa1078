"""An R script that runs metafor on given rows, and its answers as numbers."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def available() -> bool:
    """Whether Rscript and metafor can be run here."""
    if shutil.which("Rscript") is None:
        return False
    code = "quit(status = !requireNamespace('metafor', quietly = TRUE))"
    return subprocess.run(["Rscript", "-e", code], capture_output=True, check=False).returncode == 0


def vector(values: Sequence[float]) -> str:
    """An R vector with every digit of the doubles."""
    return "c(" + ", ".join(repr(float(v)) for v in values) + ")"


def run(
    folder: Path, columns: Mapping[str, Sequence[float]], bodies: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Run every body in one R session; each must leave a named list ``out`` of numbers.

    The script is written to ``folder`` so that a failure can be repeated by hand.
    """
    lines = ["suppressMessages(library(metafor))", "options(digits = 17, warn = -1)", _AS_JSON]
    lines += [f"{name} <- {vector(values)}" for name, values in columns.items()]
    lines += [f"{body}\nshow(out)" for body in bodies.values()]
    script = folder / "check.R"
    script.write_text("\n".join(lines), encoding="utf-8")
    shown = subprocess.run(
        ["Rscript", str(script)], capture_output=True, text=True, check=False, timeout=300
    )
    assert shown.returncode == 0, shown.stderr
    answers = [line for line in shown.stdout.splitlines() if line.startswith("{")]
    return {name: json.loads(line) for name, line in zip(bodies, answers, strict=True)}


_AS_JSON = """
number <- function(x) ifelse(is.na(x), "null", formatC(x, digits = 17, format = "g"))
show <- function(out) {
  one <- function(n) paste(number(as.numeric(out[[n]])), collapse = ", ")
  line <- function(n) paste0('"', n, '": [', one(n), "]")
  cat("{", paste(sapply(names(out), line), collapse = ", "), "}\\n", sep = "")
}
"""

"""What a test needs of the machine: where it lacks, the test is skipped and says the remedy.

With ``REVIEWTOOL_REQUIRE_ALL=1``, as in continuous integration, it fails instead: nothing
goes untried in silence.
"""

import importlib
import importlib.util
import os
import shutil
import subprocess
from functools import cache
from types import ModuleType
from typing import NoReturn

import pytest

EVERYTHING = "REVIEWTOOL_REQUIRE_ALL"


def lacking(what: str, remedy: str) -> NoReturn:
    """Skip this test for what is not here, or fail it where everything must be."""
    if os.environ.get(EVERYTHING) == "1":
        pytest.fail(f"{what}, and {EVERYTHING} is set. {remedy}", pytrace=False)
    pytest.skip(f"{what}. {remedy}")


def program(*names: str, package: str) -> str:
    """The path of an installed program, by the first of its names that is there."""
    for name in names:
        if (found := shutil.which(name)) is not None:
            return found
    lacking(f"{names[0]} is not installed", f"On Debian: apt install {package}")


def module(name: str) -> ModuleType:
    """A Python package of the development tools."""
    if importlib.util.find_spec(name) is None:
        lacking(f"{name} is not installed", "Run: make check")
    return importlib.import_module(name)


def rscript() -> str:
    """The path of Rscript on a machine that has metafor as well."""
    found = program("Rscript", package="r-base-core r-cran-metafor")
    if not _has_metafor(found):
        lacking("R has no metafor", "On Debian: apt install r-cran-metafor")
    return found


@cache
def _has_metafor(rscript: str) -> bool:
    code = "quit(status = !requireNamespace('metafor', quietly = TRUE))"
    return subprocess.run([rscript, "-e", code], capture_output=True, check=False).returncode == 0

"""Reference sets as analyses: published tables and effects through the synthesis rules."""

import json
from dataclasses import replace
from functools import cache

import pytest

from reviewtool.synthesis.rules.closer.topic import Asked, Facts, studied
from reviewtool.synthesis.rules.pairwise import Inputs, Settings, analyse
from reviewtool.synthesis.rules.selection import Group, Row
from tests.stats.reference_cases import FOLDER

COUNTS = [(14, 40, 6, 41), (20, 60, 9, 58), (11, 35, 7, 36), (30, 80, 12, 79), (9, 30, 8, 31)]
ROWS = tuple(
    Row(i, f"Trial {i}", 2000 + i, "x", "y", Group(a, n), Group(c, m))
    for i, (a, n, c, m) in enumerate(COUNTS, 1)
)


def effects(*pairs, of="MD"):
    """Rows of reported effects: (study, estimate, standard error)."""
    return tuple(
        Row(study, f"Trial {study}", None, "x", "y", estimate=y, se=se, estimate_measure=of)
        for study, y, se in pairs
    )


def looked_at(rows=ROWS, *, important=None, name="", harm=False, facts=None, **settings):
    """The main result of rows, as a topic looks at it."""
    inputs, chosen = Inputs(tuple(rows)), Settings(**settings)
    have = studied(analyse(inputs, chosen), inputs, chosen)
    asked = Asked(name=name, harm=harm, difference=important)
    return replace(have, asked=asked, facts=facts or Facts())


@cache
def published(name):
    """A reference set's rows and its cases by the part of their id after the slash."""
    if not (FOLDER / f"{name}.json").is_file():
        pytest.skip("no reference data: set REVIEWTOOL_REFERENCE to its folder")
    found = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found["rows"], {case["id"].split("/")[1]: case for case in found["cases"]}


def tables(name):
    """Rows of two-by-two tables of a reference set."""
    rows, _ = published(name)
    return tuple(
        Row(
            i,
            str(row["study"]),
            None,
            "x",
            "y",
            Group(row["ai"], row["n1i"]),
            Group(row["ci"], row["n2i"]),
        )
        for i, row in enumerate(rows, 1)
    )

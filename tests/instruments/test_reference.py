"""Every row of the reference rules for the tools beside RoB 2."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewtool import instruments

Given = dict[str, Any]


def amstar2(given: Given) -> Given:
    tool = instruments.load("amstar2")
    domains = tool.domains_of("standard")
    found = [instruments.judge(tool, d, {d.id: given[d.id]}) for d in domains]
    overall = instruments.overall(tool, found, domains)
    return {
        "critical_flaws": found.count("Critical flaw"),
        "noncritical_weaknesses": found.count("Weakness"),
        "rating": overall.judgement if overall else None,
    }


def robins_i_overall(given: Given) -> Given:
    tool = instruments.load("robins_i")
    domains = tool.domains_of("assignment")
    found = instruments.overall(tool, [given[d.id] for d in domains], domains)
    return {"overall": found.judgement if found else None}


def starred(domain: instruments.Domain, stars: int) -> dict[str, str]:
    return {q.id: "Y" if place < stars else "N" for place, q in enumerate(domain.questions)}


def nos(given: Given) -> Given:
    """Stars of each section, given by answering that many of its items with a star."""
    shown = []
    for name in ("nos_cohort", "nos_case_control"):
        tool = instruments.load(name)
        domains = tool.domains_of("standard")
        stars = [
            instruments.judge(
                tool,
                domain,
                {
                    q.id: "Y" if i < given[domain.key] else "N"
                    for i, q in enumerate(domain.questions)
                },
            )
            for domain in domains
        ]
        found = instruments.overall(tool, stars, domains)
        assert found
        shown.append({"total": found.total, "ahrq": found.judgement, "band": found.band})
    assert shown[0] == shown[1]
    return shown[0]


def quadas2_domain(given: Given) -> Given:
    tool = instruments.load("quadas2")
    domain = tool.domain(given["domain"])
    answers = dict(zip([q.id for q in domain.questions], given["answers"], strict=True))
    return {"suggested": instruments.judge(tool, domain, answers)}


def quadas2_overall(given: Given) -> Given:
    tool = instruments.load("quadas2")
    domains = tool.domains_of("standard")
    open_ = [None] * (len(domains) - len(given["risk_of_bias"]))
    found = instruments.overall(tool, [*given["risk_of_bias"], *open_], domains)
    return {"overall": found.judgement if found else None}


TOOLS: dict[str, Callable[[Given], Given]] = {
    "amstar2": amstar2,
    "robins_i_overall": robins_i_overall,
    "nos": nos,
    "quadas2_domain": quadas2_domain,
    "quadas2_overall": quadas2_overall,
}


@pytest.fixture
def rows(reference: Path) -> list[dict[str, Any]]:
    files = sorted((reference / "methods").glob("appraisal_vectors*.csv"))
    if not files:
        pytest.skip("no appraisal_vectors.csv in the reference folder")
    found: list[dict[str, Any]] = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            found += csv.DictReader(lines)
    return found


def test_every_row_names_a_tool_we_have(rows: list[dict[str, Any]]) -> None:
    assert {row["tool"] for row in rows} <= TOOLS.keys()


@pytest.mark.parametrize("tool", TOOLS)
def test_the_rows_of_each_tool_hold(rows: list[dict[str, Any]], tool: str) -> None:
    own = [row for row in rows if row["tool"] == tool]
    if not own:
        pytest.skip(f"no rows for {tool}")
    wrong = []
    for row in own:
        found = TOOLS[tool](json.loads(row["inputs"]))
        if found != json.loads(row["expected"]):
            wrong.append((row["id"], found, row["expected"]))
    assert not wrong

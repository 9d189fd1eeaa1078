"""Every row of the reference RoB 2 tables, run through the engine."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reviewtool import instruments
from reviewtool.instruments import Domain, Instrument

# Names of the reference rows -> definition and domain.
DOMAINS = {
    "D1": ("rob2", "D1"),
    "D2_assignment": ("rob2", "D2_assignment"),
    "D2_adhering": ("rob2", "D2_adhering"),
    "D3": ("rob2", "D3"),
    "D4": ("rob2", "D4"),
    "D5": ("rob2", "D5"),
    "cluster_D1a": ("rob2_cluster", "D1a"),
    "cluster_D1b": ("rob2_cluster", "D1b"),
    "cluster_D2_assignment": ("rob2_cluster", "D2_cluster_assignment"),
    "cluster_D2_adhering": ("rob2_cluster", "D2_adhering"),
    "cluster_D3": ("rob2_cluster", "D3_cluster"),
    "cluster_D4": ("rob2_cluster", "D4_cluster"),
    "cluster_D5": ("rob2_cluster", "D5"),
    "crossover_D1": ("rob2_crossover", "D1_crossover"),
    "crossover_DS": ("rob2_crossover", "DS"),
    "crossover_D2_assignment": ("rob2_crossover", "D2_assignment"),
    "crossover_D2_adhering": ("rob2_crossover", "D2_adhering"),
    "crossover_D3": ("rob2_crossover", "D3"),
    "crossover_D4": ("rob2_crossover", "D4"),
    "crossover_D5": ("rob2_crossover", "D5_crossover"),
}
OVERALL = {
    "overall": "rob2",
    "cluster_overall": "rob2_cluster",
    "crossover_overall": "rob2_crossover",
}


@cache
def all_rows(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for file in sorted(folder.glob("rob2_vectors*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            found += csv.DictReader(lines)
    return found


@pytest.fixture
def rows(reference: Path) -> list[dict[str, Any]]:
    found = all_rows(reference / "methods")
    if not found:
        pytest.skip("no rob2_vectors.csv in the reference folder")
    return found


def where(name: str) -> tuple[Instrument, Domain]:
    definition, key = DOMAINS[name]
    instrument = instruments.load(definition)
    return instrument, instrument.domain(key)


def test_every_row_belongs_to_a_domain_we_know(rows: list[dict[str, Any]]) -> None:
    assert {row["domain"] for row in rows} <= DOMAINS.keys() | OVERALL.keys()


@pytest.mark.parametrize("status", ["verified", "provisional"])
def test_the_tables_give_the_judgement_of_every_row(
    rows: list[dict[str, Any]], status: str
) -> None:
    wrong, run = [], 0
    for row in rows:
        if row["status"] != status or row["domain"] in OVERALL:
            continue
        run += 1
        found = instruments.judge(*where(row["domain"]), json.loads(row["answers"]))
        if found != row["expected"]:
            wrong.append((row["id"], found, row["expected"]))
    if not run:
        pytest.skip(f"no {status} rows in the reference folder")
    assert not wrong


def test_the_overall_judgement_and_its_prompts_hold_for_every_row(
    rows: list[dict[str, Any]],
) -> None:
    wrong = []
    for row in rows:
        if row["domain"] not in OVERALL:
            continue
        found = instruments.overall(
            instruments.load(OVERALL[row["domain"]]), list(json.loads(row["answers"]).values())
        )
        assert found is not None
        flags = [flag for flag in row["flags"].replace(",", ";").split(";") if flag]
        if (found.judgement, found.prompts) != (row["expected"], flags):
            wrong.append((row["id"], found, row["expected"], row["flags"]))
    assert not wrong


def test_an_answer_behind_a_closed_gate_is_refused_in_every_row(
    rows: list[dict[str, Any]],
) -> None:
    """Fill each NA of a closed gate with Y: the row must be refused, and clearing restores it."""
    tried = 0
    for row in rows:
        if row["domain"] in OVERALL or '"NA"' not in row["answers"]:
            continue
        instrument, domain = where(row["domain"])
        answers = json.loads(row["answers"])
        asked = {question.id for question in instruments.ask(instrument, domain, answers)}
        for number, code in answers.items():
            if code != "NA" or number in asked:
                continue
            broken = answers | {number: "Y"}
            tried += 1
            with pytest.raises(instruments.InvalidAnswer, match=number):
                instruments.judge(instrument, domain, broken)
            kept, cleared = instruments.clear(instrument, domain, broken)
            assert cleared == {number: "Y"}
            assert instruments.judge(instrument, domain, kept) == row["expected"]
    if not tried:
        pytest.skip("no row with a closed gate in the reference folder")


def test_an_open_gate_left_at_na_or_empty_is_incomplete_in_every_row(
    rows: list[dict[str, Any]],
) -> None:
    """Take away each answer of a gated question whose gate is open: no judgement may come."""
    tried = 0
    for row in rows[::7]:
        if row["domain"] in OVERALL:
            continue
        instrument, domain = where(row["domain"])
        answers = json.loads(row["answers"])
        for question in instruments.ask(instrument, domain, answers):
            if question.option:
                continue
            without = {k: v for k, v in answers.items() if k != question.id}
            kept, _ = instruments.clear(instrument, domain, without)
            assert instruments.judge(instrument, domain, kept) is None
            tried += 1
    if not tried:
        pytest.skip("no row with an open gate in the reference folder")

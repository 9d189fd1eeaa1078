"""What pool says beside the pooled effect is what the pages of the closer look say."""

import json
from math import exp

import pytest
from click.testing import CliRunner

from reviewtool.cli.statistics import pool
from reviewtool.synthesis.rules.closer import influence, small_studies
from tests.synthesis.rules.closer.having import have, of_counts

TABLES = [(4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 1359, 47, 1271)]


@pytest.fixture
def told(tmp_path):
    table = tmp_path / "trials.csv"
    lines = [f"Study {i},{','.join(map(str, row))}" for i, row in enumerate(TABLES, 1)]
    table.write_text("\n".join(["study,ai,n1i,ci,n2i", *lines]))
    asked = ["--measure", "OR", "--sensitivity", "all", "--asymmetry", "--json"]
    answer = CliRunner().invoke(pool, [str(table), *asked])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def seen(module):
    return module.TOPIC.finds(have(of_counts(TABLES), measure="OR"), module.TOPIC.choices())


def test_single_studies_move_the_same_numbers(told):
    found = seen(influence)
    for name, rows in (("leave_one_out", found.leave_one_out), ("cumulative", found.cumulative)):
        ours = [(exp(one.estimate), exp(one.ci_low), one.p) for one in rows]
        theirs = [(one["estimate"], one["ci_low"], one["p"]) for one in told["sensitivity"][name]]
        for one, other in zip(ours, theirs, strict=True):
            assert one == pytest.approx(other)
    for one, other in zip(found.diagnostics, told["sensitivity"]["influence"], strict=True):
        for name in ("rstudent", "dffits", "cook_d", "cov_ratio", "hat", "weight"):
            assert getattr(one, name) == pytest.approx(other[name])


def test_small_studies_are_tested_alike(told):
    found = seen(small_studies)
    ours = {one.name: (one.statistic, one.p) for one in found.tests}
    theirs = {one["test"]: (one["statistic"], one["p"]) for one in told["asymmetry"]["tests"]}
    assert ours.keys() == theirs.keys()
    assert len(ours) == 8
    for name, numbers in ours.items():
        assert numbers == pytest.approx(theirs[name])
    filled = found.adjusted[0]
    assert exp(filled.estimate) == pytest.approx(told["asymmetry"]["trimfill"]["estimate"])

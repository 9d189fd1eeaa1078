"""The scripts of a pairwise analysis find every number, for all that can be planned."""

import json
import os
import subprocess
import sys

import pytest

from reviewtool.protocol.rules.fitting import COMMON, RANDOM, TESTS
from reviewtool.stats.measures import REGISTRY, Data
from reviewtool.synthesis.rules.selection import Group, Row
from tests.synthesis.scripts.conftest import in_python, in_r, numbers, pairwise_run, passes, write

# Experimental and comparator groups, or the one group: enough studies that differ for tau2
# above zero, and an empty cell where a measure can have one.
COUNTS = [(4, 50, 9, 52), (0, 40, 3, 41), (17, 60, 12, 58), (30, 90, 55, 88), (3, 31, 2, 35)]
TIMES = [(4, 310.5, 9, 298.0), (0, 120.0, 3, 115.2), (31, 640.0, 22, 655.0), (30, 90.0, 55, 88.0)]
MEANS = [
    (4.1, 1.9, 30, 6.2, 2.1, 31),
    (3.8, 2.2, 25, 3.9, 2.0, 26),
    (5.0, 1.7, 40, 7.4, 1.8, 38),
    (4.4, 2.4, 22, 4.1, 2.2, 20),
    (3.9, 2.0, 35, 6.8, 2.3, 36),
]
CHANGES = [
    (4.2, 6.1, 1.5, 1.9, 40, 0.5),
    (3.9, 4.0, 1.2, 1.0, 25, 0.62),
    (4.8, 9.9, 2.0, 2.4, 80, 0.41),
    (3.2, 3.9, 1.1, 1.4, 33, 0.7),
]
CORRELATIONS = [(0.42, 50), (0.71, 82), (-0.05, 37), (0.12, 60)]
REPORTED = [(-0.48, 0.21), (-0.21, 0.22), (0.36, 0.12), (-0.9, 0.3), (-0.1, 0.15)]
SUBGROUPS = ("needles", "lasers", "needles", "", "lasers")


def groups_of(data):
    if data is Data.COUNTS:
        return [(Group(a, n), Group(c, m)) for a, n, c, m in COUNTS]
    if data is Data.RATES:
        return [(Group(events=a, time=t), Group(events=c, time=u)) for a, t, c, u in TIMES]
    if data is Data.COUNT:
        return [(Group(a, n),) for a, n, _, _ in COUNTS]
    if data is Data.RATE:
        return [(Group(events=a, time=t),) for a, t, _, _ in TIMES]
    if data is Data.CORRELATION:
        return [(Group(correlation=r, total=n),) for r, n in CORRELATIONS]
    if data is Data.CHANGES:
        return [
            (Group(mean=m, mean_before=b, sd=s, sd_before=t, total=n, correlation=r),)
            for m, b, s, t, n, r in CHANGES
        ]
    two = [
        (Group(mean=m, sd=s, total=n), Group(mean=u, sd=t, total=o)) for m, s, n, u, t, o in MEANS
    ]
    return [pair[:1] for pair in two] if data is Data.MEAN else two


def rows_of(measure):
    """Studies with numbers for a measure; a label is a formula to a spreadsheet, one quotes."""
    labels = ['Ada "A" 2001', "=Ben\\ 2002", "-Cem 2003", "Døra 2004", "Eve’s 2005"]
    if measure.data is Data.ESTIMATE:
        return [
            Row(i, labels[i], 2001 + i, "x", "y", estimate=y, se=se, subgroup=SUBGROUPS[i])
            for i, (y, se) in enumerate(REPORTED)
        ]
    return [
        Row(i, labels[i], 2001 + i, "x", "y", *groups, subgroup=SUBGROUPS[i])
        for i, groups in enumerate(groups_of(measure.data))
    ]


EVERYTHING = {
    "subgroup": "field:needle",
    "moderators": ("year",),
    "sensitivity": ("leave_one_out", "common", "exclude_high_risk", "size<45"),
}


def everything(name, **settings):
    rows = rows_of(REGISTRY[name])
    more = {
        "moderators": {row.study_id: {"year": row.year} for row in rows[:-1]}
        if len(rows) > 4
        else {row.study_id: {"year": row.year} for row in rows},
        "judgements": {1: "high", 2: "low"},
        "aside": {"exclude_high_risk": [1], "size<45": [2]},
    }
    return pairwise_run(rows, more, measure=name, **(EVERYTHING | settings))


PLANS = [("OR", {"method": method, "test": test}) for method in RANDOM for test in TESTS]
PLANS += [("MD", {"method": method}) for method in RANDOM]
PLANS += [
    (name, {"method": "EE", "model": "common", "test": test})
    for name in ("OR", "MD")
    for test in ("auto", "z", "t")
]
HAENSZEL = [(m.name, {"method": "MH", "test": "z"}) for m in REGISTRY.values() if "MH" in m.pools]
OTHER = [("RR", {"level": 90.0}), ("PFT", {"level": 99.0}), ("HR", {"test": "knha"})]


def ids(plan):
    return " ".join((plan[0], *(str(value) for value in plan[1].values())))


def test_every_method_that_can_be_planned_is_tried():
    assert {plan["method"] for _, plan in (*PLANS, *HAENSZEL)} == {*RANDOM, *COMMON}


# One of each kind of data here, all of them beside R.
SOME = ("RR", "PHI", "IRD", "SMDH", "SMCRH", "PFT", "IRFT", "ZCOR", "MNLN", "HR")


@pytest.mark.parametrize("name", SOME)
def test_python_finds_every_number_of_a_measure(tmp_path, capsys, name):
    where = write(tmp_path / "it", everything(name))
    assert len(numbers(where)) > 60
    assert passes(in_python(where, capsys), where)


@pytest.mark.r
@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_python_finds_every_number_of_every_measure(tmp_path, capsys, name):
    where = write(tmp_path / "it", everything(name))
    assert len(numbers(where)) > 60
    assert passes(in_python(where, capsys), where)


@pytest.mark.parametrize("plan", [*PLANS[::9], HAENSZEL[0], *HAENSZEL[2:4], *OTHER], ids=ids)
def test_python_finds_every_number_of_a_plan(tmp_path, capsys, plan):
    where = write(tmp_path / "it", everything(plan[0], **plan[1]))
    assert passes(in_python(where, capsys), where)


@pytest.mark.r
@pytest.mark.parametrize("plan", PLANS, ids=ids)
def test_python_finds_every_number_of_every_plan(tmp_path, capsys, plan):
    where = write(tmp_path / "it", everything(plan[0], **plan[1]))
    assert passes(in_python(where, capsys), where)


@pytest.mark.r
@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_r_finds_every_number_of_every_measure(tmp_path, name):
    where = write(tmp_path / "it", everything(name))
    assert passes(in_r(where), where)


@pytest.mark.r
@pytest.mark.parametrize("plan", [*PLANS, *HAENSZEL, *OTHER], ids=ids)
def test_r_finds_every_number_of_every_plan(tmp_path, plan):
    where = write(tmp_path / "it", everything(plan[0], **plan[1]))
    assert passes(in_r(where), where)


def counts(i, a, n1, c, n2, **more):
    return Row(i, f"Trial {i}", 2000 + i, "x", "y", Group(a, n1), Group(c, n2), **more)


SPECIAL = {
    "one study": ([counts(1, 4, 50, 9, 52)], {}),
    "one study, Mantel-Haenszel": ([counts(1, 4, 50, 9, 52)], {"method": "MH"}),
    "two studies": ([counts(1, 4, 50, 9, 52), counts(2, 9, 40, 8, 41)], {"test": "knha"}),
    "no heterogeneity": ([counts(i, 10, 50, 20, 50) for i in range(4)], {}),
    "double zeros": (
        [*(counts(i, *row) for i, row in enumerate(COUNTS)), counts(9, 0, 9, 0, 8)],
        {},
    ),
    "double zeros of differences": (
        [*(counts(i, *row) for i, row in enumerate(COUNTS)), counts(9, 0, 9, 0, 8)],
        {"measure": "RD"},
    ),
    "arms beside estimates": (
        [
            *(counts(i, *row) for i, row in enumerate(COUNTS)),
            Row(7, "Reported", 2010, "x", "y", estimate=-0.4, se=0.3, estimate_measure="OR"),
        ],
        {},
    ),
    "Egger": (
        [counts(i, 3 + i % 5, 40 + 9 * i, 8 + i, 60 + i) for i in range(12)],
        {"test": "auto"},
    ),
}


@pytest.mark.parametrize("case", SPECIAL)
def test_python_finds_every_number_of_special_data(tmp_path, capsys, case):
    rows, settings = SPECIAL[case]
    where = write(tmp_path / "it", pairwise_run(rows, **({"measure": "OR"} | settings)))
    assert passes(in_python(where, capsys), where)


@pytest.mark.r
@pytest.mark.parametrize("case", SPECIAL)
def test_r_finds_every_number_of_special_data(tmp_path, case):
    rows, settings = SPECIAL[case]
    where = write(tmp_path / "it", pairwise_run(rows, **({"measure": "OR"} | settings)))
    assert passes(in_r(where), where)


def changed(where, which, by):
    """One expected number moved."""
    found = numbers(where)
    (one,) = (x for x in found if x["name"] == which)
    text = (where / "expected.json").read_text()
    line = next(x for x in text.splitlines() if json.dumps(which, ensure_ascii=False) in x)
    moved = line.replace(repr(one["value"]), repr(one["value"] * (1 + by)))
    assert moved != line
    (where / "expected.json").write_text(text.replace(line, moved))


MOVED = [
    "pooled, estimate",
    "pooled, tau2_high",
    "study =Ben\\ 2002, se",
    "between subgroups, q",
    "meta-regression, year, p",
    "without -Cem 2003, i2",
    "pooled, natural ci_high",
]


@pytest.mark.parametrize("which", MOVED)
def test_python_says_fail_when_an_expected_number_was_changed(tmp_path, capsys, which):
    where = write(tmp_path / "it", everything("OR"))
    changed(where, which, 1e-4)
    status, output = in_python(where, capsys)
    assert status == 1
    (line,) = (x for x in output.splitlines() if x.startswith("FAIL"))
    assert which in line


@pytest.mark.r
@pytest.mark.parametrize("which", MOVED)
def test_r_says_fail_when_an_expected_number_was_changed(tmp_path, which):
    where = write(tmp_path / "it", everything("OR"))
    changed(where, which, 1e-4)
    status, output = in_r(where)
    assert status == 1
    (line,) = (x for x in output.splitlines() if x.startswith("FAIL"))
    assert which in line


def test_a_number_nobody_computes_and_a_list_of_none_fail(tmp_path, capsys):
    where = write(tmp_path / "it", everything("OR"))
    text = (where / "expected.json").read_text()
    (where / "expected.json").write_text(text.replace('"pooled, se"', '"pooled, spread"'))
    status, output = in_python(where, capsys)
    assert status == 1
    assert "FAIL pooled, spread: not computed" in output
    (where / "expected.json").write_text('{"numbers": []}')
    assert in_python(where, capsys)[0] == 1


def test_the_python_script_runs_alone_with_nothing_of_reviewtool(tmp_path):
    where = write(tmp_path / "it", everything("SMD"))
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    program = (
        "import runpy, sys\n"
        "try: runpy.run_path('reproduce.py', run_name='__main__')\n"
        "except SystemExit as end: status = end.code\n"
        "assert not any(name.startswith('reviewtool') for name in sys.modules)\n"
        "sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, '.')\n{program}"],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert f"{len(numbers(where))} of {len(numbers(where))} numbers" in done.stdout
    assert "Python 3" in done.stdout

"""Every measure, from the plan over two copies and their consensus to the pooled number."""

import pytest

from reviewtool.extraction import services as extraction
from reviewtool.protocol import services as protocol
from reviewtool.protocol.models import PlannedAnalysis, PlannedComparison, PlannedOutcome
from reviewtool.stats import pool
from reviewtool.stats.measures import KINDS, REGISTRY, effect_sizes, fitting, reported_effects
from reviewtool.synthesis import queries
from reviewtool.synthesis.models import AnalysisState
from reviewtool.synthesis.plots.pairwise import forest
from tests.extraction import people

# What three reports print: of the treated group and of the other, or of the one group.
GROUPS = {
    "dichotomous": [
        ({"events": 12, "total": 60}, {"events": 20, "total": 58}),
        ({"events": 8, "total": 45}, {"events": 14, "total": 47}),
        ({"events": 30, "total": 120}, {"events": 41, "total": 118}),
    ],
    "rate": [
        ({"events": 12, "time": 310.5}, {"events": 25, "time": 298}),
        ({"events": 7, "time": 120}, {"events": 9, "time": 115.2}),
        ({"events": 31, "time": 640}, {"events": 52, "time": 655}),
    ],
    "continuous": [
        ({"mean": 4.2, "sd": 1.5, "n": 40}, {"mean": 5.1, "sd": 1.7, "n": 38}),
        ({"mean": 3.9, "sd": 1.2, "n": 25}, {"mean": 4.4, "sd": 1.1, "n": 27}),
        ({"mean": 4.8, "sd": 2.0, "n": 80}, {"mean": 6.2, "sd": 2.2, "n": 79}),
    ],
    "change": [
        ({"mean": m, "mean_before": b, "sd": s, "sd_before": t, "n": n, "correlation": r},)
        for m, b, s, t, n, r in (
            (4.2, 6.1, 1.5, 1.9, 40, 0.5),
            (3.9, 5.2, 1.2, 1.0, 25, 0.62),
            (4.8, 6.9, 2.0, 2.4, 80, 0.41),
        )
    ],
    "correlation": [
        ({"correlation": r, "n": n},) for r, n in ((0.42, 50), (0.31, 82), (-0.05, 37))
    ],
}
REPORTED = [(0.62, 0.41, 0.94), (0.81, 0.52, 1.26), (0.70, 0.55, 0.89)]
SIDES = (("acupuncture",), ("sham",))


def plan(db, team, kind, names):
    """An outcome and an analysis of each measure; measure name -> outcome."""
    pair, alone = (
        protocol.save_row(
            db,
            team.ann,
            PlannedComparison(),
            {"name": name, "experimental": ["Acupuncture"], "comparator": comparator},
        )
        for name, comparator in (("Against sham", ["Sham"]), ("Acupuncture alone", []))
    )
    outcomes = {}
    for name in names:
        outcomes[name] = protocol.save_row(
            db,
            team.ann,
            PlannedOutcome(),
            {"name": name, "kind": kind, "role": "primary", "measure": name, "lower_is_better": 1},
        )
        comparison = pair if REGISTRY[name].groups == 2 else alone
        chosen = {"outcome_id": outcomes[name].id, "comparison_id": comparison.id}
        chosen |= {"method": "DL", "test": "knha"}
        protocol.save_row(db, team.ann, PlannedAnalysis(), chosen)
    return outcomes


def agree(db, team, label, cells):
    """Two blind copies of the same cells, and their consensus by a third person."""
    study = people.study(db, team, label)
    for member in (team.ben, team.cem):
        people.filled(db, member, study, cells)
    extraction.agreeing.complete(db, team.dora, extraction.agreeing.begin(db, team.dora, study))


def cells_of(kind, outcomes, groups, reported):
    cells = {f"arm.{i}.treatment": names[0] for i, names in enumerate(SIDES[: len(groups)], 1)}
    for outcome in outcomes.values():
        for arm, group in enumerate(groups, 1):
            for part, value in group.items():
                cells[f"result.{outcome.id}..{arm}.{part}"] = str(value)
        if kind == "estimate":
            cells["arm.2.treatment"] = "sham"
            for part, value in zip(("estimate", "ci_low", "ci_high"), reported, strict=True):
                cells[f"result.{outcome.id}..1v2.{part}"] = str(value)
    return cells


def directly(name, kind):
    """The same numbers straight into the engine, columns by hand."""
    if kind == "estimate":
        est, low, high = zip(*REPORTED, strict=True)
        return reported_effects(name, {"est": est, "lb": low, "ub": high})
    first = [groups[0] for groups in GROUPS[kind]]
    second = [groups[-1] for groups in GROUPS[kind]]

    def of(groups, part):
        return [group[part] for group in groups]

    if kind == "change":
        sd, before = of(first, "sd"), of(first, "sd_before")
        if name in {"SMCR", "SMCRH"}:
            sd, before = before, sd
        return effect_sizes(
            name,
            m1i=of(first, "mean"),
            m2i=of(first, "mean_before"),
            sd1i=sd,
            sd2i=before,
            ni=of(first, "n"),
            ri=of(first, "correlation"),
        )
    if kind == "correlation":
        return effect_sizes(name, ri=of(first, "correlation"), ni=of(first, "n"))
    columns = {
        "dichotomous": {"events": ("ai", "ci", "xi"), "total": ("n1i", "n2i", "ni")},
        "rate": {"events": ("x1i", "x2i", "xi"), "time": ("t1i", "t2i", "ti")},
        "continuous": {
            "mean": ("m1i", "m2i", "mi"),
            "sd": ("sd1i", "sd2i", "sdi"),
            "n": ("n1i", "n2i", "ni"),
        },
    }[kind]
    given = {}
    for part, (one, two, only) in columns.items():
        if REGISTRY[name].groups == 1:
            given[only] = of(first, part)
        else:
            given[one], given[two] = of(first, part), of(second, part)
    return effect_sizes(name, **given)


@pytest.mark.parametrize("kind", KINDS)
def test_a_review_gives_the_number_that_the_engine_gives(db, review, kind):
    names = [measure.name for measure in fitting(kind)]
    outcomes = plan(db, review, kind, names)
    for i, reported in enumerate(REPORTED):
        groups = GROUPS[kind][i] if kind in GROUPS else ({}, {})
        agree(db, review, f"Trial {i + 1}", cells_of(kind, outcomes, groups, reported))
    db.commit()
    db.expire_all()
    found = {line.planned.measure: line for line in queries.lines(db, review.review.id)}
    assert set(found) == set(names)
    for name, line in found.items():
        assert line.analysis.state is AnalysisState.CURRENT, (name, line.analysis.error)
        result, effects = line.run.result, directly(name, kind)
        assert [one.estimate for one in result.studies] == pytest.approx(list(effects.y)), name
        expected = pool(effects.y, effects.v, method="DL", test="knha")
        assert result.pooled.estimate == pytest.approx(expected.estimate), name
        assert result.pooled.ci_low == pytest.approx(expected.ci_low), name
        assert result.left_out == ()


@pytest.mark.parametrize(
    ("kind", "name", "words", "cells"),
    [
        (
            "continuous",
            "MD",
            ("Favours Acupuncture", "Favours Sham"),
            ("4.20", "1.50", "40", "5.10", "1.70", "38"),
        ),
        ("change", "MC", ("Decrease", "Increase"), ("6.10 (1.90), 4.20 (1.50)", "40")),
        ("correlation", "ZCOR", ("Negative", "Positive"), ("50",)),
        ("continuous", "MN", ("", ""), ("4.20", "1.50", "40")),
    ],
)
def test_a_plot_shows_the_numbers_and_says_what_its_sides_mean(
    db, review, kind, name, words, cells
):
    outcomes = plan(db, review, kind, [name])
    agree(db, review, "Trial 1", cells_of(kind, outcomes, GROUPS[kind][0], REPORTED[0]))
    db.commit()
    db.expire_all()
    (line,) = queries.lines(db, review.review.id)
    drawn = forest(line, line.run)
    assert drawn.favours == words
    assert drawn.sections[0].studies[0].cells == cells

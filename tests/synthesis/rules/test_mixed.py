"""Studies by their arms, by a reported estimate, or of no use: none is lost in silence."""

from math import log
from types import SimpleNamespace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reviewtool.stats.errors import NotEstimable
from reviewtool.synthesis.rules.network.analysis import NoNetwork, analyse_network
from reviewtool.synthesis.rules.network.arms import arms_of
from reviewtool.synthesis.rules.network.contrasts import gather_contrasts
from reviewtool.synthesis.rules.pairwise import Inputs, NothingToPool, Settings, analyse
from reviewtool.synthesis.rules.pooling import effects
from reviewtool.synthesis.rules.selection import ArmNumbers, Group, Row, select
from reviewtool.synthesis.scripts import folder
from tests.synthesis.scripts.conftest import in_python, in_r, pairwise_run, passes, run_of, write

LINE = SimpleNamespace(title="Mixed")

# Six studies by means, two by the difference they report. R 4.2.2 with metafor 3.8-1:
# es <- escalc("MD", ...) for the six, c(es$yi, -1.9, -2.6), c(es$vi, 0.5^2, 0.7^2), and
# rma(yi, vi, method = "REML", test = "knha").
MEANS = [
    (4.1, 1.9, 30, 6.2, 2.1, 31),
    (3.8, 2.2, 25, 5.9, 2.0, 26),
    (5.0, 1.7, 40, 7.4, 1.8, 38),
    (4.4, 2.4, 22, 6.1, 2.2, 20),
    (3.9, 2.0, 35, 6.8, 2.3, 36),
    (4.7, 1.8, 28, 6.9, 1.9, 29),
]


def by_means(i, values):
    m1, s1, n1, m2, s2, n2 = values
    return Row(
        i,
        f"Trial {i}",
        2000 + i,
        "drug",
        "placebo",
        Group(total=n1, mean=m1, sd=s1),
        Group(total=n2, mean=m2, sd=s2),
    )


def reported(i, estimate, se, of="MD"):
    return Row(
        i,
        f"Trial {i}",
        2000 + i,
        "drug",
        "placebo",
        estimate=estimate,
        se=se,
        estimate_measure=of,
    )


MIXED = (
    *(by_means(i, m) for i, m in enumerate(MEANS)),
    reported(6, -1.9, 0.5),
    reported(7, -2.6, 0.7),
)


def analysed(rows, **more):
    return analyse(Inputs(tuple(rows)), Settings(**({"measure": "MD"} | more)))


def test_studies_by_means_and_by_a_reported_difference_pool_together():
    result = analysed(MIXED)
    assert result.pooled.k == 8
    assert [s.source for s in result.studies] == ["arms"] * 6 + ["reported"] * 2
    assert result.left_out == ()
    assert "Effects as reported, the others computed from the groups: Trial 6, Trial 7." in (
        result.notes
    )


def test_an_estimate_of_another_measure_is_not_pooled_as_if_it_were_this_one():
    result = analysed((*MIXED, reported(8, log(0.5), 0.2, of="OR")))
    (one,) = result.left_out
    assert one.label == "Trial 8"
    assert "an odds ratio" in one.reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (reported(9, -1.0, None), "standard error"),
        (reported(9, -1.0, 0.0), "zero"),
        (by_means(9, (4.0, 0.0, 20, 6.0, 0.0, 20)), "variance is zero"),
        (by_means(9, (None, 1.0, 20, 6.0, 1.0, 20)), "mean of group 1"),
        (by_means(9, (4.0, -1.0, 20, 6.0, 1.0, 20)), "the SD of group 1 is -1"),
    ],
)
def test_a_study_that_cannot_be_used_is_named_with_its_reason(row, reason):
    result = analysed((*MIXED, row))
    (one,) = result.left_out
    assert (one.study_id, one.label) == (9, "Trial 9")
    assert reason in one.reason
    assert result.pooled == analysed(MIXED).pooled
    assert result.sentence.endswith(f"Left out: Trial 9 ({one.reason}).")


def test_more_events_than_people_leave_a_study_out_and_no_one_else():
    rows = [counts(1, 10, 100, 20, 100), counts(2, 15, 120, 25, 118), counts(3, 65, 60, 9, 64)]
    for method in ("REML", "MH"):
        result = analysed(rows, measure="OR", method=method)
        assert [s.study_id for s in result.studies] == [1, 2]
        assert "65: it exceeds the total of group 1" in result.left_out[0].reason


def counts(i, a, n1, c, n2, **more):
    return Row(i, f"Trial {i}", 2000 + i, "x", "y", Group(a, n1), Group(c, n2), **more)


COUNTS = (counts(0, 4, 50, 9, 52), counts(1, 0, 40, 3, 41), counts(2, 7, 60, 12, 58))
SILENT = counts(3, 0, 30, 0, 31)


@pytest.mark.parametrize("method", ["REML", "MH", "DL", "EE"])
@pytest.mark.parametrize(("measure", "left"), [("OR", 1), ("RR", 1), ("RD", 0)])
def test_double_zeros_are_left_out_of_ratios_by_name_and_kept_for_differences(
    measure, left, method
):
    result = analysed((*COUNTS, SILENT), measure=measure, method=method)
    assert [one.label for one in result.left_out] == ["Trial 3"] * left
    assert len(result.studies) == result.pooled.k == 4 - left


def test_mantel_haenszel_over_mixed_data_says_who_cannot_take_part_and_gives_way():
    given = (*COUNTS, reported(5, log(0.6), 0.3, of="OR"))
    for model, method in (("random", "REML"), ("common", "EE")):
        result = analysed(given, measure="OR", method="MH", model=model)
        assert result.pooled.k == 4
        assert result.pooled.method == method
        assert any("Trial 5" in w and "Mantel-Haenszel" in w for w in result.warnings)
    assert analysed(COUNTS, measure="OR", method="MH").pooled.method == "MH"


def test_a_study_whose_counts_say_nothing_falls_back_on_what_it_reports():
    both = counts(3, 0, 30, 0, 31, estimate=log(0.9), se=0.8, estimate_measure="OR")
    result = analysed((*COUNTS, both), measure="OR")
    assert [s.source for s in result.studies][-1] == "reported"
    assert result.left_out == ()
    assert any("gave no effect" in note and "Trial 3" in note for note in result.notes)


def test_nothing_to_pool_names_every_study_with_its_reason():
    with pytest.raises(NothingToPool, match="Trial 3: no events in either arm"):
        analysed([SILENT], measure="OR")


PEOPLE = st.integers(1, 60)
MAYBE = st.one_of(st.none(), st.floats(0.05, 2.0))


@st.composite
def results(draw, study):
    """What a study may hold: arms, an estimate, both, at one of two times, or nothing usable."""
    label = f"Trial {study}"
    at = draw(st.sampled_from(["", "", "later"]))
    names = draw(st.sampled_from([("Drug", "placebo"), ("drug ", "Placebo"), ("other", "placebo")]))
    found = []
    if draw(st.booleans()):
        for arm, name in enumerate(names, 1):
            total = draw(PEOPLE)
            events = draw(st.one_of(st.none(), st.integers(0, total), st.just(0)))
            found.append(ArmNumbers(study, label, 2000, arm, name, at, events=events, total=total))
    if not found or draw(st.booleans()):
        found.append(
            ArmNumbers(
                study,
                label,
                2000,
                1,
                names[0],
                at,
                estimate=draw(st.floats(-2, 2)),
                se=draw(MAYBE),
                reference=names[1],
                estimate_measure=draw(st.sampled_from(["OR", "OR", "RR", ""])),
            )
        )
    return found


@st.composite
def reviews(draw):
    return [one for study in range(draw(st.integers(1, 8))) for one in draw(results(study))]


def _unnamed(numbers, error):
    """Studies that a refusal does not name."""
    return {n.study for n in numbers if n.study not in error.message}


@settings(max_examples=150, deadline=None)
@given(reviews(), st.sampled_from(["OR", "RR", "RD"]), st.sampled_from(["REML", "MH", "EE"]))
def test_studies_pooled_and_studies_left_out_are_the_studies_given(numbers, measure, method):
    everybody = {one.study_id for one in numbers}
    selected = select(numbers, ["drug"], ["placebo"], [""])
    inputs = Inputs(selected.rows, selected.notes, left_out=selected.left_out)
    chosen = Settings(measure=measure, method=method, test="z")
    if not effects(inputs.rows, chosen).usable:
        with pytest.raises(NothingToPool) as refusal:
            analyse(inputs, chosen)
        assert not _unnamed(numbers, refusal.value)
        return
    try:
        result = analyse(inputs, chosen)
    except NotEstimable:
        assume(False)  # Mantel-Haenszel of tables that give no effect together: refused in words
    pooled = [one.study_id for one in result.studies]
    left_out = [one.study_id for one in result.left_out]
    assert sorted(pooled + left_out) == sorted(everybody)
    assert result.pooled.k == len(pooled)
    assert all(one.reason for one in result.left_out)
    run = run_of(result, chosen, inputs)
    files = {part.name: part.content.decode() for part in folder.parts(LINE, run)}
    assert len(files["data.csv"].splitlines()) - 1 == len(pooled)
    for one in result.left_out:
        assert f"  {one.label}: {one.reason}" in files["README.txt"]


@settings(max_examples=100, deadline=None)
@given(reviews(), st.sampled_from(["OR", "RR", "RD"]))
def test_a_network_loses_no_study_in_silence(numbers, measure):
    everybody = {one.study_id for one in numbers}
    chosen = arms_of(numbers, ["drug", "placebo"], [""])
    planned = Settings(measure=measure, kind="network")

    def analyse_them():
        return analyse_network(
            chosen.arms,
            planned,
            treatments=["drug", "placebo"],
            comparators=["placebo"],
            lower_is_better=True,
            left_out=chosen.left_out,
        )

    names = {"drug": "drug", "placebo": "placebo"}
    if not gather_contrasts(chosen.arms, planned, names).contrasts.study:
        with pytest.raises(NoNetwork) as refusal:
            analyse_them()
        assert not _unnamed(numbers, refusal.value)
        return
    result = analyse_them()
    used = {row.study for row in result.contrasts}
    left_out = {one.label for one in result.left_out}
    assert not used & left_out
    assert used | left_out == {f"Trial {study}" for study in everybody}


# The likelihood of tau2 has two maxima here, and metafor would stop at the lower one.
TWO_MAXIMA = tuple(
    reported(i, y, v**0.5)
    for i, (y, v) in enumerate(
        [(-1.34, 0.994), (0.884, 0.125), (-0.139, 0.702), (-0.458, 0.776), (-0.93, 9.62)]
        + [(1.291, 0.00788)]
    )
)


@pytest.mark.r
@pytest.mark.parametrize(
    "rows", [MIXED, (*COUNTS, SILENT, reported(5, -0.5, 0.3, "OR")), TWO_MAXIMA]
)
@pytest.mark.parametrize("method", ["REML", "ML", "MH", "DL"])
def test_the_scripts_of_mixed_data_find_every_number(tmp_path, capsys, rows, method):
    measure = "OR" if SILENT in rows else "MD"
    run = pairwise_run(rows, measure=measure, method=method, sensitivity=("leave_one_out",))
    where = write(tmp_path / "it", run)
    assert passes(in_python(where, capsys), where)
    assert passes(in_r(where), where)

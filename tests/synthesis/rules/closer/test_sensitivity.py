"""Sets of studies left out: who is, what remains, and what it would make a reader say."""

import pytest
from pydantic import ValidationError

from reviewtool.protocol.rules.leaving_out import Known
from reviewtool.synthesis.rules.closer.sensitivity import SensitivityChoices, sensitivity
from reviewtool.synthesis.rules.closer.topic import Facts
from reviewtool.synthesis.rules.pairwise import Inputs, Settings, analyse
from tests.synthesis.rules.closer.sets import ROWS, looked_at

ROB, ROBINS = ("Low", "Some concerns", "High"), ("Low", "Moderate", "Serious", "Critical")
COUNTRIES = ("China", "Peru", "China", "", "Peru")
WORDS = ("Low", "Some concerns", "High", "Serious", "")


def known(i):
    tool = ROBINS if WORDS[i] == "Serious" else ROB
    judged = {"overall": WORDS[i], "D1": "High" if i == 1 else "Low"} if WORDS[i] else {}
    return Known(
        judged,
        {"overall": tool, "D1": ROB},
        ("SD = SE × √N",) if i == 2 else (),
        "arms",
        float(sum((ROWS[i].group1.total, ROWS[i].group2.total))),
        2001 + 10 * i,
        {"country": COUNTRIES[i], "age": str(30 + 5 * i)},
    )


def facts(*planned, only=None):
    return Facts(
        {i + 1: known(i) for i in range(5) if only is None or i in only},
        {"overall": [*ROB, "Serious", "Critical"], "D1": list(ROB)},
        {"country": "Country", "age": "Mean age"},
        {"country": "Country", "age": "Mean age", "overall": "overall", "D1": "D1 Randomisation"},
        planned,
    )


def found(*planned, leave=(), **settings):
    have = looked_at(facts=facts(*planned), **settings)
    return sensitivity(have, SensitivityChoices(leave=list(leave)))


def row(result, code):
    (one,) = (x for x in result.rows if x.code == code)
    return one


@pytest.mark.parametrize("settings", [{"method": "MH"}, {"method": "DL", "test": "knha"}])
def test_a_set_is_the_analysis_of_the_others_by_its_own_method(settings):
    one = row(found(**settings), "bias.overall>=High")
    rest = analyse(Inputs(tuple(r for r in ROWS if r.study_id != 3)), Settings(**settings))
    assert one.left_out == ("Trial 3",)
    assert one.effect.estimate == pytest.approx(rest.pooled.estimate, rel=1e-12)
    assert one.effect.ci_low == pytest.approx(rest.pooled.ci_low, rel=1e-12)


def test_levels_are_those_of_each_studys_own_tool():
    result = found()
    assert row(result, "bias.overall>=Some concerns").ids == (2, 3)
    assert row(result, "bias.overall>=Serious").ids == (4,)
    assert row(result, "bias.D1>=High").ids == (2,)
    assert result.unjudged == ("Trial 5",)


def test_derived_values_size_year_and_fields_make_sets():
    result = found()
    assert row(result, "derived").left_out == ("Trial 3",)
    assert row(result, "size<100").ids == (1, 3, 5)
    assert row(result, "year<2020").ids == (1, 2)
    assert row(result, "field.country=China").ids == (1, 3)
    assert row(result, "field.country=China").words == "Without studies whose “Country” is China"
    assert row(result, "field.age>40").ids == (4, 5)


def test_planned_sets_come_first_then_ones_own_and_none_twice():
    result = found("field.country=Peru", leave=["bias.overall>=High", "size<80"])
    first, second = result.rows[:2]
    assert first.planned
    assert first.code == "field.country=Peru"
    assert second.code == "bias.overall>=High | size<80"
    assert second.ids == (3, 5)
    assert [one.code for one in result.rows].count("field.country=Peru") == 1


def test_a_set_that_leaves_nobody_or_everybody_says_so():
    result = found(leave=["size<5"])
    assert (result.chosen.reason, result.chosen.k) == ("It leaves nobody out.", 5)
    assert found(leave=["size>5"]).chosen.reason == "No study is left."


def test_a_result_that_says_something_else_is_named():
    result = found(measure="OR")
    one = row(result, "bias.overall>=Some concerns")
    assert one.changes == ("includes no effect",)
    assert one in result.otherwise
    assert not row(result, "derived").changes


def test_what_is_no_set_is_refused_with_an_example():
    with pytest.raises(ValidationError, match="write one like"):
        SensitivityChoices(leave=["everybody"])
    with pytest.raises(ValidationError, match="not a number"):
        SensitivityChoices(leave=["size<many"])

"""Sets of studies in a plan: written, read, and refused."""

import pytest

from reviewtool.errors import Invalid
from reviewtool.protocol.rules.fitting import sensitivity_words
from reviewtool.protocol.rules.leaving_out import Condition, Known, codes, leaves_out, parsed

TOOL = ("Low", "Some concerns", "High")


def test_a_value_may_hold_any_sign():
    one = Condition("field", "funding", "=", "A | B 5% = C")
    assert parsed(codes([one, Condition("derived")])) == (one, Condition("derived"))


@pytest.mark.parametrize(
    "text",
    ["", "|", "everybody", "size", "size<", "size<many", "size=5", "bias>=High", "bias.D1<High"]
    + ["field=China", "derived>5", "reported=yes", "year<soon"],
)
def test_what_is_no_set_is_refused_with_an_example(text):
    with pytest.raises(Invalid, match=r"bias\.overall>=High|is not a number"):
        parsed(text)


@pytest.mark.parametrize(
    ("code", "out"),
    [
        ("bias.overall>=some concerns", True),
        ("bias.overall>=High", False),
        ("bias.overall>=Serious", False),  # not a word of its tool
        ("bias.D2>=Low", False),  # not judged
        ("derived", True),
        ("derived=SD = SE × √N", True),
        ("derived=SD = range / 4", False),
        ("reported", False),
        ("chosen", True),
        ("computed", True),
        ("size<41", True),
        ("size>40", False),
        ("year>1999", True),
        ("field.country=china", True),
        ("field.country!=Peru", True),
        ("field.funding!=Peru", False),  # not known
        ("field.age>50", True),
        ("field.country>50", False),  # no number
        ("size>500 | year>1999", True),
    ],
)
def test_a_study_is_left_out_for_what_is_known_of_it(code, out):
    one = Known(
        {"overall": "Some concerns"},
        {"overall": TOOL},
        ("SD = SE × √N",),
        "arms",
        40.0,
        2000,
        {"country": "China", "age": "50.5"},
        chosen=True,
    )
    assert leaves_out(parsed(code), one) is out


def test_every_planned_sensitivity_analysis_has_words():
    assert sensitivity_words("leave_one_out") == "Leave one study out"
    labels = {"D1": "D1 Randomisation", "age": "Mean age"}
    words = sensitivity_words("bias.D1>=High | field.age<18 | derived | reported", labels)
    assert words == (
        "Without studies judged “High” or worse (D1 Randomisation), or whose “Mean age” is below "
        "18, or with derived values, or with the effect as reported"
    )
    assert sensitivity_words("of_another_version") == "of another version"

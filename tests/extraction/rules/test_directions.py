"""A study may say no more than whom its result favours, and both extractors must agree on it."""

import pytest

from reviewtool.extraction.rules.cells import Asked, Form, contrast_path, group_path
from reviewtool.extraction.rules.completeness import completeness
from reviewtool.extraction.rules.consensus import same
from reviewtool.extraction.rules.derive import results
from reviewtool.extraction.rules.values import BadValue, check, normalise

FORM = Form(outcomes=[Asked(1, "Pain", "continuous", "MD")])
ARMS = {"arm.1.treatment": "acupuncture", "arm.2.treatment": "sham"}


def contrast(**parts):
    return ARMS | {contrast_path(1, "", 1, 2, part): value for part, value in parts.items()}


def lacking(values):
    return [one.message for one in completeness(FORM, values).missing]


def test_a_direction_is_enough_and_a_p_value_alone_is_not():
    assert lacking(contrast(favours="first")) == []
    assert lacking(contrast(favours="first", p="<0.05")) == []
    (words,) = lacking(contrast(p="0.04"))
    assert words.endswith("has a p value. Say whom the result favours too.")


def test_an_estimate_without_precision_is_taken_when_the_report_is_said_to_give_no_more():
    (words,) = lacking(contrast(estimate="-2"))
    assert "needs an SE or both ends of its interval; where the report gives neither" in words
    assert lacking(contrast(estimate="-2", p="0.04")) == []
    assert lacking(contrast(estimate="-2", favours="first")) == []
    assert len(lacking(contrast(estimate="-2", ci_low="-3", favours="first"))) == 1


def test_means_without_spread_wait_until_somebody_says_whom_they_favour():
    means = {group_path(1, "", arm, part): "4" for arm in (1, 2) for part in ("mean", "n")}
    assert all("has no SD. Where the report gives none" in words for words in lacking(ARMS | means))
    assert lacking(contrast(favours="neither") | means) == []
    first, second, third = results(FORM, contrast(favours="neither") | means)
    assert (first.mean, first.sd, second.total) == (4.0, None, 4.0)
    assert (third.favours, third.estimate) == ("neither", None)


def test_what_was_told_becomes_a_typed_result():
    (one,) = results(FORM, contrast(estimate="-2", p="<0.05"))
    assert (one.estimate, one.se, one.p_reported, one.favours) == (-2.0, None, "<0.05", "")
    assert results(FORM, contrast(p="0.05")) == []


@pytest.mark.parametrize("text", ["n.s.", "0", "1.2", "-0.1", "p", "<"])
def test_what_is_no_p_value_is_refused_with_the_way_to_write_it(text):
    with pytest.raises(BadValue, match="p value"):
        normalise(FORM.cell(contrast_path(1, "", 1, 2, "p")), FORM, text)


def test_only_sides_are_sides():
    cell = FORM.cell(contrast_path(1, "", 1, 2, "favours"))
    assert normalise(cell, FORM, "Second") == "second"
    with pytest.raises(BadValue, match="first, second, neither"):
        normalise(cell, FORM, "sham")


def test_extractors_agree_on_numbers_not_on_digits():
    path = contrast_path(1, "", 1, 2, "p")
    assert same(FORM, path, "0.030", "0.03")
    assert not same(FORM, path, "<0.05", "0.05")
    assert check(FORM, contrast(favours="first", p="<0.05")) == []

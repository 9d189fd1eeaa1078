"""Asking, judging and refusing, shown on RoB 2."""

from itertools import product

import pytest

from reviewtool import instruments
from reviewtool.instruments import InvalidAnswer

ROB2 = instruments.load("rob2")


def numbers(key: str, answers: dict[str, str], options: set[str] | None = None) -> list[str]:
    return [q.id for q in instruments.ask(ROB2, ROB2.domain(key), answers, options)]


def test_questions_appear_as_their_gates_open() -> None:
    assert numbers("D3", {}) == ["3.1"]
    assert numbers("D3", {"3.1": "PN"}) == ["3.1", "3.2"]
    assert numbers("D3", {"3.1": "PN", "3.2": "N", "3.3": "NI"}) == ["3.1", "3.2", "3.3", "3.4"]


def test_an_answer_behind_a_closed_gate_opens_nothing() -> None:
    assert numbers("D3", {"3.1": "Y", "3.2": "N", "3.3": "Y"}) == ["3.1"]


def test_no_information_is_refused_where_the_tool_does_not_offer_it() -> None:
    with pytest.raises(InvalidAnswer, match="3.2"):
        instruments.judge(ROB2, ROB2.domain("D3"), {"3.1": "N", "3.2": "NI"})


@pytest.mark.parametrize("code", ["y", "yes", " Y", "?"])
def test_an_answer_written_otherwise_is_an_error_and_not_no_information(code: str) -> None:
    with pytest.raises(InvalidAnswer, match="1.1"):
        instruments.judge(ROB2, ROB2.domain("D1"), {"1.1": code, "1.2": "Y", "1.3": "N"})


def test_a_missing_answer_gives_no_judgement_and_is_named() -> None:
    answers = {"1.1": "Y", "1.3": "N"}
    assert instruments.judge(ROB2, ROB2.domain("D1"), answers) is None
    assert [q.id for q in instruments.missing(ROB2, ROB2.domain("D1"), answers)] == ["1.2"]
    assert not instruments.complete(ROB2, ROB2.domain("D1"), answers)


def test_not_applicable_cannot_be_chosen_for_a_question_that_is_always_asked() -> None:
    with pytest.raises(InvalidAnswer, match="1.1"):
        instruments.judge(ROB2, ROB2.domain("D1"), {"1.1": "NA", "1.2": "Y", "1.3": "N"})


def test_an_unknown_question_is_refused() -> None:
    with pytest.raises(InvalidAnswer, match="9.9"):
        instruments.judge(ROB2, ROB2.domain("D1"), {"9.9": "Y"})


def test_deviation_types_that_were_not_selected_are_not_asked() -> None:
    answers = {"2.1": "Y", "2.2": "N"}
    assert numbers("D2_adhering", answers, {"adherence"}) == ["2.1", "2.2", "2.5"]
    assert numbers("D2_adhering", answers, {"non_protocol"}) == ["2.1", "2.2", "2.3"]


def test_a_selected_deviation_type_must_be_answered() -> None:
    answers = {"2.1": "N", "2.2": "N", "2.5": "NA"}
    domain = ROB2.domain("D2_adhering")
    with pytest.raises(InvalidAnswer, match="2.5"):
        instruments.judge(ROB2, domain, answers, {"adherence"})
    assert instruments.judge(ROB2, domain, answers | {"2.5": "N"}, {"adherence"}) == "Low"


def test_the_overall_waits_for_every_domain() -> None:
    assert instruments.overall(ROB2, ["Low", None, "Low", "Low", "Low"]) is None


def test_an_unknown_judgement_is_refused() -> None:
    with pytest.raises(InvalidAnswer, match="low"):
        instruments.overall(ROB2, ["low"] * 5)


@pytest.mark.parametrize("name", instruments.available())
def test_every_combination_of_answers_gets_a_judgement_or_is_asked_for_more(name: str) -> None:
    """One answer of each kind in every question, every combination: the tables have no hole."""
    instrument = instruments.load(name)
    one_of_each = {a.kind: a.code for a in reversed(instrument.answers) if a.code != "NA"}
    for domain in instrument.domains:
        choices = [
            [c for c in one_of_each.values() if c in instruments.engine.offered(instrument, q)]
            for q in domain.questions
        ]
        for codes in product(*choices):
            given = dict(zip([q.id for q in domain.questions], codes, strict=True))
            answers, _ = instruments.clear(instrument, domain, given)
            found = instruments.judge(instrument, domain, answers)
            assert found or not domain.tables

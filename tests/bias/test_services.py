"""Assessing a result, from the first answer to the agreed judgement."""

import pytest
from sqlmodel import select

from reviewtool import events
from reviewtool.audit import AuditEntry
from reviewtool.bias import queries, services
from reviewtool.bias.rules import OverrideNeedsReason, Unfinished
from reviewtool.bias.services import Support
from reviewtool.errors import Conflict, Forbidden, Invalid, NotFound
from reviewtool.extraction.models import CopyKind, CopyState
from reviewtool.instruments import InvalidAnswer
from tests.bias.conftest import LOW, SOME_D1, a_study, assess, fill, final


def test_a_domain_is_judged_once_everything_asked_is_answered(db, review, key):
    copy = services.start(db, review.ben, key)
    assert services.save_domain(db, review.ben, copy, "D3", {"3.1": "N"}).final == ""
    judged = services.save_domain(db, review.ben, copy, "D3", {"3.2": "PY"})
    assert (judged.proposed, judged.final) == ("Low", "Low")


def test_an_answer_whose_gate_closes_becomes_not_applicable_and_stays_in_the_log(db, review, key):
    copy = services.start(db, review.ben, key)
    services.save_domain(db, review.ben, copy, "D3", {"3.1": "N", "3.2": "PN", "3.3": "Y"})
    services.save_domain(db, review.ben, copy, "D3", {"3.1": "Y"})
    assert queries.answers(db, copy)["3.3"].answer == "NA"
    entry = db.exec(
        select(AuditEntry).where(AuditEntry.action == "bias.answer").order_by(AuditEntry.id)
    ).all()[-1]
    assert entry.changes["3.3"] == ["Y", "NA"]


def test_an_answer_the_question_does_not_offer_is_refused(db, review, key):
    copy = services.start(db, review.ben, key)
    with pytest.raises(InvalidAnswer, match="3.2"):
        services.save_domain(db, review.ben, copy, "D3", {"3.1": "N", "3.2": "NI"})
    with pytest.raises(InvalidAnswer, match="9.9"):
        services.save_domain(db, review.ben, copy, "D3", {"9.9": "Y"})


def test_support_and_quotation_are_kept_with_the_answer(db, review, key):
    copy = services.start(db, review.ben, key)
    support = Support("Central telephone", "“randomised centrally”", "3")
    services.save_domain(db, review.ben, copy, "D1", {"1.1": "Y"}, {"1.1": support})
    row = queries.answers(db, copy)["1.1"]
    assert (row.support, row.page) == ("Central telephone", "3")


def test_an_override_needs_a_reason(db, review, key):
    copy = services.start(db, review.ben, key)
    services.save_domain(db, review.ben, copy, "D1", LOW["D1"])
    with pytest.raises(OverrideNeedsReason, match="D1"):
        services.save_domain(db, review.ben, copy, "D1", {}, final="High")
    row = services.save_domain(
        db, review.ben, copy, "D1", {}, final="High", reason="Envelopes were see-through"
    )
    assert (row.proposed, row.final) == ("Low", "High")


def test_an_override_stands_while_the_proposal_differs_from_it(db, review, key):
    copy = services.start(db, review.ben, key)
    services.save_domain(
        db, review.ben, copy, "D1", LOW["D1"], final="High", reason="See-through envelopes"
    )
    row = services.save_domain(db, review.ben, copy, "D1", SOME_D1)
    assert (row.proposed, row.final) == ("Some concerns", "High")
    row = services.save_domain(db, review.ben, copy, "D1", {"1.2": "N"})
    assert (row.final, row.reason) == ("High", "")


def test_the_overall_follows_the_domains(db, review, key):
    copy = services.start(db, review.ben, key)
    fill(db, review.ben, copy, {"D1": SOME_D1})
    assert final(db, copy, "overall") == "Some concerns"
    services.save_domain(db, review.ben, copy, "D1", {"1.2": "N"})
    assert final(db, copy, "overall") == "High"


SOME_TWICE = {"D1": SOME_D1, "D5": {"5.1": "NI", "5.2": "N", "5.3": "N"}}


def test_several_domains_with_some_concerns_are_put_to_the_assessor(db, review, key):
    copy = services.start(db, review.ben, key)
    fill(db, review.ben, copy, SOME_TWICE)
    assert final(db, copy, "overall") == ""
    with pytest.raises(Unfinished, match="some concerns"):
        services.finish(db, review.ben, copy)
    services.judge_overall(db, review.ben, copy, "Some concerns")
    services.finish(db, review.ben, copy)
    assert final(db, copy, "overall") == "Some concerns"


def test_a_further_domain_with_some_concerns_asks_again(db, review, key):
    copy = services.start(db, review.ben, key)
    fill(db, review.ben, copy, SOME_TWICE)
    services.judge_overall(db, review.ben, copy, "Some concerns")
    services.save_domain(db, review.ben, copy, "D3", {"3.1": "N", "3.2": "N"} | {"3.3": "Y"})
    services.save_domain(db, review.ben, copy, "D3", {"3.4": "N"})
    assert final(db, copy, "overall") == ""


def test_raising_the_overall_needs_a_reason(db, review, key):
    copy = services.start(db, review.ben, key)
    fill(db, review.ben, copy, SOME_TWICE)
    with pytest.raises(OverrideNeedsReason):
        services.judge_overall(db, review.ben, copy, "High")
    services.judge_overall(db, review.ben, copy, "High", "Together they matter")
    assert final(db, copy, "overall") == "High"


def test_an_unfinished_copy_says_what_is_missing(db, review, key):
    copy = services.start(db, review.ben, key)
    services.save_domain(db, review.ben, copy, "D1", {"1.1": "Y"})
    with pytest.raises(Unfinished, match=r"D1: answer 1\.2, 1\.3"):
        services.finish(db, review.ben, copy)


def test_a_colleagues_copy_is_not_there_until_both_are_done(db, review, key):
    bens = assess(db, review.ben, key)
    with pytest.raises(NotFound):
        queries.assessment(db, review.cem, bens.id)
    with pytest.raises(NotFound):
        queries.assessment(db, review.ann, bens.id)
    assess(db, review.cem, key)
    assert queries.assessment(db, review.ann, bens.id).id == bens.id


def test_a_colleagues_copy_cannot_be_changed(db, review, key):
    bens = services.start(db, review.ben, key)
    with pytest.raises(Forbidden):
        services.save_domain(db, review.cem, bens, "D1", {"1.1": "N"})


def test_a_third_assessor_finds_both_places_taken(db, review, key):
    services.start(db, review.ben, key)
    services.start(db, review.cem, key)
    with pytest.raises(Conflict, match="Two assessors"):
        services.start(db, review.ann, key)


def test_an_observer_cannot_assess(db, review, key):
    with pytest.raises(Forbidden):
        services.start(db, review.observer, key)


def test_a_member_of_another_review_finds_nothing(db, key):
    from tests import build

    other = build.team(db, "Another review")
    with pytest.raises(NotFound):
        services.start(db, other.ann, key)


def test_agreeing_waits_for_both(db, review, key):
    assess(db, review.ben, key)
    with pytest.raises(Conflict, match="Two assessors must finish"):
        services.agree(db, review.ann, key)


def test_the_agreed_copy_starts_with_what_both_answered_alike(db, review, key):
    assess(db, review.ben, key)
    assess(db, review.cem, key, {"D1": SOME_D1})
    copy = services.agree(db, review.ann, key)
    answers = queries.answers(db, copy)
    assert answers["1.1"].answer == "Y"
    assert "1.2" not in answers
    assert final(db, copy, "D3") == "Low"
    assert services.what_is_missing(db, copy) == ["D1: answer 1.2."]


def test_the_agreed_judgement_is_announced_and_read_by_later_stages(db, review, key, monkeypatch):
    heard = []
    monkeypatch.setitem(
        events._listeners, events.BiasAgreed, [lambda db, actor, news: heard.append(news)]
    )
    assess(db, review.ben, key)
    assess(db, review.cem, key)
    copy = services.agree(db, review.ann, key)
    services.finish(db, review.ann, copy)
    assert heard == [events.BiasAgreed(key.study_id, key.outcome_id)]
    assert queries.overall_by_study(db, review.review.id, key.outcome_id) == {key.study_id: "Low"}


def test_a_copy_cannot_be_reopened_once_both_could_be_seen(db, review, key):
    bens = assess(db, review.ben, key)
    services.reopen(db, review.ben, bens)
    services.finish(db, review.ben, bens)
    assess(db, review.cem, key)
    with pytest.raises(Conflict, match="agreed copy"):
        services.reopen(db, review.ben, bens)


def test_a_reopened_agreement_is_no_longer_read_by_later_stages(db, review, key):
    assess(db, review.ben, key)
    assess(db, review.cem, key)
    copy = services.agree(db, review.ann, key)
    services.finish(db, review.ann, copy)
    services.reopen(db, review.cem, copy)
    assert copy.state is CopyState.IN_PROGRESS
    assert queries.overall_by_study(db, review.review.id, key.outcome_id) == {}


def test_a_finished_copy_is_closed(db, review, key):
    bens = assess(db, review.ben, key)
    with pytest.raises(Conflict, match="Reopen"):
        services.save_domain(db, review.ben, bens, "D1", {"1.1": "N"})


def test_the_effect_of_adhering_wants_a_type_of_deviation(db, review, key):
    with pytest.raises(Invalid, match="at least one"):
        services.start(db, review.ben, key, variant="adhering")
    copy = services.start(db, review.ben, key, variant="adhering", setup={"options": ["adherence"]})
    services.save_domain(db, review.ben, copy, "D2", {"2.1": "Y", "2.2": "N", "2.5": "N"})
    assert final(db, copy, "D2") == "Low"
    assert queries.answers(db, copy)["2.3"].answer == "NA"


def test_the_second_assessor_judges_the_same_effect(db, review, key):
    services.start(db, review.ben, key, variant="adhering", setup={"options": ["adherence"]})
    cems = services.start(db, review.cem, key)
    assert (cems.kind, cems.variant) == (CopyKind.SECOND, "adhering")
    assert cems.setup["options"] == ["adherence"]


def test_a_domain_whose_table_is_only_a_hint_is_judged_by_the_assessor(db, review, key):
    copy = services.start(db, review.ben, key, instrument="rob2_crossover")
    row = services.save_domain(db, review.ben, copy, "DS", {"S.1": "Y", "S.3": "N"})
    assert (row.proposed, row.final) == ("", "")
    row = services.save_domain(db, review.ben, copy, "DS", {}, final="High")
    assert services.save_domain(db, review.ben, copy, "DS", {"S.3": "PN"}).final == "High"


def test_what_each_member_can_do_next_is_known(db, review, key):
    def step(who):
        return queries.target(db, who, key).next_step(who)

    assert step(review.ben) == "start"
    assert step(review.observer) == "none"
    assess(db, review.ben, key)
    assert step(review.ben) == "wait"
    services.start(db, review.cem, key)
    assert (step(review.cem), step(review.ann)) == ("continue", "full")
    fill(db, review.cem, queries.target(db, review.cem, key).mine(review.cem))
    services.finish(db, review.cem, queries.target(db, review.cem, key).mine(review.cem))
    assert step(review.ann) == "agree"


def test_results_of_removed_studies_are_not_listed(db, review, outcome, study):
    from reviewtool.db.types import now

    a_study(db, review.review.id, "Adams 2001", outcome.id)
    assert [t.study.label for t in queries.targets(db, review.ben)] == [
        "Adams 2001",
        "Visser 1996",
    ]
    study.removed_at = now()
    db.flush()
    assert [t.study.label for t in queries.targets(db, review.ben)] == ["Adams 2001"]

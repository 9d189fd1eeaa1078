"""Adverse events over studies: zeros are counted, silence is not, and who is left out is said."""

import csv
import io
import re

import pytest
from docx import Document

from reviewtool.protocol.models import OutcomeKind, OutcomeRole
from reviewtool.reporting.exports import EXPORTS
from reviewtool.synthesis.rules.harms import harm
from reviewtool.synthesis.rules.selection import Group, LeftOut, Row
from reviewtool.team.services import create_token
from tests import build
from tests.synthesis.conftest import agree, counts, trial


def row(number, a, n, c, m):
    return Row(
        number,
        f"Study {number}",
        2000,
        "acupuncture",
        "sham",
        Group(events=a, total=n),
        Group(events=c, total=m),
    )


ROWS = [row(1, 3, 100, 1, 100), row(2, 0, 50, 0, 50), row(3, 2, 80, 0, 80)]


def test_effects_are_those_of_metafor_and_only_the_difference_keeps_double_zeros():
    found = harm(ROWS, [], "dichotomous")
    rd, rr, peto = found.pooled
    # rma.mh(measure = "RD" | "RR") and rma.peto of metafor, which leaves nobody out of the RD
    assert (rd.estimate, rd.ci_low, rd.ci_high) == pytest.approx(
        (0.0174, -0.0033, 0.0380), abs=5e-5
    )
    assert (rr.estimate, rr.se) == pytest.approx((1.6094, 1.0900), abs=5e-5)
    assert (peto.estimate, peto.se) == pytest.approx((1.3497, 0.8215), abs=5e-5)
    assert (len(rd.used), len(rr.used), len(peto.used)) == (3, 2, 2)
    assert rr.left_out == (("Study 2", "no events in either arm"),)
    assert found.events == (5, 1)


def test_nobody_with_an_event_has_no_interval_but_an_upper_limit():
    found = harm([row(1, 0, 50, 0, 50), row(2, 0, 40, 0, 41)], [], "dichotomous")
    assert [one.ci_low for one in found.pooled] == [None, None, None]
    assert found.at_most == pytest.approx((1 - 0.025 ** (1 / 90), 1 - 0.025 ** (1 / 91)))


def test_everybody_with_the_event_and_nonsense_do_not_break_the_table():
    found = harm([row(1, 5, 5, 5, 5), row(2, 9, 5, 1, 5)], [], "dichotomous")
    assert [one.status for one in found.studies] == ["counted", "uncounted"]
    assert found.studies[1].reason == "it counts more events than people"
    assert found.pooled[0].ci_low is None


def test_events_in_person_time_have_differences_and_ratios_of_rates():
    rates = [
        Row(1, "A", 2000, "a", "s", Group(events=4, time=100.0), Group(events=2, time=120.0)),
        Row(2, "B", 2001, "a", "s", Group(events=0, time=50.0), Group(events=0, time=50.0)),
    ]
    ird, irr = harm(rates, [], "rate").pooled
    assert (ird.measure, len(ird.used), irr.measure, len(irr.used)) == ("IRD", 2, "IRR", 1)


def test_what_is_not_reported_is_no_zero():
    away = [LeftOut(9, "Silent", "no result was extracted", "unreported")]
    found = harm([row(1, 0, 20, 0, 20)], away, "dichotomous")
    assert [one.status for one in found.studies] == ["zero", "unreported"]
    assert found.people == (20, 20)


@pytest.fixture
def harmful(db, review):
    """Three trials that count nausea, one without any, one that only favours, one silent."""
    outcome = build.outcome(db, review.review, "Nausea", role=OutcomeRole.HARM, measure="RR")
    build.outcome(db, review.review, "Fatigue", role=OutcomeRole.HARM, kind=OutcomeKind.CONTINUOUS)
    build.comparison(db, review.review)
    for study in (
        trial(db, outcome, "Adams 2001", counts((3, 100), (1, 100))),
        trial(db, outcome, "Baker 2002", counts((0, 50), (0, 50))),
        trial(db, outcome, "Clark 2003", counts((2, 80), (0, 80))),
        trial(
            db,
            outcome,
            "Davis 2004",
            {"acupuncture": {"favours": "second"}, "sham": {}},
            contrast=True,
        ),
        trial(db, outcome, "Early 2005", {"acupuncture": {}, "sham": {}}),
    ):
        agree(db, review.ann, study)
    db.commit()
    return outcome


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.get_data(as_text=True)))


def test_the_page_says_who_is_counted_who_saw_nothing_and_who_is_silent(
    db, review, harmful, sign_in
):
    browser = sign_in(review.observer)
    said = words(browser.get(f"/reviews/{review.review.id}/synthesis/harms"))
    assert "3 studies counted, 1 of them without an event in either group" in said
    assert "1 with a result that gives no counts, 1 not reporting it" in said
    assert re.search(r"Baker 2002 0/50 0/50 No event in either group", said)
    assert re.search(r"Davis 2004 – – Not counted: it reports no more than whom", said)
    assert re.search(r"All counted studies 5/230 1/230", said)
    assert re.search(r"Risk difference per 1.000 people 17 \(−3 to 38\) 3", said)
    assert (
        "The risk ratio and the Peto odds ratio leave out 1 of 3 studies: Baker 2002 "
        "(no events in either arm). The risk difference keeps all 3."
    ) in said
    assert "Fatigue" in said
    assert "not counted in events" in said
    index = browser.get(f"/reviews/{review.review.id}/synthesis/").get_data(as_text=True)
    assert "/synthesis/harms" in index


def test_files_and_api_carry_the_same(db, review, harmful, client, sign_in):
    base = f"/reviews/{review.review.id}/synthesis/harms"
    browser = sign_in(review.observer)
    rows = list(csv.DictReader(io.StringIO(browser.get(f"{base}.csv").data.decode("utf-8-sig"))))
    assert [(r["study"], r["status"]) for r in rows if r["row"] == "study"] == [
        ("Adams 2001", "counted"),
        ("Baker 2002", "zero"),
        ("Clark 2003", "counted"),
        ("Davis 2004", "uncounted"),
        ("Early 2005", "unreported"),
    ]
    assert [r["studies"] for r in rows if r["row"] == "pooled"] == ["3", "2", "2"]
    document = Document(io.BytesIO(browser.get(f"{base}.docx").data))
    assert document.tables[0].rows[2].cells[3].text == "no event in either group"
    for key in ("harms", "harms_docx"):
        assert next(e for e in EXPORTS if e.key == key).write(db, review.observer)
    head = {"Authorization": f"Bearer {create_token(db, review.statistician.user, 'robot')}"}
    db.commit()
    found = client.get(f"/api/v1/reviews/{review.review.id}/analyses/harms", headers=head).json
    (nausea, fatigue) = found["harms"]
    assert nausea["pooled"][0]["estimate"] == pytest.approx(4 / 230)
    assert nausea["pooled"][1]["left_out"] == {"Baker 2002": "no events in either arm"}
    assert fatigue["studies"] == []

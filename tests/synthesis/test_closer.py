"""A closer look at a pairwise result: a page for each topic, the same numbers by API."""

import csv
import io

import pytest

from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.closer import drawn
from reviewtool.synthesis.rules.closer import topics
from reviewtool.synthesis.sheets.closer import filed
from tests.synthesis.conftest import agree, line

KEYS = [one.key for one in topics.every()]


@pytest.fixture
def run(db, review, trials):
    for study in trials:
        agree(db, review.ann, study)
    db.commit()
    return line(db, review).run


@pytest.fixture
def at(db, review, run):
    analysis = line(db, review).analysis.id
    db.commit()
    return f"/reviews/{review.review.id}/synthesis/{analysis}/closer"


def test_topics_have_addresses_of_their_own_and_a_page():
    assert len(set(KEYS)) == len(KEYS)
    assert [one.place for one in topics.every()] == sorted(one.place for one in topics.every())


@pytest.mark.parametrize("key", KEYS)
def test_every_topic_has_a_page_with_its_plots_and_tables_as_files(key, at, review, sign_in):
    topic = topics.topic(key)
    browser = sign_in(review.observer)
    page = browser.get(f"{at}/{key}?now=1")
    assert page.status_code == 200
    assert topic.label in page.text
    for plot in drawn.of_topic(topic):
        answer = browser.get(f"{at}/{key}/{plot.key}.svg")
        assert answer.status_code == (200 if f"/{plot.key}.svg" in page.text else 404)
    for table in filed.of_topic(topic):
        for kind in ("csv", "docx"):
            answer = browser.get(f"{at}/{key}/tables/{table.key}.{kind}")
            there = f"/tables/{table.key}.{kind}" in page.text
            assert answer.status_code == (200 if there else 404)


@pytest.mark.parametrize("key", KEYS)
def test_a_topic_keeps_the_run_and_the_view_of_its_address(db, key, at, review, trials, sign_in):
    found = line(db, review)
    kept = {name: getattr(found.run, name) for name in AnalysisRun.model_fields if name != "id"}
    newest = AnalysisRun(**kept)
    db.add(newest)
    db.flush()
    earlier, found.analysis.current_run_id = found.run.id, newest.id
    db.commit()
    page = sign_in(review.observer).get(f"{at}/{key}?run={earlier}&without={trials[0].id}").text
    assert "This is an earlier run" in page
    assert f"A look without {trials[0].label}" in page
    assert f"?run={earlier}&amp;without={trials[0].id}" in page  # of the tabs


@pytest.mark.parametrize("key", KEYS)
def test_a_topic_gives_the_same_by_api_and_stores_nothing(db, key, at, review, trials, sign_in):
    client = sign_in(review.observer)
    api = at.replace("/reviews", "/api/v1/reviews").replace("/synthesis/", "/analyses/")
    whole = client.get(f"{api}/{key}").get_json()
    assert whole["pooled"]["k"] == 3
    part = client.get(f"{api}/{key}?without={trials[0].id}&without={trials[1].id}").get_json()
    assert part["pooled"]["k"] == 1
    assert part["gone"] == [trials[0].label, trials[1].label]
    told = [part["missing"], part.get("posterior")]  # a prior and one study have a posterior
    assert any(told) or any(one["error"] for one in part["adjusted"])
    db.expire_all()
    assert line(db, review).run.result.pooled.k == 3


def test_what_cannot_be_chosen_is_named(at, review, sign_in):
    browser = sign_in(review.observer)
    answer = browser.get(f"{at}/influence?order=colour")
    assert answer.status_code == 422
    assert "“colour” cannot be chosen for order" in answer.text
    assert browser.get(f"{at}/nonsense").status_code == 404


def test_the_order_of_a_cumulative_analysis_is_chosen(at, review, sign_in):
    browser = sign_in(review.observer)
    answer = browser.get(f"{at}/influence/tables/cumulative.csv?order=weight").data
    rows = list(csv.DictReader(io.StringIO(answer.decode("utf-8-sig"))))
    assert [row["effects"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["added"] == "Trial 2"


def test_the_contours_of_a_funnel_are_chosen(at, review, sign_in):
    browser = sign_in(review.observer)
    plot = f"{at}/small-studies/contour-funnel.svg"
    assert "darker band: p 0.01 to 0.05" in browser.get(plot).text
    assert "the band: p 0.01 to 0.05" in browser.get(f"{plot}?contours=95&contours=99").text
    around = browser.get(f"{plot}?contours=95&centre=pooled").text
    assert "Band: where 95\u202f% of studies lie that estimate" in around
    assert browser.get(f"{plot}?contours=80").status_code == 422

"""The acupuncture demonstration tells what its sources tell, number for number."""

import json

import pytest

from reviewtool.certainty.sheets.side_by_side import over_time, side_by_side
from reviewtool.demo import acupuncture, appraisal
from reviewtool.demo import build as demo
from reviewtool.demo.acupuncture import HEADACHE, PUBLISHED, entries
from reviewtool.synthesis import queries
from reviewtool.synthesis.sheets import harms as adverse
from reviewtool.team import queries as team
from tests import build


def test_it_has_forty_studies_with_their_people():
    every = entries()
    assert len(every) == 40
    assert len({one.key for one in every}) == 40
    p6 = [one for one in every if one.key.startswith("P6")]
    assert sum(int(size) for one in p6 for size in one.sizes) == 1826
    brains = [one for one in every if one.foci]
    assert sum(len(one.foci) for one in brains) == 267
    assert sum(int(one.sizes[0]) for one in brains) == 334
    assert HEADACHE["12 months"][0] == ("16.2468", "13.7183", "161")


def test_the_published_numbers_are_the_summary_s(reference):
    facts = json.loads((reference / "demo/acupuncture/seed_review.json").read_text())
    said = [outcome["estimate"] for outcome in facts["outcomes"]]
    assert [float(estimate) for estimate, _ in PUBLISHED.values()] == said


@pytest.mark.services
def test_one_click_shows_pooling_regions_time_and_brains(app, db, monkeypatch):
    person = build.user(db, "Paula")
    db.commit()
    for module in (demo.triptans, demo.fibromyalgia):
        monkeypatch.setattr(module, "build", lambda stage: None)
        monkeypatch.setattr(appraisal, module.__name__.rsplit(".", 1)[1], lambda _stage: None)
    with app.app_context():
        demo.build(person.id, lambda *_: None)
        review, owner = next(
            row for row in team.reviews_of(db, person) if row[0].title == acupuncture.TITLE
        )
        lines = {x.outcome.name: x for x in queries.lines(db, review.id)}
        shown = {
            name: line.run.result.shown(line.run.result.pooled).estimate
            for name, line in lines.items()
            if line.run and line.run.result.kind == "pairwise" and not line.planned.timepoint
        }
        assert shown["Pain, visual analogue scale"] == pytest.approx(-2.31)
        assert shown["Pain relief"] == pytest.approx(4.30)
        assert lines["Pain, visual analogue scale"].importance.reached.value == "reached"
        assert lines["Nausea after surgery"].run.result.study_count == 16
        brain = lines["Brain regions active in pain"].run.result
        assert brain.kind == "coordinates"
        told = lines["Adverse events"].run.result
        assert (told.kind, told.study_count) == ("narrative", 0)
        harms = {one.line.outcome.name: one for one in adverse.harms(db, owner)}
        withdrawn = harms["Withdrawal because of adverse effects"]
        assert withdrawn.sums == ("1/205", "0/196")
        assert harms["Deaths"].line.found.having("unreported")
        regions = side_by_side(db, owner, lines["Default mode network"].outcome.id)
        assert [row.evidence.natural[0] for row in regions.groups[0].rows] == pytest.approx(
            [0.27, 0.30, 0.29]
        )
        times = over_time(db, owner, lines["Headache score"].outcome.id)
        assert [row.line.planned.timepoint for row in times.groups[0].rows] == [
            "3 months",
            "12 months",
        ]

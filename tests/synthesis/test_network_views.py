"""A network's further plots and tables, and a view against another reference."""

import csv
import io

import docx
import pytest

from reviewtool.charts import render
from reviewtool.synthesis.plots import network as plots
from reviewtool.synthesis.plots import pictures
from reviewtool.synthesis.rules.network.analysis import analyse_network
from reviewtool.synthesis.rules.pooling import Settings
from reviewtool.synthesis.rules.refit import against, fitted
from tests import build
from tests.synthesis.conftest import agree, line, trial
from tests.synthesis.rules.test_network import TREATMENTS, TRIALS
from tests.synthesis.scripts.test_network import LOOSE

ARMS = ("eletriptan", "sumatriptan", "placebo")


def analysed(comparators, arms=LOOSE, **fields):
    return analyse_network(
        [a for a in arms if a.treatment.lower() in TREATMENTS],
        Settings(measure="OR"),
        treatments=TREATMENTS,
        comparators=comparators,
        lower_is_better=False,
        **fields,
    )


def test_the_refitted_network_is_the_stored_one():
    result = analysed(["placebo"])
    net = fitted(result)
    assert net.tau2 == pytest.approx(result.tau2, abs=1e-12)
    for a, row in result.league.items():
        for b, cell in row.items():
            i, j = net.treatments.index(a), net.treatments.index(b)
            assert net.random.te[i, j] == pytest.approx(cell.estimate, abs=1e-10)


def test_a_view_against_another_treatment_is_the_analysis_with_that_reference():
    seen, planned = against(analysed(["placebo"]), "sumatriptan"), analysed(["sumatriptan"])
    assert seen.reference == "sumatriptan"
    for one, other in zip(seen.treatments, planned.treatments, strict=True):
        assert one.name == other.name
        for name in ("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-8)


def test_judgements_belong_to_studies_by_the_name_that_contrasts_have():
    result = analysed(["placebo"], TRIALS, judgements={1: "high", 4: "low", 5: "low"})
    assert result.judgements == {"Trial 1": "high", "Trial 4": "low"}


@pytest.fixture
def network(db, review, outcome):
    build.analysis(
        db,
        outcome,
        build.comparison(db, review.review, ARMS[:2], ARMS[2:]),
        kind="network",
        measure="OR",
        position=1,
    )
    studies: dict[int, dict] = {}
    for arm in LOOSE:
        if arm.treatment.lower() in ARMS:
            own = studies.setdefault(arm.study_id, {})
            own[arm.treatment] = {"events": arm.events, "total": arm.total}
    for number, arms in studies.items():
        agree(db, review.ann, trial(db, outcome, f"Trial {number}", arms))
    db.commit()
    return line(db, review, "network")


def test_each_plot_is_offered_where_the_network_has_what_it_shows(network):
    offered = pictures.offered(network.run)
    assert {"splits", "contributions", "heat"} <= set(offered)
    assert "by-bias" not in offered
    run = network.run
    judged = {study: "high" for study, *_ in {(c.study,) for c in run.result.contrasts}}
    run.result = run.result.model_copy(update={"judgements": judged})
    assert "by-bias" in pictures.offered(run)
    bars = plots.by_bias(network, run)
    assert all(row.shares == pytest.approx({"high": 100}) for row in bars.rows)
    for draws in (plots.splits, plots.contributions, plots.by_bias, plots.heat, plots.funnel):
        assert b"<desc" in render(draws(network, run))


def test_the_page_has_the_plots_and_a_view_against_any_treatment(db, review, network, sign_in):
    browser = sign_in(review.observer)
    at = f"/reviews/{review.review.id}/synthesis/{network.analysis.id}"
    db.commit()
    page = browser.get(at).text
    for words in ("Node splitting", "Contribution matrix", "Net heat plot", "Effects against"):
        assert words in page
    assert "A view against" not in page
    seen = browser.get(f"{at}?reference=sumatriptan").text
    assert "A view against sumatriptan" in seen
    assert "OR versus sumatriptan" in seen
    assert f"{at}/forest.svg?run={network.run.id}&amp;reference=sumatriptan" in seen
    assert "versus sumatriptan" in browser.get(f"{at}/forest.svg?reference=sumatriptan").text
    missing = browser.get(f"{at}?reference=aspirin")
    assert missing.status_code == 404
    assert "aspirin" in missing.text
    for what in ("splits", "contributions", "heat"):
        assert browser.get(f"{at}/{what}.pdf").data.startswith(b"%PDF")


def test_a_network_that_falls_apart_is_analysed_part_by_part(db, review, outcome, sign_in):
    build.analysis(
        db,
        outcome,
        build.comparison(db, review.review, (*ARMS[:2], "heat", "cold"), ARMS[2:]),
        kind="network",
        measure="OR",
        position=1,
    )
    pairs = [("eletriptan", "placebo"), ("sumatriptan", "placebo"), ("heat", "cold")]
    for number, names in enumerate([*pairs, ("heat", "cold"), ("heat", "cold")], 1):
        arms = {n: {"events": 10 + 3 * i + number, "total": 50} for i, n in enumerate(names)}
        agree(db, review.ann, trial(db, outcome, f"Trial {number}", arms))
    db.commit()
    network = line(db, review, "network")
    result = network.run.result
    assert (result.reference, result.k) == ("placebo", 2)
    assert [set(one.treatments) for one in result.parts] == [set(ARMS), {"cold", "heat"}]
    named = {one.label for one in result.left_out if one.stage == "numbers"}
    assert named == {"Trial 3", "Trial 4", "Trial 5"}
    assert not any("Trial 3" in words for words in result.warnings)
    browser = sign_in(review.observer)
    at = f"/reviews/{review.review.id}/synthesis/{network.analysis.id}"
    db.commit()
    page = browser.get(at).text
    assert "falls into 2 parts" in page
    assert f"{at}?part=cold" in page
    other = browser.get(f"{at}?part=heat").text
    assert "Nothing is stored" in other
    assert "reproduce it" in page
    assert "reproduce it" not in other
    assert "Left out: Trial 1, Trial 2" in other
    assert f"{at}/forest.svg?run={network.run.id}&amp;part=heat" in other
    assert "heat" in browser.get(f"{at}/forest.svg?part=heat").text
    rows = browser.get(f"{at}/tables/league.csv?part=heat").data.decode("utf-8-sig")
    assert "placebo" not in rows
    api = browser.get(f"/api/v1{at.replace('/synthesis/', '/analyses/')}/network?part=heat").json
    assert [set(one) for one in api["parts"]] == [{"cold", "heat"}, set(ARMS)]
    assert browser.get(f"{at}?part=aspirin").status_code == 404


def test_the_summary_of_findings_has_a_row_for_each_treatment(db, review, network, sign_in):
    browser = sign_in(review.observer)
    db.commit()
    result = network.run.result
    at = f"/reviews/{review.review.id}/certainty/"
    page = browser.get(at).text
    best = result.treatments[0]
    assert best.name == "eletriptan"
    for name in ("eletriptan", "sumatriptan"):
        assert f"{name} versus placebo" in page
    assert "Rank 1 of 3; SUCRA" in page
    assert "Rated with the network" in page
    api = browser.get(f"/api/v1/reviews/{review.review.id}/certainty/{network.analysis.id}").json
    first = api["treatments"][0]
    assert (first["treatment"], first["rank"], first["of"]) == ("eletriptan", 1, 3)
    assert first["estimate"] == pytest.approx(result.shown(best).estimate)
    (split,) = (s for s in result.splits if {s.first, s.second} == {"eletriptan", "placebo"})
    assert (first["direct"], first["share"]) == (split.studies, pytest.approx(split.share))


def test_tables_are_files_of_both_kinds_with_the_numbers_of_the_page(db, review, network, sign_in):
    browser = sign_in(review.observer)
    at = f"/reviews/{review.review.id}/synthesis/{network.analysis.id}/tables"
    db.commit()
    result = network.run.result
    rows = list(csv.reader(io.StringIO(browser.get(f"{at}/league.csv").data.decode("utf-8-sig"))))
    names = [one.name for one in result.treatments]
    assert rows[0] == ["", *names]
    assert [row[0] for row in rows[1:]] == names
    long = browser.get(f"{at}/effects.csv?reference=sumatriptan").data.decode("utf-8-sig")
    first = next(csv.DictReader(io.StringIO(long)))
    shown = result.shown(result.league[first["treatment"]]["sumatriptan"])
    assert float(first["estimate"]) == pytest.approx(shown.estimate)
    word = docx.Document(io.BytesIO(browser.get(f"{at}/league.docx").data))
    cells = [[cell.text for cell in row.cells] for row in word.tables[0].rows]
    assert [row[1:] for row in cells[1:]] == [row[1:] for row in rows[1:]]
    shares = browser.get(f"{at}/contributions-of-studies.csv").data.decode("utf-8-sig")
    for row in list(csv.reader(io.StringIO(shares)))[1:]:
        assert sum(map(float, row[1:])) == pytest.approx(100)
    for what in ("evidence", "contributions"):
        assert browser.get(f"{at}/{what}.docx").data.startswith(b"PK")
    assert browser.get(f"{at}/ranks.csv").status_code == 404

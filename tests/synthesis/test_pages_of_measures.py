"""Measures of each kind of data, from extracted numbers to the pages, as people read them."""

import re

import pytest

from reviewtool.protocol.models import OutcomeKind
from reviewtool.stats.measures import Data, measure
from tests import build
from tests.synthesis.conftest import agree, line, trial

# What the arms of three studies hold, by what a measure needs.
NUMBERS = {
    Data.COUNTS: [
        ({"events": e, "total": 50}, {"events": e + 6, "total": 52}) for e in (8, 11, 15)
    ],
    Data.RATES: [({"events": e, "time": 210}, {"events": e + 9, "time": 190}) for e in (9, 14, 20)],
    Data.MEANS: [
        ({"mean": m, "sd": 4, "total": 40}, {"mean": m + 2, "sd": 5, "total": 42})
        for m in (10, 12, 15)
    ],
    Data.CHANGES: [
        (
            {
                "mean": m,
                "sd": 4,
                "mean_before": m + 3,
                "sd_before": 5,
                "total": 40,
                "correlation": 0.6,
            },
        )
        for m in (10, 12, 15)
    ],
    Data.COUNT: [({"events": e, "total": 60},) for e in (9, 16, 21)],
    Data.RATE: [({"events": e, "time": 200},) for e in (9, 16, 21)],
    Data.MEAN: [({"mean": m, "sd": 4, "total": 40},) for m in (10, 12, 15)],
    Data.CORRELATION: [({"correlation": r, "total": 80},) for r in (0.2, 0.3, 0.45)],
    Data.ESTIMATE: [({"estimate": y, "se": 0.2}, {}) for y in (-0.4, -0.2, -0.5)],
}
# Natural values that can be checked by eye.
KNOWN = {
    "RD": r"Risk difference \(95 % CI\) ?−0\.1\d\d \(−0\.\d+ to 0?−?0\.\d+\)",
    "IRR": r"Rate ratio \(95 % CI\) ?0\.5\d \(0\.\d\d to 0\.\d\d\)",
    "ROM": r"Ratio of means \(95 % CI\) ?0\.8\d \(0\.\d\d to 0\.\d\d\)",
    "CVR": r"Coefficient of variation ratio \(95 % CI\) ?0\.9\d \(",
    "PFT": r"Proportion \(95 % CI\) ?25\.\d % \(1\d\.\d to 3\d\.\d %\)",
    "ZCOR": r"Correlation \(95 % CI\) ?0\.3\d \(0\.\d\d to 0\.\d\d\)",
    "IRFT": r"Incidence rate \(95 % CI\) ?0\.0\d+ \(",
    "MC": r"Mean change \(95 % CI\) ?−3\.00 \(",
    "MN": r"Mean \(95 % CI\) ?12\.\d+ \(",
    "HR": r"Hazard ratio \(95 % CI\) ?0\.69 \(",
}


@pytest.fixture
def analysed(db, review):
    """``analysed("PFT")``: an analysis of three studies by that measure."""

    def make(name):
        of = measure(name)
        outcome = build.outcome(
            db, review.review, kind=OutcomeKind(of.data.kind), measure=name, unit="points"
        )
        comparison = build.comparison(db, review.review)
        build.analysis(db, outcome, comparison, measure=name, method="DL", test="z")
        studies = []
        for number, sides in enumerate(NUMBERS[of.data], 1):
            arms = dict(zip(("acupuncture", "sham"), (*sides, {})[:2], strict=True))
            contrast = of.data is Data.ESTIMATE
            study = trial(db, outcome, f"Trial {number}", arms, contrast=contrast)
            studies.append(study)
        for study in studies:
            agree(db, review.ann, study)
        db.commit()
        return line(db, review)

    return make


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.get_data(as_text=True)))


@pytest.mark.parametrize("name", KNOWN)
def test_a_measure_reads_naturally_on_every_page(db, review, analysed, sign_in, name):
    found = analysed(name)
    assert found.run is not None, found.analysis.error
    of, path = measure(name), f"/reviews/{review.review.id}"
    browser = sign_in(review.statistician)
    page = browser.get(f"{path}/synthesis/{found.analysis.id}")
    assert page.status_code == 200
    said = words(page)
    assert f"{of.heading} (95 % CI)" in said
    assert ("Test of no effect" in said) is (of.null is not None)
    assert re.search(KNOWN[name], said), said[said.index("Numbers") :][:120]
    assert of.short in words(browser.get(f"{path}/synthesis/"))
    findings = browser.get(f"{path}/certainty/")
    assert ("nothing is compared" in words(findings)) is (of.null is None)
    rating = browser.get(f"{path}/certainty/{found.analysis.id}")
    assert rating.status_code == 200
    assert ("turns the relative effect" in words(rating)) is (of.absolute is not None)
    head = browser.get(f"/api/v1{path}/certainty/{found.analysis.id}").json
    assert head["natural"]["estimate"] == pytest.approx(
        found.run.result.natural(found.run.result.pooled.estimate)
    )


@pytest.mark.parametrize("name", ["PFT", "ZCOR", "MC", "IRR", "HR"])
def test_a_measure_can_be_looked_at_closely(review, analysed, sign_in, name):
    found = analysed(name)
    at = f"/reviews/{review.review.id}/synthesis/{found.analysis.id}/closer"
    browser = sign_in(review.observer)
    for topic in ("models", "bayesian", "sensitivity"):
        page = browser.get(f"{at}/{topic}?now=1")
        assert page.status_code == 200
        said = words(page)
        assert measure(name).heading in said or measure(name).short in said

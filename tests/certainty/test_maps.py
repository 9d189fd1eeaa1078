"""A brain map stands in the summary of findings with its clusters, and can be rated."""

from reviewtool.certainty import queries, services
from reviewtool.certainty.rules.level import Design
from reviewtool.certainty.services import Taken
from reviewtool.certainty.sheets.summary import summary
from reviewtool.reporting.exports import EXPORTS
from tests.synthesis.test_maps import ask, line_of, outcome, planned, studies  # noqa: F401


def test_the_clusters_of_a_map_are_rated_and_named(
    db,
    review,
    outcome,  # noqa: F811
    studies,  # noqa: F811
    sign_in,
):
    row = planned(db, outcome, correction="none", forming=0.001)
    (before,) = summary(db, review.ann).findings
    assert before.rows[0].effect == "Not mapped"
    ask(db, review, row)
    found = queries.line(db, review.ann, line_of(db, row).analysis.id)
    taken = {"risk_of_bias": Taken(1, "No imaging study reports how foci were chosen.")}
    services.rate(db, review.ann, found, Design.RANDOMISED, taken)
    db.commit()
    (findings,) = summary(db, review.observer).findings
    (one,) = findings.rows
    assert one.effect.startswith("6 experiments, ")
    assert "right insula" in one.effect
    assert (one.line.level.value, one.evidence.participants) == ("Moderate", 96)
    exported = next(e for e in EXPORTS if e.key == "certainty").write(db, review.observer)
    assert "6 experiments" in exported.decode("utf-8-sig")
    base = f"/reviews/{review.review.id}/certainty/"
    browser = sign_in(review.observer)
    assert "right insula" in browser.get(base).get_data(as_text=True)
    page = browser.get(f"{base}{found.analysis.id}").get_data(as_text=True)
    assert "A brain map shows where results converge" in page

"""Forms of the certainty pages. The rating form follows the GRADE domains."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from reviewtool.certainty.rules.details import Details, further_risks, numbers
from reviewtool.certainty.rules.evidence import Evidence
from reviewtool.certainty.rules.level import DOMAINS, Design
from reviewtool.certainty.services import MEDIAN, Taken
from reviewtool.errors import Invalid
from reviewtool.reading import written
from reviewtool.web.forms import Form, NumberField, choices
from reviewtool.words import per_thousand

ESTIMATES = {
    "alone": "This time point by itself",
    "together": "From the analysis of all time points together",
}
POOLED = "All comparator groups of the included studies together"


class RiskForm(Form):
    """The assumed risk and where it comes from."""

    source = RadioField("Where it comes from", [InputRequired("Choose a source.")])
    risk = NumberField(
        "Events per 1000 people",
        [Optional(), NumberRange(0, 1000, "Give 0 to 1000.")],
        description="Needed for a risk from elsewhere.",
    )
    citation = StringField("Citation of a risk from elsewhere", [Length(max=1000)])

    @classmethod
    def offering(
        cls, evidence: Evidence, values: dict[str, Any] | None = None, **given: Any
    ) -> "RiskForm":
        """The form with the sources that the studies allow; ``values``: what is stored."""
        form = cls(data=values, **given)
        offered = []
        if (median := evidence.median_comparator_risk) is not None:
            offered.append(("median", f"{MEDIAN}: {per_thousand(median)}"))
        if (pooled := evidence.pooled_comparator_risk) is not None:
            offered.append(("pooled", f"{POOLED}: {per_thousand(pooled)}"))
        form.source.choices = choices([*offered, ("external", "Elsewhere, with a citation")])
        return form

    def chosen(self, evidence: Evidence) -> tuple[float | None, str]:
        """(risk as a proportion, its source in words)."""
        match self.source.data:
            case "median":
                return evidence.median_comparator_risk, MEDIAN
            case "pooled":
                return evidence.pooled_comparator_risk, POOLED
        if self.risk.data is None:
            raise Invalid("Give the risk per 1000 people.")
        return self.risk.data / 1000, self.citation.data or ""


class DetailsForm(Form):
    """What the suggestions cannot know by themselves."""

    estimate = SelectField(
        "Effect that is rated",
        default="alone",
        choices=choices(list(ESTIMATES.items())),
        description="Where all time points are analysed together too.",
    )

    thresholds = StringField(
        "Decision thresholds",
        [Length(max=200)],
        description="Differences at which a decision would change, such as −20, 20.",
    )
    size_thresholds = StringField(
        "Small, moderate and large effect begin at",
        [Length(max=200)],
        description="Three numbers, such as 5, 20, 50.",
    )
    size = SelectField(
        "Size of the effect, without such thresholds",
        default="",
        choices=choices(
            [("", "Not chosen")]
            + [(s, s.capitalize()) for s in ("trivial", "small", "moderate", "large")]
        ),
    )
    relative_risk_reduction = NumberField(
        "Relative risk reduction to be detected (%)",
        [InputRequired("Give a percentage."), NumberRange(1, 99, "Give 1 to 99.")],
        description="For the optimal information size; 25 is usual.",
    )
    other_risks = TextAreaField(
        "Further assumed risks",
        [Length(max=2000)],
        description="At most two, one a line: name; events per 1000; source.",
    )
    explained_by_subgroups = BooleanField("Credible subgroups explain the heterogeneity")
    conclusion = SelectField(
        "Without studies at high risk of bias, the conclusion",
        default="",
        choices=choices([("", "was not looked at"), ("yes", "stays the same"), ("no", "changes")]),
    )
    known_missing_results = BooleanField("Registered results are known to be missing")
    only_small_sponsored_studies = BooleanField("All studies are small and sponsored")

    @classmethod
    def of(cls, details: Details, *, joint: bool = False, **given: Any) -> "DetailsForm":
        """The form with what is stored. joint: time points are analysed together too."""
        values = details.model_dump()
        values["thresholds"] = ", ".join(written(t) for t in details.thresholds)
        values["size_thresholds"] = ", ".join(written(t) for t in details.size_thresholds)
        values["relative_risk_reduction"] = round(100 * details.relative_risk_reduction, 1)
        values["other_risks"] = "\n".join(
            f"{one.label}; {written(round(1000 * one.risk, 9))}; {one.source}"
            for one in details.other_risks
        )
        unchanged = details.conclusion_unchanged_without_high
        values["conclusion"] = "" if unchanged is None else "yes" if unchanged else "no"
        form = cls(data=values, **given)
        if not joint:
            del form.estimate
        return form

    def values(self) -> dict[str, Any]:
        """As ``Details`` keeps them. Raises Invalid for what is not a number."""
        estimate = self._fields.get("estimate")
        return ({"estimate": estimate.data or "alone"} if estimate else {}) | {
            "thresholds": numbers(self.thresholds.data or ""),
            "size_thresholds": numbers(self.size_thresholds.data or ""),
            "size": self.size.data or "",
            "relative_risk_reduction": (self.relative_risk_reduction.data or 25.0) / 100,
            "other_risks": further_risks(self.other_risks.data or ""),
            "explained_by_subgroups": bool(self.explained_by_subgroups.data),
            "conclusion_unchanged_without_high": {"yes": True, "no": False}.get(
                self.conclusion.data or ""
            ),
            "known_missing_results": bool(self.known_missing_results.data),
            "only_small_sponsored_studies": bool(self.only_small_sponsored_studies.data),
        }


def design_of(values: Mapping[str, str]) -> Design:
    """The design chosen on the rating form. Raises Invalid."""
    try:
        return Design(values.get("design", Design.RANDOMISED.value))
    except ValueError:
        raise Invalid("Choose the design of the studies from the list.") from None


def taken_of(values: Mapping[str, str]) -> dict[str, Taken]:
    """The steps and footnotes on the rating form. Raises Invalid for what is no number."""
    found = {}
    for key in DOMAINS:
        text = values.get(f"steps-{key}", "0") or "0"
        if not text.isdigit():
            raise Invalid(f"{DOMAINS[key].label}: choose one of the levels.")
        found[key] = Taken(int(text), values.get(f"footnote-{key}", ""))
    return found

"""Forms of the protocol; section forms are built from the document's field list."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FloatField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, Length, NumberRange, Optional

from reviewtool.protocol.rules import STAGES, Why
from reviewtool.protocol.rules.document import BY_KEY, FRAMEWORKS, elements
from reviewtool.protocol.rules.document import Field as Question
from reviewtool.web.forms import choices

MEASURES = {
    "OR": "Odds ratio",
    "RR": "Risk ratio",
    "RD": "Risk difference",
    "MD": "Mean difference",
    "SMD": "Standardised mean difference (Hedges g)",
    "GEN": "Given estimate with standard error",
    "HR": "Hazard ratio (given estimate, log scale)",
}
METHODS = {
    "REML": "REML",
    "DL": "DerSimonian-Laird",
    "PM": "Paule-Mandel",
    "ML": "Maximum likelihood",
    "EB": "Empirical Bayes",
    "SJ": "Sidik-Jonkman",
    "HE": "Hedges",
    "HS": "Hunter-Schmidt",
    "MH": "Mantel-Haenszel (common effect)",
    "EE": "Inverse variance (common effect)",
}
SENSITIVITY = {
    "leave_one_out": "Leave one study out",
    "common": "Common-effect model",
    "exclude_high_risk": "Without studies at high risk of bias",
}


class WhyFields:
    """The fields of an amendment, shown once the protocol is registered."""

    reason = TextAreaField("Reason for the change", [Length(max=5000)])
    stage_reached = SelectField(
        "Stage reached",
        validate_choice=False,
        choices=choices([("", "As the log says"), *((s, s) for s in STAGES)]),
    )
    knew_results = BooleanField("The results were known when this was decided")
    effect_on_work = TextAreaField("Effect on work already done", [Length(max=5000)])


def why_of(form: Any) -> Why:
    """What the form says about the change."""
    return Why(
        reason=form.reason.data or "",
        stage_reached=form.stage_reached.data or "",
        knew_results=bool(form.knew_results.data),
        effect_on_work=form.effect_on_work.data or "",
    )


def section_form(section: str, document: dict[str, Any]) -> FlaskForm:
    """The form of one section, filled from the document."""
    fields: dict[str, Any] = {f.key: _field(f) for f in BY_KEY[section].fields}
    if "framework" in fields:
        for key, label in elements(document):
            fields[f"element_{key}"] = TextAreaField(label, [Length(max=20000)])
    form_class = type("SectionForm", (WhyFields, FlaskForm), fields)
    values = dict(document)
    made: FlaskForm = form_class(data={key: values.get(key) for key in fields})
    return made


def _field(question: Question) -> Any:
    label, length = question.label, Length(max=50000)
    match question.kind:
        case "line" | "date":
            return StringField(label, [Length(max=1000)], description=question.help)
        case "email":
            return EmailField(label, [Optional(), Email()], description=question.help)
        case "choice":
            offered = [("", "Not chosen yet"), *((c, c) for c in question.choices)]
            return SelectField(label, choices=choices(offered))
        case "framework":
            return SelectField(label, choices=choices([(f, f) for f in FRAMEWORKS]), default="PICO")
    return TextAreaField(label, [length], description=question.help)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class CriterionForm(WhyFields, FlaskForm):
    """One eligibility criterion."""

    include = SelectField("Kind", choices=choices([("1", "Include"), ("", "Exclude")]), default="1")
    aspect = StringField("Aspect", [Length(max=40)], description="Population, design, ...")
    text = TextAreaField("Criterion", [DataRequired("Write the criterion.")])
    position = IntegerField("Order", [Optional()], default=0)

    def values(self) -> dict[str, Any]:
        """What to store."""
        return {
            "include": bool(self.include.data),
            "aspect": self.aspect.data or "",
            "text": self.text.data or "",
            "position": self.position.data or 0,
        }


class OutcomeForm(WhyFields, FlaskForm):
    """One planned outcome."""

    name = StringField("Name", [DataRequired("Name the outcome."), Length(max=300)])
    role = SelectField(
        "Importance",
        choices=choices([("primary", "Main"), ("secondary", "Additional"), ("harm", "Harm")]),
    )
    kind = SelectField(
        "Kind of numbers",
        choices=choices(
            [
                ("dichotomous", "Events of total"),
                ("continuous", "Mean, SD and number"),
                ("estimate", "Estimate with standard error or interval"),
            ]
        ),
    )
    measure = SelectField("Effect measure", choices=choices(list(MEASURES.items())))
    unit = StringField("Unit or scale", [Length(max=100)])
    better = SelectField(
        "Direction",
        choices=choices([("lower", "Lower is better"), ("higher", "Higher is better")]),
    )
    timepoints = TextAreaField("Time points", description="One per line, in order.")
    minimal_important_difference = FloatField("Minimal important difference", [Optional()])
    definition = TextAreaField("Definition and measurement", [Length(max=5000)])
    position = IntegerField("Order", [Optional()], default=0)

    def values(self) -> dict[str, Any]:
        """What to store."""
        return {
            "name": (self.name.data or "").strip(),
            "role": self.role.data,
            "kind": self.kind.data,
            "measure": self.measure.data,
            "unit": self.unit.data or "",
            "lower_is_better": self.better.data == "lower",
            "timepoints": _lines(self.timepoints.data),
            "minimal_important_difference": self.minimal_important_difference.data,
            "definition": self.definition.data or "",
            "position": self.position.data or 0,
        }


class ComparisonForm(WhyFields, FlaskForm):
    """Treatments against comparators."""

    name = StringField("Name", [DataRequired("Name the comparison."), Length(max=300)])
    experimental = TextAreaField(
        "Experimental treatments",
        [DataRequired("Name at least one.")],
        description="One per line, as extractors will name the arms.",
    )
    comparator = TextAreaField(
        "Comparators", [DataRequired("Name at least one.")], description="One per line."
    )
    position = IntegerField("Order", [Optional()], default=0)

    def values(self) -> dict[str, Any]:
        """What to store."""
        return {
            "name": (self.name.data or "").strip(),
            "experimental": _lines(self.experimental.data),
            "comparator": _lines(self.comparator.data),
            "position": self.position.data or 0,
        }


class AnalysisForm(WhyFields, FlaskForm):
    """One planned analysis."""

    outcome_id = SelectField("Outcome", coerce=int)
    comparison_id = SelectField("Comparison", coerce=int)
    timepoint = StringField(
        "Time point", [Length(max=100)], description="Empty: any, the last one."
    )
    kind = SelectField(
        "Kind",
        choices=choices(
            [
                ("pairwise", "Pairwise"),
                ("network", "Network"),
                ("narrative", "Narrative, no pooling"),
            ]
        ),
    )
    measure = SelectField("Effect measure", choices=choices(list(MEASURES.items())))
    model = SelectField(
        "Model",
        choices=choices([("random", "Random effects"), ("common", "Common effect")]),
    )
    method = SelectField(
        "Between-study variance, or method", choices=choices(list(METHODS.items()))
    )
    test = SelectField(
        "Interval and test",
        choices=choices(
            [
                ("knha", "Hartung-Knapp"),
                ("z", "Normal (Wald)"),
                ("t", "t distribution"),
                ("adhoc", "Hartung-Knapp, at least Wald"),
            ]
        ),
    )
    level = FloatField("Confidence level, %", [NumberRange(50, 99.9)], default=95.0)
    subgroup = StringField(
        "Subgroups by",
        [Length(max=100)],
        description="treatment, bias, or the key of a study characteristic.",
    )
    moderators = StringField("Meta-regression on", description="Keys, separated by commas.")
    sensitivity = SelectMultipleField(
        "Sensitivity analyses", choices=choices(list(SENSITIVITY.items()))
    )
    position = IntegerField("Order", [Optional()], default=0)

    def values(self) -> dict[str, Any]:
        """What to store."""
        plain = (
            "outcome_id",
            "comparison_id",
            "kind",
            "measure",
            "model",
            "method",
            "test",
            "level",
        )
        return {key: self.data[key] for key in plain} | {
            "timepoint": (self.timepoint.data or "").strip(),
            "subgroup": (self.subgroup.data or "").strip(),
            "moderators": [m.strip() for m in (self.moderators.data or "").split(",") if m.strip()],
            "sensitivity": list(self.sensitivity.data or []),
            "position": self.position.data or 0,
        }


class RegisterForm(FlaskForm):
    """Where and when the protocol was registered."""

    registry = StringField(
        "Registry",
        [DataRequired("Name the registry."), Length(max=100)],
        default="PROSPERO",
    )
    registry_id = StringField("Registration number", [Length(max=100)])
    registered_on = DateField("Date of registration", [DataRequired("Enter the date.")])


class RemoveForm(WhyFields, FlaskForm):
    """Nothing but the reason of an amendment."""

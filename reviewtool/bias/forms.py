"""Forms of the risk-of-bias pages. Domain forms follow the instrument, not a class."""

from collections.abc import Mapping
from typing import Any

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from reviewtool.bias.services import Support
from reviewtool.instruments import Domain, load
from reviewtool.web.forms import Form, choices


class StartForm(Form):
    """What is settled before the questions."""

    instrument = RadioField("Design of the study")
    variant = RadioField("Effect of interest")
    options = SelectMultipleField(
        "Deviations to be looked at",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="Only for trials and the effect of adhering: choose at least one.",
    )
    experimental = StringField("Experimental intervention", [Length(max=500)])
    comparator = StringField("Comparator", [Length(max=500)])
    result = TextAreaField("The exact result", [Length(max=2000)])
    sources = TextAreaField(
        "Sources used",
        [Length(max=2000)],
        description="Articles, registry entries, protocols, letters from authors.",
    )

    @classmethod
    def offering(cls, **values: Any) -> "StartForm":
        """The form with the tools for randomised trials and their choices."""
        form = cls(data={"instrument": "rob2", "variant": "assignment", **values})
        form.instrument.choices = choices(DESIGNS.items())
        variants = load("rob2").variants
        form.variant.choices = choices((v.id, v.label) for v in variants)
        form.options.choices = choices((o.key, o.label) for v in variants for o in v.options)
        return form

    def validate_options(self, field: SelectMultipleField) -> None:
        """The effect of adhering is about named deviations."""
        if self._asks_for_options() and not field.data:
            raise ValidationError("Choose at least one type of deviation.")

    def _asks_for_options(self) -> bool:
        if self.instrument.data not in DESIGNS or not self.variant.data:
            return False
        return bool(load(self.instrument.data).variant(self.variant.data).options)

    def setup(self) -> dict[str, Any]:
        """The values that belong to an assessment's set-up."""
        return {
            "options": list(self.options.data or []) if self._asks_for_options() else [],
            "experimental": self.experimental.data or "",
            "comparator": self.comparator.data or "",
            "result": self.result.data or "",
            "sources": self.sources.data or "",
        }


DESIGNS = {
    "rob2": "Individuals randomised to parallel groups",
    "rob2_cluster": "Clusters randomised (test version of the tool)",
    "rob2_crossover": "Crossover (test version of the tool)",
    "robins_i": "Not randomised (ROBINS-I)",
}


class AnotherForm(Form):
    """Assess a result before its extraction is agreed."""

    study = RadioField("Study", coerce=int)
    outcome = RadioField("Outcome", coerce=int)
    timepoint = StringField("Time point", [Length(max=100)])


def answers_of(domain: Domain, values: Mapping[str, str]) -> dict[str, str]:
    """Question -> code, for the questions the page had."""
    return {
        question.id: values[f"q-{question.id}"]
        for question in domain.questions
        if f"q-{question.id}" in values
    }


def supports_of(domain: Domain, values: Mapping[str, str]) -> dict[str, Support]:
    """Question -> support, for the questions the page had."""
    return {
        question.id: Support(
            values[f"support-{question.id}"],
            values.get(f"quote-{question.id}", ""),
            values.get(f"page-{question.id}", "")[:20],
        )
        for question in domain.questions
        if f"support-{question.id}" in values
    }

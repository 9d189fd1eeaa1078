"""Forms of the protocol; section forms are built from the document's field list."""

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    Optional,
    StopValidation,
)

from reviewtool.protocol.rules import STAGES, Why
from reviewtool.protocol.rules.brains import COORDINATES, MODALITIES
from reviewtool.protocol.rules.brains import DIRECTIONS as CHANGES
from reviewtool.protocol.rules.document import BY_KEY, FRAMEWORKS, elements
from reviewtool.protocol.rules.document import Field as Question
from reviewtool.protocol.rules.fitting import (
    DIRECTIONS,
    KINDS,
    DoesNotFit,
)
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.protocol.rules.times import STANDS_WORDS, Stands, split_window
from reviewtool.stats.measures import default_for, fitting
from reviewtool.stats.network.contrasts import NEEDS as NETWORK_MEASURES
from reviewtool.web.forms import Form, NumberField, choices


def measure_choices(nothing: str) -> list[SelectChoice]:
    """Every measure, by the numbers it takes; ``nothing`` are the words for not choosing.

    The page's script keeps those that fit by what is said beside each choice.
    """
    found = [SelectChoice("", nothing)]
    usual = {kind: default_for(kind).name for kind in KINDS if kind != COORDINATES}
    for kind, words in KINDS.items():
        if kind == COORDINATES:
            continue
        own = [one for one in fitting(kind) if one.data.kind == kind]
        several = len({one.groups for one in own}) > 1
        for one in own:
            sides = f", {'two groups' if one.groups == 2 else 'one group'}" if several else ""
            said = {
                "data-kinds": " ".join(one.kinds),
                "data-groups": str(one.groups),
                "data-pools": " ".join(one.pools),
                "data-usual": " ".join(k for k, name in usual.items() if name == one.name),
            } | ({"data-network": ""} if one.name in NETWORK_MEASURES else {})
            label = f"{one.label} – {one.name}"
            found.append(SelectChoice(one.name, label, said, words.label + sides))
    return found


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


def without_why(form: Form) -> Form:
    """The form with the fields of the row alone."""
    for name in ("reason", "stage_reached", "knew_results", "effect_on_work"):
        del form[name]
    return form


def section_form(section: str, document: dict[str, Any], **given: Any) -> Form:
    """The form of one section, filled from the document."""
    fields: dict[str, Any] = {f.key: _field(f) for f in BY_KEY[section].fields}
    if "framework" in fields:
        for key, label in elements(document):
            fields[f"element_{key}"] = TextAreaField(label, [Length(max=20000)])
    form_class = type("SectionForm", (WhyFields, Form), fields)
    values = dict(document)
    made: Form = form_class(data={key: values.get(key) for key in fields}, **given)
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


def _times(text: str | None) -> dict[str, Any]:
    """Time points with their windows, as they are stored."""
    found = [split_window(line) for line in _lines(text)]
    return {
        "timepoints": [label for label, _ in found],
        "windows": {label: said for label, said in found if said},
    }


class CriterionForm(WhyFields, Form):
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


def _unless_coordinates(form: Any, field: Any) -> None:
    """A direction that counts as good: of every outcome but coordinates, which have none."""
    if form.kind.data == COORDINATES:
        field.errors = []
        raise StopValidation()
    InputRequired("Say whether lower or higher values are better.")(form, field)


class OutcomeForm(WhyFields, Form):
    """One planned outcome."""

    name = StringField("Name", [DataRequired("Name the outcome."), Length(max=300)])
    role = SelectField(
        "Importance",
        choices=choices([("primary", "Main"), ("secondary", "Additional"), ("harm", "Harm")]),
    )
    kind = SelectField(
        "Kind of numbers",
        choices=choices([(key, words.label) for key, words in KINDS.items()]),
        description="What the extraction form asks of each group.",
    )
    measure = SelectField(
        "Effect measure",
        choices=measure_choices("The usual one for these numbers"),
        default="",
        description="What its analyses take when they name no other.",
    )
    unit = StringField(
        "Unit or scale", [Length(max=100)], description="Of a rate, the unit of person-time."
    )
    better = RadioField(
        "Which direction is good",
        [_unless_coordinates],
        choices=choices(list(DIRECTIONS.items())),
        description="Plots, rankings and the summary of findings follow it.",
    )
    modality = SelectField(
        "Modality",
        choices=choices([("", "Any"), *((m, m.capitalize()) for m in MODALITIES)]),
        default="",
        description="Of brain coordinates: which experiments are asked for and mapped.",
    )
    direction = SelectField(
        "Direction of the change",
        choices=choices([("", "Any"), *((d, d.capitalize()) for d in CHANGES)]),
        default="",
        description="Of brain coordinates: increases (also activation) or decreases.",
    )
    timepoints = TextAreaField(
        "Time points",
        description="One per line, in order. After a colon, which reported times count: "
        "1 month: 3 to 6 weeks. Longest follow-up takes the latest that a study reports.",
    )
    window_rule = SelectField(
        "When several reported times count",
        choices=choices([(one.value, words) for one, words in STANDS_WORDS.items()]),
        default=Stands.NEAREST.value,
        description="Which one stands for the study. It can be overridden, with a reason, beside "
        "the result.",
    )
    minimal_important_difference = NumberField("Minimal important difference", [Optional()])
    definition = TextAreaField("Definition and measurement", [Length(max=5000)])
    belongs_to = StringField(
        "Set",
        [Length(max=200)],
        description="Outcomes of one set are shown side by side: brain regions of one cluster, a "
        "scale and its subscales. Write the same name on each.",
        render_kw={"list": "sets", "autocomplete": "off"},
    )
    position = IntegerField("Order", [Optional()], default=0)

    def values(self) -> dict[str, Any]:
        """What to store."""
        return {
            "name": (self.name.data or "").strip(),
            "role": self.role.data,
            "kind": self.kind.data,
            "measure": self.measure.data,
            "unit": self.unit.data or "",
            "lower_is_better": self.better.data != "higher",
            "modality": self.modality.data or "",
            "direction": self.direction.data or "",
            **_times(self.timepoints.data),
            "window_rule": self.window_rule.data,
            "minimal_important_difference": self.minimal_important_difference.data,
            "definition": self.definition.data or "",
            "belongs_to": self.belongs_to.data or "",
            "position": self.position.data or 0,
        }


class ComparisonForm(WhyFields, Form):
    """Treatments against comparators."""

    name = StringField("Name", [DataRequired("Name the comparison."), Length(max=300)])
    experimental = TextAreaField(
        "Experimental treatments",
        [DataRequired("Name at least one.")],
        description="One per line, as extractors will name the arms.",
    )
    comparator = TextAreaField(
        "Comparators",
        description="One per line. Leave it empty to describe one group: a proportion, a mean, a "
        "rate, a change from before to after, a correlation.",
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


# Where a form calls a value by another name than the table.
FIELD_OF = {"lower_is_better": "better", "model": "method", "sensitivity": "sets"}
# What a kind of analysis calls like something that every one has.
FIELD_OF_KIND = {COORDINATES: {"level": "corrected"}, OVER_TIME: {"unit": "time_unit"}}


def refuse(form: Any, error: Exception) -> None:
    """Say what a rule refused beside the fields it is about, or above the form."""
    misfits = error.misfits if isinstance(error, DoesNotFit) else ()
    kind = form.kind.data if getattr(form, "kind", None) is not None else ""
    names = {**FIELD_OF, **FIELD_OF_KIND.get(kind, {})}
    for one in misfits:
        field = form._fields.get(names.get(one.field, one.field))
        if field is None:
            form.form_errors.append(one.message)
        else:
            field.errors = [*field.errors, one.message]
    if not misfits:
        form.form_errors.append(str(error))


class RegisterForm(Form):
    """Where and when the protocol was registered."""

    registry = StringField(
        "Registry",
        [DataRequired("Name the registry."), Length(max=100)],
        default="PROSPERO",
    )
    registry_id = StringField("Registration number", [Length(max=100)])
    registered_on = DateField("Date of registration", [DataRequired("Enter the date.")])


class RemoveForm(WhyFields, Form):
    """Nothing but the reason of an amendment."""

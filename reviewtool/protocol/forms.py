"""Forms of the protocol; section forms are built from the document's field list."""

from collections.abc import Collection, Sequence
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
    NumberRange,
    Optional,
    StopValidation,
)

from reviewtool.protocol.models import PlannedAnalysis, PlannedComparison, PlannedOutcome
from reviewtool.protocol.rules import STAGES, Why, maps
from reviewtool.protocol.rules.brains import COORDINATES, MODALITIES
from reviewtool.protocol.rules.brains import DIRECTIONS as CHANGES
from reviewtool.protocol.rules.document import BY_KEY, FRAMEWORKS, elements
from reviewtool.protocol.rules.document import Field as Question
from reviewtool.protocol.rules.fitting import (
    ANALYSES,
    COMMON,
    DIRECTIONS,
    KINDS,
    MODERATOR_KINDS,
    MODERATORS,
    OF_MEASURE,
    RANDOM,
    SENSITIVITY,
    SUBGROUP_KINDS,
    SUBGROUPS,
    TESTS,
    Characteristic,
    DoesNotFit,
)
from reviewtool.protocol.rules.times import STANDS_WORDS, Stands, split_window
from reviewtool.stats import guidance
from reviewtool.stats.measures import default_for, fitting
from reviewtool.stats.network.between import METHODS as NETWORK_METHODS
from reviewtool.stats.network.contrasts import NEEDS as NETWORK_MEASURES
from reviewtool.web.forms import ChecksField, Form, NumberField, choices


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


def method_choices() -> list[SelectChoice]:
    """How effects are pooled, by the model that it means."""
    networks = (*NETWORK_METHODS, "EE")
    return [
        SelectChoice(
            key,
            f"{model}, {words}",
            ({"data-pools": OF_MEASURE[key]} if key in OF_MEASURE else {})
            | ({"data-network": ""} if key in networks else {}),
        )
        for model, methods in (("Random effects", RANDOM), ("Common effect", COMMON))
        for key, words in methods.items()
    ]


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


class AnalysisForm(WhyFields, Form):
    """One planned analysis; ``offer`` fills in what the review has to choose from."""

    outcome_id = SelectField("Outcome", coerce=int)
    comparison_id = SelectField("Comparison", coerce=int)
    timepoint = SelectField("Time point", default="")
    kind = SelectField("Kind", choices=choices(list(ANALYSES.items())))
    measure = SelectField(
        "Effect measure", choices=measure_choices("The outcome’s measure"), default=""
    )
    method = SelectField("Model and method", choices=method_choices(), default="REML")
    test = SelectField(
        "Interval and test",
        choices=choices(list(TESTS.items())),
        default=guidance.TEST,
        description="For random effects; a common effect has a normal or t interval. Cochrane "
        "advises Hartung-Knapp with more than two studies and heterogeneity above zero.",
    )
    level = NumberField("Confidence level, %", [NumberRange(50, 99.9)], default=95.0)
    subgroup = SelectField(
        "Subgroups by",
        default="",
        description="A characteristic with a list of options serves best.",
    )
    moderators = ChecksField("Meta-regression on")
    sensitivity = ChecksField("Sensitivity analyses", choices=choices(list(SENSITIVITY.items())))
    algorithm = SelectField(
        "Algorithm",
        choices=choices(list(maps.ALGORITHMS.items())),
        default=maps.USUAL.algorithm,
        description="Of a brain map.",
    )
    correction = SelectField(
        "Threshold",
        choices=choices(list(maps.CORRECTIONS.items())),
        default=maps.USUAL.correction,
        description="Cluster-level FWE is advised for ALE (Eickhoff 2016).",
    )
    forming = NumberField("Voxel threshold, p", [Optional()], default=maps.USUAL.forming)
    corrected = NumberField("Corrected level, p or q", [Optional()], default=maps.USUAL.level)
    draws = IntegerField("Monte Carlo draws", [Optional()], default=maps.USUAL.draws)
    seed = IntegerField(
        "Seed",
        [Optional()],
        default=maps.USUAL.seed,
        description="The same seed gives the same numbers again.",
    )
    merged = BooleanField("Take the contrasts of a study together as one experiment")
    combine = SelectField(
        "One map or two", choices=choices(list(maps.COMBINED.items())), default=""
    )
    other_id = SelectField("The other map", coerce=int, default=0)
    position = IntegerField("Order", [Optional()], default=0)

    def offer(
        self,
        outcomes: Sequence[PlannedOutcome],
        comparisons: Sequence[PlannedComparison],
        known: Sequence[Characteristic],
        stored: PlannedAnalysis | None = None,
        others: Sequence[PlannedAnalysis] = (),
    ) -> None:
        """Choices from the protocol and the extraction form.

        known: what studies are asked for. stored: what the analysis has, which stays a
        choice also where the review no longer knows it. others: every planned analysis, of
        which a brain map may be set beside this one.
        """
        names = {o.id: o.name for o in outcomes}
        pairs = {c.id: c.name for c in comparisons}
        self.other_id.choices = [(0, "None")] + [
            (
                one.id,
                f"{names.get(one.outcome_id, '')}: {pairs.get(one.comparison_id, '')} "
                f"({maps.in_words(maps.choices_of(one.map))})",
            )
            for one in others
            if one.kind == COORDINATES and (stored is None or one.id != stored.id)
        ]
        self.outcome_id.choices = [
            SelectChoice(o.id, o.name, {"data-kind": o.kind.value, "data-measure": o.measure})
            for o in outcomes
        ]
        self.comparison_id.choices = [
            SelectChoice(
                c.id,
                c.name if c.comparator else f"{c.name} (one group)",
                {"data-groups": "2" if c.comparator else "1"},
            )
            for c in comparisons
        ]
        times: dict[str, list[str]] = {}
        for one in outcomes:
            for time in one.timepoints or ():
                times.setdefault(time, []).append(str(one.id))
        points = [SelectChoice("", "The first that a study reports")]
        points += [SelectChoice(t, t, {"data-outcomes": " ".join(ids)}) for t, ids in times.items()]
        subgroups = {"": "No subgroups", **SUBGROUPS, **_of_kind(known, SUBGROUP_KINDS)}
        moderators = {**MODERATORS, **_of_kind(known, MODERATOR_KINDS)}
        if stored is not None:
            if stored.timepoint and stored.timepoint not in times:
                points.append(SelectChoice(stored.timepoint, _gone(stored.timepoint)))
            subgroups.setdefault(stored.subgroup or "", _gone(stored.subgroup or ""))
            for key in stored.moderators or ():
                moderators.setdefault(key, _gone(key))
        self.timepoint.choices = points
        self.subgroup.choices = choices(list(subgroups.items()))
        self.moderators.choices = choices(list(moderators.items()))
        if len(moderators) == 1:
            self.moderators.description = (
                "Characteristics that are numbers, such as mean age, can be chosen once the "
                "extraction form asks for them."
            )

    def values(self) -> dict[str, Any]:
        """What to store."""
        same = ("outcome_id", "comparison_id", "kind", "measure", "method", "test", "level")
        return {key: self.data[key] for key in same} | {
            "model": "common" if self.method.data in COMMON else "random",
            "timepoint": self.timepoint.data or "",
            "subgroup": self.subgroup.data or "",
            "moderators": list(self.moderators.data or []),
            "sensitivity": list(self.sensitivity.data or []),
            "position": self.position.data or 0,
            "map": self._map() if self.kind.data == COORDINATES else {},
        }

    def _map(self) -> dict[str, Any]:
        usual = maps.USUAL
        return {
            "algorithm": self.algorithm.data or usual.algorithm,
            "correction": self.correction.data or usual.correction,
            "forming": usual.forming if self.forming.data is None else self.forming.data,
            "level": usual.level if self.corrected.data is None else self.corrected.data,
            "draws": usual.draws if self.draws.data is None else self.draws.data,
            "seed": usual.seed if self.seed.data is None else self.seed.data,
            "merged": bool(self.merged.data),
            "combine": self.combine.data or "",
            "other_id": (self.other_id.data or None) if self.combine.data else None,
        }


def _of_kind(known: Sequence[Characteristic], kinds: Collection[str]) -> dict[str, str]:
    return {one.key: one.label for one in known if one.kind in kinds}


def _gone(name: str) -> str:
    return f"{name} (not known any more)"


# Where a form calls a value by another name than the table.
FIELD_OF = {"lower_is_better": "better", "model": "method"}
# A level of confidence and one of a map's threshold are two fields of one form.
FIELD_OF_MAP = {"level": "corrected"}


def refuse(form: Any, error: Exception) -> None:
    """Say what a rule refused beside the fields it is about, or above the form."""
    misfits = error.misfits if isinstance(error, DoesNotFit) else ()
    of_map = getattr(form, "kind", None) is not None and form.kind.data == COORDINATES
    names = {**FIELD_OF, **(FIELD_OF_MAP if of_map else {})}
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

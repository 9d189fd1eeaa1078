"""The form of a planned analysis, with what the review has to choose from."""

from collections.abc import Collection, Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from reviewtool.protocol.forms import WhyFields, measure_choices
from reviewtool.protocol.models import PlannedAnalysis, PlannedComparison, PlannedOutcome
from reviewtool.protocol.rules import joint, maps, networks
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.protocol.rules.fitting import (
    ANALYSES,
    COMMON,
    MODERATOR_KINDS,
    MODERATORS,
    OF_MEASURE,
    RANDOM,
    SENSITIVITY,
    SUBGROUP_KINDS,
    SUBGROUPS,
    TESTS,
    Characteristic,
)
from reviewtool.stats import guidance
from reviewtool.stats.network.between import METHODS as NETWORK_METHODS
from reviewtool.web.forms import ChecksField, Form, NumberField, choices


def method_choices() -> list[SelectChoice]:
    """How effects are pooled, by the model that it means."""
    of_networks = (*NETWORK_METHODS, "EE")
    return [
        SelectChoice(
            key,
            f"{model}, {words}",
            ({"data-pools": OF_MEASURE[key]} if key in OF_MEASURE else {})
            | ({"data-network": ""} if key in of_networks else {})
            | ({"data-times": ""} if key in (*joint.METHODS, "EE") else {}),
        )
        for model, methods in (("Random effects", RANDOM), ("Common effect", COMMON))
        for key, words in methods.items()
    ]


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
    sets = TextAreaField(
        "Without some studies",
        [Length(max=2000)],
        description="A sensitivity analysis per line: bias.overall>=High, derived, size<50, "
        "field.country=China; several conditions are joined by |. The page “Sensitivity” of an "
        "analysis writes them for you.",
        render_kw={"rows": 4},
    )
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
    rho = NumberField(
        "Correlation of a study’s results",
        [Optional()],
        default=joint.USUAL.rho,
        description="Over time: reports rarely give it, so it is stated; the page shows what "
        "0.3, 0.5 and 0.8 would change.",
    )
    pattern = SelectField(
        "Correlation between times",
        choices=choices(list(joint.PATTERNS.items())),
        default=joint.USUAL.pattern,
    )
    time_unit = SelectField(
        "It is that of results this far apart",
        choices=choices([(unit, f"One {unit}") for unit in joint.UNITS]),
        default=joint.USUAL.unit,
        description="Of a correlation that falls, and of autoregressive random effects.",
    )
    structure = SelectField(
        "Random effects over time",
        choices=choices(list(joint.STRUCTURES.items())),
        default=joint.USUAL.structure,
    )
    parts = SelectField(
        "A network that falls apart",
        choices=choices(list(networks.PARTS.items())),
        default=networks.USUAL.parts,
        description="Where no study connects some treatments with the others.",
    )
    components = BooleanField("Take combinations (A + B) as the sum of their components too")
    inactive = StringField(
        "Component without effect",
        [Length(max=200)],
        description="Such as placebo. Empty: every component has an effect.",
    )
    interactions = StringField(
        "Interactions of components",
        [Length(max=500)],
        description="Pairs that do more or less together, with commas between: A*B, A*C.",
    )
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
            "sensitivity": [
                *(self.sensitivity.data or []),
                *(line.strip() for line in (self.sets.data or "").splitlines() if line.strip()),
            ],
            "position": self.position.data or 0,
            "map": self._map() if self.kind.data == COORDINATES else {},
            "joint": self._joint() if self.kind.data == joint.OVER_TIME else {},
            "network": self._network() if self.kind.data == networks.NETWORK else {},
        }

    def _network(self) -> dict[str, Any]:
        pairs = [one.strip() for one in (self.interactions.data or "").split(",")]
        chosen = {"parts": self.parts.data or "one", "components": bool(self.components.data)}
        return chosen | {
            "inactive": (self.inactive.data or "").strip(),
            "interactions": [one for one in pairs if one],
        }

    def _joint(self) -> dict[str, Any]:
        usual = joint.USUAL
        return {
            "rho": usual.rho if self.rho.data is None else self.rho.data,
            "pattern": self.pattern.data or usual.pattern,
            "unit": self.time_unit.data or usual.unit,
            "structure": self.structure.data or usual.structure,
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

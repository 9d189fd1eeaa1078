"""A forest plot as somebody wants it: in a journal's layout, with further columns and lights."""

from collections.abc import Callable
from dataclasses import replace

from reviewtool.bias.rules import OVERALL
from reviewtool.charts import Chart
from reviewtool.charts.bias import Domain, StudyBias, SummaryBars, TrafficLights
from reviewtool.charts.forest import Column, Forest, Study
from reviewtool.synthesis.results import PairwiseResult, StudyEffect
from reviewtool.synthesis.rules.dress import OWN, Beside, Dress
from reviewtool.words import ABSENT, thousands


def dressed(chart: Forest, result: object, dress: Dress, beside: Beside) -> Forest:
    """The plot in this layout; of a pairwise result also with columns and lights."""
    chart = replace(chart, layout=dress.layout)
    if not isinstance(result, PairwiseResult):
        return chart
    effects = {one.label: one for one in result.studies}
    keys = domain_keys(beside) if dress.bias else []

    def more(study: Study) -> Study:
        one = effects.get(study.label)
        if one is None:
            return study
        judged = judgements_of(beside, one.study_id)
        return replace(
            study,
            more=tuple(_value(one, key, beside) for key in dress.columns),
            bias=tuple(judged.get(key, "") for key in keys),
        )

    return replace(
        chart,
        sections=tuple(
            replace(section, studies=tuple(map(more, section.studies)))
            for section in chart.sections
        ),
        more=tuple(Column(beside.fields[key]) for key in dress.columns),
        bias=domains(beside) if dress.bias else (),
    )


def _value(one: StudyEffect, key: str, beside: Beside) -> str:
    if key in OWN:
        totals = [g.total for g in (one.group1, one.group2) if g.total is not None]
        own = {
            "year": str(one.year or ""),
            "n": thousands(sum(totals)) if totals else "",
            "treatment": one.treatment,
            "comparator": one.comparator,
        }
        return own[key] or ABSENT
    return beside.values.get(one.study_id, {}).get(key, "") or ABSENT


def domain_keys(beside: Beside) -> list[str]:
    """The domains in order, the overall judgement last; none where nothing is agreed."""
    return [*(key for key, _ in beside.domains), OVERALL] if beside.domains else []


def domains(beside: Beside) -> tuple[Domain, ...]:
    """The same with their names."""
    named = tuple(Domain(key, name) for key, name in beside.domains)
    return (*named, Domain("All", "Overall")) if named else ()


def judgements_of(beside: Beside, study_id: int) -> dict[str, str]:
    """Domain -> agreed judgement of a study."""
    return dict(beside.judgements.get(study_id, {}))


def _judged(result: PairwiseResult, beside: Beside) -> tuple[StudyBias, ...]:
    keys, names = domain_keys(beside), [one.key for one in domains(beside)]
    return tuple(
        StudyBias(
            one.label,
            {
                name: found[key]
                for key, name in zip(keys, names, strict=True)
                if key in (found := judgements_of(beside, one.study_id))
            },
        )
        for one in result.studies
    )


def lights(result: PairwiseResult, beside: Beside, title: str) -> TrafficLights:
    """A light for each study of the analysis and each domain."""
    return TrafficLights(
        domains(beside), _judged(result, beside), title=f"Risk of bias per study: {title}"
    )


def bars(result: PairwiseResult, beside: Beside, title: str) -> SummaryBars:
    """A bar for each domain, studies by their weight in the analysis."""
    return SummaryBars(
        domains(beside),
        _judged(result, beside),
        weights=tuple(one.weight or 0.0 for one in result.studies),
        title=f"Risk of bias by weight: {title}",
        note="Each study counts with its weight in this analysis.",
    )


# Plots of a pairwise analysis with agreed assessments, beside those of its run alone.
JUDGED: dict[str, tuple[str, Callable[[PairwiseResult, Beside, str], Chart]]] = {
    "bias-bars": ("Risk of bias by weight", bars),
    "bias-lights": ("Risk of bias per study", lights),
}


def judged(result: object, beside: Beside) -> bool:
    """Whether any study of the analysis has an agreed assessment."""
    return isinstance(result, PairwiseResult) and any(
        beside.judgements.get(one.study_id) for one in result.studies
    )

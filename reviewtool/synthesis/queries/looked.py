"""What a closer look goes by: the studies that were pooled, and what is known of them."""

from collections.abc import Collection
from dataclasses import replace

from sqlmodel import Session

from reviewtool.bias import queries as bias
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import OutcomeRole
from reviewtool.protocol.rules.leaving_out import ALWAYS, OVERALL
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries.extracted import numbers
from reviewtool.synthesis.queries.known import LEAVE_ONE, high_risk, known
from reviewtool.synthesis.queries.lines import Line
from reviewtool.synthesis.queries.times import places, results_that_stand
from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.closer.topic import Asked, Facts, Studied, Topic, studied
from reviewtool.synthesis.rules.leaving import HIGH_RISK


def looked(
    db: Session,
    one: Line,
    run: AnalysisRun,
    result: PairwiseResult,
    gone: Collection[int],
    topic: Topic,
) -> Studied:
    """What ``topic`` works on: ``result`` of a run, without the studies ``gone`` (ids)."""
    outcome = one.outcome
    asked = Asked(
        outcome.name,
        outcome.role is OutcomeRole.HARM,
        outcome.minimal_important_difference,
        outcome.lower_is_better,
        outcome.unit,
    )
    have = replace(studied(result, run.inputs, run.settings, gone), asked=asked)
    return replace(have, facts=_facts(db, one, have)) if topic.knows else have


def _facts(db: Session, one: Line, have: Studied) -> Facts:
    """What is known now of the studies that a run pooled."""
    found = numbers(db, one.outcome)
    times = results_that_stand(one, found, places(db, one, found)).times
    tools = bias.tools(db, one.planned.review_id, one.planned.outcome_id)
    judgements: dict[str, dict[str, None]] = {}
    called: dict[str, dict[str, None]] = {OVERALL: {"overall": None}}
    for study, (tool, domains) in tools.items():
        if study in {row.study_id for row in have.rows}:
            for key, grades in (
                (OVERALL, tool.overall_grades),
                *((domain.key, tool.judgements) for domain in domains),
            ):
                judgements.setdefault(key, {}).update({grade.label: None for grade in grades})
            for domain in domains:
                called.setdefault(domain.key, {})[f"{domain.id} {domain.name}"] = None
    names = {key: " / ".join(own) for key, own in called.items()}
    asked = protocol.characteristics(db, one.planned.review_id)
    fields = {**ALWAYS, **{x.key: x.label for x in asked}}
    planned = [
        high_risk(db, one) if code == HIGH_RISK else code
        for code in one.planned.sensitivity or ()
        if code not in ("common", LEAVE_ONE)
    ]
    return Facts(
        known(db, one, have.rows, times),
        {key: list(words) for key, words in judgements.items()},
        fields,
        {**fields, **names},
        planned,
        one.planned.id,
    )

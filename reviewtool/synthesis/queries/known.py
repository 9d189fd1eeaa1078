"""What is known of studies, for choosing whom a sensitivity analysis leaves out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from reviewtool.bias import queries as bias
from reviewtool.extraction.models import CopyKind, CopyState, Entry, Extraction, Result, Study
from reviewtool.extraction.rules.cells import parse
from reviewtool.instruments import Domain, Instrument
from reviewtool.protocol.rules.leaving_out import OVERALL, Known, leaves_out, parsed
from reviewtool.synthesis.queries.extracted import characteristics, randomised
from reviewtool.synthesis.queries.lines import Line, settings_of
from reviewtool.synthesis.queries.times import choices
from reviewtool.synthesis.rules.leaving import HIGH_RISK, known_of
from reviewtool.synthesis.rules.selection import Row

FROM_INTERVAL = "SE from the interval"


def aside(
    db: Session, one: Line, rows: Sequence[Row], times: Mapping[int, str]
) -> dict[str, tuple[int, ...]]:
    """Planned set -> ids of the studies in ``rows`` that it leaves out.

    times: study id -> the time of the result that stands.
    """
    codes = [code for code in one.planned.sensitivity or () if code not in ("common", LEAVE_ONE)]
    if not codes:
        return {}
    facts = known(db, one, rows, times)
    found = {}
    for code in codes:
        conditions = parsed(high_risk(db, one) if code == HIGH_RISK else code)
        found[code] = tuple(s for s, fact in facts.items() if leaves_out(conditions, fact))
    return found


LEAVE_ONE = "leave_one_out"


def high_risk(db: Session, one: Line) -> str:
    """The set that “high risk of bias” means in the words of the review's own tools."""
    tools = bias.tools(db, one.planned.review_id, one.planned.outcome_id).values()
    worst = {
        grade.label: None
        for tool, _ in tools
        for grade in [g for g in tool.overall_grades if g.tone == "high"][:1]
    }
    return " | ".join(f"bias.{OVERALL}>={label}" for label in worst or {"High": None})


def known(
    db: Session, one: Line, rows: Sequence[Row], times: Mapping[int, str]
) -> dict[int, Known]:
    """Study id -> what is known of it: judgements, derived numbers, size, characteristics."""
    tools = bias.tools(db, one.planned.review_id, one.planned.outcome_id)
    judged = _judgements(db, one, times)
    facts = characteristics(db, one.planned.review_id)
    derived = _derived(db, one, times)
    found = known_of(rows, settings_of(one.planned))
    quiet = [study for study, fact in found.items() if fact.size is None]
    people = {s: sum(n for _, n in arms) for s, arms in randomised(db, quiet).items()}
    by_hand = choices(db, one.analysis)
    designs = dict(db.exec(select(Study.id, Study.design).where(col(Study.id).in_(found))).all())
    return {
        study: Known(
            judged.get(study, {}),
            _ladders(*tools[study]) if study in tools else {},
            derived.get(study, ()),
            fact.source,
            fact.size if fact.size is not None else people.get(study),
            fact.year,
            {"design": designs.get(study, ""), **facts.get(study, {})},
            study in by_hand,
        )
        for study, fact in found.items()
    }


def _ladders(tool: Instrument, domains: Sequence[Domain]) -> dict[str, list[str]]:
    """Domain -> its judgements from best to worst."""
    own = [grade.label for grade in tool.judgements]
    return {
        **{domain.key: own for domain in domains},
        OVERALL: [grade.label for grade in tool.overall_grades],
    }


def _judgements(db: Session, one: Line, times: Mapping[int, str]) -> dict[int, dict[str, str]]:
    """Study id -> domain -> agreed judgement of the result that stands.

    A study that is judged at the planned time point keeps that where its own time has none.
    """
    review_id, outcome_id = one.planned.review_id, one.planned.outcome_id
    found = bias.agreed_judgements(db, review_id, outcome_id, one.planned.timepoint or None)
    for time in sorted({*times.values()} - {one.planned.timepoint}):
        own = bias.agreed_judgements(db, review_id, outcome_id, time)
        found |= {s: own[s] for s, at in times.items() if at == time and s in own}
    return found


def _derived(db: Session, one: Line, times: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """Study id -> formulas of the numbers of its result that were computed."""
    outcome = one.outcome
    found: dict[int, dict[str, None]] = defaultdict(dict)
    entries = db.exec(
        select(Extraction.study_id, Entry.path, Entry.derived)
        .join(Entry, col(Entry.extraction_id) == Extraction.id)
        .where(
            Extraction.review_id == outcome.review_id,
            Extraction.kind == CopyKind.CONSENSUS,
            Extraction.state == CopyState.DONE,
            col(Entry.path).startswith(f"result.{outcome.id}."),
            Entry.derived != "",
        )
        .order_by(col(Entry.id))
    ).all()
    for study, path, words in entries:
        if parse(path).timepoint == times.get(study):
            found[study][words.split(";")[0].strip()] = None
    results = db.exec(
        select(Result.study_id, Result.timepoint, Result.estimate).where(
            Result.review_id == outcome.review_id, Result.outcome_id == outcome.id, Result.derived
        )
    ).all()
    for study, time, estimate in results:
        if time == times.get(study) and study not in found:
            found[study][FROM_INTERVAL if estimate is not None else "a conversion"] = None
    return {study: tuple(words) for study, words in found.items()}

"""Risk of bias: the table that robvis draws, and the answers behind it."""

from collections import defaultdict

from sqlmodel import Session, col, select

from reviewtool import table_files
from reviewtool.bias.models import Answer, Assessment, Judgement
from reviewtool.extraction.models import CopyKind, CopyState, Study
from reviewtool.protocol import queries as protocol
from reviewtool.team import queries as team
from reviewtool.team.models import Member


def _visible(db: Session, member: Member) -> list[tuple[Assessment, Study]]:
    """Assessments the member may see: their own, and all of a result once both are done."""
    rows = db.exec(
        select(Assessment, Study)
        .join(Study, col(Study.id) == Assessment.study_id)
        .where(Assessment.review_id == member.review_id, col(Study.removed_at).is_(None))
        .order_by(col(Study.label), col(Assessment.id))
    ).all()
    groups = defaultdict(list)
    for one, study in rows:
        groups[one.study_id, one.instrument, one.outcome_id, one.timepoint].append((one, study))
    result = []
    for group in groups.values():
        blind = [a for a, _ in group if a.kind is not CopyKind.CONSENSUS]
        agreed = any(a.kind is CopyKind.CONSENSUS and a.state is CopyState.DONE for a, _ in group)
        complete = len(blind) >= 2 and all(a.state is CopyState.DONE for a in blind)
        result += [(a, s) for a, s in group if agreed or complete or a.member_id == member.id]
    return result


def _judgements(db: Session, member: Member) -> dict[int, dict[str, Judgement]]:
    result: dict[int, dict[str, Judgement]] = defaultdict(dict)
    for one in db.exec(
        select(Judgement)
        .join(Assessment, col(Assessment.id) == Judgement.assessment_id)
        .where(Assessment.review_id == member.review_id)
        .order_by(col(Judgement.domain))
    ):
        result[one.assessment_id][one.domain] = one
    return result


def robvis(db: Session, member: Member) -> bytes:
    """Study, D1..Dn, Overall, Weight: agreed judgements, one line per result."""
    judgements = _judgements(db, member)
    outcomes = {o.id: o.name for o in protocol.outcomes(db, member.review_id)}
    agreed = [
        (a, s)
        for a, s in _visible(db, member)
        if a.kind is CopyKind.CONSENSUS and a.state is CopyState.DONE
    ]
    domains = sorted({d for a, _ in agreed for d in judgements[a.id] if d != "overall"})
    rows = []
    for one, study in agreed:
        final = judgements[one.id]
        rows.append(
            {
                "Study": study.label,
                **{d: _word(final[d].final) for d in domains if d in final},
                "Overall": _word(final["overall"].final) if "overall" in final else "",
                "Weight": 1,
                "Outcome": outcomes.get(one.outcome_id or 0, ""),
                "Timepoint": one.timepoint,
                "Instrument": one.instrument,
            }
        )
    return table_files.write(
        ["Study", *domains, "Overall", "Weight", "Outcome", "Timepoint", "Instrument"],
        rows,
        mark=False,
    )


def _word(judgement: str) -> str:
    return judgement[:1].upper() + judgement[1:]


def answers(db: Session, member: Member) -> bytes:
    """Every answer and judgement the member may see, with its support."""
    names, judgements = team.names(db, member), _judgements(db, member)
    outcomes = {o.id: o.name for o in protocol.outcomes(db, member.review_id)}
    rows = []
    for one, study in _visible(db, member):
        base = [
            study.label,
            outcomes.get(one.outcome_id or 0, ""),
            one.timepoint,
            one.instrument,
            one.version,
            one.variant,
            one.kind,
            names.get(one.member_id or 0, ""),
        ]
        found = db.exec(
            select(Answer).where(Answer.assessment_id == one.id).order_by(col(Answer.question))
        )
        rows += [
            [*base, "answer", a.question, a.answer, "", a.support, a.quote, a.page] for a in found
        ]
        rows += [
            [*base, "judgement", domain, j.final, j.proposed, j.reason, "", ""]
            for domain, j in judgements[one.id].items()
        ]
    columns = [
        "study",
        "outcome",
        "timepoint",
        "instrument",
        "version",
        "variant",
        "copy",
        "person",
        "kind",
        "item",
        "value",
        "proposed",
        "support_or_reason",
        "quote",
        "page",
    ]
    return table_files.write(columns, rows)

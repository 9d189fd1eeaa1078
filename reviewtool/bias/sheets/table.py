"""The traffic-light table of one outcome: a row for each study, a light for each domain."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from reviewtool.bias import queries
from reviewtool.bias.models import Assessment, Judgement
from reviewtool.bias.rules import OVERALL
from reviewtool.charts import bias as drawing
from reviewtool.extraction.models import CopyKind, CopyState
from reviewtool.instruments import Instrument, load
from reviewtool.protocol.models import PlannedOutcome
from reviewtool.team.models import Member


@dataclass
class Line:
    """One study: its agreed lights ("" for none yet) and this member's next step."""

    target: queries.Target
    step: str
    instrument: Instrument | None
    lights: dict[str, str]

    @property
    def finished(self) -> int:
        """How many assessors are done."""
        return sum(copy.state is CopyState.DONE for copy in self.target.assessors)

    @property
    def overall(self) -> str:
        """The agreed overall judgement, "" before there is one."""
        return self.lights.get(OVERALL, "")


@dataclass
class Traffic:
    """The table: domains as (id, name) over all tools used, and its lines."""

    outcome: PlannedOutcome
    timepoint: str
    domains: list[tuple[str, str]]
    lines: list[Line]

    @property
    def agreed(self) -> list[Line]:
        """The lines with agreed judgements."""
        return [line for line in self.lines if line.overall]


def traffic(db: Session, member: Member, outcome: PlannedOutcome, timepoint: str) -> Traffic:
    """The table of one outcome and time point."""
    found = queries.targets(db, member, outcome.id, timepoint)
    lights = _agreed(db, member, outcome.id, timepoint)
    domains: dict[str, str] = {}
    lines = []
    for target in found:
        instrument = None
        if target.copies:
            instrument, used = queries.definition(target.copies[0])
            domains |= {domain.id: domain.name for domain in used if domain.id not in domains}
        consensus = target.consensus if target.agreed else None
        lines.append(
            Line(
                target,
                target.next_step(member),
                instrument,
                lights.get(consensus.id, {}) if consensus else {},
            )
        )
    if not domains:
        domains = {d.id: d.name for d in load("rob2").domains_of("assignment")}
    return Traffic(outcome, timepoint, sorted(domains.items()), lines)


def _agreed(
    db: Session, member: Member, outcome_id: int, timepoint: str
) -> dict[int, dict[str, str]]:
    rows = db.exec(
        select(Judgement)
        .join(Assessment, col(Assessment.id) == Judgement.assessment_id)
        .where(
            Assessment.review_id == member.review_id,
            Assessment.outcome_id == outcome_id,
            Assessment.timepoint == timepoint,
            Assessment.kind == CopyKind.CONSENSUS,
            Assessment.state == CopyState.DONE,
        )
        .order_by(col(Judgement.id))
    ).all()
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.assessment_id, {})[row.domain] = row.final
    return found


def robvis_rows(table: Traffic) -> list[list[str]]:
    """Head and rows as robvis reads them: Study, the domains, Overall, Weight.

    Only agreed results; every study weighs 1, as robvis expects without an analysis.
    """
    ids = [key for key, _ in table.domains]
    head = ["Study", *ids, "Overall", "Weight"]
    return [
        head,
        *(
            [
                line.target.study.label,
                *(line.lights.get(key, "") for key in ids),
                line.overall,
                "1",
            ]
            for line in table.agreed
        ),
    ]


def _drawn(table: Traffic) -> tuple[tuple[drawing.Domain, ...], tuple[drawing.StudyBias, ...]]:
    domains = [drawing.Domain(key, name) for key, name in table.domains]
    domains.append(drawing.Domain("Overall", ""))
    studies = [
        drawing.StudyBias(line.target.study.label, {**line.lights, "Overall": line.overall})
        for line in table.agreed
    ]
    return tuple(domains), tuple(studies)


def traffic_lights(table: Traffic) -> drawing.TrafficLights:
    """The agreed results as a drawing: one light per study and domain."""
    return drawing.TrafficLights(*_drawn(table), title=f"Risk of bias: {table.outcome.name}")


def summary_bars(table: Traffic) -> drawing.SummaryBars:
    """The agreed results as bars, every study of the same weight."""
    domains, studies = _drawn(table)
    return drawing.SummaryBars(domains, studies, title=f"Risk of bias: {table.outcome.name}")

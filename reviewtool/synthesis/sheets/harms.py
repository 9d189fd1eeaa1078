"""Adverse events over studies, as a page and files tell of them."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.shared import Pt
from sqlmodel import Session

from reviewtool import table_files
from reviewtool.stats.measures import measure
from reviewtool.synthesis import queries
from reviewtool.synthesis.queries.harms import HarmLine
from reviewtool.synthesis.rules.harms import Counted, Pooled
from reviewtool.synthesis.rules.selection import Group
from reviewtool.synthesis.sheets import written
from reviewtool.team.models import Member
from reviewtool.words import ABSENT, capital, confidence, interval, num, studies, thousands

LEVEL = 95.0
STATUS = {
    "counted": "",
    "zero": "no event in either group",
    "uncounted": "not counted",
    "unreported": "not reported",
}


@dataclass(frozen=True)
class HarmWords:
    """An adverse event in one comparison, in words."""

    line: HarmLine

    @property
    def title(self) -> str:
        """Outcome and comparison."""
        return f"{self.line.outcome.name}: {self.line.comparison.name}"

    @property
    def sides(self) -> tuple[str, str]:
        """The two groups, by treatment where each side has one."""
        pair = self.line.comparison
        return (
            capital(pair.experimental[0]) if len(pair.experimental) == 1 else "Experimental",
            capital(pair.comparator[0]) if len(pair.comparator) == 1 else "Comparator",
        )

    @property
    def by_time(self) -> bool:
        """Whether events are counted in person-time."""
        return self.line.outcome.kind.value == "rate"

    @property
    def under(self) -> str:
        """What a cell of a group holds."""
        return "events/person-time" if self.by_time else "events/total"

    def cell(self, group: Group) -> str:
        """Events and people of a group."""
        base = group.time if self.by_time else group.total
        if group.events is None and base is None:
            return ABSENT
        return f"{thousands(group.events)}/{num(base, 1) if self.by_time else thousands(base)}"

    @property
    def sums(self) -> tuple[str, str]:
        """Events and people of all counted studies, of both sides."""
        found = self.line.found
        if found is None:
            return "", ""
        first, second = (
            Group(events=e, total=n, time=n)
            for e, n in zip(found.events, found.people, strict=True)
        )
        return self.cell(first), self.cell(second)

    @staticmethod
    def status(one: Counted) -> str:
        """How a study stands; why, where it is not counted."""
        words = STATUS[one.status]
        return f"{words}: {one.reason}" if one.reason and one.status == "uncounted" else words

    def name(self, one: Pooled) -> str:
        """A measure as a row of the table."""
        heading = measure(one.measure).heading
        per = {"RD": " per 1,000 people", "IRD": " per 1,000 of person-time"}
        return f"{heading}{per.get(one.measure, '')}".replace(",", "\u202f")

    def effect(self, one: Pooled) -> str:
        """A pooled effect with its interval; differences per 1,000."""
        if one.estimate is None:
            return ABSENT
        of = measure(one.measure)
        if of.is_ratio:
            point, low, high = (
                None if x is None else float(of.scale.back(x, None))
                for x in (one.estimate, one.ci_low, one.ci_high)
            )
            text = written.number(of, point)
            return f"{text} ({written.limits(of, low, high)})" if low is not None else text
        text = num(1000 * one.estimate, 0)
        if one.ci_low is None or one.ci_high is None:
            return text
        return f"{text} ({interval(1000 * one.ci_low, 1000 * one.ci_high, 0)})"

    @property
    def left_out(self) -> str:
        """Which studies the ratios leave out and the difference keeps, in a sentence."""
        found = self.line.found
        if found is None or not found.pooled:
            return ""
        every = len(found.having("counted", "zero"))
        gone: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for one in found.pooled:
            if one.left_out:
                gone.setdefault(one.left_out, []).append(f"the {_inside(one.measure)}")
        if not gone:
            return f"No measure leaves out any of {studies(every)}."
        said = [
            f"{capital(' and '.join(names))} {'leave' if len(names) > 1 else 'leaves'} out "
            f"{len(left)} of {studies(every)}: "
            f"{'; '.join(f'{label} ({why})' for label, why in left)}."
            for left, names in gone.items()
        ]
        kept = _inside(found.pooled[0].measure)
        return " ".join([*said, f"The {kept} keeps {'both' if every == 2 else f'all {every}'}."])

    @property
    def counted(self) -> str:
        """How many studies are counted, saw nothing, and do not tell."""
        found = self.line.found
        if found is None:
            return "This outcome is not counted in events, so it has no table here."
        parts = [
            f"{studies(len(found.having('counted', 'zero')))} counted",
            f"{thousands(len(found.having('zero')))} of them without an event in either group",
        ]
        if some := len(found.having("uncounted")):
            parts.append(f"{thousands(some)} with a result that gives no counts")
        if some := len(found.having("unreported")):
            parts.append(f"{thousands(some)} not reporting it, which is not the same as no event")
        return f"{', '.join(parts)}."

    @property
    def at_most(self) -> str:
        """What no event at all lets say; "" where there was any."""
        found = self.line.found
        if found is None or found.at_most is None:
            return ""
        said = [
            f"{side.lower()} at most {num(1000 * risk, 0)} per 1000 (none of {thousands(people)})"
            for side, risk, people in zip(self.sides, found.at_most, found.people, strict=True)
        ]
        return (
            f"Nobody had the event. With {confidence(LEVEL)} the risk may still be: "
            f"{'; '.join(said)}."
        )

    @property
    def problems(self) -> list[str]:
        """Why a measure has no estimate or interval."""
        found = self.line.found
        return [
            f"{measure(one.measure).heading}: {one.problem}"
            for one in (found.pooled if found else ())
            if one.problem
        ]

    @property
    def notes(self) -> list[str]:
        """What else is to be known."""
        times = self.line.times
        return [*self.line.notes, *([f"Times: {', '.join(times)}."] if times else [])]


def _inside(name: str) -> str:
    """A measure inside a sentence; names of people keep their capital."""
    words = measure(name).heading
    return words if words.startswith("Peto") else words[:1].lower() + words[1:]


METHOD = (
    "Differences in risk by the Mantel-Haenszel method with Sato’s variance, ratios by the "
    "Mantel-Haenszel method, odds ratio by Peto’s; common effects, no correction of zero cells. "
    f"Intervals: {confidence(LEVEL)}. Where events are rare, all of them are rough (Cochrane "
    "Handbook, section 10.4.4)."
)


def harms(db: Session, member: Member) -> list[HarmWords]:
    """Every adverse event of a review, in words."""
    return [HarmWords(line) for line in queries.harms(db, member.review_id)]


COLUMNS = (
    *("outcome", "comparison", "row", "study", "status", "reason"),
    *("experimental_events", "experimental_total", "comparator_events", "comparator_total"),
    *("measure", "estimate", "ci_low", "ci_high", "studies", "left_out"),
)


def table(found: Sequence[HarmWords]) -> bytes:
    """One line per study, then one per pooled measure, with every digit; ratios as read."""
    return table_files.write(COLUMNS, [row for one in found for row in _rows(one)])


def _rows(one: HarmWords) -> Iterator[dict[str, Any]]:
    base = {"outcome": one.line.outcome.name, "comparison": one.line.comparison.name}
    for study in one.line.found.studies if one.line.found else ():
        sides = [
            (g.events, g.time if one.by_time else g.total) for g in (study.first, study.second)
        ]
        yield base | {
            "row": "study",
            "study": study.label,
            "status": study.status,
            "reason": study.reason,
            "experimental_events": sides[0][0],
            "experimental_total": sides[0][1],
            "comparator_events": sides[1][0],
            "comparator_total": sides[1][1],
        }
    for pooled in one.line.found.pooled if one.line.found else ():
        of = measure(pooled.measure)
        yield base | {
            "row": "pooled",
            "reason": pooled.problem,
            "measure": of.name,
            **{
                name: None if x is None else float(of.scale.back(x, None))
                for name, x in (
                    ("estimate", pooled.estimate),
                    ("ci_low", pooled.ci_low),
                    ("ci_high", pooled.ci_high),
                )
            },
            "studies": len(pooled.used),
            "left_out": "; ".join(f"{label}: {why}" for label, why in pooled.left_out),
        }


def as_docx(found: Sequence[HarmWords]) -> bytes:
    """The tables as a Word document."""
    document: Any = Document()
    document.core_properties.title = "Adverse events"
    document.add_heading("Adverse events", 1)
    for one in found:
        document.add_heading(one.title, 2)
        if one.line.found is not None:
            first, second = (f"{side}, {one.under}" for side in one.sides)
            studies_ = [
                (s.label, one.cell(s.first), one.cell(s.second), one.status(s))
                for s in one.line.found.studies
            ]
            sums = [("All counted studies", *one.sums, "")] if one.line.found.pooled else []
            _grid(document, ("Study", first, second, ""), [*studies_, *sums])
            if one.line.found.pooled:
                document.add_paragraph("")
                _grid(
                    document,
                    ("Measure", f"Effect ({confidence(LEVEL)})", "Studies"),
                    [(one.name(p), one.effect(p), str(len(p.used))) for p in one.line.found.pooled],
                )
        for text in (one.counted, one.left_out, one.at_most, *one.problems, *one.notes):
            if text:
                document.add_paragraph(text)
    document.add_paragraph(METHOD)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _grid(document: Any, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    grid = document.add_table(rows=1, cols=len(heads))
    grid.style = "Table Grid"
    for row in (heads, *rows):
        cells = grid.rows[0].cells if row is heads else grid.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.font.size, run.font.bold = Pt(9), row is heads

"""Risk of bias: a traffic light for each study and domain, and bars over all studies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reviewtool.charts import page
from reviewtool.charts.errors import NothingToDraw
from reviewtool.words import out_of_hundred, percent, studies

# judgement -> (colour, sign, words); the sign says in grey what the colour says
SIGNS = {
    "low": (page.LOW, "+", "Low risk"),
    "some": (page.SOME, "?", "Some concerns"),
    "high": (page.HIGH, "×", "High risk"),
    "critical": (page.HIGH, "!", "Critical risk"),
    "none": (page.MUTED, "", "No information"),
}
KIN = {
    "low": "low",
    "some concerns": "some",
    "some": "some",
    "moderate": "some",
    "unclear": "some",
    "high": "high",
    "serious": "high",
    "critical": "critical",
}
ROW, COLUMN = 22.0, 34.0


@dataclass(frozen=True)
class Domain:
    """A column: its short name (D1) and what it stands for."""

    key: str
    label: str


@dataclass(frozen=True)
class StudyBias:
    """A study's judgements by domain key; an absent one is not judged."""

    label: str
    judgements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrafficLights:
    """One line per study, one column per domain."""

    domains: tuple[Domain, ...]
    studies: tuple[StudyBias, ...]
    title: str = "Risk of bias per study"


@dataclass(frozen=True)
class SummaryBars:
    """One bar per domain: the share (or weight) of studies with each judgement.

    weights: per study, for bars by weight in an analysis; equal when empty. note: a line
    below the key.
    """

    domains: tuple[Domain, ...]
    studies: tuple[StudyBias, ...]
    weights: tuple[float, ...] = ()
    title: str = "Risk of bias over all studies"
    note: str = ""


def kind_of(judgement: str) -> str:
    """low, some, high, critical or none.

    >>> kind_of("Some concerns"), kind_of("")
    ('some', 'none')
    """
    return KIN.get(judgement.strip().lower().replace("_", " "), "none")


def _check(chart: TrafficLights | SummaryBars) -> None:
    if not chart.studies or not chart.domains:
        raise NothingToDraw(
            what="no study has been judged", remedy="Complete an assessment of risk of bias first."
        )


def draw(chart: TrafficLights) -> page.Page:
    """The traffic lights as a sheet. Raises NothingToDraw without studies or domains."""
    _check(chart)
    room = min(max(page.width(s.label) for s in chart.studies) + 10, 220.0)
    legend = [f"{d.key}: {d.label}" for d in chart.domains if d.label and d.label != d.key]
    wide = max(20 + room + COLUMN * len(chart.domains) + 10, 330.0)
    legend = [line for entry in legend for line in page.wrap(entry, wide - 20, 8)]
    body = 30.0
    high = body + ROW * len(chart.studies) + 34 + 11 * len(legend)
    words = f"Judgements of {studies(len(chart.studies))} in {len(chart.domains)} domains."
    sheet = page.Page(wide, high, chart.title, words)
    xs = [14 + room + COLUMN * (i + 0.5) for i in range(len(chart.domains))]
    for domain, x in zip(chart.domains, xs, strict=True):
        sheet.text(x, 15, page.clip(domain.key, COLUMN - 2, bold=True), align="center", bold=True)
    sheet.line([10, wide - 10], [body - 4] * 2, thick=0.7)
    for i, study in enumerate(chart.studies):
        y = body + ROW * (i + 0.5)
        sheet.text(12, y, page.clip(study.label, room))
        for domain, x in zip(chart.domains, xs, strict=True):
            light(sheet, x, y, study.judgements.get(domain.key, ""))
    y = body + ROW * len(chart.studies) + 3
    sheet.line([10, wide - 10], [y, y], thick=0.7)
    key(sheet, 18, y + 14, [s.judgements.values() for s in chart.studies])
    for i, line in enumerate(legend):
        sheet.text(12, y + 31 + 11 * i, line, size=8, colour=page.MUTED)
    return sheet


def light(
    sheet: page.Page,
    x: float,
    y: float,
    judgement: str,
    radius: float = 7.5,
    signs: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """A judgement as a circle with its sign; ``signs`` replace the usual ones by kind."""
    kind = kind_of(judgement)
    colour, sign, _ = SIGNS[kind]
    sign = signs.get(kind, sign)
    if not judgement:
        sheet.text(x, y, "–", align="center", colour=page.MUTED)
        return
    sheet.circle(x, y, radius, fill=colour)
    sheet.text(x, y, sign, align="center", bold=True, colour=page.SURFACE, size=radius * 1.35)


def key(
    sheet: page.Page,
    x: float,
    y: float,
    judged: Iterable[Iterable[str]],
    signs: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """What each sign means, in the words of the judgements that are there."""
    seen: dict[str, list[str]] = {}
    for judgement in (one for study in judged for one in study if one):
        names = seen.setdefault(kind_of(judgement), [])
        word = judgement.strip().replace("_", " ").capitalize()
        if word not in names:
            names.append(word)
    for kind in (kind for kind in SIGNS if kind in seen):
        names = sorted(seen[kind])
        light(sheet, x, y, names[0], 5, signs)
        words = " / ".join(names)
        sheet.text(x + 9, y, words, size=8)
        x += 30 + page.width(words, 8)


def draw_summary(chart: SummaryBars) -> page.Page:
    """The bars as a sheet. Raises NothingToDraw without studies or domains."""
    _check(chart)
    weights = chart.weights or (1.0,) * len(chart.studies)
    labels = [d.label or d.key for d in chart.domains]
    room = min(max(page.width(label) for label in labels) + 12, 250.0)
    bar, step = 300.0, 24.0
    wide, body = room + bar + 44, 14.0
    high = body + step * len(labels) + (66 if chart.note else 52)
    of = "the weight of " if chart.weights else ""
    words = f"Share of {of}{studies(len(chart.studies))} with each judgement, by domain."
    sheet = page.Page(wide, high, chart.title, words)
    left, total = 14 + room, sum(weights) or 1.0
    for i, (domain, label) in enumerate(zip(chart.domains, labels, strict=True)):
        y, at = body + step * i, left
        sheet.text(12, y + 9, page.clip(label, room - 4))
        for kind in SIGNS:
            share = (
                sum(
                    w
                    for s, w in zip(chart.studies, weights, strict=True)
                    if kind_of(s.judgements.get(domain.key, "")) == kind
                )
                / total
            )
            if share <= 0:
                continue
            colour, sign, _ = SIGNS[kind]
            sheet.box(
                at,
                y + 1,
                share * bar,
                16,
                fill=page.SHADE if kind == "none" else colour,
                edge=page.SURFACE,
                thick=0.8,
            )
            text = f"{sign} {percent(share)}".strip()
            if share * bar > page.width(text, 8, True) + 6:
                sheet.text(
                    at + share * bar / 2,
                    y + 9.5,
                    text,
                    align="center",
                    size=8,
                    bold=True,
                    colour=page.MUTED if kind == "none" else page.SURFACE,
                )
            at += share * bar
    y = body + step * len(labels)
    sheet.line([left, left + bar], [y, y])
    for share in (0, 25, 50, 75, 100):
        x = left + bar * share / 100
        sheet.line([x, x], [y, y + 3.5])
        sheet.text(x, y + 11, out_of_hundred(share), align="center", size=8)
    key(sheet, 18, y + 34, [s.judgements.values() for s in chart.studies])
    sheet.text(12, y + 51, chart.note, size=8, colour=page.MUTED)
    return sheet

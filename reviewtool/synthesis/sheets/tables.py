"""Tables as files: of a network the league table, effects, evidence, contributions; of time
points together the effects at each."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Pt

from reviewtool import table_files
from reviewtool.stats.network import contributions, study_shares
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import (
    AnyResult,
    Effect,
    NetworkResult,
    OverTimeResult,
    Result,
    Split,
    TreatmentResult,
)
from reviewtool.synthesis.results.additive import CombinationEffect, ComponentEffect
from reviewtool.synthesis.rules.refit import fitted
from reviewtool.synthesis.sheets.standing import Left
from reviewtool.synthesis.sheets.written import Written
from reviewtool.words import num, out_of_hundred, p_cell

MEDIA = {
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True)
class Table:
    """A table to be written: ``rows`` in the order of ``columns``.

    written: the same as people read it, where the rows hold every digit.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    written: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def league(line: Line, run: AnalysisRun) -> Table:
    """Row versus column, best first, as the page prints it."""
    result, w = _parts(run)
    names = tuple(one.name for one in result.treatments)

    def cell(a: str, b: str) -> str:
        if a == b:
            return a
        one = result.league[a][b]
        return f"{w.value(one.estimate)} ({w.interval(one.ci_low, one.ci_high)})"

    rows = tuple((a, *(cell(a, b) for b in names)) for a in names)
    note = (
        f"{w.heading} ({w.confidence}) of the row’s treatment versus the column’s, "
        f"{result.model} effects; best treatment by P-score first ({w.better})."
    )
    return Table(
        f"League table: {line.title}", ("", *names), rows, rows, (note, *Left.of(result).note)
    )


def effects(line: Line, run: AnalysisRun) -> Table:
    """Every treatment against the reference."""
    result, w = _parts(run)
    others = [one for one in result.treatments if one.name != result.reference]
    return Table(
        f"Effects against {result.reference}: {line.title}",
        ("treatment", "reference", "studies", "estimate", "ci_low", "ci_high", "sucra", "p_score"),
        tuple(
            (
                one.name,
                result.reference,
                one.studies,
                *_natural(result, one),
                one.sucra,
                one.p_score,
            )
            for one in others
        ),
        tuple(
            (
                one.name,
                result.reference,
                str(one.studies),
                *_written(w, one),
                num(one.sucra),
                num(one.p_score),
            )
            for one in others
        ),
        (f"{w.heading}, {w.confidence}; {w.better}.", *Left.of(result).note),
    )


def _natural(result: Result, one: TreatmentResult | Effect) -> tuple[float | None, ...]:
    shown = result.shown(one)
    return shown.estimate, shown.ci_low, shown.ci_high


def _written(w: Written, one: Effect) -> tuple[str, ...]:
    return w.value(one.estimate), w.value(one.ci_low), w.value(one.ci_high)


def evidence(line: Line, run: AnalysisRun) -> Table:
    """Direct, indirect and network estimate of each pair of treatments."""
    result, w = _parts(run)
    sources = ("direct", "indirect", "network")
    columns = [f"{source}{part}" for source in sources for part in ("", "_ci_low", "_ci_high")]

    def three(one: Split) -> list[Effect]:
        return [w.of_split(one, source) for source in sources]

    return Table(
        f"Direct and indirect evidence: {line.title}",
        ("treatment_1", "treatment_2", "studies", "direct_share", *columns, "p"),
        tuple(
            (
                one.first,
                one.second,
                one.studies,
                one.share,
                *(x for effect in three(one) for x in _natural(result, effect)),
                one.p,
            )
            for one in result.splits
        ),
        tuple(
            (
                one.first,
                one.second,
                str(one.studies),
                out_of_hundred(None if one.share is None else 100 * one.share),
                *(x for effect in three(one) for x in _written(w, effect)),
                "–" if one.p is None else p_cell(one.p),
            )
            for one in result.splits
        ),
        (f"{w.heading}, {w.confidence}; p of direct versus indirect evidence.",),
    )


def contribution(line: Line, run: AnalysisRun) -> Table:
    """What each direct comparison contributes to each estimate, per cent."""
    result, _ = _parts(run)
    found = contributions(fitted(result), result.model)
    return _shares(
        f"Contribution matrix: {line.title}",
        found.estimates,
        [f"{a} versus {b}" for a, b in found.comparisons],
        found.shares.tolist(),
    )


def contribution_of_studies(line: Line, run: AnalysisRun) -> Table:
    """What each study contributes to each estimate, per cent."""
    result, _ = _parts(run)
    net = fitted(result)
    found = contributions(net, result.model)
    names = [
        f"{study.name} ({result.judgements[study.name]})"
        if study.name in result.judgements
        else study.name
        for study in net.evidence.studies
    ]
    shares = study_shares(net, found, result.model).tolist()
    return _shares(f"Contributions of studies: {line.title}", found.estimates, names, shares)


def _shares(
    title: str,
    estimates: Sequence[tuple[str, str]],
    names: Sequence[str],
    shares: Sequence[Sequence[float]],
) -> Table:
    labels = [f"{a} versus {b}" for a, b in estimates]
    return Table(
        title,
        ("estimate", *names),
        tuple((label, *row) for label, row in zip(labels, shares, strict=True)),
        tuple(
            (label, *(num(value, 1) for value in row))
            for label, row in zip(labels, shares, strict=True)
        ),
        ("Per cent of each estimate; each row adds up to 100.",),
    )


def _parts(run: AnalysisRun) -> tuple[NetworkResult, Written]:
    if not isinstance(run.result, NetworkResult):
        raise TypeError("a pairwise analysis has other tables")
    return run.result, Written(run.result)


def together(line: Line, run: AnalysisRun) -> Table:
    """Time points together: the joint estimate at each, and the time point by itself."""
    result = run.result
    if not isinstance(result, OverTimeResult):
        raise TypeError("only time points together have this table")
    w = Written(result)
    ends = ("estimate", "ci_low", "ci_high")
    return Table(
        f"Effects over time: {line.title}",
        ("timepoint", "studies", *ends, "tau2", *(f"alone_{end}" for end in ends), "alone_tau2"),
        tuple(
            (
                one.timepoint,
                one.k,
                *_natural(result, one),
                one.tau2,
                *_natural(result, one.alone),
                one.alone.tau2,
            )
            for one in result.times
        ),
        tuple(
            (
                one.timepoint,
                str(one.k),
                *_written(w, one),
                num(one.tau2, 3),
                *_written(w, one.alone),
                num(one.alone.tau2, 3),
            )
            for one in result.times
        ),
        (f"{w.heading}, {w.confidence}. {result.sentence}", *Left.of(result).note),
    )


def components(line: Line, run: AnalysisRun) -> Table:
    """Components and combinations of a network, by the sum and by the network."""
    result, w = _parts(run)
    found = result.additive
    assert found is not None
    ends = ("estimate", "ci_low", "ci_high")

    def exact(kind: str, one: ComponentEffect | CombinationEffect) -> tuple[Any, ...]:
        studies = one.studies if isinstance(one, ComponentEffect) else None
        beside = getattr(one, "network", None) or Effect()
        return (kind, one.name, studies, *_natural(result, one), one.p, *_natural(result, beside))

    def read(kind: str, one: ComponentEffect | CombinationEffect) -> tuple[str, ...]:
        studies = str(one.studies) if isinstance(one, ComponentEffect) else ""
        beside = getattr(one, "network", None) or Effect()
        p = "–" if one.p is None else p_cell(one.p)
        return (kind, one.name, studies, *_written(w, one), p, *_written(w, beside))

    both: list[tuple[str, ComponentEffect | CombinationEffect]] = [
        *(("component", one) for one in found.components),
        *((f"combination versus {found.reference}", one) for one in found.combinations),
    ]
    return Table(
        f"Components: {line.title}",
        ("kind", "name", "studies", *ends, "p", *(f"network_{end}" for end in ends)),
        tuple(exact(*one) for one in both),
        tuple(read(*one) for one in both),
        (f"{w.heading}, {w.confidence}. {found.sentence}", *found.warnings),
    )


TABLES: dict[str, Callable[[Line, AnalysisRun], Table]] = {
    "league": league,
    "effects": effects,
    "evidence": evidence,
    "contributions": contribution,
    "contributions-of-studies": contribution_of_studies,
}


def offered(result: AnyResult) -> dict[str, Callable[[Line, AnalysisRun], Table]]:
    """The tables that a result has, by what addresses call them."""
    if isinstance(result, OverTimeResult):
        return {"over-time": together}
    if not isinstance(result, NetworkResult) or not result.contrasts:
        return {}
    return {**TABLES, "components": components} if result.additive else TABLES


def as_file(table: Table, kind: str) -> bytes:
    """The table as "csv" or "docx"."""
    return as_docx(table) if kind == "docx" else table_files.write(table.columns, table.rows)


def as_docx(table: Table) -> bytes:
    """A Word document in landscape with the table and what must be known of it."""
    document = Document()
    document.core_properties.title = table.title
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width
    document.add_heading(table.title, 1)
    grid = document.add_table(rows=1, cols=len(table.columns))
    grid.style = "Table Grid"
    size = Pt(9 if len(table.columns) <= 8 else 7)
    for row in (table.columns, *(table.written or table.rows)):
        cells = grid.rows[0].cells if row is table.columns else grid.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            words = str(text).replace("_", " ") if row is table.columns else str(text)
            run = cell.paragraphs[0].add_run(words)
            run.font.size, run.font.bold = size, row is table.columns
    for note in table.notes:
        document.add_paragraph(note)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()

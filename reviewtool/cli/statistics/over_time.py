"""``reviewtool over-time``: several time points of the same studies, analysed together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewtool import words
from reviewtool.cli.statistics.answering import Level, answer, to_json

if TYPE_CHECKING:
    from reviewtool.stats.sheets import Sheet
    from reviewtool.synthesis.results import OverTimeResult
    from reviewtool.synthesis.rules.pooling import AtTime

HEADINGS = ("timepoint", "time point", "time", "follow-up", "week", "month", "day")


@click.command("over-time")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)
)
@click.option("--measure", default="GEN", show_default=True, help="Of the effects: MD, OR ...")
@click.option("--time", "column", default=None, help="Column of the time points.")
@click.option(
    "--rho", default=0.5, show_default=True, help="Stated correlation of two results of a study."
)
@click.option(
    "--pattern",
    default="constant",
    show_default=True,
    help="constant, or decaying: rho is that of results one --unit apart and falls with time.",
)
@click.option("--unit", default="month", show_default=True, help="hour, day, week, month, year.")
@click.option(
    "--structure", default="auto", show_default=True, help="auto, UN, CS, HCS, AR or HAR."
)
@click.option("--method", default="REML", show_default=True, help="REML, ML, or EE (common).")
@click.option("--test", default="t", show_default=True, help="t or z.")
@click.option("--level", type=Level(), default=95.0, show_default=True, help="Per cent.")
@click.option("--sheet", "worksheet", default=None, help="Sheet of a workbook.")
@click.option("--digits", type=click.IntRange(0, 10), default=3, show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead.")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def over_time(
    file: Path,
    measure: str,
    column: str | None,
    rho: float,
    pattern: str,
    unit: str,
    structure: str,
    method: str,
    test: str,
    level: float,
    worksheet: str | None,
    digits: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Time points of FILE together: a row per result, with study, time, yi and vi (or se).

    Each time point has its own mean in one multivariate model; results of a study correlate
    as stated. Times are written like 6 weeks, or as numbers, which are then in --unit.
    """

    def run() -> str:
        from reviewtool.cli.statistics.tables import read
        from reviewtool.protocol.rules import joint
        from reviewtool.stats.errors import UnknownChoice
        from reviewtool.stats.measures import measure as named
        from reviewtool.synthesis.rules.over_time import analyse_together
        from reviewtool.synthesis.rules.pooling import Inputs, Settings

        for what, chosen, known in (
            ("Method", method, (*joint.METHODS, "EE")),
            ("Test", test, ("t", "z")),
        ):
            if chosen not in known:
                raise UnknownChoice(what=what, given=chosen, choices=", ".join(known))
        choices = joint.JointChoices(rho, pattern, unit, structure)
        moments = _moments(read(file, worksheet), column, unit)
        _check(joint.check(joint.stored(choices), [one.timepoint for one in moments]))
        settings = Settings(
            measure=named(measure).name,
            model="common" if method == "EE" else "random",
            method=method,
            test=test,
            level=level,
            kind=joint.OVER_TIME,
            joint=choices,
        )
        result = analyse_together(Inputs((), moments=tuple(moments)), settings, choices)
        if as_json:
            return to_json(result.model_dump(mode="json"))
        return "\n".join(words.keyboard(line) for line in _text(result, digits))

    answer(run, output)


def _check(problems: object) -> None:
    from reviewtool.stats.errors import BadInput

    said = [message for _, message in problems]  # type: ignore[attr-defined]
    if said:
        raise BadInput(problem=said[0], remedy=" ".join(said[1:]))


def _moments(sheet: Sheet, column: str | None, unit: str) -> list[AtTime]:
    """The rows of the table by time point, in the order of time. Raises BadSheet."""
    import numpy as np

    from reviewtool.protocol.rules.joint import UNITS
    from reviewtool.stats.errors import BadSheet
    from reviewtool.synthesis.rules.over_time import in_order
    from reviewtool.synthesis.rules.pooling import AtTime
    from reviewtool.synthesis.rules.selection import Row

    heading = sheet.heading(column) if column else None
    for name in HEADINGS:
        if heading is None and name in (known := {h.strip().casefold(): h for h in sheet.header}):
            heading = known[name]
    if heading is None:
        raise BadSheet(
            problem="No column says at which time a result was taken.",
            remedy="Name it “time point”, or name the column with --time.",
        )
    times = sheet.filled(heading)
    if heading.strip().casefold() in UNITS:
        unit = heading.strip().casefold()
    if sheet.is_numeric(heading):
        times = [f"{time} {unit}{'' if float(time) == 1 else 's'}" for time in times]
    y, studies = sheet.numbers("yi"), sheet.named("study")
    se = np.sqrt(sheet.numbers("vi")) if sheet.find("vi") else sheet.numbers("sei")
    ids = {name: i for i, name in enumerate(dict.fromkeys(studies), 1)}
    rows = [
        Row(ids[s], s, None, "", "", estimate=_or_none(e), se=_or_none(error))
        for s, e, error in zip(studies, y.tolist(), se.tolist(), strict=True)
    ]
    return [
        AtTime(time, tuple(row for row, at in zip(rows, times, strict=True) if at == time))
        for time in in_order(list(dict.fromkeys(times)))
    ]


def _or_none(value: float) -> float | None:
    return None if value != value else value


def _text(result: OverTimeResult, digits: int) -> list[str]:
    """The answer as lines of a terminal."""
    from reviewtool.synthesis.sheets.written import tested

    def shown(estimate: float | None, low: float | None, high: float | None) -> str:
        back = result.natural
        return words.estimate(back(estimate), back(low), back(high), digits)

    wide = max(len("Time point"), *(len(one.timepoint) for one in result.times))
    lines = [result.sentence, ""]
    lines.append(f"{'Time point':{wide}}  studies  {'together':30}  {'by itself':30}")
    for one in result.times:
        alone = one.alone
        lines.append(
            f"{one.timepoint:{wide}}  {one.k:7}  "
            f"{shown(one.estimate, one.ci_low, one.ci_high):30}  "
            f"{shown(alone.estimate, alone.ci_low, alone.ci_high):30}".rstrip()
        )
    lines.append("")
    if result.change is not None:
        lines.append(f"All time points alike? {tested(result.change)}")
    lines.append(f"Heterogeneity: {tested(result.heterogeneity)}")
    lines += ["", "With another stated correlation:"]
    for again in result.sensitivity:
        cells = [shown(e.estimate, e.ci_low, e.ci_high) for e in again.estimates]
        lines.append(f"  {words.num(again.rho, 1)}: {again.error or ' | '.join(cells)}")
    lines += [*(["", *result.warnings] if result.warnings else [])]
    lines += [f"Left out: {one.label}: {one.reason}." for one in result.left_out]
    return lines

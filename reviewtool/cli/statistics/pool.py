"""``reviewtool pool``: a pairwise meta-analysis of a table."""

from __future__ import annotations

from pathlib import Path

import click

from reviewtool.cli.statistics import question
from reviewtool.cli.statistics.answering import Level, answer, to_json
from reviewtool.cli.statistics.options import (
    answer_options,
    check_options,
    chosen_columns,
    column_options,
    given,
)
from reviewtool.cli.statistics.plots import layout_option
from reviewtool.stats.guidance import METHOD, TEST, TESTS

KINDS = ("forest", "funnel", "baujat", "labbe", "bubble")


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)
)
@click.option(
    "--measure",
    default=None,
    help="OR, RR, RD, MD, SMD, HR, PFT, GEN ... Without it: OR for counts, MD for means, IRR for "
    "rates, and the effect as it is for estimates; the text says which.",
)
@click.option(
    "--method",
    default=METHOD,
    show_default=True,
    help="EE, DL, HE, HS, SJ, ML, REML, EB, PM; MH or Peto for counts.",
)
@click.option(
    "--test",
    default=TEST,
    show_default=True,
    help=f"{', '.join(TESTS)}. auto: Hartung-Knapp (knha) with more than two studies and "
    "heterogeneity above zero, else z, as Cochrane advises.",
)
@click.option("--common", is_flag=True, help="The common effect beside the random one.")
@click.option(
    "--interval-level",
    type=Level(),
    default=95.0,
    show_default=True,
    help="Level of the intervals in the table, per cent.",
)
@click.option("--control", default=None, help="The comparator, in a table with a row per arm.")
@click.option("--subgroup", metavar="COLUMN", default=None, help="Column with subgroups.")
@click.option("--common-tau2", is_flag=True, help="One tau² for all subgroups.")
@click.option("--moderators", default=None, help="Columns of a meta-regression, with commas.")
@click.option(
    "--prior",
    default=None,
    help="Also pool the Bayesian way: half-normal:0.5, turner2015:pain ... for tau.",
)
@click.option(
    "--sensitivity",
    multiple=True,
    type=click.Choice([*question.SENSITIVITY, "all"]),
    help="Pool again without each study, one study at a time, or by influence.",
)
@click.option("--order", metavar="COLUMN", default=None, help="Order of the cumulative analysis.")
@click.option("--asymmetry", is_flag=True, help="Tests of funnel asymmetry, trim and fill.")
@click.option(
    "--robust", metavar="COLUMN", default=None, help="Cluster-robust errors; column of clusters."
)
@click.option(
    "--rho", type=float, default=None, help="Sampling correlation within a cluster (0.6)."
)
@click.option("--glmm", is_flag=True, help="Also a mixed model of the counts (OR, IRR, PLO, IRLN).")
@click.option("--zero-add", type=float, default=None, help="Added to zero cells (0.5).")
@click.option(
    "--zero-to",
    type=click.Choice(["only0", "all", "if0all", "none"]),
    default=None,
    help="Which studies are corrected: those with a zero cell (only0), ...",
)
@click.option("--keep-double-zeros", is_flag=True, help="Correct studies without any event, too.")
@click.option(
    "--plot",
    "plots",
    multiple=True,
    metavar="[KIND:]FILE",
    help="Draw to .svg, .pdf, .png or .tiff: forest, funnel, baujat, labbe or bubble. Can be "
    "repeated.",
)
@click.option(
    "--plot-kind", type=click.Choice(KINDS), default=None, help="Kind of a --plot without one."
)
@layout_option
@answer_options
@column_options
def pool(
    file: Path,
    measure: str | None,
    method: str,
    test: str,
    common: bool,
    interval_level: float,
    control: str | None,
    subgroup: str | None,
    common_tau2: bool,
    moderators: str | None,
    prior: str | None,
    sensitivity: tuple[str, ...],
    order: str | None,
    asymmetry: bool,
    robust: str | None,
    rho: float | None,
    glmm: bool,
    zero_add: float | None,
    zero_to: str | None,
    keep_double_zeros: bool,
    plots: tuple[str, ...],
    plot_kind: str | None,
    layout: str | None,
    level: float,
    strict: bool,
    worksheet: str | None,
    digits: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Pool the studies in FILE: CSV, TSV or .xlsx, '-' for standard input.

    A row per study with counts (ai, n1i, ci, n2i or events1, n1, ...), means (m1i, sd1i,
    n1i, ...), an effect (yi with sei or vi; est or HR with lb and ub), or with counts for
    some studies and an effect for others; or a row per arm (study, treatment, event, n),
    beside which studies may report an effect in a row of their own. Any column can be
    chosen for its role with the --col options.
    """
    columns = chosen_columns()
    asked = question.SENSITIVITY if "all" in sensitivity else sensitivity

    def run() -> str:
        from reviewtool.cli.statistics import plots as drawing
        from reviewtool.cli.statistics.analysis import analyse
        from reviewtool.cli.statistics.tables import read
        from reviewtool.cli.statistics.text import pool_text

        check_options(as_json)
        wanted = drawing.wanted(plots, plot_kind, KINDS)
        ask = question.Question(
            measure=measure,
            method=question.METHODS.get(method.casefold(), method),
            test=question.TESTS.get(test.casefold(), test),
            level=level,
            interval_level=interval_level if given("interval_level") else None,
            columns=columns,
            control=control,
            zeros=question.with_zeros(zero_add, zero_to, keep_double_zeros),
            subgroup=subgroup,
            common_tau2=common_tau2,
            moderators=tuple(n.strip() for n in moderators.split(",")) if moderators else (),
            prior=prior,
            common=common,
            sensitivity=tuple(asked),
            order=order,
            asymmetry=asymmetry,
            robust=robust,
            rho=rho,
            glmm=glmm,
            strict=strict,
        )
        done = analyse(read(file, worksheet), ask)
        drawing.save(((one, drawing.chart(one, done, ask)) for one in wanted), layout)
        report = done.report
        return to_json(report) if as_json else "\n".join(pool_text(report, digits))

    answer(run, output)

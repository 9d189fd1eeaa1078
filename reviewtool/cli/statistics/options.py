"""Options that both commands take: the columns of the table, levels, how to answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from reviewtool.cli.statistics.answering import Level

Command = TypeVar("Command", bound=Callable[..., Any])
# Role of a column -> (option, what it holds). The engine's table of roles
# (reviewtool.stats.columns) says the same, which a test holds them to; it is not imported
# here because help must not wait for it.
COLUMNS = {
    "study": ("--col-study", "name of the study"),
    "est": ("--col-estimate", "effect as printed (a ratio not logged)"),
    "yi": ("--col-yi", "effect on the analysis scale (log for ratios)"),
    "sei": ("--col-se", "standard error of the effect (log scale for ratios)"),
    "vi": ("--col-vi", "variance of the effect"),
    "lb": ("--col-lower", "lower limit of the interval"),
    "ub": ("--col-upper", "upper limit of the interval"),
    "ci_level": ("--col-level", "level of the study's interval, per cent"),
    "pval": ("--col-p", "two-sided p-value of the effect"),
    "treatment": ("--col-treatment", "treatment of an arm"),
    "event": ("--col-event", "events in an arm"),
    "n": ("--col-n", "people in an arm"),
    "mean": ("--col-mean", "mean of an arm"),
    "sd": ("--col-sd", "standard deviation of an arm"),
    "sem": ("--col-sem", "standard error of a mean"),
    "time": ("--col-time", "person-time of an arm"),
    "treat1": ("--col-treat1", "first treatment of a contrast"),
    "treat2": ("--col-treat2", "second treatment of a contrast"),
    "ai": ("--col-ai", "events in arm 1"),
    "bi": ("--col-bi", "people without the event in arm 1"),
    "se_baseline": (
        "--col-se-baseline",
        "standard error of the common arm of a study, on the analysis scale",
    ),
    "n1i": ("--col-n1i", "people in arm 1"),
    "ci": ("--col-ci", "events in arm 2"),
    "di": ("--col-di", "people without the event in arm 2"),
    "n2i": ("--col-n2i", "people in arm 2"),
    "m1i": ("--col-m1i", "mean of arm 1"),
    "sd1i": ("--col-sd1i", "standard deviation of arm 1"),
    "m2i": ("--col-m2i", "mean of arm 2"),
    "sd2i": ("--col-sd2i", "standard deviation of arm 2"),
    "sem1i": ("--col-sem1i", "standard error of the mean of arm 1"),
    "sem2i": ("--col-sem2i", "standard error of the mean of arm 2"),
    "x1i": ("--col-x1i", "events in person-time, arm 1"),
    "t1i": ("--col-t1i", "person-time of arm 1"),
    "x2i": ("--col-x2i", "events in person-time, arm 2"),
    "t2i": ("--col-t2i", "person-time of arm 2"),
    "xi": ("--col-xi", "events in the only group"),
    "ni": ("--col-ni", "people in the study"),
    "ti": ("--col-ti", "person-time of the only group"),
    "mi": ("--col-mi", "mean of the only group (or people without the event)"),
    "sdi": ("--col-sdi", "standard deviation of the only group"),
    "ri": ("--col-ri", "correlation"),
}


def column_options(command: Command) -> Command:
    """One option per role of a column, gathered in ``columns``."""

    def gather(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        if value:
            ctx.ensure_object(dict).setdefault("columns", {})[param.name] = value

    for role, (option, words) in reversed(COLUMNS.items()):
        command = click.option(
            option,
            role,
            metavar="COLUMN",
            expose_value=False,
            callback=gather,
            is_eager=True,
            help=f"{words[0].upper()}{words[1:]}.",
        )(command)
    return command


def answer_options(command: Command) -> Command:
    """--level, --digits, --json, --output, --sheet, --strict."""
    for option in (
        click.option(
            "--strict",
            is_flag=True,
            help="Refuse a table with impossible numbers, instead of leaving their studies out "
            "by name.",
        ),
        click.option("--json", "as_json", is_flag=True, help="JSON instead of a text."),
        click.option(
            "--output",
            type=click.Path(dir_okay=False, path_type=Path),
            default=None,
            help="File for the text or the JSON, instead of standard output.",
        ),
        click.option(
            "--digits",
            type=click.IntRange(0, 10),
            default=3,
            show_default=True,
            help="Decimals of effects in the text.",
        ),
        click.option("--sheet", "worksheet", default=None, help="Sheet of a workbook."),
        click.option(
            "--level",
            type=Level(),
            default=95.0,
            show_default=True,
            help="Confidence level of the results, per cent.",
        ),
    ):
        command = option(command)
    return command


def chosen_columns() -> dict[str, str]:
    """Role -> column, as chosen by options of this call."""
    found: dict[str, str] = (click.get_current_context().obj or {}).get("columns", {})
    return found


def check_options(as_json: bool) -> None:
    """Raises BadInput for an option that is empty, or says nothing beside another."""
    from reviewtool.stats.errors import BadInput

    context = click.get_current_context()
    for name, value in context.params.items():
        if isinstance(value, str) and not value.strip(" ,") and given(name):
            raise BadInput(
                problem=f"--{name.replace('_', '-')} is empty.",
                remedy="Name something, or leave it out.",
            )
    if as_json and given("digits"):
        raise BadInput(
            problem="--digits is about the text.", remedy="JSON has every digit; leave it out."
        )


def given(name: str) -> bool:
    """Whether the option ``name`` was typed, not left at its default."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE

"""The table of commands, and the entry point with its last resorts."""

import errno
import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import click

from reviewtool import __version__
from reviewtool.errors import ReviewToolError

# Command: the module that holds it, the function, and the line shown in the list of
# commands (which must be known without importing the module).
COMMANDS = {
    "up": ("server", "up", "Start broker, worker and web on this machine."),
    "web": ("server", "web", "Start the web server alone, for many machines."),
    "migrate": ("server", "migrate", "Bring the database to the newest version."),
    "verify": ("server", "verify", "Check the log, its checkpoints and the tables."),
    "checkpoint": ("server", "checkpoint", "Sign the audit log as it stands."),
    "demo": ("server", "demo", "Build the demonstration reviews for an account."),
    "user": ("accounts", "user", "Accounts: add one, set a password."),
    "import": ("references", "import_file", "Store export files in a review."),
    "export": ("reporting", "export", "Write a review's zip, or one export."),
    "dedupe": ("dedupe", "dedupe", "Group the duplicates of export files."),
    "pool": ("statistics", "pool", "Pool the studies of a table."),
    "network": ("statistics", "network", "Network meta-analysis of a table."),
    "over-time": ("statistics", "over_time", "Time points of a table, together."),
    "coordinates": ("statistics", "coordinates", "Brain map of a file of coordinates."),
}


class Table(click.Group):
    """A group that knows its commands by name and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, its module imported now; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"reviewtool.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """reviewtool: systematic reviews, from question to published evidence."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: what goes wrong is one sentence and exit 1, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] in (["pool"], ["network"], ["over-time"], ["coordinates"]):
        # Matrices of this size are slower with several threads, and each costs a start.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        warnings.simplefilter("ignore")  # the engine says in words what a reader should know
    try:
        cli(given)
    except ReviewToolError as error:
        stop(error.message)
    except BrokenPipeError:
        # The reader has gone (as `head` does): nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            at = f" while writing {error.filename}" if error.filename else ""
            stop(f"The disk is full{at}. Make room, then try again.")
        where = f" {Path(str(error.filename))}" if error.filename else ""
        stop(f"{error.strerror or error}{where}")
    except Exception as error:  # a person reads one sentence, whatever happened
        if os.environ.get("REVIEWTOOL_LOG_LEVEL", "").upper() == "DEBUG":
            raise
        said = " ".join(str(error).split())[:200] or "no more is known"
        stop(
            f"Something unexpected happened ({type(error).__name__}: {said}). Please report it, "
            "with what is printed after setting REVIEWTOOL_LOG_LEVEL=DEBUG."
        )


def stop(message: str, code: int = 1) -> None:
    """One clear line on the error stream, then stop."""
    click.echo(message, err=True)
    raise SystemExit(code)

"""The command line: what an administrator and a script can do without a browser.

One module per family of commands, imported when a command of it is run, so that help
and the quick commands answer at once.
"""

from reviewtool.cli.commands import cli, main

__all__ = ["cli", "main"]

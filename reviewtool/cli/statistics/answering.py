"""What both commands share: refusals in one sentence, JSON, a place for the answer."""

import json
import warnings
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import click

from reviewtool import words
from reviewtool.errors import ReviewToolError
from reviewtool.reading import BadNumber, number


def answer(run: Callable[[], str], output: Path | None) -> None:
    """Print what ``run`` returns, or write it to ``output``; bad input is exit 2.

    Warnings of libraries say nothing to a person; the engine's own are in the text.
    """
    from reviewtool.cli.statistics.tables import UnreadableTable
    from reviewtool.stats.errors import StatsError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = run()
        if output is None:
            click.echo(text)
        else:
            write(output, (text + "\n").encode())
    except (StatsError, UnreadableTable) as error:
        refuse(error.message)
    except ReviewToolError as error:
        refuse(error.message)
    except (ArithmeticError, ValueError, IndexError, KeyError, TypeError) as error:
        # The engine checks what it is given; what it did not foresee is still a sentence.
        if type(error).__module__ != "builtins" and "LinAlg" not in type(error).__name__:
            raise
        said = " ".join(str(error).split())[:200] or type(error).__name__
        click.echo(
            f"The analysis could not be carried out ({said}). Look for numbers that are far "
            "larger or smaller than the others, and report the table if there are none.",
            err=True,
        )
        raise SystemExit(1) from None


def refuse(message: str) -> None:
    """One sentence on the error stream, exit 2."""
    click.echo(" ".join(message.split()), err=True)
    raise SystemExit(2)


def write(path: Path, content: bytes) -> None:
    """A file, or a sentence that says why it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        refuse(f"{path} cannot be written: {error.strerror or error}.")


def plain_number(value: float) -> str:
    """A number of an option as it would be typed."""
    return words.keyboard(words.plain(value))


class Level(click.ParamType):  # type: ignore[type-arg]  # not generic when run
    """A confidence level in per cent; 0.95 is asked about."""

    name = "per cent"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """``value`` as a level from 50 to below 100."""
        if isinstance(value, float):
            return value
        try:
            level = number(str(value))
        except BadNumber:
            self.fail(f"“{value}” is not a number. Write per cent, such as 95.", param, ctx)
        if 0 < level <= 1:
            self.fail(
                f"{plain_number(level)} is given. Did you mean {plain_number(100 * level)}?",
                param,
                ctx,
            )
        if 0 < level < 50:
            self.fail(
                f"{plain_number(level)} is given. Did you mean {plain_number(100 - level)}?",
                param,
                ctx,
            )
        if not 0 < level < 100:
            said = f"{plain_number(level)} is given. A level lies between 50 and 100 per cent."
            self.fail(said, param, ctx)
        return level


def to_json(report: dict[str, Any]) -> str:
    """Valid JSON: what is not a finite number is null."""
    return json.dumps(plain(report), indent=2, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Dataclasses, tuples and arrays as JSON values; NaN and infinities as None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "_asdict") and not isinstance(value, type):
        return [plain(item) for item in value] if len(value) == 3 else plain(value._asdict())
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return finite(value)


def finite(value: Any) -> Any:
    """``value``, or None for a number that is not finite."""
    return None if isinstance(value, float) and not isfinite(value) else value

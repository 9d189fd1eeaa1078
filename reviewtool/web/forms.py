"""Small things every form uses."""

from collections.abc import Iterable
from typing import Any

from wtforms.fields.choices import SelectChoice


def choices(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """(value, words) pairs as the choices of a select or radio field."""
    return [SelectChoice(value, words) for value, words in pairs]

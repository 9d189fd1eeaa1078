"""All topics of the closer look, found by their files."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from reviewtool.errors import Invalid, NotFound
from reviewtool.synthesis.rules import closer
from reviewtool.synthesis.rules.closer.topic import Choices, Topic


@cache
def every() -> tuple[Topic, ...]:
    """Every topic in the order of the tabs."""
    names = (one.name for one in pkgutil.iter_modules(closer.__path__, f"{closer.__name__}."))
    modules = (import_module(name) for name in names if name != __name__)
    found = (getattr(module, "TOPIC", None) for module in modules)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.place))


def topic(key: str) -> Topic:
    """The topic with this key. Raises NotFound."""
    for one in every():
        if one.key == key:
            return one
    known = ", ".join(one.key for one in every())
    raise NotFound(f"There is no closer look “{key}”. There is {known}.")


def part_of(topic: Topic, package: ModuleType, name: str) -> Any:
    """What the file of a topic in another room declares under ``name``; () without that file."""
    module = f"{package.__name__}.{topic.file}"
    return getattr(import_module(module), name, ()) if find_spec(module) else ()


def chosen(topic: Topic, values: Mapping[str, list[str]]) -> Choices:
    """What an address chooses. Raises Invalid naming the value and what could be chosen."""
    kept: dict[str, Any] = {}
    for name, field in topic.choices.model_fields.items():
        given = [value for value in values.get(name, []) if value.strip()]
        if given:
            several = getattr(field.annotation, "__origin__", None) in (list, tuple)
            kept[name] = given if several else given[-1]
    try:
        return topic.choices.model_validate(kept)
    except ValidationError as error:
        wrong = error.errors()[0]
        words = wrong["msg"].removeprefix("Value error, ").rstrip(".")
        name = str(wrong["loc"][0]) if wrong["loc"] else ""
        raise Invalid(
            f"“{wrong['input']}” cannot be chosen for {name.replace('_', ' ')}: "
            f"{words[:1].lower()}{words[1:]}."
        ) from error

"""How each kind of reference case is computed, one module per topic.

A module exposes ``KINDS``: kind -> function(dataset, case) that returns the computed
values under the names used in the case's ``expected``.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeAlias

Runner: TypeAlias = Callable[[dict[str, Any], dict[str, Any]], Mapping[str, Any]]


def all_kinds() -> dict[str, Runner]:
    """Every registered kind; two modules must not claim the same one."""
    kinds: dict[str, Runner] = {}
    for module in iter_modules(__path__):
        found = getattr(import_module(f"{__name__}.{module.name}"), "KINDS", {})
        twice = kinds.keys() & found.keys()
        assert not twice, f"registered twice: {twice}"
        kinds.update(found)
    return kinds

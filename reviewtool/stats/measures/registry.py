"""The measures there are: found by being there, and asked for by name or by what they fit."""

import pkgutil
from collections.abc import Iterable
from importlib import import_module

from reviewtool.stats.errors import UnknownChoice
from reviewtool.stats.measures.base import KINDS, Measure

REGISTRY: dict[str, Measure] = {}
_NAMED: dict[str, Measure] = {}  # names and aliases, in capitals


def discover(folders: Iterable[str]) -> None:
    """Enter the measures of every module that stands in ``folders``, the package's path."""
    for module in pkgutil.iter_modules(folders, f"{__package__}."):
        for entry in getattr(import_module(module.name), "MEASURES", ()):
            REGISTRY[entry.name] = entry
            _NAMED.update({name.upper(): entry for name in (entry.name, *entry.aliases)})


def measure(name: str) -> Measure:
    """The measure called ``name``, capitals or not. Raises UnknownChoice.

    >>> measure("rr").heading, measure("rr").null, measure("PFT").scale.sized_by
    ('Risk ratio', 1.0, 'ni')
    """
    found = _NAMED.get(name.strip().upper())
    if found is None:
        raise UnknownChoice(what="Measure", given=name, choices=", ".join(sorted(REGISTRY)))
    return found


def fitting(kind: str, groups: int | None = None) -> tuple[Measure, ...]:
    """Measures that fit outcomes of ``kind``, the usual first. Raises UnknownChoice.

    kind: dichotomous, continuous, rate, change, correlation or estimate. groups: only
    measures that compare two groups (2) or describe one (1).

    >>> [m.name for m in fitting("rate")]
    ['IRR', 'IRD', 'IRSD', 'IRLN', 'IR', 'IRS', 'IRFT']
    """
    if kind not in KINDS:
        raise UnknownChoice(what="Outcome kind", given=kind, choices=", ".join(KINDS))
    found = [m for m in REGISTRY.values() if kind in m.kinds and groups in (None, m.groups)]

    def usual_first(m: Measure) -> tuple[bool, ...]:
        foreign = m.data.kind != kind
        return foreign, m.groups == 1, foreign or not m.usual

    return tuple(sorted(found, key=usual_first))


def default_for(kind: str, groups: int | None = None) -> Measure:
    """The usual measure of outcomes of ``kind``.

    >>> [default_for(kind).name for kind in KINDS]
    ['OR', 'IRR', 'MD', 'MC', 'ZCOR', 'GEN']
    """
    found = fitting(kind, groups)
    if not found:
        raise UnknownChoice(what=f"A {kind} measure of groups", given=str(groups), choices="1, 2")
    return found[0]

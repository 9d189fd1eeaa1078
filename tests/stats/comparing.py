"""Compare computed values with a reference case, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from math import isinf, isnan, log
from typing import Any, NamedTuple

import numpy as np

TINY = 1e-12  # below this, p-values are compared on the log scale
P_FIELDS = ("p", "pval")


class Difference(NamedTuple):
    """One value that differs; ``path`` as in ``expected``, like groups[1].I2."""

    path: str
    wanted: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.path}: expected {self.wanted!r}, got {self.got!r}"


def differences(
    expected: Mapping[str, Any], actual: Mapping[str, Any], rtol: float, atol: float
) -> tuple[int, list[Difference]]:
    """(number of values compared, the differences)."""
    found: list[Difference] = []
    count = 0
    for path, wanted, got in _walk("", expected, actual):
        count += 1
        if not _same(path, wanted, got, rtol, atol):
            found.append(Difference(path, wanted, got))
    return count, found


def _walk(path: str, wanted: Any, got: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(wanted, Mapping):
        for key, value in wanted.items():
            part = got.get(key, Missing) if isinstance(got, Mapping) else Missing
            yield from _walk(f"{path}.{key}" if path else key, value, part)
    elif isinstance(wanted, list):
        if isinstance(got, np.ndarray):
            got = got.tolist()
        if not isinstance(got, Sequence) or isinstance(got, str) or len(got) != len(wanted):
            yield path, wanted, got
            return
        for i, value in enumerate(wanted):
            yield from _walk(f"{path}[{i}]", value, got[i])
    else:
        yield path, wanted, got


class Missing:
    """Stands for a field that was not returned."""


def _same(path: str, wanted: Any, got: Any, rtol: float, atol: float) -> bool:
    if got is Missing:
        return False
    if wanted is None:
        return got is None or (isinstance(got, float | np.floating) and isnan(got))
    if isinstance(wanted, bool):
        return isinstance(got, bool | np.bool_) and bool(got) == wanted
    if isinstance(wanted, str) and wanted not in ("inf", "-inf"):
        return bool(got == wanted)
    if not isinstance(got, int | float | np.integer | np.floating):
        return False
    return _near(path, float(wanted), float(got), rtol, atol)


def _near(path: str, wanted: float, got: float, rtol: float, atol: float) -> bool:
    if isnan(got):
        return False
    if isinf(wanted) or isinf(got):
        return wanted == got
    if _is_p(path) and 0 <= wanted < TINY and 0 <= got < TINY:
        if min(wanted, got) < 1e-300:
            return True
        return abs(log(wanted) - log(got)) <= 10 * rtol * abs(log(wanted)) + atol
    return abs(got - wanted) <= atol + rtol * abs(wanted)


def _is_p(path: str) -> bool:
    name = path.rsplit(".", 1)[-1].split("[")[0]
    return name in P_FIELDS or name.endswith(("p", "_p")) or "pval" in name

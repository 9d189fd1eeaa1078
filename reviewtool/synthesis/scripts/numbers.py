"""Numbers that a script must find again, and the plain files it reads."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from reviewtool.synthesis.results import Effect, PairwiseResult

RELATIVE, ABSOLUTE = 1e-6, 1e-9  # rounding, and where a search for a maximum ends
SIMULATED = 0.01  # of a probability found by 100,000 draws, six standard errors and more
NATURAL = ("estimate", "ci_low", "ci_high")


class Number(NamedTuple):
    """A number with its name, and how far another program may be from it."""

    name: str
    value: float
    tolerance: float

    @classmethod
    def of(cls, name: str, value: float) -> "Number":
        """Computed without chance: another program may differ by rounding."""
        return cls(one_line(name), float(value), RELATIVE * abs(value) + ABSOLUTE)


def one_line(words: str) -> str:
    """``words`` as one line of printable characters.

    >>> one_line("a\\n b\\x01")
    'a b'
    """
    return "".join(c for c in " ".join(words.split()) if c.isprintable())


def text(value: Any) -> str:
    """A cell of a data file; numbers with every digit."""
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else one_line(str(value))


def of_effect(
    what: str, found: Effect, keys: Iterable[str], result: PairwiseResult
) -> Iterator[Number]:
    """What there is of ``keys``, as analysed and as read."""
    for key in keys:
        value = getattr(found, key, None)
        if value is not None:
            yield Number.of(f"{what}, {key}", value)
    for key in NATURAL:
        value = result.natural(getattr(found, key))
        if value is not None:
            yield Number.of(f"{what}, natural {key}", value)


def expected_json(numbers: Iterable[Number]) -> bytes:
    """Each number on a line of its own, with every digit. Of names that stand twice none."""
    found = list(numbers)
    times = Counter(one.name for one in found)
    lines = [
        "  " + json.dumps(one._asdict(), ensure_ascii=False)
        for one in found
        if times[one.name] == 1
    ]
    body = ",\n".join(lines)
    return f'{{"schema": "reviewtool-expected/1",\n "numbers": [\n{body}\n]}}\n'.encode()


def settings_json(settings: Mapping[str, str]) -> bytes:
    """Each setting on a line of its own."""
    plain = {name: one_line(value) for name, value in settings.items()}
    return (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode()

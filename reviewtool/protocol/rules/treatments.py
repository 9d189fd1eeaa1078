"""The names of treatments: when two names are one, and which names look alike."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

ALIKE = 80.0  # per cent of letters; "sumatriptan" and "sumatripan" have 95


def tidy(name: str) -> str:
    """A name without spaces that nobody sees.

    >>> tidy("  sham   needles ")
    'sham needles'
    """
    return " ".join(name.split())


def plain(name: str) -> str:
    """A name as it is compared: case and spaces do not tell two treatments apart.

    >>> plain(" Sham  needles ") == plain("sham needles") == plain("ShamNeedles")
    True
    """
    return "".join(name.split()).casefold()


def spelled(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """``names`` as they are spelled among ``known``, where only case or spaces differ.

    >>> spelled(["placebo ", "Drug"], ["Placebo"])
    ['Placebo', 'Drug']
    """
    there: dict[str, str] = {}
    for name in map(tidy, known):
        there.setdefault(plain(name), name)
    return [there.get(plain(name), tidy(name)) for name in names]


def check_sides(
    experimental: Sequence[str], comparator: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """(side, what is wrong): a treatment named twice, or on both sides of a comparison.

    >>> list(check_sides(["A", "a "], []))
    [('experimental', '“A” and “a” are one treatment. Name it once.')]
    """
    seen: dict[str, tuple[str, str]] = {}
    for side, names in (("experimental", experimental), ("comparator", comparator)):
        for name in map(tidy, names):
            there, first = seen.setdefault(plain(name), (side, ""))
            if not first:
                seen[plain(name)] = (side, name)
            elif there != side:
                yield (
                    side,
                    f"“{name}” stands on both sides. A treatment cannot be compared with itself.",
                )
            elif first == name:
                yield side, f"“{name}” is named twice. Name it once."
            else:
                yield side, f"“{first}” and “{name}” are one treatment. Name it once."


class Stray(NamedTuple):
    """A treatment that no comparison names, and names of comparisons that look like it."""

    name: str
    alike: tuple[str, ...]


def strays(found: Iterable[str], named: Iterable[str]) -> list[Stray]:
    """Treatments of ``found`` that are none of ``named``, with the likeliest names first.

    >>> strays(["Sumatripan", "placebo"], ["sumatriptan", "Placebo"])
    [Stray(name='Sumatripan', alike=('sumatriptan',))]
    """
    known = {plain(name): tidy(name) for name in named}
    unknown = dict.fromkeys(tidy(name) for name in found if plain(name) not in known)
    return [
        Stray(
            name,
            tuple(
                known[key]
                for _, _, key in process.extract(
                    name.casefold(),
                    {key: one.casefold() for key, one in known.items()},
                    scorer=fuzz.token_sort_ratio,
                    score_cutoff=ALIKE,
                )
            ),
        )
        for name in unknown
    ]

"""The order of names in a network: treatments, studies, designs."""

import unicodedata

# Spaces and punctuation in the order of the Unicode collation; letters and digits follow.
BEFORE_LETTERS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"


def order_of(name: str) -> tuple[tuple[int, ...], str]:
    """As in a dictionary, whatever the capitals and accents; ties by code point.

    >>> sorted(["SFC", "Placebo", "Salmeterol"], key=order_of)
    ['Placebo', 'Salmeterol', 'SFC']
    >>> sorted(["A+B:C", "A:C", "A B:C"], key=order_of)
    ['A B:C', 'A:C', 'A+B:C']
    """
    plain = [c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)]
    ranks = (BEFORE_LETTERS.find(c) for c in "".join(plain).casefold())
    letters = "".join(plain).casefold()
    return tuple(
        rank if rank >= 0 else len(BEFORE_LETTERS) + ord(c)
        for rank, c in zip(ranks, letters, strict=True)
    ), name


def order_of_design(treatments: tuple[str, ...] | list[str]) -> tuple[tuple[int, ...], str]:
    """Designs are in order of their names as a whole, treatments joined by colons."""
    return order_of(":".join(treatments))

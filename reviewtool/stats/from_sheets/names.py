"""Names of treatments and studies: one spelling each, and nobody twice."""

from collections.abc import Sequence

from reviewtool.stats.errors import BadSheet


def one_spelling(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names with one spelling each where only case or spaces differ, and what was joined.

    >>> one_spelling(["Placebo", "place bo ", "Drug"])
    (['Placebo', 'Placebo', 'Drug'], ['“place bo” was read as “Placebo”.'])
    """
    first: dict[str, str] = {}
    found, joined = [], []
    for name in names:
        tidy = " ".join(name.split())
        known = first.setdefault("".join(name.split()).casefold(), tidy)
        if tidy != known:
            joined.append(f"“{tidy}” was read as “{known}”.")
        found.append(known)
    return found, list(dict.fromkeys(joined))


# Rows at the foot of a table that sum it up: pooled, they would count everybody twice.
SUMS = frozenset(
    {"total", "totals", "subtotal", "overall", "sum", "pooled", "summary", "combined"}
    | {"total (95% ci)", "pooled effect", "overall effect", "all studies"}
)


def refuse_sums(names: Sequence[str], lines: Sequence[int]) -> None:
    """Raises BadSheet for a row that is no study but a sum of them."""
    for name, line in zip(names, lines, strict=True):
        if " ".join(name.split()).casefold() in SUMS:
            raise BadSheet(
                problem=f"Row {line} is called {name}: a sum of the studies is no study.",
                remedy="Leave the row out, or give the study its name.",
            )


def told_apart(names: Sequence[str], lines: Sequence[int]) -> tuple[tuple[str, ...], list[str]]:
    """Names that are unlike, those that came twice with their row; and a warning of them."""
    seen: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        seen.setdefault(" ".join(name.split()).casefold(), []).append(i)
    found, warnings = list(names), []
    for rows in seen.values():
        if len(rows) > 1:
            for i in rows:
                found[i] = f"{names[i]} (row {lines[i]})"
            warnings.append(
                f"{len(rows)} rows are called {names[rows[0]]} (rows "
                f"{', '.join(str(lines[i]) for i in rows)}): people of one study that come twice "
                "are counted twice. --robust takes the column that tells which rows belong "
                "together."
            )
    return tuple(found), warnings

"""Tables of what single studies do to a result."""

from collections.abc import Callable, Iterable

from reviewtool.synthesis.results import Refit
from reviewtool.synthesis.rules.closer.influence import Diagnostics, InfluenceFinding
from reviewtool.synthesis.sheets.closer.filed import Filed
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.synthesis.sheets.written import Written
from reviewtool.words import num, out_of_hundred, p_cell

# Field -> its heading, and how people read it.
DIAGNOSTICS: dict[str, tuple[str, Callable[[float | None], str]]] = {
    "rstudent": ("Residual", num),
    "dffits": ("DFFITS", num),
    "cook_d": ("Cook’s D", num),
    "cov_ratio": ("Cov. ratio", num),
    "tau2_deleted": ("τ² without", lambda value: num(value, 3)),
    "q_deleted": ("Q without", num),
    "hat": ("Hat", lambda value: num(value, 3)),
    "weight": ("Weight", lambda value: out_of_hundred(value, 1)),
    "dfbetas": ("DFBETAS", num),
}


def without_each(title: str, w: Written, found: InfluenceFinding) -> Table:
    """The result without each study."""
    rows = [((one.omitted,), one) for one in found.leave_one_out]
    return _refits(f"Leaving out one study at a time: {title}", ("without",), rows, w)


def cumulative(title: str, w: Written, found: InfluenceFinding) -> Table:
    """The result as studies are added."""
    rows = [((one.added, one.year, one.k), one) for one in found.cumulative]
    note = f"Studies are added one by one, {found.ordered}."
    return _refits(f"Cumulative analysis: {title}", ("added", "year", "effects"), rows, w, note)


def _refits(
    title: str,
    heads: tuple[str, ...],
    rows: Iterable[tuple[tuple[object, ...], Refit]],
    w: Written,
    *notes: str,
) -> Table:
    exact, written = [], []
    for first, one in rows:
        shown = w.result.shown(one)
        exact.append((*first, shown.estimate, shown.ci_low, shown.ci_high, one.p, one.tau2, one.i2))
        written.append(
            (
                *("–" if x is None else str(x) for x in first),
                w.value(one.estimate),
                w.value(one.ci_low),
                w.value(one.ci_high),
                p_cell(one.p),
                num(one.tau2, 3),
                out_of_hundred(one.i2),
            )
        )
    columns = (*heads, "estimate", "ci_low", "ci_high", "p", "tau2", "i2")
    note = f"{w.heading}, {w.confidence}."
    return Table(title, columns, tuple(exact), tuple(written), (note, *notes))


def diagnostics(title: str, w: Written, found: InfluenceFinding) -> Table:
    """Influence measures of each study."""
    names = tuple(DIAGNOSTICS)

    def cells(one: Diagnostics) -> tuple[str, ...]:
        return tuple(DIAGNOSTICS[name][1](getattr(one, name)) for name in names)

    return Table(
        f"Influence of single studies: {title}",
        ("study", *names, "flagged"),
        tuple(
            (one.study, *(getattr(one, name) for name in names), "yes" if one.flagged else "no")
            for one in found.diagnostics
        ),
        tuple(
            (one.study, *cells(one), "yes" if one.flagged else "no") for one in found.diagnostics
        ),
        (limits(found),),
    )


def limits(found: InfluenceFinding) -> str:
    """From where on a study is flagged, in a sentence."""
    return (
        "Residual: studentised, with the study deleted. "
        f"Flagged: DFFITS beyond {num(found.dffits_limit)}, Cook’s distance above 0.45, "
        f"hat above {num(found.hat_limit, 3)}, or DFBETAS beyond 1."
    )


TABLES = (
    Filed(
        "leave-one-out",
        "Leaving out one study at a time",
        without_each,
        lambda found: bool(found.leave_one_out),
    ),
    Filed("cumulative", "Cumulative analysis", cumulative, lambda found: bool(found.cumulative)),
    Filed("influence", "Influence measures", diagnostics, lambda found: bool(found.diagnostics)),
)

PAGE = {"limits": limits, "diagnostics": DIAGNOSTICS}

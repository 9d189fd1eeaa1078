"""Tables of tests of asymmetry and of what methods make of the pooled effect."""

from collections.abc import Sequence

from reviewtool.synthesis.results import Pooled
from reviewtool.synthesis.rules.closer.small_studies import Adjusted, SmallStudiesFinding
from reviewtool.synthesis.sheets.closer.filed import Filed
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.synthesis.sheets.written import Written
from reviewtool.words import ABSENT, num, p_cell


def tests(title: str, w: Written, found: SmallStudiesFinding) -> Table:
    """Each test of asymmetry with what it is made for."""
    columns = ("test", "made_for_this_measure", "kind", "statistic", "df", "p", "about")

    def rows(write: bool) -> tuple[tuple[object, ...], ...]:
        return tuple(
            (
                one.name,
                "yes" if one.advised else "no",
                one.kind,
                num(one.statistic) if write else one.statistic,
                (ABSENT if one.df is None else num(one.df, 0)) if write else one.df,
                p_cell(one.p) if write else one.p,
                one.error or one.told,
            )
            for one in found.tests
        )

    written = tuple(tuple(str(cell) for cell in row) for row in rows(True))
    return Table(f"Tests of funnel asymmetry: {title}", columns, rows(False), written)


def methods(title: str, w: Written, found: SmallStudiesFinding) -> Table:
    """The pooled effect and what each method makes of it."""
    return beside_each_other(title, w, found.pooled, found.adjusted, found.weighing)


def beside_each_other(
    title: str, w: Written, pooled: Pooled, rows: Sequence[Adjusted], *notes: str
) -> Table:
    """The result of the analysis, then that of each method."""
    whole = w.result.shown(pooled)
    exact: list[tuple[object, ...]] = [
        ("Main result", "", whole.estimate, whole.ci_low, whole.ci_high, pooled.p)
    ]
    written = [
        (
            "Main result",
            "",
            w.value(pooled.estimate),
            w.value(pooled.ci_low),
            w.value(pooled.ci_high),
            p_cell(pooled.p),
        )
    ]
    for one in rows:
        shown = w.result.shown(one)
        about = one.error or one.told
        exact.append((one.method, about, shown.estimate, shown.ci_low, shown.ci_high, one.p))
        ends = (w.value(one.ci_low), w.value(one.ci_high))
        written.append((one.method, about, w.value(one.estimate), *ends, p_cell(one.p)))
    return Table(
        f"What methods make of the pooled effect: {title}",
        ("method", "about", "estimate", "ci_low", "ci_high", "p"),
        tuple(exact),
        tuple(written),
        (f"{w.heading}, {w.confidence}.", *(note for note in notes if note)),
    )


TABLES = (
    Filed("asymmetry", "Tests of asymmetry", tests, lambda found: bool(found.tests)),
    Filed("methods", "Pooled effect by method", methods, lambda found: bool(found.adjusted)),
)

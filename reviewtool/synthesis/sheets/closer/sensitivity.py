"""The table of what leaving out sets of studies does."""

from reviewtool.synthesis.results import Refit
from reviewtool.synthesis.rules.closer.sensitivity import LessStudies, SensitivityFinding
from reviewtool.synthesis.sheets.closer.filed import Filed
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.synthesis.sheets.written import Written
from reviewtool.words import num, out_of_hundred


def sets(title: str, w: Written, found: SensitivityFinding) -> Table:
    """The main result, and each set with the effect of the others."""
    pooled = found.pooled
    main = LessStudies(
        code="",
        words="All studies",
        group="Main result",
        k=pooled.k,
        effect=Refit(**pooled.model_dump(include=set(Refit.model_fields))),
    )
    exact, written = [], []
    for one in (main, *found.rows):
        effect = one.effect or Refit()
        shown = w.result.shown(effect)
        first = (one.group, one.words, one.k)
        last = ("; ".join(one.left_out), "; ".join(one.changes), one.reason, one.code)
        numbers = (shown.estimate, shown.ci_low, shown.ci_high, effect.tau2, effect.i2)
        exact.append((*first, *numbers, *last))
        said = ("–",) * 5
        if one.effect is not None:
            said = (
                w.value(effect.estimate),
                w.value(effect.ci_low),
                w.value(effect.ci_high),
                num(effect.tau2, 3),
                out_of_hundred(effect.i2),
            )
        written.append((*first[:2], str(one.k), *said, *last))
    columns = ("group", "studies", "k", "estimate", "ci_low", "ci_high", "tau2", "i2")
    return Table(
        f"Sensitivity: {title}",
        (*columns, "left_out", "says_otherwise", "reason", "code"),
        tuple(exact),
        tuple(written),
        (f"{w.heading}, {w.confidence}; by the analysis’ own method.",),
    )


TABLES = (Filed("sets", "Sensitivity analyses", sets, lambda found: bool(found.rows)),)

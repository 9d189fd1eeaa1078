"""The table of other models."""

from itertools import groupby

from reviewtool.synthesis.results import Refit
from reviewtool.synthesis.rules.closer.models import OtherModels, Tried
from reviewtool.synthesis.sheets.closer.filed import Filed
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.synthesis.sheets.written import Written
from reviewtool.words import num, out_of_hundred, plain

NOTHING = Refit()


def models(title: str, w: Written, found: OtherModels) -> Table:
    """Every model with its effect, or why it has none."""
    exact, written = [], []
    for one in found.rows:
        effect = one.effect or NOTHING
        shown = w.result.shown(effect)
        last = ("yes" if one.main else "no", "; ".join(one.changes), one.reason)
        first = (one.group, one.label, one.interval, one.k)
        numbers = (shown.estimate, shown.ci_low, shown.ci_high, effect.tau2, effect.i2)
        exact.append((*first, *numbers, *last))
        said = ("–", "–", "–", "–", "–")
        if one.effect is not None:
            said = (
                w.value(effect.estimate),
                w.value(effect.ci_low),
                w.value(effect.ci_high),
                num(effect.tau2, 3),
                out_of_hundred(effect.i2),
            )
        written.append((*first[:3], str(one.k), *said, *last))
    columns = ("group", "model", "interval", "k", "estimate", "ci_low", "ci_high", "tau2", "i2")
    notes = [f"{w.heading}, {w.confidence}."]
    if found.several:
        notes.append(f"Correlation of sampling errors within a study: {plain(found.rho)}.")
    return Table(
        f"Other models: {title}",
        (*columns, "main", "says_otherwise", "reason"),
        tuple(exact),
        tuple(written),
        tuple(notes),
    )


def by_model(found: OtherModels) -> list[tuple[str, list[tuple[str, list[Tried]]]]]:
    """(group, its models); of each model the rows, which differ in their interval alone."""
    return [
        (group, [(label, list(own)) for label, own in groupby(rows, lambda one: one.label)])
        for group, rows in groupby(found.rows, lambda one: one.group)
    ]


TABLES = (Filed("models", "Other models", models, lambda found: bool(found.rows)),)
PAGE = {"by_model": by_model}

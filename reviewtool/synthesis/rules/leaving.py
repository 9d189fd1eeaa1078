"""Which studies of an analysis a sensitivity analysis leaves out."""

from collections.abc import Collection, Sequence

from reviewtool.protocol.rules.fitting import sensitivity_words
from reviewtool.protocol.rules.leaving_out import Known
from reviewtool.stats.arrays import Vector
from reviewtool.stats.errors import StatsError
from reviewtool.synthesis.results import WithoutSet
from reviewtool.synthesis.rules.pooling import Inputs, Settings, effects, pool_rows
from reviewtool.synthesis.rules.selection import Row

HIGH_RISK = "exclude_high_risk"


def at_high_risk(inputs: Inputs) -> Collection[int]:
    """Studies at high risk of bias by their own tool.

    An older run kept words alone, so that only “High” can be told.
    """
    if HIGH_RISK in inputs.aside:
        return inputs.aside[HIGH_RISK]
    return [study for study, word in inputs.judgements.items() if word.casefold() == "high"]


def without_set(
    code: str,
    gone: Collection[int],
    rows: Sequence[Row],
    y: Vector,
    v: Vector,
    settings: Settings,
    labels: Sequence[str],
) -> WithoutSet:
    """The analysis without the studies ``gone`` (ids), by its own method.

    Nothing is pooled again where nobody is left out, or nobody remains.
    """
    keep = [i for i, row in enumerate(rows) if row.study_id not in gone]
    left_out = tuple(labels[i] for i in range(len(rows)) if i not in keep)
    words = sensitivity_words(code) if code else ""
    found = WithoutSet(code=code, words=words, left_out=left_out, k=len(keep))
    if not left_out:
        return found.model_copy(update={"reason": "It leaves nobody out."})
    if not keep:
        return found.model_copy(update={"reason": "No study is left."})
    kept = [rows[i] for i in keep]
    try:
        pooled = pool_rows(kept, y[keep], v[keep], settings, [labels[i] for i in keep]).pooled
    except StatsError as error:
        return found.model_copy(update={"reason": error.message})
    return found.model_copy(update={"pooled": pooled})


def known_of(rows: Sequence[Row], settings: Settings) -> dict[int, Known]:
    """What the rows of an analysis themselves tell: year, people, where the effect is from.

    The people of a study with several rows are those of all of them. A study without an
    effect has no source.
    """
    found = effects(rows, settings)
    known: dict[int, Known] = {}
    for i, row in enumerate(rows):
        source: str = "" if found.reasons[i] else found.source[i]
        totals = [g.total for g in (row.group1, row.group2) if g.total is not None]
        size = sum(totals) if totals else None
        before = known.get(row.study_id)
        if before is not None:
            source = before.source or source
            size = size if before.size is None else before.size + (size or 0.0)
        known[row.study_id] = Known(source=source, size=size, year=row.year)
    return known

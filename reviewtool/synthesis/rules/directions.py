"""Where effects are not pooled: whom each study's result favours, from whatever it reports.

A direction comes from the numbers before the words: the effect on the analysis' measure,
an estimate on another one, the difference of the groups' risks, rates or means without any
variance, and last what the report says. How sure a study is of it plays no part.
Source: Boon & Thomson 2021, Res Synth Methods 12:29; Campbell 2020, BMJ 368:l6890 (SWiM).
"""

from collections.abc import Sequence
from math import isfinite, nan, sqrt
from typing import Literal

from reviewtool.extraction.rules.directions import BadTold, Reported, read_p
from reviewtool.stats.distributions import critical, normal_p
from reviewtool.stats.measures import measure
from reviewtool.stats.vote_counting import fisher, one_sided, sign_test
from reviewtool.synthesis.results.told import Basis, CombinedP, Direction, Directions, Told, Votes
from reviewtool.synthesis.rules.pooling import (
    Effects,
    Inputs,
    Settings,
    effects,
    unlike,
)
from reviewtool.synthesis.rules.selection import Group, Row

TOLD: dict[str, Direction] = {
    "experimental": "benefit",
    "comparator": "harm",
    "neither": "neither",
}


def is_refused(rows: Sequence[Row], settings: Settings) -> bool:
    """Whether pooling leaves something to tell: fewer than two studies have an effect, or
    some have none."""
    if not rows:
        return False
    found = effects(rows, settings)
    used = {rows[i].study_id for i in found.usable}
    return len(used) < 2 or len(used) < len({row.study_id for row in rows})


def directions(inputs: Inputs, found: Effects, settings: Settings) -> Directions:
    """Every row of an analysis with its direction, counted by study.

    found: the effects of ``inputs.rows``.
    """
    labels = unlike(inputs.rows)
    rows = tuple(
        _told(row, labels[i], i, found, inputs, settings) for i, row in enumerate(inputs.rows)
    )
    return Directions(
        rows=rows,
        votes=votes(rows, settings.level),
        combined=combined(rows),
        doubts=tuple(
            f"{told.label}: its numbers favour one side and its report is said to favour the "
            "other. Check the extraction."
            for told, row in zip(rows, inputs.rows, strict=True)
            if {told.direction, TOLD.get(row.favours, "unknown")} == {"benefit", "harm"}
        ),
        lower_is_better=bool(inputs.lower_is_better),
    )


def _told(row: Row, label: str, i: int, found: Effects, inputs: Inputs, settings: Settings) -> Told:
    y, v = float(found.y[i]), float(found.v[i])
    value, basis = _value(row, y, found, i, settings)
    se = sqrt(v) if isfinite(v) and v > 0 else nan
    half = critical(settings.level, None) * se
    p, bound = _p(row, y, se)
    shown = y if isfinite(y) else _shown(row, settings)
    first, second = inputs.sizes.get(row.study_id, (None, None))
    return Told(
        study_id=row.study_id,
        label=label,
        year=row.year,
        treatment=row.treatment,
        comparator=row.comparator,
        group1=row.group1,
        group2=row.group2,
        estimate=shown,
        se=se,
        ci_low=shown - half,
        ci_high=shown + half,
        direction=_direction(value, row, inputs, settings),
        basis=basis,
        p=p,
        p_bound=bound,
        people=(
            row.group1.total if row.group1.total is not None else first,
            row.group2.total if row.group2.total is not None else second,
        ),
        judgement=inputs.judgements.get(row.study_id, ""),
    )


def _value(row: Row, y: float, found: Effects, i: int, settings: Settings) -> tuple[float, Basis]:
    """A number whose sign is the direction, and where it comes from; NaN for none."""
    if isfinite(y):
        return y, "groups" if found.source[i] == "arms" else "estimate"
    if row.estimate is not None:
        return row.estimate, "estimate" if _on_measure(row, settings) else "other estimate"
    raw = difference(row.group1, row.group2)
    if isfinite(raw):
        return raw, "difference"
    return nan, "told" if row.favours else ""


def _on_measure(row: Row, settings: Settings) -> bool:
    """Whether the estimate that a study reports is on the analysis' own measure."""
    own = row.estimate_measure
    return not own or measure(own).name == settings.effect_measure.name


def _shown(row: Row, settings: Settings) -> float:
    """The effect of a study without a variance, where its numbers are on the measure itself."""
    if row.estimate is not None:
        return row.estimate if _on_measure(row, settings) else nan
    plain = settings.effect_measure.name in {"MD", "RD", "IRD"}
    return difference(row.group1, row.group2) if plain else nan


def difference(first: Group, second: Group) -> float:
    """The difference in risk, rate or mean of two groups as they are; NaN where unknown.

    >>> difference(Group(events=0, total=20), Group(events=0, total=30))
    0.0
    >>> difference(Group(mean=3.5, total=20), Group(mean=5.0, total=19))
    -1.5
    """
    for top, bottom in (("events", "total"), ("events", "time"), ("mean", "")):
        sides = [
            (getattr(group, top), getattr(group, bottom) if bottom else 1.0)
            for group in (first, second)
        ]
        if all(a is not None and b is not None and b > 0 for a, b in sides):
            if bottom == "total" and any(a > b for a, b in sides):
                return nan  # more events than people: no number to go by
            (a, n), (b, m) = sides
            return float(a / n - b / m)
    return nan


def _direction(value: float, row: Row, inputs: Inputs, settings: Settings) -> Direction:
    if settings.effect_measure.null is None:
        return "unknown"  # nothing is compared
    if not isfinite(value):
        return TOLD.get(row.favours, "unknown")
    if value == 0:
        return "neither"
    return "benefit" if (value < 0) == bool(inputs.lower_is_better) else "harm"


def _p(row: Row, y: float, se: float) -> tuple[float | None, Literal["", "<", ">"]]:
    """A study's two-sided p: as reported, else that of its effect."""
    try:
        said = read_p(row.p_reported) if row.p_reported else None
    except BadTold:
        said = None
    if said is None and isfinite(y) and isfinite(se):
        said = Reported(normal_p(y / se))
    return (None, "") if said is None else (said.value, said.bound)


def votes(rows: Sequence[Told], level: float) -> Votes:
    """Studies by direction. One whose own results point both ways counts as neither."""
    by_study: dict[int, set[Direction]] = {}
    for row in rows:
        by_study.setdefault(row.study_id, set()).add(row.direction)
    said = [_of_study(own) for own in by_study.values()]
    favour, against = said.count("benefit"), said.count("harm")
    counts = {"neither": said.count("neither"), "unknown": said.count("unknown")}
    if not favour + against:
        return Votes(favour=0, against=0, **counts)
    test = sign_test(favour, against, level)
    return Votes(
        favour=favour,
        against=against,
        **counts,
        share=test.share,
        ci_low=test.ci_low,
        ci_high=test.ci_high,
        p=test.p,
    )


def _of_study(own: set[Direction]) -> Direction:
    known = own - {"unknown"}
    if not known:
        return "unknown"
    return known.pop() if len(known) == 1 else "neither"


def combined(rows: Sequence[Told]) -> CombinedP | None:
    """The p values of studies with one result each; None where fewer than two give any."""
    several = {row.study_id for row in rows if [x.study_id for x in rows].count(row.study_id) > 1}
    usable = [
        row
        for row in rows
        if row.p and row.direction in ("benefit", "harm") and row.study_id not in several
    ]
    if len(usable) < 2:
        return None
    sides = [
        fisher([one_sided(x.p or 1.0, along=x.direction == side, bound=x.p_bound) for x in usable])
        for side in ("benefit", "harm")
    ]
    return CombinedP(
        k=len(usable),
        df=sides[0].df,
        benefit=sides[0].statistic,
        benefit_p=sides[0].p,
        harm=sides[1].statistic,
        harm_p=sides[1].p,
        bounded=tuple(row.label for row in usable if row.p_bound),
        without=tuple(row.label for row in rows if row not in usable),
    )

"""How much a result hangs on single studies."""

from collections.abc import Sequence
from math import sqrt
from typing import Literal

from pydantic import Field

from reviewtool.stats import sensitivity as refits
from reviewtool.stats.errors import NotEstimable, TooFewStudies
from reviewtool.synthesis.results import Effect, Number, Omitted, Part, Refit
from reviewtool.synthesis.rules.closer.topic import Choices, Finding, Studied, Topic, Trying
from reviewtool.synthesis.rules.exploring import REFIT, leave_one_out, refitted
from reviewtool.words import plural

Order = Literal["year", "weight", "effect", "list"]


class InfluenceChoices(Choices):
    """How the studies of the cumulative analysis follow each other."""

    order: Order = Field(
        default="year",
        description="year: oldest first; weight: most weight first; effect: smallest first; "
        "list: as the forest plot has them",
    )


class Added(Refit):
    """The pooled effect once this study was added; ``k`` effects are in it."""

    added: str
    year: int | None = None
    k: int


class Diagnostics(Part):
    """What deleting one study does; ``tau2_deleted`` and ``q_deleted`` are of the others.

    hat and weight are the same number as a share (0 to 1) and in per cent.
    """

    study: str
    study_id: int
    rstudent: Number
    dffits: Number
    cook_d: Number
    cov_ratio: Number
    tau2_deleted: Number
    q_deleted: Number
    hat: Number
    weight: Number
    dfbetas: Number
    flagged: bool


class BaujatPoint(Part):
    """A study's share of Cochran's Q and its influence on the common effect."""

    study: str
    heterogeneity: float
    influence: float


class InfluenceFinding(Finding):
    """Leave-one-out, cumulative analysis, influence measures and what a Baujat plot shows.

    ordered: how the cumulative analysis is ordered, in words. lowest, highest: the pooled
    effects furthest apart when one is left out.
    """

    leave_one_out: tuple[Omitted, ...] = ()
    lowest: Omitted | None = None
    highest: Omitted | None = None
    cumulative: tuple[Added, ...] = ()
    ordered: str = ""
    diagnostics: tuple[Diagnostics, ...] = ()
    dffits_limit: Number = None
    hat_limit: Number = None
    baujat: tuple[BaujatPoint, ...] = ()

    @property
    def flagged(self) -> tuple[str, ...]:
        """Studies past one of the usual limits."""
        return tuple(one.study for one in self.diagnostics if one.flagged)


def finds(have: Studied, choices: InfluenceChoices) -> InfluenceFinding:
    """Everything that a study's removal or arrival does to the result."""
    trying = Trying()
    without = trying.of("leave_one_out", lambda: _without_each(have)) or ()
    order, ordered = _order(have, choices.order)
    grown = trying.of("cumulative", lambda: _cumulative(have, order)) or ()
    usable = [one for one in without if one.estimate is not None]
    return InfluenceFinding(
        **have.about,
        leave_one_out=without,
        lowest=min(usable, key=_estimate, default=None),
        highest=max(usable, key=_estimate, default=None),
        cumulative=grown,
        ordered=ordered,
        diagnostics=trying.of("diagnostics", lambda: _diagnostics(have)) or (),
        dffits_limit=3 * sqrt(1 / (have.k - 1)) if have.k > 1 else None,
        hat_limit=3 / have.k,
        baujat=trying.of("baujat", lambda: _baujat(have)) or (),
        missing=trying.missing,
    )


def _estimate(one: Effect) -> float:
    return one.estimate or 0.0


def _without_each(have: Studied) -> tuple[Omitted, ...]:
    if have.k < 2:
        raise TooFewStudies(needed=2, found=have.k)
    return leave_one_out(have.rows, have.y, have.v, have.settings, have.labels)


def _order(have: Studied, order: Order) -> tuple[list[int], str]:
    """Rows in the order asked for, and that order in words; ties and blanks as listed."""
    rows = list(range(have.k))
    if order == "weight":
        return sorted(
            rows, key=lambda i: -(have.result.studies[i].weight or 0)
        ), "most weight first"
    if order == "effect":
        return sorted(rows, key=lambda i: float(have.y[i])), "smallest effect first"
    dated = [row.year is not None for row in have.rows]
    if order == "list" or not any(dated):
        words = "as the forest plot lists them"
        return rows, words if order == "list" else f"{words}; no study has a year"
    blank = dated.count(False)
    last = f"; {plural(blank, 'study', 'studies')} without a year last" if blank else ""
    by_year = sorted(rows, key=lambda i: (not dated[i], have.rows[i].year or 0))
    return by_year, f"oldest first{last}"


def _cumulative(have: Studied, order: Sequence[int]) -> tuple[Added, ...]:
    """The first study, the first two and so on, each pooled by the analysis' own method."""
    if have.k < 2:
        raise TooFewStudies(needed=2, found=have.k)
    if have.settings.is_mantel_haenszel:
        grown = [_of(have, order[:n]) for n in range(1, have.k + 1)]
    else:
        method, test = have.settings.estimator
        place = [order.index(i) for i in range(have.k)]
        level = have.settings.level
        found = refits.cumulative(
            have.y, have.v, place, method=method, test=test, level=level, labels=have.labels
        )
        grown = [{name: getattr(one.fit, name) for name in REFIT} for one in found]
    return tuple(
        Added(added=have.labels[i], year=have.rows[i].year, k=n, **numbers)
        for n, (i, numbers) in enumerate(zip(order, grown, strict=True), 1)
    )


def _of(have: Studied, chosen: Sequence[int]) -> dict[str, float | None]:
    """Some rows pooled from their counts; nothing where these give no pooled effect."""
    rows, labels = [have.rows[i] for i in chosen], [have.labels[i] for i in chosen]
    part = refitted(rows, have.y[list(chosen)], have.v[list(chosen)], have.settings, labels)
    return part.model_dump(include=set(REFIT)) if part else {}


def _diagnostics(have: Studied) -> tuple[Diagnostics, ...]:
    if have.settings.is_mantel_haenszel:
        raise NotEstimable(
            what="Studentised residuals, DFFITS and Cook’s distance",
            reason="they belong to inverse-variance models, and these studies were pooled by the "
            "Mantel-Haenszel method",
            remedy="Go by leaving out one study at a time.",
        )
    method, _ = have.settings.estimator
    found = refits.influence(
        have.y,
        have.v,
        method=method,
        level=have.settings.level,
        labels=have.labels,
        studies=have.studies,
    )
    names = set(Diagnostics.model_fields) - {"study", "study_id", "flagged"}
    return tuple(
        Diagnostics(
            study=label,
            study_id=have.rows[i].study_id,
            flagged=bool(found.flagged[i]),
            **{name: getattr(found, name)[i] for name in names},
        )
        for i, label in enumerate(have.labels)
    )


def _baujat(have: Studied) -> tuple[BaujatPoint, ...]:
    share, influence = refits.baujat(have.y, have.v, labels=have.labels)
    found = zip(have.labels, share.tolist(), influence.tolist(), strict=True)
    return tuple(BaujatPoint(study=a, heterogeneity=b, influence=c) for a, b, c in found)


TOPIC = Topic(
    key="influence",
    label="Single studies",
    told="Leaving out one study at a time, adding them one by one, influence, Baujat plot.",
    place=10,
    finding=InfluenceFinding,
    finds=finds,
    choices=InfluenceChoices,
    large=30,
)

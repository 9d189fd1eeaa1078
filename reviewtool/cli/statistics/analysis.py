"""What ``pool`` computes: one question about one table, answered as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from reviewtool.cli.statistics.answering import plain
from reviewtool.stats import guidance
from reviewtool.stats.errors import BadInput, StatsError, TooFewStudies, UnknownChoice

if TYPE_CHECKING:
    from reviewtool.stats.arrays import Vector
    from reviewtool.stats.from_sheets import LeftOut, Studies, Zeros
    from reviewtool.stats.measures import Scale
    from reviewtool.stats.sheets import Sheet

COUNT_METHODS = ("MH", "Peto")
GLMM_MEASURES = ("OR", "IRR", "PLO", "IRLN")
# Methods and tests in the letters and under the names that other programs use.
METHODS = {
    **{name.casefold(): name for name in ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")},
    "mh": "MH",
    "peto": "Peto",
    "fe": "EE",
    "ce": "EE",
    "fixed": "EE",
    "common": "EE",
}
TESTS = {
    **{name: name for name in guidance.TESTS},
    "hk": "knha",
    "hksj": "knha",
    "hartung-knapp": "knha",
    "wald": "z",
    "normal": "z",
}
SENSITIVITY = ("leave-one-out", "cumulative", "influence")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table. Levels in per cent; None and () ask for nothing."""

    measure: str | None = None
    method: str = guidance.METHOD
    test: str = guidance.TEST
    level: float = 95.0
    interval_level: float | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    control: str | None = None
    zeros: Zeros | None = None
    subgroup: str | None = None
    common_tau2: bool = False
    moderators: tuple[str, ...] = ()
    prior: str | None = None
    common: bool = False
    sensitivity: tuple[str, ...] = ()
    order: str | None = None
    asymmetry: bool = False
    robust: str | None = None
    rho: float | None = None
    glmm: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The answer: what was pooled, the result of the engine, everything as plain values.

    rows: indices of the pooled studies among all. y, v: theirs, on the analysis scale.
    """

    studies: Studies
    rows: Vector
    y: Vector
    v: Vector
    result: Any
    report: dict[str, Any]

    @property
    def names(self) -> list[str]:
        """The pooled studies."""
        return [self.studies.names[i] for i in self.rows]

    @property
    def sheet(self) -> Sheet:
        """The rows of the pooled studies."""
        return self.studies.sheet.at(self.rows.tolist())

    @property
    def own_scale(self) -> Scale:
        """The way back for each study's own effect."""
        es = self.studies.effects
        return es.scale if es.sizes is None else es.scale.at(es.sizes[self.rows])


def refuse(problem: str, remedy: str) -> StatsError:
    """An option that does not fit the question."""
    return BadInput(problem=problem, remedy=remedy)


def analyse(sheet: Sheet, ask: Question) -> Analysis:
    """Pool the table and whatever else was asked. Raises StatsError."""
    from reviewtool.stats.from_sheets import study_effects

    _check(ask)
    asked = sheet.choosing(ask.columns)
    named = [n for n in (ask.subgroup, ask.robust, *ask.moderators) if n]
    reserved = {sheet.heading(name) for name in named}
    measure = "PETO" if ask.method == "Peto" and ask.measure in (None, "OR") else ask.measure
    studies = study_effects(
        asked,
        measure,
        interval_level=ask.interval_level,
        zeros=ask.zeros,
        control=ask.control,
        reserved=reserved,
    )
    _check_studies(ask, studies)
    if ask.method in COUNT_METHODS:
        done = _pool_counts(studies, ask)
    else:
        done = _pool_effects(studies, ask)
    report = done.report
    report["given"] = len(studies.names)
    report["notes"] = [*studies.notes, *_scale_said(studies), *report["notes"]]
    if ask.subgroup:
        report["subgroups"] = _subgroups(done, ask)
    if ask.moderators:
        report["regression"] = _regression(done, ask)
    if ask.prior:
        report["bayes"] = _bayes(done, ask)
    if ask.sensitivity:
        report["sensitivity"] = _sensitivity(done, ask)
    if ask.asymmetry:
        report["asymmetry"] = _asymmetry(done, ask)
    if ask.robust:
        report["robust"] = _robust(done, ask)
    if ask.glmm:
        report["glmm"] = _glmm(done, ask)
    return done


# Does the question make sense ---------------------------------------------------------


def _check(ask: Question) -> None:
    if ask.subgroup and ask.moderators:
        raise refuse("Subgroups and moderators were both asked for.", "Choose one of them.")
    if ask.common_tau2 and not ask.subgroup:
        raise refuse("--common-tau2 is about subgroups.", "Name them with --subgroup.")
    if ask.order and "cumulative" not in ask.sensitivity:
        raise refuse("--order is about cumulative analysis.", "Ask for --sensitivity cumulative.")
    if ask.rho is not None and not ask.robust:
        raise refuse("--rho is about effects of one cluster.", "Name clusters with --robust.")
    if ask.test not in guidance.TESTS:
        raise UnknownChoice(what="Test", given=ask.test, choices=", ".join(guidance.TESTS))
    if ask.method == "EE":
        if ask.test in ("knha", "adhoc"):
            raise refuse(
                "Hartung-Knapp intervals belong to the random-effects model.",
                "Take --test z with --method EE, or another method.",
            )
        if ask.common:
            raise refuse("--method EE is the common effect already.", "Leave --common out.")
    if ask.method in COUNT_METHODS:
        _check_counts(ask)


def _check_counts(ask: Question) -> None:
    asked = {
        "--subgroup": ask.subgroup,
        "--moderators": ask.moderators,
        "--prior": ask.prior,
        "--common": ask.common,
        "--sensitivity": ask.sensitivity,
        "--robust": ask.robust,
        "--asymmetry": ask.asymmetry,
        "--test": ask.test not in ("auto", "z"),
    }
    wrong = [option for option, value in asked.items() if value]
    if wrong:
        raise refuse(
            f"{', '.join(wrong)} does not go with --method {ask.method}, which pools counts "
            "directly under one common effect.",
            "Take a method of inverse variances, such as REML or EE, or leave the option out.",
        )
    if ask.zeros is not None:
        raise refuse(
            f"--method {ask.method} corrects no zero cells.", "Leave the options on zeros out."
        )


def _check_studies(ask: Question, studies: Studies) -> None:
    from reviewtool.stats.measures import Data

    measure = studies.measure
    if ask.method in COUNT_METHODS and ask.method not in measure.pools:
        what = "odds ratios" if ask.method == "Peto" else "OR, RR, RD, IRR and IRD"
        raise refuse(
            f"--method {ask.method} pools {what} only, not {measure.heading.lower()}s.",
            "Choose another method or measure.",
        )
    if ask.interval_level is not None and studies.sheet.find("lb") is None:
        raise refuse(
            "--interval-level is about reported intervals, and the table has none.",
            "Leave it out; --level is the level of the results.",
        )
    counted = measure.data in (Data.COUNTS, Data.RATES, Data.COUNT, Data.RATE)
    if ask.zeros is not None and (not counted or measure.raw):
        raise refuse(
            f"{measure.heading}s have no zero cells to correct.", "Leave the options on zeros out."
        )
    if ask.glmm and measure.name not in GLMM_MEASURES:
        raise refuse(
            f"--glmm pools {', '.join(GLMM_MEASURES)} only, not {measure.name}.",
            "Choose one of them with --measure.",
        )
    if ask.glmm and not studies.columns:
        raise refuse("--glmm needs counts, and the table has none.", "Leave it out.")


# Pooling ------------------------------------------------------------------------------


def _pool_effects(studies: Studies, ask: Question) -> Analysis:
    from reviewtool.stats.pairwise import pool

    rows = studies.used
    if not rows.size:
        raise _nothing(studies.left_out)
    es = studies.effects
    y, v = es.y[rows], es.v[rows]
    labels = [studies.names[i] for i in rows]
    how: dict[str, Any] = {"method": ask.method, "level": ask.level, "labels": labels}
    result = pool(y, v, test=ask.test, **how)
    scale = es.scale
    report = _summary(result, scale, studies)
    done = Analysis(studies, rows, y, v, result, report)
    report["studies"] = _effects_of(done, result.weights, ask.level)
    report["test_asked"] = ask.test
    report["left_out"] = [one._asdict() for one in studies.left_out]
    report["notes"] = _choice_of_test(ask, result)
    corrected = ", ".join(studies.corrected)
    report["warnings"] = [
        *studies.warnings,
        *([f"Zero cells were corrected in: {corrected}."] if corrected else []),
        *_left_out_said(studies),
        *_beyond(report["shown"], scale),
        *result.warnings,
    ]
    if result.test != "z":
        report["wald"] = _shown(pool(y, v, test="z", **how), scale)
    if ask.common:
        common = pool(y, v, test="z", **{**how, "method": "EE"})
        report["common"] = {
            **_shown(common, scale),
            "p": common.p,
            "weights": common.weights.tolist(),
        }
    return done


def _nothing(left_out: Sequence[LeftOut]) -> StatsError:
    named = "; ".join(f"{one.study} (row {one.row}): {one.reason}" for one in left_out)
    return BadInput(
        problem=f"No study of the table can be pooled: {named}.",
        remedy="Complete the numbers, or choose another measure.",
    )


def _left_out_said(studies: Studies) -> list[str]:
    return [f"{one.study} (row {one.row}) was left out: {one.reason}." for one in studies.left_out]


def _scale_said(studies: Studies) -> list[str]:
    """How effects that are pooled on a scale of their own come back to the one shown."""
    scale, measure = studies.effects.scale, studies.measure
    if scale.transform in ("identity", "exp"):
        return []
    size = studies.effects.size
    by = f" at the harmonic mean of the sizes, {size:.5g}" if size is not None else ""
    return [
        f"Pooled on the {scale.name} scale; {measure.heading.lower()}s are shown "
        f"back-transformed{by}."
    ]


def _beyond(shown: dict[str, Any], scale: Scale) -> list[str]:
    """An interval that reaches where the effect cannot: pooled on too plain a scale."""
    low, high = scale.bounds
    if shown["ci_low"] >= low and shown["ci_high"] <= high:
        return []
    return [
        f"The interval reaches beyond {low:g} to {high:g}, where no value can be: choose a "
        "measure on another scale, such as PLO or PFT for proportions."
    ]


def _choice_of_test(ask: Question, result: Any) -> list[str]:
    if ask.test != guidance.TEST or ask.method == "EE" or result.k == 1:
        return []
    if result.test == "knha":
        return ["Hartung-Knapp intervals: more than two studies, and heterogeneity above zero."]
    why = "there are only two studies" if result.k <= 2 else "no heterogeneity was found"
    return [f"Wald-type intervals, not Hartung-Knapp ones, because {why}."]


def _pool_counts(studies: Studies, ask: Question) -> Analysis:
    """Mantel-Haenszel or Peto, over the studies that have counts; the others are named."""
    import numpy as np

    from reviewtool.stats.count_pooling import mantel_haenszel, peto
    from reviewtool.stats.from_sheets import LeftOut

    method = "Mantel-Haenszel" if ask.method == "MH" else "Peto"
    reasons = [
        f"it has no counts, which the {method} method needs" if reported else reason
        for reported, reason in zip(studies.reported, studies.effects.reasons, strict=True)
    ]
    left_out = tuple(
        LeftOut(name, line, reason)
        for name, line, reason in zip(studies.names, studies.sheet.lines, reasons, strict=True)
        if reason
    )
    rows = np.array([i for i, reason in enumerate(reasons) if not reason], dtype=int)
    if not rows.size:
        raise _nothing(left_out)
    labels = [studies.names[i] for i in rows]
    columns: dict[str, Any] = {name: values[rows] for name, values in studies.columns.items()}
    result: Any = (
        peto(level=ask.level, labels=labels, **columns)
        if ask.method == "Peto"
        else mantel_haenszel(studies.measure.name, level=ask.level, labels=labels, **columns)
    )
    y, v = studies.effects.y[rows], studies.effects.v[rows]
    report = _summary(result, studies.effects.scale, studies)
    done = Analysis(studies, rows, y, v, result, report)
    report["method"] = ask.method
    report["studies"] = _effects_of(done, _percent(result.weights, rows.size), ask.level)
    report["left_out"] = [one._asdict() for one in left_out]
    report["notes"] = []
    report["warnings"] = [
        *studies.warnings,
        *(f"{one.study} (row {one.row}) was left out: {one.reason}." for one in left_out),
        *result.warnings,
    ]
    return done


def _percent(weights: Any, k: int) -> Any:
    import numpy as np

    return weights if weights.size == k else np.full(k, np.nan)


def _summary(result: Any, scale: Scale, studies: Studies) -> dict[str, Any]:
    report: dict[str, Any] = plain(result)
    for name in ("weights", "y", "v"):
        report.pop(name, None)
    return report | {
        "measure": studies.measure.name,
        "heading": studies.measure.heading,
        "scale": scale.name,
        "transform": scale.transform,
        "sentence": result.sentence,
        "shown": _shown(result, scale),
    }


def _shown(result: Any, scale: Scale) -> dict[str, Any]:
    """Estimate and limits as people read them."""
    values = [result.estimate, result.ci_low, result.ci_high]
    shown: dict[str, Any] = dict(
        zip(("estimate", "ci_low", "ci_high"), back(scale, values), strict=True)
    )
    prediction = getattr(result, "prediction", None)
    if prediction is not None:
        shown["prediction"] = back(scale, [prediction.low, prediction.high])
    return shown


def _effects_of(done: Analysis, weights: Any, level: float) -> list[dict[str, Any]]:
    from reviewtool.stats.distributions import critical

    half = critical(level, None) * done.v**0.5
    shown = (done.own_scale.back(x).tolist() for x in (done.y, done.y - half, done.y + half))
    reported = done.studies.reported[done.rows].tolist()
    return [
        {
            "study": name,
            "estimate": estimate,
            "ci_low": low,
            "ci_high": high,
            "weight": weight,
            "by": "reported estimate" if by else done.studies.measure.data.words,
        }
        for name, estimate, low, high, weight, by in zip(
            done.names, *shown, weights.tolist(), reported, strict=True
        )
    ]


def back(scale: Scale, values: Sequence[float]) -> list[float]:
    """``values`` of the analysis scale as people read them."""
    return [float(x) for x in scale.back(list(values))]


# Whatever else was asked --------------------------------------------------------------


def _how(done: Analysis, ask: Question) -> dict[str, Any]:
    test = "z" if ask.method == "EE" and ask.test == guidance.TEST else ask.test
    return {"method": ask.method, "test": test, "level": ask.level}


def _subgroups(done: Analysis, ask: Question) -> dict[str, Any]:
    from reviewtool.stats.from_sheets.names import one_spelling
    from reviewtool.stats.regression import subgroups

    heading = done.sheet.heading(ask.subgroup or "")
    values, joined = one_spelling(done.sheet.filled(heading))
    done.report["notes"] += joined
    if len(set(values)) == 1:
        raise refuse(
            f"Every pooled study has the {heading} {values[0]}: there is nothing to compare.",
            "Choose another column for --subgroup.",
        )
    result = subgroups(
        done.y, done.v, values, common_tau2=ask.common_tau2, labels=done.names, **_how(done, ask)
    )
    report: dict[str, Any] = plain(result)
    scale = done.studies.effects.scale
    weights = [study["weight"] for study in done.report["studies"]]
    for group, one in zip(report["groups"], result.groups, strict=True):
        fit = one.fit
        shown = back(scale, [fit.estimate, fit.ci_low, fit.ci_high])
        group["shown"] = dict(zip(("estimate", "ci_low", "ci_high"), shown, strict=True))
        group["weight"] = sum(
            w for w, value in zip(weights, values, strict=True) if value == group["level"]
        )
        group["tau2"], group["i2"] = fit.tau2, fit.i2
    for study, value in zip(done.report["studies"], values, strict=True):
        study["subgroup"] = value
    return {**report, "column": heading, "sentence": result.sentence}


def _regression(done: Analysis, ask: Question) -> dict[str, Any]:
    from reviewtool.stats.design import design_matrix
    from reviewtool.stats.from_sheets.names import one_spelling
    from reviewtool.stats.regression import regress

    sheet = done.sheet
    moderators: dict[str, Any] = {}
    for name in ask.moderators:
        heading = sheet.heading(name)
        moderators[heading] = (
            sheet.numbers_under(heading)
            if sheet.is_numeric(heading)
            else [cell or None for cell in one_spelling(sheet.cells(heading))[0]]
        )
    design = design_matrix(moderators)
    result = regress(
        done.y[design.rows], done.v[design.rows], design.x, design.names, **_how(done, ask)
    )
    report = plain(result)
    report.pop("beta"), report.pop("vcov")
    kept = set(design.rows.tolist())
    without = [name for i, name in enumerate(done.names) if i not in kept]
    if without:
        report["warnings"] = [
            *report.get("warnings", []),
            f"Not in the meta-regression, for want of a value: {', '.join(without)}.",
        ]
    return {**report, "sentence": result.sentence, "left_out": len(without)}


def _bayes(done: Analysis, ask: Question) -> dict[str, Any]:
    """Summaries are mean, SD, median, lower and upper limit on the analysis scale."""
    from reviewtool.stats.bayes import pool_bayes, prior_named

    result = pool_bayes(done.y, done.v, prior_named(ask.prior or ""), level=ask.level)
    scale = done.studies.effects.scale
    summaries = {"mu": result.mu, "prediction": result.prediction}
    return {
        **{name: list(summary) for name, summary in summaries.items()},
        "tau": list(result.tau),
        "shrinkage": [list(summary) for summary in result.shrinkage],
        "shown": {name: back(scale, list(s[2:])) for name, s in summaries.items()},
        "sentence": result.sentence,
        "warnings": list(result.warnings),
    }


def _sensitivity(done: Analysis, ask: Question) -> dict[str, Any]:
    from reviewtool.stats import sensitivity

    scale = done.studies.effects.scale
    found: dict[str, Any] = {}
    if "leave-one-out" in ask.sensitivity:
        refits = sensitivity.leave_one_out(done.y, done.v, **_how(done, ask))
        found["leave_one_out"] = [_refit(done, refit, scale) for refit in refits]
    if "cumulative" in ask.sensitivity:
        order = None
        if ask.order:
            heading = done.sheet.heading(ask.order)
            order = done.sheet.numbers_under(heading)
            found["order"] = heading
        refits = sensitivity.cumulative(done.y, done.v, order, **_how(done, ask))
        found["cumulative"] = [_refit(done, refit, scale) for refit in refits]
    if "influence" in ask.sensitivity:
        if done.y.size < 3:
            raise TooFewStudies(needed=3, found=int(done.y.size))
        result = sensitivity.influence(done.y, done.v, method=ask.method, level=ask.level)
        values = plain(result)
        found["influence"] = [
            {
                "study": name,
                **{
                    key: values[key][i]
                    for key in ("rstudent", "dffits", "cook_d", "cov_ratio", "hat", "weight")
                },
                "flagged": bool(result.flagged[i]),
            }
            for i, name in enumerate(done.names)
        ]
        found["influence_sentence"] = result.sentence
    return found


def _refit(done: Analysis, refit: Any, scale: Scale) -> dict[str, Any]:
    fit = refit.fit
    shown = back(scale, [fit.estimate, fit.ci_low, fit.ci_high])
    return {
        "study": done.names[refit.row],
        "k": refit.k,
        **dict(zip(("estimate", "ci_low", "ci_high"), shown, strict=True)),
        "p": fit.p,
        "tau2": fit.tau2,
        "i2": fit.i2,
    }


def _asymmetry(done: Analysis, ask: Question) -> dict[str, Any]:
    """Egger's test, Begg's rank test, trim and fill; Harbord's and Peters' for counts."""
    from reviewtool.stats.small_studies import metabias, ranktest, regtest, trimfill

    if done.y.size < 3:
        raise TooFewStudies(needed=3, found=int(done.y.size))
    egger, begg = regtest(done.y, done.v), ranktest(done.y, done.v)
    tests = [
        {"test": "Egger", "statistic": egger.statistic, "df": egger.df, "p": egger.p},
        {"test": "Begg and Mazumdar", "statistic": begg.tau, "df": None, "p": begg.p},
    ]
    tabled = {"ai", "n1i", "ci", "n2i"} <= done.studies.columns.keys()
    if done.studies.measure.name in ("OR", "RR") and tabled and not done.studies.reported.any():
        counts = {c: done.studies.columns[c][done.rows] for c in ("ai", "n1i", "ci", "n2i")}
        for name in ("Harbord", "Peters"):
            one = metabias(name, done.y, done.v**0.5, counts, measure=done.studies.measure.name)
            tests.append({"test": name, "statistic": one.statistic, "df": one.df, "p": one.p})
    filled = trimfill(done.y, done.v, **_how(done, ask))
    fit, scale = filled.fit, done.studies.effects.scale
    shown = back(scale, [fit.estimate, fit.ci_low, fit.ci_high])
    found: dict[str, Any] = plain(
        {
            "tests": tests,
            "trimfill": {
                "imputed": filled.k0,
                "side": filled.side,
                **dict(zip(("estimate", "ci_low", "ci_high"), shown, strict=True)),
                "sentence": filled.sentence,
            },
            "warnings": list(dict.fromkeys([*egger.warnings, *begg.warnings])),
        }
    )
    return found


def _robust(done: Analysis, ask: Question) -> dict[str, Any]:
    """The mean with standard errors that allow for effects of one cluster."""
    from reviewtool.stats.dependence import correlated_covariance, multilevel, robust

    heading = done.sheet.heading(ask.robust or "")
    clusters = done.sheet.filled(heading)
    rho = 0.6 if ask.rho is None else ask.rho
    covariance = correlated_covariance(done.v, clusters, rho)
    method = "ML" if ask.method == "ML" else "REML"
    fit = multilevel(
        done.y, done.v, clusters, covariance=covariance, method=method, level=ask.level
    )
    result = robust(fit)
    term = result.terms[0]
    shown = back(done.studies.effects.scale, [term.estimate, term.ci_low, term.ci_high])
    found: dict[str, Any] = plain(
        {
            "column": heading,
            "clusters": result.clusters,
            "rho": rho,
            **dict(zip(("estimate", "ci_low", "ci_high"), shown, strict=True)),
            "se": term.se,
            "df": result.df[0],
            "p": term.p,
            "sentence": f"{result.sentence} Effects of one cluster were taken to have a sampling "
            f"correlation of {rho:g}.",
            "warnings": list(result.warnings),
        }
    )
    return found


def _glmm(done: Analysis, ask: Question) -> dict[str, Any]:
    import numpy as np

    from reviewtool.stats.rare_events import glmm

    studies = done.studies
    whole = np.logical_and.reduce([np.isfinite(c) for c in studies.columns.values()])
    columns: dict[str, Any] = {name: c[whole] for name, c in studies.columns.items()}
    labels = [name for name, fine in zip(studies.names, whole, strict=True) if fine]
    result = glmm(studies.measure.name, level=ask.level, labels=labels, **columns)
    shown = back(studies.effects.scale, [result.estimate, result.ci_low, result.ci_high])
    without = [name for name, fine in zip(studies.names, whole, strict=True) if not fine]
    said = [f"Not in the mixed model, for want of counts: {', '.join(without)}."] if without else []
    return {
        **plain(result),
        "shown": dict(zip(("estimate", "ci_low", "ci_high"), shown, strict=True)),
        "sentence": result.sentence,
        "warnings": [*said, *result.warnings],
    }


def with_zeros(add: float | None, to: str | None, keep: bool) -> Zeros | None:
    """The zero-cell policy that was asked for; None when nothing was."""
    from reviewtool.stats.from_sheets import Zeros

    if add is None and to is None and not keep:
        return None
    asked = Zeros(keep00=keep)
    if add is not None:
        asked = replace(asked, add=add)
    return replace(asked, to=to) if to is not None else asked

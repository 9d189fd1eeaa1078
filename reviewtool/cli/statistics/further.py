"""What can be asked beside the pooled effect; each answer as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewtool.cli.statistics.answering import plain, plain_number
from reviewtool.cli.statistics.question import Analysis, Question, back, refuse
from reviewtool.stats import guidance
from reviewtool.stats.errors import TooFewStudies
from reviewtool.stats.results import LeftOut, left_out_warning, with_left_out

if TYPE_CHECKING:
    from reviewtool.stats.measures import Scale


def _how(done: Analysis, ask: Question) -> dict[str, Any]:
    """Method, test and level of every refit; each chooses its own test under auto."""
    test = "z" if ask.method == "EE" and ask.test == guidance.TEST else ask.test
    return {"method": ask.method, "test": test, "level": ask.level}


def subgroups(done: Analysis, ask: Question) -> dict[str, Any]:
    """Effect, weight and heterogeneity of each subgroup, and the test of their difference."""
    from reviewtool.stats import regression
    from reviewtool.stats.from_sheets.names import one_spelling
    from reviewtool.stats.regression import NOT_REPORTED

    heading = done.sheet.heading(ask.subgroup or "")
    blank = [done.sheet.is_blank(i, heading) for i in range(len(done.names))]
    cells = zip(done.sheet.cells(heading), blank, strict=True)
    values, joined = one_spelling([NOT_REPORTED if empty else cell for cell, empty in cells])
    done.report["notes"] += joined
    if any(blank):
        without = ", ".join(n for n, empty in zip(done.names, blank, strict=True) if empty)
        done.report["notes"].append(
            f"No {heading} is given for {without}: pooled as the subgroup “{NOT_REPORTED}”."
        )
    if len(set(values)) == 1:
        raise refuse(
            f"Every pooled study has the {heading} {values[0]}: there is nothing to compare.",
            "Choose another column for --subgroup.",
        )
    result = regression.subgroups(
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
        own = zip(done.of_studies, values, strict=True)
        group["studies"] = len({study for study, value in own if value == group["level"]})
    for study, value in zip(done.report["studies"], values, strict=True):
        study["subgroup"] = value
    return {**report, "column": heading, "sentence": result.sentence}


def regression(done: Analysis, ask: Question) -> dict[str, Any]:
    """A meta-regression on the moderators; studies without a value are named."""
    from reviewtool.stats.design import design_matrix
    from reviewtool.stats.from_sheets.names import one_spelling
    from reviewtool.stats.from_sheets.suggestion import estimate_heading
    from reviewtool.stats.regression import regress

    sheet = done.sheet
    reported = done.studies.reported[done.rows].any()
    effect = estimate_heading(sheet) if reported else None
    moderators: dict[str, Any] = {}
    for name in ask.moderators:
        heading = sheet.heading(name)
        if heading == effect:
            raise refuse(
                f"The moderator {heading} is the effect itself, which it would explain fully.",
                "Choose another column for --moderators.",
            )
        moderators[heading] = (
            sheet.numbers_under(heading)
            if sheet.is_numeric(heading)
            else [cell or None for cell in one_spelling(sheet.cells(heading))[0]]
        )
    design = design_matrix(moderators)
    rows = design.rows.tolist()
    result = regress(
        done.y[rows],
        done.v[rows],
        design.x,
        design.names,
        labels=[done.names[i] for i in rows],
        studies=[done.of_studies[i] for i in rows],
        **_how(done, ask),
    )
    report = plain(result)
    report.pop("beta"), report.pop("vcov")
    wanting = {
        name: ", ".join(h for h, cells in moderators.items() if _is_gap(cells[i]))
        for i, name in enumerate(done.names)
        if i not in set(rows)
    }
    without = [LeftOut(name, f"no {what}") for name, what in wanting.items()]
    report["warnings"] = [
        *report.get("warnings", []),
        *(
            one.replace("Left out", "Not in the meta-regression")
            for one in left_out_warning(without)
        ),
    ]
    return {
        **report,
        "sentence": with_left_out(result.sentence, without),
        "left_out": [one._asdict() for one in without],
    }


def _is_gap(value: Any) -> bool:
    return value is None or value != value  # NaN is not itself


def bayes(done: Analysis, ask: Question) -> dict[str, Any]:
    """Summaries are mean, SD, median, lower and upper limit on the analysis scale."""
    from reviewtool.stats.bayes import pool_bayes, prior_named

    result = pool_bayes(
        done.y,
        done.v,
        prior_named(ask.prior or ""),
        level=ask.level,
        labels=done.names,
        studies=done.of_studies,
    )
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


def sensitivity(done: Analysis, ask: Question) -> dict[str, Any]:
    """Refits without each study, study by study, and the influence of each."""
    from reviewtool.stats import sensitivity as refits

    scale = done.studies.effects.scale
    found: dict[str, Any] = {}
    if "leave-one-out" in ask.sensitivity:
        without = refits.leave_one_out(done.y, done.v, **_how(done, ask))
        found["leave_one_out"] = [_refit(done, refit, scale) for refit in without]
    if "cumulative" in ask.sensitivity:
        order = None
        if ask.order:
            heading = done.sheet.heading(ask.order)
            order = done.sheet.numbers_under(heading)
            gaps = [name for name, at in zip(done.names, order, strict=True) if at != at]
            if gaps:
                raise refuse(
                    f"The column {heading} has no number for {', '.join(gaps)}.",
                    "Complete it, or choose another column for --order.",
                )
            found["order"] = heading
        grown = refits.cumulative(done.y, done.v, order, **_how(done, ask))
        found["cumulative"] = [_refit(done, refit, scale) for refit in grown]
    if "influence" in ask.sensitivity:
        if done.y.size < 3:
            raise TooFewStudies(needed=3, found=int(done.y.size))
        result = refits.influence(
            done.y,
            done.v,
            method=ask.method,
            level=ask.level,
            labels=done.names,
            studies=done.of_studies,
        )
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


def asymmetry(done: Analysis, ask: Question) -> dict[str, Any]:
    """Every test of asymmetry that the data allow, and trim and fill."""
    from reviewtool.stats.small_studies import asymmetry_tests, ranktest, regtest, trimfill

    if done.y.size < 3:
        raise TooFewStudies(needed=3, found=int(done.y.size))
    egger, begg = regtest(done.y, done.v), ranktest(done.y, done.v)
    columns = {}
    if not done.studies.reported.any():
        columns = {name: column[done.rows] for name, column in done.studies.columns.items()}
    tests = [
        {
            "test": one.test.name,
            "statistic": one.statistic,
            "df": one.df,
            "p": one.p,
            "advised": one.advised,
            **({"error": one.error} if one.error else {}),
        }
        for one in asymmetry_tests(done.studies.measure.name, done.y, done.v, columns)
    ]
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


def robust(done: Analysis, ask: Question) -> dict[str, Any]:
    """The mean with standard errors that allow for effects of one cluster."""
    from reviewtool.stats import dependence

    heading = done.sheet.heading(ask.robust or "")
    clusters = done.sheet.filled(heading)
    rho = 0.6 if ask.rho is None else ask.rho
    covariance = dependence.correlated_covariance(done.v, clusters, rho)
    method = "ML" if ask.method == "ML" else "REML"
    fit = dependence.multilevel(
        done.y, done.v, clusters, covariance=covariance, method=method, level=ask.level
    )
    result = dependence.robust(fit)
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
            f"correlation of {plain_number(rho)}.",
            "warnings": list(result.warnings),
        }
    )
    return found


def glmm(done: Analysis, ask: Question) -> dict[str, Any]:
    """A mixed model of the counts, for the studies that have them."""
    import numpy as np

    from reviewtool.stats import rare_events

    studies = done.studies
    whole = np.logical_and.reduce([np.isfinite(c) for c in studies.columns.values()])
    columns: dict[str, Any] = {name: c[whole] for name, c in studies.columns.items()}
    kept = np.flatnonzero(whole).tolist()
    result = rare_events.glmm(
        studies.measure.name,
        level=ask.level,
        labels=[studies.names[i] for i in kept],
        studies=[studies.studies[i] for i in kept],
        **columns,
    )
    shown = back(studies.effects.scale, [result.estimate, result.ci_low, result.ci_high])
    without = [
        LeftOut(name, studies.effects.reasons[i] or "it has no counts")
        for i, name in enumerate(studies.names)
        if not whole[i]
    ]
    said = (*left_out_warning(without), *result.warnings)
    warnings = [w.replace("Left out", "Not in the mixed model") for w in said]
    return {
        **plain(result),
        "shown": dict(zip(("estimate", "ci_low", "ci_high"), shown, strict=True)),
        "sentence": with_left_out(result.sentence, without),
        "warnings": warnings,
    }

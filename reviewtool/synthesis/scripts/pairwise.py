"""An R script that reproduces a run with metafor, and the data it reads.

The script stops with an error when a number differs from the stored one by more than
1e-6 of its size. It covers every study's effect, the pooled effect, subgroups and their
test, sensitivity analyses, meta-regression and Egger's test.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from reviewtool import table_files
from reviewtool.stats.guidance import TEST, chosen_test
from reviewtool.stats.measures import Data
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import Effect, PairwiseResult, Pooled, Refit, Regression
from reviewtool.synthesis.rules.leaving import at_high_risk
from reviewtool.synthesis.rules.pooling import Settings, places
from reviewtool.synthesis.rules.selection import LeftOut

FIRST = ("study", "year", "subgroup", "treatment", "source")
LAST = ("yi", "sei", "high_risk")
# Data whose cells are corrected when one of them is zero.
CORRECTED = (Data.COUNTS, Data.RATES, Data.COUNT, Data.RATE)
CHECK = """\
checked <- 0
check <- function(what, found, expected) {
  found <- as.numeric(found)
  if (is.na(expected)) return(invisible())
  if (is.na(found) || abs(found - expected) > 1e-6 * max(1, abs(expected)))
    stop(sprintf("%s: R gives %.10g, the run has %.10g", what, found, expected))
  checked <<- checked + 1
}"""


def data_csv(run: AnalysisRun, result: PairwiseResult) -> bytes:
    """One line per row of the analysis, with the columns metafor's escalc reads."""
    columns = places(result.effect_measure)
    keys = _moderators(run, result)
    rows = []
    high_risk = set(at_high_risk(run.inputs))
    for one in result.studies:
        known = run.inputs.moderators.get(one.study_id, {})
        high = one.study_id in high_risk
        groups = {1: one.group1, 2: one.group2}
        cells: list[Any] = [one.label, one.year, one.subgroup, one.treatment, one.source]
        cells += [getattr(groups[side], name) for side, name in columns.values()]
        cells += [one.estimate, one.se, int(high), *(known.get(key) for key in keys)]
        rows.append([text(cell) for cell in cells])
    mods = [f"mod{i}" for i in range(1, len(keys) + 1)]
    return table_files.write([*FIRST, *columns, *LAST, *mods], rows, mark=False)


def _moderators(run: AnalysisRun, result: PairwiseResult) -> list[str]:
    fitted = result.regression is not None and result.regression.terms
    return list(run.settings.moderators) if fitted else []


def text(value: Any) -> str:
    """A cell of the data file; numbers with every digit."""
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def script(line: Line, run: AnalysisRun, result: PairwiseResult, data_name: str) -> str:
    """The script; run it in the folder of its data file."""
    settings = as_pooled(run.settings, result.pooled)
    parts = [
        f"# {comment(line.title)}",
        f"# Run {run.id}, inputs {run.inputs_hash[:16]}, reviewtool {run.software['reviewtool']}",
        *named(result.left_out),
        "library(metafor)",
        f'd <- read.csv({json.dumps(data_name)}, stringsAsFactors = FALSE, encoding = "UTF-8")',
        table_files.UNGUARD_IN_R,
        CHECK,
        "",
        *_effects(result),
        "",
        "# All studies",
        *_fit("res", "d", settings, result.pooled),
        "print(res)",
        *_check("pooled", "res", result.pooled),
        *_subgroups(result, settings),
        *_sensitivity(result, settings),
        *_regression(run, result, settings),
        *_asymmetry(result),
        'cat(checked, "numbers were reproduced.\\n")',
    ]
    return "\n".join(parts) + "\n"


def as_pooled(settings: Settings, pooled: Pooled) -> Settings:
    """The settings with the method that was used: a plan can give way to its data.

    A test that each fit chooses for itself stays open.
    """
    test = settings.test if settings.test == TEST else pooled.test
    return replace(settings, method=pooled.method, test=test)


def named(left_out: Iterable[LeftOut]) -> list[str]:
    """The studies that are not in the data, as comments."""
    return [comment(f"# Left out: {one.label}: {one.reason}") for one in left_out]


def comment(words: str) -> str:
    """``words`` on one line, for a comment of R."""
    return " ".join(words.split())


def _effects(result: PairwiseResult) -> list[str]:
    """Effects from the groups by escalc, those reported as they are; both checked."""
    measure = result.effect_measure
    lines = ["d$vi <- d$sei^2"]
    if any(one.source == "arms" for one in result.studies):
        arguments = ", ".join(f"{name} = {name}" for name in places(measure))
        policy = ""
        if measure.data in CORRECTED and not measure.raw:
            policy = ', add = 0.5, to = "only0"'  # studies that say nothing are not in d
        lines += [
            'own <- d$source == "arms"',
            f'es <- escalc(measure = "{measure.r_name}", {arguments},',
            f"             data = d[own, ]{policy}, append = FALSE)",
            'check("effects of the studies", max(abs(d$yi[own] - es$yi)), 0)',
            'check("standard errors of the studies", max(abs(d$sei[own] - sqrt(es$vi))), 0)',
            "d$yi[own] <- es$yi; d$vi[own] <- es$vi",
        ]
    return lines


def _fit(
    name: str,
    data: str,
    settings: Settings,
    found: Effect | Regression | None = None,
    *,
    mods: str = "",
    k: int = 0,
) -> list[str]:
    """A fit in R. metafor climbs from the tau2 of ``found``, because the likelihood may have a
    lower maximum at which it would stop otherwise. k: studies of a refit."""
    if settings.is_mantel_haenszel and not mods:
        columns = places(settings.effect_measure)
        arguments = ", ".join(f"{column} = {column}" for column in columns)
        return [
            f'{name} <- rma.mh(measure = "{settings.effect_measure.r_name}", {arguments},',
            f"            data = {data}, add = c(1/2, 0), level = {settings.level})",
        ]
    method, test = settings.estimator
    if isinstance(found, Pooled):
        test = found.test
    elif isinstance(found, Regression):
        test = chosen_test(test, method, found.k - len(found.terms) + 1, found.tau2 or 0.0)
    elif found is not None:
        test = chosen_test(test, method, k, getattr(found, "tau2", None) or 0.0)
    # metafor's own limits stop earlier than ours; closed forms take no such options.
    control = ""
    if method in {"REML", "ML", "EB"}:
        start = getattr(found, "tau2", None)
        first = "" if start is None or method == "EB" else f", tau2.init = {number(start)}"
        control = f", control = list(threshold = 1e-12, maxiter = 10000{first})"
    elif method == "PM":
        control = ", control = list(tol = 1e-14, maxiter = 10000)"
    return [
        f'{name} <- rma(yi, vi{mods}, data = {data}, method = "{method}", test = "{test}",',
        f"            level = {settings.level}{control})",
    ]


def number(value: Any) -> str:
    """A number in R's words; NA where there is none."""
    return "NA" if value is None else repr(float(value))


# Name of a number -> where metafor's fit has it.
OF_FIT = {
    "estimate": "beta[1]",
    "se": "se[1]",
    "ci_low": "ci.lb[1]",
    "ci_high": "ci.ub[1]",
    "p": "pval[1]",
    "tau2": "tau2",
    "q": "QE",
    "q_p": "QEp",
    "i2": "I2",
}
OF_SEVERAL = {"q", "q_p", "i2"}  # of a single study there is none


def _check(what: str, name: str, found: Effect, only: Iterable[str] = tuple(OF_FIT)) -> list[str]:
    """Lines that compare a fit with what is stored; what is not defined is not compared."""
    single = isinstance(found, Pooled) and found.k < 2
    lines = []
    for key in only:
        value = getattr(found, key, None)
        if value is None or (single and key in OF_SEVERAL):
            continue
        if key == "tau2" and isinstance(found, Pooled) and found.method == "MH":
            continue
        lines.append(
            f"check({json.dumps(f'{what}, {key}')}, {name}${OF_FIT[key]}, {number(value)})"
        )
    if isinstance(found, Pooled) and found.pi_low is not None:
        lines += [
            f"half <- qt(1 - {name}$level / 2, {name}$k - 1) *",
            f"  sqrt({name}$se[1]^2 + {name}$tau2)",
            f"check({json.dumps(what + ', pi_low')}, {name}$beta[1] - half, "
            f"{number(found.pi_low)})",
            f"check({json.dumps(what + ', pi_high')}, {name}$beta[1] + half, "
            f"{number(found.pi_high)})",
        ]
    return lines


def _subgroups(result: PairwiseResult, settings: Settings) -> list[str]:
    parts: list[str] = []
    pooled = [group for group in result.subgroups if group.estimate is not None]
    for at, group in enumerate(pooled, 1):
        label = json.dumps(group.label, ensure_ascii=False)
        known = '"Not reported"' if group.label == "Not reported" else label
        parts += [
            "",
            f"# Subgroup {comment(group.label)}",
            *_fit(
                f"sub{at}",
                f'd[ifelse(d$subgroup == "", "Not reported", d$subgroup) == {known}, ]',
                settings,
                group,
            ),
            *_check(f"subgroup {at}", f"sub{at}", group),
        ]
    if result.between is not None and result.between.q is not None:
        names = range(1, len(pooled) + 1)
        parts += [
            "",
            "# Test for subgroup differences",
            f"b <- c({', '.join(f'sub{i}$beta[1]' for i in names)})",
            f"w <- 1 / c({', '.join(f'sub{i}$se[1]' for i in names)})^2",
            f'check("subgroup differences", sum(w * (b - sum(w * b) / sum(w))^2), '
            f"{number(result.between.q)})",
        ]
    return parts


def _sensitivity(result: PairwiseResult, settings: Settings) -> list[str]:
    found = result.sensitivity
    parts: list[str] = []
    if found.common is not None:
        common = replace(settings, model="common", method="EE", test="z")
        parts += ["", "# Common effect", *_fit("common", "d", common)]
        parts += _check("common effect", "common", found.common)
    if found.exclude_high_risk is not None and found.exclude_high_risk.pooled is not None:
        parts += ["", "# Without studies at high risk of bias"]
        parts += _fit("low", "d[d$high_risk == 0, ]", settings, found.exclude_high_risk.pooled)
        parts += _check("without high risk", "low", found.exclude_high_risk.pooled)
    labels = [one.label for one in result.studies]
    for at, less in enumerate(found.sets, 1):
        if less.pooled is not None:
            gone = ", ".join(str(labels.index(name) + 1) for name in less.left_out)
            parts += ["", f"# {comment(less.words)}"]
            parts += _fit("less", f"d[-c({gone}), ]", settings, less.pooled)
            parts += _check(f"set {at}", "less", less.pooled)
    if found.leave_one_out:
        parts += ["", "# Leaving out one study at a time"]
        for at, one in enumerate(found.leave_one_out, 1):
            parts += _fit("loo", f"d[-{at}, ]", settings, one, k=len(result.studies) - 1)
            effect: Refit = one
            parts += _check(
                f"without row {at}", "loo", effect, ("estimate", "se", "ci_low", "ci_high")
            )
    return parts


def _regression(run: AnalysisRun, result: PairwiseResult, settings: Settings) -> list[str]:
    keys = _moderators(run, result)
    if not keys or result.regression is None:
        return []
    names = [f"mod{i}" for i in range(1, len(keys) + 1)]
    parts = ["", f"# Meta-regression on {comment(', '.join(keys))}"]
    parts += named(result.regression.left_out)
    parts += _fit("reg", "d", settings, result.regression, mods=f", mods = ~ {' + '.join(names)}")
    for i, term in enumerate(result.regression.terms, 1):
        parts += [
            f"check({json.dumps('regression, ' + term.name)}, reg$beta[{i}], "
            f"{number(term.estimate)})",
            f"check({json.dumps('regression, se of ' + term.name)}, reg$se[{i}], "
            f"{number(term.se)})",
        ]
    return parts


def _asymmetry(result: PairwiseResult) -> list[str]:
    found = result.asymmetry
    if found is None or found.p is None:
        return []
    return [
        "",
        "# Egger's test",
        'egger <- regtest(d$yi, d$vi, model = "lm", predictor = "sei")',
        f'check("Egger, t", egger$zval, {number(found.t)})',
        f'check("Egger, p", egger$pval, {number(found.p)})',
    ]

"""An R script that reproduces a run with metafor, and the data it reads.

The script stops with an error when a number differs from the stored one by more than
1e-6 of its size. It covers the pooled effect, subgroups and their test, sensitivity
analyses, meta-regression and Egger's test.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reviewtool import table_files
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line

COLUMNS = (
    "study",
    "year",
    "subgroup",
    "treatment",
    "ai",
    "n1i",
    "ci",
    "n2i",
    "m1i",
    "sd1i",
    "m2i",
    "sd2i",
    "yi",
    "sei",
    "high_risk",
)
BINARY = frozenset({"OR", "RR", "RD"})
CHECK = """\
checked <- 0
check <- function(what, found, expected) {
  found <- as.numeric(found)
  if (is.na(expected)) return(invisible())
  if (is.na(found) || abs(found - expected) > 1e-6 * max(1, abs(expected)))
    stop(sprintf("%s: R gives %.10g, the run has %.10g", what, found, expected))
  checked <<- checked + 1
}"""


def data_csv(run: AnalysisRun) -> bytes:
    """One line per row of the analysis, with the columns metafor's escalc reads."""
    rows = []
    moderators = _moderators(run)
    judgements = run.inputs.get("judgements", {})
    for one in run.result["studies"]:
        first, second = one["group1"], one["group2"]
        values = run.inputs.get("moderators", {}).get(str(one["study_id"]), {})
        high = judgements.get(str(one["study_id"]), "").casefold() == "high"
        rows.append(
            [
                text(value)
                for value in (
                    one["label"],
                    one["year"],
                    one["subgroup"],
                    one["treatment"],
                    first["events"],
                    first["total"],
                    second["events"],
                    second["total"],
                    first["mean"],
                    first["sd"],
                    second["mean"],
                    second["sd"],
                    one["estimate"],
                    one["se"],
                    int(high),
                    *(values.get(key) for key in moderators),
                )
            ]
        )
    columns = [*COLUMNS, *(f"mod{i}" for i in range(1, len(moderators) + 1))]
    return table_files.write(columns, rows, mark=False)


def _moderators(run: AnalysisRun) -> list[str]:
    found = run.result.get("regression") or {}
    return list(run.settings.get("moderators") or ()) if "terms" in found else []


def text(value: Any) -> str:
    """A cell of the data file; numbers with every digit."""
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def script(line: Line, run: AnalysisRun, data_name: str) -> str:
    """The script; run it in the folder of its data file."""
    settings, result = run.settings, run.result
    parts = [
        f"# {comment(line.title)}",
        f"# Run {run.id}, inputs {run.inputs_hash[:16]}, reviewtool {run.software['reviewtool']}",
        "library(metafor)",
        f'd <- read.csv({json.dumps(data_name)}, stringsAsFactors = FALSE, encoding = "UTF-8")',
        table_files.UNGUARD_IN_R,
        *_effects(run),
        CHECK,
        "",
        "# All studies",
        *_fit("res", "d", settings),
        "print(res)",
        *_check("pooled", "res", result["pooled"], settings),
        *_subgroups(run),
        *_sensitivity(run),
        *_regression(run),
        *_asymmetry(run),
        'cat(checked, "numbers were reproduced.\\n")',
    ]
    return "\n".join(parts) + "\n"


def comment(words: str) -> str:
    """``words`` on one line, for a comment of R."""
    return " ".join(words.split())


def _effects(run: AnalysisRun) -> list[str]:
    measure, studies = run.result["measure"], run.result["studies"]
    if measure in BINARY and any(s["group1"]["events"] is not None for s in studies):
        drop = "TRUE" if measure in {"OR", "RR"} else "FALSE"
        return [
            f'd <- escalc(measure = "{measure}", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d,',
            f'            add = 0.5, to = "only0", drop00 = {drop}, append = TRUE, replace = TRUE)',
        ]
    if measure in {"MD", "SMD"} and any(s["group1"]["mean"] is not None for s in studies):
        return [
            f'd <- escalc(measure = "{measure}", m1i = m1i, sd1i = sd1i, n1i = n1i,',
            "            m2i = m2i, sd2i = sd2i, n2i = n2i, data = d, replace = TRUE)",
        ]
    return ["d$vi <- d$sei^2"]


def _is_mh(settings: Mapping[str, Any]) -> bool:
    return settings["method"] == "MH" and settings["measure"] in BINARY


def _model(settings: Mapping[str, Any]) -> tuple[str, str]:
    """(method, test) in metafor's words."""
    if settings["model"] == "common" or settings["method"] in {"EE", "MH"}:
        return "EE", "t" if settings["test"] == "t" else "z"
    return settings["method"], settings["test"]


def _fit(name: str, data: str, settings: Mapping[str, Any], *, mods: str = "") -> list[str]:
    level = settings["level"]
    if _is_mh(settings) and not mods:
        return [
            f'{name} <- rma.mh(measure = "{settings["measure"]}", ai = ai, n1i = n1i, ci = ci,',
            f"            n2i = n2i, data = {data}, add = c(1/2, 0), level = {level})",
        ]
    method, test = _model(settings)
    # metafor's own limits stop earlier than ours; closed forms take no such options.
    control = ""
    if method in {"REML", "ML", "EB"}:
        control = ", control = list(threshold = 1e-12, maxiter = 10000)"
    elif method == "PM":
        control = ", control = list(tol = 1e-14, maxiter = 10000)"
    return [
        f'{name} <- rma(yi, vi{mods}, data = {data}, method = "{method}", test = "{test}",',
        f"            level = {level}{control})",
    ]


def number(value: Any) -> str:
    """A number in R's words; NA where there is none."""
    return "NA" if value is None else repr(float(value))


def _check(
    what: str, name: str, expected: Mapping[str, Any], settings: Mapping[str, Any]
) -> list[str]:
    found = {
        "estimate": f"{name}$beta[1]",
        "se": f"{name}$se[1]",
        "ci_low": f"{name}$ci.lb[1]",
        "ci_high": f"{name}$ci.ub[1]",
        "p": f"{name}$pval[1]",
    }
    if not _is_mh(settings):
        found["tau2"] = f"{name}$tau2"
    if expected.get("k", 0) > 1:
        found |= {"q": f"{name}$QE", "q_p": f"{name}$QEp", "i2": f"{name}$I2"}
    lines = [
        f"check({json.dumps(f'{what}, {key}')}, {code}, {number(expected.get(key))})"
        for key, code in found.items()
        if key in expected
    ]
    if expected.get("pi_low") is not None:
        lines += [
            f"pred <- predict({name})",
            f"check({json.dumps(what + ', pi_low')}, pred$pi.lb, {number(expected['pi_low'])})",
            f"check({json.dumps(what + ', pi_high')}, pred$pi.ub, {number(expected['pi_high'])})",
        ]
    return lines


def _subgroups(run: AnalysisRun) -> list[str]:
    parts: list[str] = []
    groups: Sequence[Mapping[str, Any]] = run.result.get("subgroups") or []
    for at, group in enumerate(groups, 1):
        label = json.dumps(group["label"], ensure_ascii=False)
        parts += [
            "",
            f"# Subgroup {comment(group['label'])}",
            *_fit(f"sub{at}", f"d[d$subgroup == {label}, ]", run.settings),
            *_check(f"subgroup {at}", f"sub{at}", group, run.settings),
        ]
    between = run.result.get("between")
    if between and between["q"] is not None:
        names = range(1, len(groups) + 1)
        parts += [
            "",
            "# Test for subgroup differences",
            f"b <- c({', '.join(f'sub{i}$beta[1]' for i in names)})",
            f"w <- 1 / c({', '.join(f'sub{i}$se[1]' for i in names)})^2",
            f'check("subgroup differences", sum(w * (b - sum(w * b) / sum(w))^2), '
            f"{number(between['q'])})",
        ]
    return parts


def _sensitivity(run: AnalysisRun) -> list[str]:
    found, settings = run.result.get("sensitivity") or {}, run.settings
    parts: list[str] = []
    if found.get("common"):
        common = dict(settings) | {"model": "common", "method": "EE", "test": "z"}
        parts += ["", "# Common effect", *_fit("common", "d", common)]
        parts += _check("common effect", "common", found["common"], common)
    if (found.get("exclude_high_risk") or {}).get("estimate") is not None:
        parts += ["", "# Without studies at high risk of bias"]
        parts += _fit("low", "d[d$high_risk == 0, ]", settings)
        parts += _check("without high risk", "low", found["exclude_high_risk"], settings)
    if found.get("leave_one_out"):
        parts += ["", "# Leaving out one study at a time"]
        for at, one in enumerate(found["leave_one_out"], 1):
            parts += _fit("loo", f"d[-{at}, ]", settings)
            wanted = {key: one[key] for key in ("estimate", "se", "ci_low", "ci_high")}
            parts += _check(f"without row {at}", "loo", wanted, settings)
    return parts


def _regression(run: AnalysisRun) -> list[str]:
    keys = _moderators(run)
    if not keys:
        return []
    names = [f"mod{i}" for i in range(1, len(keys) + 1)]
    parts = ["", f"# Meta-regression on {comment(', '.join(keys))}"]
    parts += _fit("reg", "d", run.settings, mods=f", mods = ~ {' + '.join(names)}")
    for i, term in enumerate(run.result["regression"]["terms"], 1):
        parts += [
            f"check({json.dumps('regression, ' + term['name'])}, reg$beta[{i}], "
            f"{number(term['estimate'])})",
            f"check({json.dumps('regression, se of ' + term['name'])}, reg$se[{i}], "
            f"{number(term['se'])})",
        ]
    return parts


def _asymmetry(run: AnalysisRun) -> list[str]:
    found = run.result.get("asymmetry") or {}
    if found.get("p") is None:
        return []
    return [
        "",
        "# Egger's test",
        'egger <- regtest(d$yi, d$vi, model = "lm", predictor = "sei")',
        f'check("Egger, t", egger$zval, {number(found["t"])})',
        f'check("Egger, p", egger$pval, {number(found["p"])})',
    ]

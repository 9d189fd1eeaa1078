"""An R script that reproduces an analysis of several time points together, and its data.

Estimates, intervals and tests are computed by matrices at the variances of the run and
must agree within 1e-6 of their size. metafor then looks for the variances by itself: its
likelihood may not be higher, and its estimates must be the same within a hundredth of
their standard errors (an optimiser stops before the last digit).
"""

import json

from reviewtool import table_files
from reviewtool.protocol.rules.joint import JointChoices, positions
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import OverTimeResult
from reviewtool.synthesis.scripts.pairwise import CHECK, comment, named, number, text

COLUMNS = ("study_id", "study", "timepoint", "time", "yi", "sei")
# Structures as metafor calls them; it has none with a variance each and uneven distances.
IN_METAFOR = {"UN": "UN", "CS": "CS", "HCS": "HCS", "AR": "CAR"}
MODEL = """\
times <- sort(unique(d$time))
k <- nrow(d); m <- length(times)
same <- outer(d$study_id, d$study_id, "==")
sampling <- function(rho) {
  between <- if (decaying) rho^abs(outer(d$time, d$time, "-")) else matrix(rho, k, k)
  diag(between) <- 1
  same * between * outer(d$sei, d$sei)
}
X <- outer(match(d$time, times), seq_len(m), "==") * 1
at <- match(d$time, times)
solved <- function(V) {
  W <- solve(V)
  cov <- solve(t(X) %*% W %*% X)
  b <- c(cov %*% t(X) %*% W %*% d$yi)
  r <- d$yi - X %*% b
  list(b = b, se = sqrt(diag(cov)), cov = cov, Q = c(t(r) %*% W %*% r))
}
change <- function(fit) {
  L <- diag(m)[-1, , drop = FALSE] - diag(m)[-m, , drop = FALSE]
  step <- L %*% fit$b
  q <- c(t(step) %*% solve(L %*% fit$cov %*% t(L)) %*% step)
  if (is.na(df)) c(q, pchisq(q, m - 1, lower.tail = FALSE))
  else c(q / (m - 1), pf(q / (m - 1), m - 1, df, lower.tail = FALSE))
}"""
METAFOR = """\
library(metafor)
d$inner <- %(inner)s
d$point <- factor(d$time)
free <- rma.mv(yi, V, mods = ~ 0 + point, random = ~ inner | study_id, struct = "%(struct)s",
               data = d, method = "%(method)s", dist = NULL)
held <- solved(V + same * G[at, at])
if (max(abs(coef(free) - held$b) / held$se) > 0.01)
  stop("metafor finds other estimates: ", paste(round(coef(free), 5), collapse = ", "))
cat("metafor", as.character(packageVersion("metafor")), "finds the same estimates.\\n")"""


def data_csv(result: OverTimeResult) -> bytes:
    """One line per result: a study at a time point. time: as the model counts it."""
    at = _positions(result)
    rows = (
        [
            text(cell)
            for cell in (
                one.study_id,
                one.label,
                one.timepoint,
                at[one.timepoint],
                one.estimate,
                one.se,
            )
        ]
        for one in result.studies
    )
    return table_files.write(COLUMNS, rows, mark=False)


def _positions(result: OverTimeResult) -> dict[str, float]:
    choices = JointChoices(result.rho, result.pattern, result.unit, result.structure)
    return positions([one.timepoint for one in result.times], choices)


def script(line: Line, run: AnalysisRun, result: OverTimeResult, data_name: str) -> str:
    """The script; run it in the folder of its data file."""
    parts = [
        f"# {comment(line.title)}",
        f"# Run {run.id}, inputs {run.inputs_hash[:16]}, reviewtool {run.software['reviewtool']}",
        *named(result.left_out),
        f'd <- read.csv({json.dumps(data_name)}, stringsAsFactors = FALSE, encoding = "UTF-8")',
        table_files.UNGUARD_IN_R,
        f"decaying <- {'TRUE' if result.pattern == 'decaying' else 'FALSE'}",
        f"df <- {number(result.df)}",
        CHECK,
        "",
        MODEL,
        "",
        f"V <- sampling({number(result.rho)})",
        f"G <- {_between(result)}",
        "fit <- solved(V + same * G[at, at])",
        f"half <- (if (is.na(df)) qnorm(1 - (1 - {result.level} / 100) / 2) else "
        f"qt(1 - (1 - {result.level} / 100) / 2, df)) * fit$se",
        "print(data.frame(time = times, estimate = fit$b, se = fit$se))",
        *_times(result),
        f'check("Q", solved(V)$Q, {number(result.heterogeneity.q)})',
    ]
    if result.change is not None:
        parts += [
            f'check("change over time", change(fit)[1], {number(result.change.q)})',
            f'check("change over time, p", change(fit)[2], {number(result.change.p)})',
        ]
    parts += [*_metafor(result), 'cat(checked, "numbers were reproduced.\\n")']
    return "\n".join(parts) + "\n"


def _between(result: OverTimeResult) -> str:
    """The covariance of random effects as R writes a matrix."""
    m = len(result.times)
    if not result.correlations:
        return f"matrix(0, {m}, {m})"
    sd = [(one.tau2 or 0.0) ** 0.5 for one in result.times]
    cells = [
        number(sd[i] * sd[j] * (result.correlations[i][j] or 0.0 if i != j else 1.0))
        for i in range(m)
        for j in range(m)
    ]
    return f"matrix(c({', '.join(cells)}), {m})"


def _times(result: OverTimeResult) -> list[str]:
    lines = []
    for i, one in enumerate(result.times, 1):
        for what, found, expected in (
            ("", f"fit$b[{i}]", one.estimate),
            (", se", f"fit$se[{i}]", one.se),
            (", low", f"fit$b[{i}] - half[{i}]", one.ci_low),
            (", high", f"fit$b[{i}] + half[{i}]", one.ci_high),
        ):
            name = json.dumps(one.timepoint + what, ensure_ascii=False)
            lines.append(f"check({name}, {found}, {number(expected)})")
    return lines


def _metafor(result: OverTimeResult) -> list[str]:
    if result.structure not in IN_METAFOR:
        return []
    of_time = result.structure == "AR"
    words = {
        "inner": "d$time" if of_time else "factor(d$time)",
        "struct": IN_METAFOR[result.structure],
        "method": result.method,
    }
    return ["", METAFOR.replace(", dist = NULL", "") % words]

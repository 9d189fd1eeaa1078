"""An R script that reproduces a network, and the data it reads.

Base R alone: the estimators are written out as matrices, so nothing has to be installed
and every step can be read. Contrasts of a study are correlated as their variances say
(two contrasts share an arm); random effects of two contrasts of a study correlate by one
half (Jackson, White & Riley 2012, Stat Med 31:3805). The script stops with an error when
a number differs from the stored one by more than 1e-6 of its size.
"""

import json

from reviewtool import table_files
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import NetworkResult
from reviewtool.synthesis.scripts.pairwise import CHECK, comment, named, number, text

COLUMNS = ("study", "treat1", "treat2", "yi", "sei")
MODEL = """\
treatments <- sort(unique(c(d$treat1, d$treat2)))
studies <- unique(d$study)
n <- length(treatments)

# Each study: its contrasts with its first arm, their covariances from all its contrasts.
y <- numeric(); X <- NULL; V <- list(); B <- list()
for (s in studies) {
  own <- d[d$study == s, ]
  arms <- sort(unique(c(own$treat1, own$treat2)))
  k <- length(arms)
  te <- v <- matrix(0, k, k, dimnames = list(arms, arms))
  for (r in seq_len(nrow(own))) {
    te[own$treat1[r], own$treat2[r]] <- own$yi[r]
    te[own$treat2[r], own$treat1[r]] <- -own$yi[r]
    v[own$treat1[r], own$treat2[r]] <- v[own$treat2[r], own$treat1[r]] <- own$sei[r]^2
  }
  others <- arms[-1]
  y <- c(y, te[others, 1])
  rows <- matrix(0, k - 1, n, dimnames = list(NULL, treatments))
  rows[, arms[1]] <- -1
  rows[cbind(seq_len(k - 1), match(others, treatments))] <- 1
  X <- rbind(X, rows)
  V[[s]] <- (outer(v[others, 1], v[others, 1], "+") - v[others, others, drop = FALSE]) / 2
  B[[s]] <- (diag(k - 1) + 1) / 2
}
blocks <- function(parts) {
  size <- vapply(parts, nrow, 1L)
  whole <- matrix(0, sum(size), sum(size))
  end <- cumsum(size)
  for (i in seq_along(parts)) {
    at <- seq(end[i] - size[i] + 1, end[i])
    whole[at, at] <- parts[[i]]
  }
  whole
}
V <- blocks(V); B <- blocks(B)
X <- X[, treatments != reference, drop = FALSE]

fit <- function(tau2) {
  W <- solve(V + tau2 * B)
  cov <- solve(t(X) %*% W %*% X)
  beta <- cov %*% t(X) %*% W %*% y
  r <- y - X %*% beta
  P <- W - W %*% X %*% cov %*% t(X) %*% W
  list(W = W, cov = cov, beta = beta, r = r, P = P, Q = c(t(r) %*% W %*% r))
}
# The estimate of tau2 is the zero of the derivative of the (restricted) likelihood.
score <- function(tau2, method) {
  f <- fit(tau2)
  c(t(f$r) %*% f$W %*% B %*% f$W %*% f$r) - sum(diag((if (method == "REML") f$P else f$W) %*% B))
}
between <- function(method) {
  start <- fit(0)
  df <- length(y) - ncol(X)
  if (df == 0) return(0)
  if (method == "DL") return(max(0, (start$Q - df) / sum(diag(start$P %*% B))))
  if (score(0, method) <= 0) return(0)
  high <- 1
  while (score(high, method) > 0) high <- 2 * high
  uniroot(score, c(0, high), method = method, tol = 1e-14)$root
}
effects <- function(f) {
  at <- treatments != reference
  beta <- setNames(numeric(n), treatments); beta[at] <- f$beta
  cov <- matrix(0, n, n, dimnames = list(treatments, treatments)); cov[at, at] <- f$cov
  own <- diag(cov)
  se <- sqrt(pmax(outer(own, own, "+") - 2 * cov, 0))
  list(te = outer(beta, beta, "-"), se = se)
}"""


def data_csv(result: NetworkResult) -> bytes:
    """One line per contrast: the effect of treat1 versus treat2 on the analysis scale."""
    rows = (
        [text(cell) for cell in (one.study, one.first, one.second, one.estimate, one.se)]
        for one in result.contrasts
    )
    return table_files.write(COLUMNS, rows, mark=False)


def script(line: Line, run: AnalysisRun, result: NetworkResult, data_name: str) -> str:
    """The script; run it in the folder of its data file."""
    common = result.model == "common"
    parts = [
        f"# {comment(line.title)}",
        f"# Run {run.id}, inputs {run.inputs_hash[:16]}, reviewtool {run.software['reviewtool']}",
        f'd <- read.csv({json.dumps(data_name)}, colClasses = c(study = "character",',
        '  treat1 = "character", treat2 = "character"), encoding = "UTF-8")',
        table_files.UNGUARD_IN_R,
        f"reference <- {_word(result.reference)}",
        *named(result.left_out),
        CHECK,
        "",
        MODEL,
        "",
        f'tau2 <- between("{result.method}")',
        f'check("tau2", tau2, {number(result.tau2)})',
        f'check("Q", fit(0)$Q, {number(result.q.total.q if result.q.total else None)})',
        f"e <- effects(fit({'0' if common else 'tau2'}))",
        f"z <- qnorm(1 - (1 - {result.level} / 100) / 2)",
        "print(round(e$te[, reference, drop = FALSE], 4))",
        "",
        "# The league table: row versus column",
        *_league(result),
        "",
        "# P-scores",
        *_scores(result),
        *_splits(result, common),
        'cat(checked, "numbers were reproduced.\\n")',
    ]
    return "\n".join(parts) + "\n"


def _word(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _league(result: NetworkResult) -> list[str]:
    lines = []
    for first, row in result.league.items():
        for second, cell in row.items():
            at = f"[{_word(first)}, {_word(second)}]"
            what = f"{first} versus {second}"
            lines += [
                f"check({_word(what)}, e$te{at}, {number(cell.estimate)})",
                f"check({_word(what + ', se')}, e$se{at}, {number(cell.se)})",
                f"check({_word(what + ', low')}, e$te{at} - z * e$se{at}, {number(cell.ci_low)})",
            ]
    return lines


def _scores(result: NetworkResult) -> list[str]:
    sign = "-" if result.lower_is_better else ""
    return [
        f"score_of <- function(t) mean(pnorm({sign}e$te[t, treatments != t] / "
        "e$se[t, treatments != t]))",
        *(
            f"check({_word('P-score of ' + one.name)}, score_of({_word(one.name)}), "
            f"{number(one.p_score)})"
            for one in result.treatments
        ),
    ]


def _splits(result: NetworkResult, common: bool) -> list[str]:
    lines = [
        "",
        "# Direct and indirect evidence: what the head-to-head studies say, and the rest",
        f"extra <- {'0' if common else 'tau2'}",
        "split <- function(a, b) {",
        "  forward <- d$treat1 == a & d$treat2 == b; back <- d$treat1 == b & d$treat2 == a",
        "  own <- forward | back",
        "  w <- 1 / (d$sei[own]^2 + extra)",
        "  direct <- sum(w * ifelse(forward[own], d$yi[own], -d$yi[own])) / sum(w)",
        "  share <- sum(w) * e$se[a, b]^2",
        "  c(direct = direct, share = share, indirect = (e$te[a, b] - share * direct) / "
        "(1 - share),",
        "    se = e$se[a, b] / sqrt(1 - share))",
        "}",
    ]
    found = [one for one in result.splits if one.p is not None]
    for one in found:
        what = f"{one.first} versus {one.second}"
        lines.append(f"s <- split({_word(one.first)}, {_word(one.second)})")
        lines += [
            f"check({_word(what + ', ' + name)}, s[[{json.dumps(key)}]], "
            f"{number(getattr(one, own))})"
            for name, key, own in (
                ("direct", "direct", "direct"),
                ("share", "share", "share"),
                ("indirect", "indirect", "indirect"),
                ("indirect, se", "se", "indirect_se"),
            )
        ]
    return lines if found else []

# Computes an analysis of several time points together again, in base R, at the variances that
# were found; metafor, where it knows their structure, then looks for the variances by itself
# and must find the same estimates within a hundredth of their standard errors (an optimiser
# stops before the last digit). Run it in this folder: Rscript reproduce.R

source("checking.R")

d <- read_data(c("study_id", "study", "timepoint"))
level <- as.numeric(setting("level"))
df <- suppressWarnings(as.numeric(setting("df")))
times <- sort(unique(d$time))
k <- nrow(d); m <- length(times)
same <- outer(d$study_id, d$study_id, "==")
sampling <- function(rho) {
  decaying <- setting("pattern") == "decaying"
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

V <- sampling(as.numeric(setting("rho")))
G <- matrix(as.numeric(strsplit(setting("between"), " ")[[1]]), m)
fit <- solved(V + same * G[at, at])
half <- (if (is.na(df)) qnorm(0.5 + level / 200) else qt(0.5 + level / 200, df)) * fit$se
print(data.frame(time = times, estimate = fit$b, se = fit$se))
for (i in seq_len(m)) {
  name <- d$timepoint[at == i][1]
  check(sprintf("%s, estimate", name), fit$b[i])
  check(sprintf("%s, se", name), fit$se[i])
  check(sprintf("%s, ci_low", name), fit$b[i] - half[i])
  check(sprintf("%s, ci_high", name), fit$b[i] + half[i])
}
check("q", solved(V)$Q)
if (m > 1) {
  L <- diag(m)[-1, , drop = FALSE] - diag(m)[-m, , drop = FALSE]
  step <- L %*% fit$b
  q <- c(t(step) %*% solve(L %*% fit$cov %*% t(L)) %*% step)
  p <- pchisq(q, m - 1, lower.tail = FALSE)
  if (!is.na(df)) {
    q <- q / (m - 1)
    p <- pf(q, m - 1, df, lower.tail = FALSE)
  }
  check("change over time", q)
  check("change over time, p", p)
}

struct <- setting("struct")
if (struct != "") {
  suppressPackageStartupMessages(library(metafor))
  d$inner <- if (struct == "CAR") d$time else factor(d$time)
  d$point <- factor(d$time)
  free <- rma.mv(yi, V, mods = ~ 0 + point, random = ~ inner | study_id, struct = struct,
                 data = d, method = setting("method"))
  cat("metafor", as.character(packageVersion("metafor")), "\n")
  most <- max(abs(coef(free) - fit$b) / fit$se)
  say(most <= 0.01, sprintf("metafor finds the same estimates: %.3g standard errors apart", most))
}
finish()

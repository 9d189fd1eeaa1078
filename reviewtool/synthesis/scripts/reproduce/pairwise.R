# Computes a pairwise analysis again with metafor, and compares every number.
# Run it in this folder: Rscript reproduce.R

suppressPackageStartupMessages(library(metafor))
source("checking.R")
cat("metafor", as.character(packageVersion("metafor")), "\n")

d <- read_data(c("study", "subgroup", "treatment", "source"))
level <- as.numeric(setting("level"))
columns <- strsplit(setting("columns"), " ")[[1]]

# Effects of studies whose groups are known are computed, not read.
d$vi <- d$sei^2
own <- d$source == "arms"
if (any(own) && length(columns)) {
  arguments <- c(list(measure = setting("r_name"), append = FALSE), as.list(d[own, columns]))
  if (setting("corrected") == "yes") arguments <- c(arguments, add = 0.5, to = "only0")
  found <- do.call(escalc, arguments)
  d$yi[own] <- found$yi
  d$vi[own] <- found$vi
}
for (i in seq_len(nrow(d))) {
  check(sprintf("study %s, estimate", d$study[i]), d$yi[i])
  check(sprintf("study %s, se", d$study[i]), sqrt(d$vi[i]))
}

# The search for the likelihood's maximum begins at the expected tau2, because the likelihood
# may have a lower maximum at which it would stop otherwise.
fit <- function(data, what, method = setting("method"), test = setting("test"), mods = NULL) {
  if (method == "MH" && is.null(mods)) {
    arguments <- c(list(measure = setting("r_name"), add = c(1/2, 0), level = level),
                   as.list(data[, columns]))
    return(do.call(rma.mh, arguments))
  }
  if (method == "MH") method <- "EE"
  control <- list()
  if (method %in% c("REML", "ML", "EB")) control <- list(threshold = 1e-12, maxiter = 10000)
  if (method == "PM") control <- list(tol = 1e-14, maxiter = 10000)
  start <- near(paste0(what, ", tau2"))
  if (method %in% c("REML", "ML") && !is.na(start)) control$tau2.init <- start
  x <- if (is.null(mods)) matrix(1, nrow(data), 1) else cbind(1, as.matrix(data[, mods]))
  df <- nrow(data) - ncol(x)
  attempt <- function(test, step) {
    if (step < 1 && method %in% c("REML", "ML")) control$stepadj <- step
    rma(data$yi, data$vi, mods = x, intercept = FALSE, method = if (df) method else "EE",
        test = test, level = level, control = control)
  }
  # Shorter steps where the search turns round and round.
  once <- function(test) {
    for (step in c(1, 0.5, 0.25)) {
      found <- tryCatch(attempt(test, step), error = identity)
      if (!inherits(found, "error")) return(found)
    }
    stop(found)
  }
  if (df == 0) return(once("z"))
  if (test != "auto") return(once(test))
  first <- once("z")
  if (df > 1 && first$tau2 > 0 && method != "EE") once("knha") else first
}

natural <- function(value) {
  back <- setting("scale")
  if (back == "") return(value)
  if (back == "exp") return(exp(value))
  size <- as.numeric(setting("size"))
  if (back == "transf.ipft.hm") return(transf.ipft.hm(value, targs = list(ni = size)))
  if (back == "transf.iirft") return(transf.iirft(value, ti = size))
  do.call(back, list(value))
}

check_effect <- function(what, f) {
  number <- function(key, value) check(paste0(what, ", ", key), value)
  number("estimate", f$beta[1])
  number("se", f$se[1])
  number("ci_low", f$ci.lb[1])
  number("ci_high", f$ci.ub[1])
  number("p", f$pval[1])
  number("tau2", f$tau2)
  number("q", f$QE)
  number("q_p", f$QEp)
  number("i2", f$I2)
  number("h2", f$H2)
  number("natural estimate", natural(f$beta[1]))
  number("natural ci_low", natural(f$ci.lb[1]))
  number("natural ci_high", natural(f$ci.ub[1]))
  if (wants(paste0(what, ", pi_low"))) {
    half <- qt(0.5 + level / 200, f$k - 1) * sqrt(f$se[1]^2 + f$tau2)
    number("pi_low", f$beta[1] - half)
    number("pi_high", f$beta[1] + half)
  }
  if (wants(paste0(what, ", tau2_low"))) {
    most <- 1e7 * (diff(range(f$yi))^2 + max(f$vi))
    limits <- suppressWarnings(confint(f, level = level, control = list(
      tol = 1e-15, maxiter = 100000, tau2.max = most
    )))$random["tau^2", 2:3]
    limits[is.na(limits)] <- 0 # an empty interval
    number("tau2_low", limits[1])
    number("tau2_high", limits[2])
  }
}

res <- fit(d, "pooled")
print(res)
check_effect("pooled", res)
shares <- weights(res)
for (i in seq_len(nrow(d))) check(sprintf("study %s, weight", d$study[i]), shares[i])

# Subgroups, and the test for a difference between them
by <- ifelse(d$subgroup == "", "Not reported", d$subgroup)
b <- w <- numeric()
for (label in unique(by)) {
  what <- paste("subgroup", label)
  if (!wants(paste0(what, ", "))) next
  part <- fit(d[by == label, ], what)
  check_effect(what, part)
  b <- c(b, part$beta[1])
  w <- c(w, 1 / part$se[1]^2)
}
if (length(b) > 1) {
  q <- sum(w * (b - sum(w * b) / sum(w))^2)
  check("between subgroups, q", q)
  check("between subgroups, p", pchisq(q, length(b) - 1, lower.tail = FALSE))
}

# Sensitivity analyses
if (wants("common effect, "))
  check_effect("common effect", fit(d, "common effect", method = "EE", test = "z"))
if (wants("without high risk of bias, "))
  check_effect("without high risk of bias",
               fit(d[d$high_risk == 0, ], "without high risk of bias"))
for (column in grep("^set", names(d), value = TRUE)) {
  what <- paste("without set", sub("set", "", column))
  if (wants(paste0(what, ", "))) check_effect(what, fit(d[d[[column]] == 0, ], what))
}
for (i in seq_len(nrow(d))) {
  what <- paste("without", d$study[i])
  if (wants(paste0(what, ", "))) check_effect(what, fit(d[-i, ], what))
}

# Meta-regression, on the studies that report every characteristic
mods <- grep("^mod", names(d), value = TRUE)
if (length(mods)) {
  known <- d[complete.cases(d[, mods]), ]
  f <- fit(known, "meta-regression", mods = mods)
  terms <- c("intercept", vapply(mods, setting, ""))
  for (i in seq_along(terms)) {
    number <- function(key, value)
      check(sprintf("meta-regression, %s, %s", terms[i], key), value)
    number("estimate", f$beta[i])
    number("se", f$se[i])
    number("ci_low", f$ci.lb[i])
    number("ci_high", f$ci.ub[i])
    number("p", f$pval[i])
  }
  # The joint test and the share explained, of the same model written with an intercept.
  tested <- f$beta[-1]
  qm <- drop(tested %*% solve(f$vb[-1, -1, drop = FALSE]) %*% tested)
  p <- pchisq(qm, length(tested), lower.tail = FALSE)
  if (f$test != "z") {
    qm <- qm / length(tested)
    p <- pf(qm, length(tested), f$k - f$p, lower.tail = FALSE)
  }
  plain <- fit(known, "", test = "z", method = if (f$method == "FE") "EE" else f$method)
  share <- function(before, after) if (before > 0) max(0, 100 * (before - after) / before) else 0
  r2 <- if (f$method %in% c("EE", "FE"))
    share(plain$QE / (plain$k - 1), f$QE / (f$k - f$p)) else share(plain$tau2, f$tau2)
  check("meta-regression, tau2", f$tau2)
  check("meta-regression, i2", f$I2)
  check("meta-regression, r2", r2)
  check("meta-regression, qm", qm)
  check("meta-regression, qm_p", p)
}

# Egger's test
if (wants("Egger, ")) {
  egger <- regtest(d$yi, d$vi, model = "lm", predictor = "sei")
  check("Egger, slope", coef(summary(egger$fit))[2, 1])
  check("Egger, t", egger$zval)
  check("Egger, p", egger$pval)
}
finish()

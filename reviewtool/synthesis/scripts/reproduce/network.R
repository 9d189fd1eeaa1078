# Computes a network again in base R, and compares every number: the estimators are written out
# as matrices, so nothing has to be installed and every step can be read. Contrasts of a study
# are correlated as their variances say (two contrasts share an arm); random effects of two
# contrasts of a study correlate by one half (Jackson, White & Riley 2012, Stat Med 31:3805).
# Run it in this folder: Rscript reproduce.R

source("checking.R")

d <- read_data(c("study", "treat1", "treat2"))
reference <- setting("reference")
level <- as.numeric(setting("level"))
treatments <- sort(unique(c(d$treat1, d$treat2)))
studies <- unique(d$study)
n <- length(treatments)

# Each study: its contrasts with its first arm, their covariances from all its contrasts.
y <- numeric(); X <- NULL; V <- list(); B <- list(); design <- character()
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
  design <- c(design, rep(paste(arms, collapse = "\r"), k - 1))
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
whole <- X
X <- whole[, treatments != reference, drop = FALSE]

fit <- function(tau2, at = seq_along(y), x = X) {
  W <- solve(V[at, at] + tau2 * B[at, at])
  x <- x[at, , drop = FALSE]
  cov <- solve(t(x) %*% W %*% x)
  beta <- cov %*% t(x) %*% W %*% y[at]
  r <- y[at] - x %*% beta
  P <- W - W %*% x %*% cov %*% t(x) %*% W
  list(W = W, cov = cov, beta = beta, r = r, P = P, Q = max(0, c(t(r) %*% W %*% r)))
}

# The estimate of tau2 is the zero of the derivative of the (restricted) likelihood, the
# highest of its maxima where it has several.
score <- function(tau2, method) {
  f <- fit(tau2)
  c(t(f$r) %*% f$W %*% B %*% f$W %*% f$r) - sum(diag((if (method == "REML") f$P else f$W) %*% B))
}
height <- function(tau2, method) {
  f <- fit(tau2)
  own <- determinant(V + tau2 * B)$modulus + f$Q
  -own - if (method == "REML") determinant(t(X) %*% f$W %*% X)$modulus else 0
}
df <- length(y) - ncol(X)
between <- function(method) {
  start <- fit(0)
  if (df == 0) return(0)
  if (method == "DL") return(max(0, (start$Q - df) / sum(diag(start$P %*% B))))
  top <- 10 * (diff(range(c(0, y)))^2 + max(V))
  grid <- c(0, exp(seq(log(1e-4 * min(diag(V))), log(top), length.out = 200)))
  best <- which.max(vapply(grid, height, 0, method = method))
  if (best <= 2 && score(0, method) <= 0) return(0)
  around <- grid[c(max(1, best - 1), min(length(grid), best + 1))]
  uniroot(score, around, method = method, tol = 1e-15)$root
}
effects <- function(f) {
  at <- treatments != reference
  beta <- setNames(numeric(n), treatments); beta[at] <- f$beta
  cov <- matrix(0, n, n, dimnames = list(treatments, treatments)); cov[at, at] <- f$cov
  own <- diag(cov)
  se <- sqrt(pmax(outer(own, own, "+") - 2 * cov, 0))
  list(te = outer(beta, beta, "-"), se = se, beta = beta, cov = cov)
}

random <- setting("model") == "random"
tau2 <- between(setting("method"))
extra <- if (random) tau2 else 0
Q <- fit(0)$Q
check("tau2", tau2)
check("i2", if (Q > 0) max(0, 100 * (Q - df) / Q) else 0)
check("q total", Q)
check("q total, p", pchisq(Q, df, lower.tail = FALSE))

# Heterogeneity within designs, and inconsistency between them
parts <- lapply(unique(design), function(one) {
  at <- which(design == one)
  used <- which(colSums(abs(whole[at, , drop = FALSE])) > 0)[-1]
  list(at = at, x = whole[, used, drop = FALSE], df = length(at) - length(used))
})
parts <- Filter(function(one) one$df > 0, parts)
within <- function(tau2) sum(vapply(parts, function(one) fit(tau2, one$at, one$x)$Q, 0))
spare <- sum(vapply(parts, function(one) one$df, 0))
check("q within designs", within(0))
check("q within designs, p", pchisq(within(0), spare, lower.tail = FALSE))
check("q between designs", max(0, Q - within(0)))
check("q between designs, p", pchisq(Q - within(0), df - spare, lower.tail = FALSE))
trace <- sum(vapply(parts, function(one) {
  sum(diag(fit(0, one$at, one$x)$P %*% B[one$at, one$at]))
}, 0))
apart <- if (trace > 0) max(0, (within(0) - spare) / trace) else 0
q <- max(0, fit(apart)$Q - within(apart))
check("interaction of designs, q", q)
check("interaction of designs, p", pchisq(q, df - spare, lower.tail = FALSE))

# The league table: row versus column
e <- effects(fit(extra))
z <- qnorm(0.5 + level / 200)
print(round(e$te[, reference, drop = FALSE], 4))
for (first in treatments) for (second in setdiff(treatments, first)) {
  number <- function(key, value) check(sprintf("%s versus %s, %s", first, second, key), value)
  te <- e$te[first, second]; se <- e$se[first, second]
  number("estimate", te)
  number("se", se)
  number("ci_low", te - z * se)
  number("ci_high", te + z * se)
  number("p", 2 * pnorm(-abs(te / se)))
}
if (random && df > 1) for (one in setdiff(treatments, reference)) {
  half <- qt(0.5 + level / 200, df - 1) * sqrt(e$se[one, reference]^2 + tau2)
  check(sprintf("%s, pi_low", one), e$te[one, reference] - half)
  check(sprintf("%s, pi_high", one), e$te[one, reference] + half)
}

# P-scores; SUCRA is their value by simulation. Ranks by draws of the effects.
sign <- if (setting("lower_is_better") == "yes") -1 else 1
for (one in treatments) {
  others <- treatments != one
  score <- mean(pnorm(sign * e$te[one, others] / e$se[one, others]))
  check(sprintf("%s, p_score", one), score)
  check(sprintf("%s, sucra", one), score)
}
set.seed(1)
at <- treatments != reference
draws <- matrix(rnorm(50000 * (n - 1)), ncol = n - 1) %*% chol(e$cov[at, at, drop = FALSE])
drawn <- matrix(0, 50000, n, dimnames = list(NULL, treatments))
drawn[, at] <- draws
drawn <- sign * rbind(sweep(drawn, 2, e$beta, "+"), sweep(-drawn, 2, e$beta, "+"))
for (one in treatments) {
  rank <- 1 + rowSums(drawn > drawn[, one])
  for (r in seq_len(n)) check(sprintf("%s, rank %d", one, r), mean(rank == r))
}

# Direct and indirect evidence: what the head-to-head studies say, and the rest
for (a in treatments) for (b in setdiff(treatments, a)) {
  what <- sprintf("%s versus %s, ", a, b)
  if (!wants(paste0(what, "direct"))) next
  forward <- d$treat1 == a & d$treat2 == b; back <- d$treat1 == b & d$treat2 == a
  own <- forward | back
  w <- 1 / (d$sei[own]^2 + extra)
  direct <- sum(w * ifelse(forward[own], d$yi[own], -d$yi[own])) / sum(w)
  share <- sum(w) * e$se[a, b]^2
  indirect <- (e$te[a, b] - share * direct) / (1 - share)
  se <- c(direct = 1 / sqrt(sum(w)), indirect = e$se[a, b] / sqrt(1 - share))
  check(paste0(what, "direct"), direct)
  check(paste0(what, "direct, se"), se["direct"])
  check(paste0(what, "direct, share"), share)
  check(paste0(what, "indirect"), indirect)
  check(paste0(what, "indirect, se"), se["indirect"])
  check(paste0(what, "difference"), direct - indirect)
  check(paste0(what, "difference, p"),
        2 * pnorm(-abs(direct - indirect) / sqrt(sum(se^2))))
}
finish()

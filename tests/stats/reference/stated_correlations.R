# Multivariate cases in the form of the reference files whose sampling correlations are
# stated (rho, phi) instead of given as columns. Rscript stated_correlations.R > ....json
suppressMessages({library(metafor); library(jsonlite)})
rows <- data.frame(
  study = rep(c("Ada", "Bea", "Cal", "Dee", "Eve", "Fay", "Gil", "Hal"), each = 2),
  outcome = rep(c("pain", "sleep"), 8),
  time = rep(c(1, 3), 8),
  yi = c(0.42, 0.31, -0.12, 0.05, 0.77, 0.41, 0.36, 0.62, 0.11, 0.27, 0.92, 0.55, -0.05,
         0.12, 0.51, 0.33),
  vi = c(0.04, 0.05, 0.06, 0.04, 0.09, 0.07, 0.05, 0.05, 0.03, 0.04, 0.11, 0.08, 0.02,
         0.03, 0.05, 0.06))
rows <- rows[-c(4, 11), ]  # two studies report one of both
rho <- 0.6; phi <- 0.9
by_rho <- vcalc(vi, cluster = study, type = outcome, rho = rho, data = rows)
by_phi <- vcalc(vi, cluster = study, time1 = time, phi = phi, data = rows)
case <- function(id, kind, fit, options, levels) list(
  id = paste0("stated-correlations/", id), kind = kind, measure = NA, model = "random",
  method = fit$method, test = "z", level = 95, options = options,
  input = list(yi = "yi", vi = "vi"), engine = "metafor",
  tolerance = list(rtol = 2e-4, atol = 2e-5),
  expected = list(b = as.numeric(fit$beta), se = fit$se, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub,
    QE = fit$QE, k = fit$k, logLik = as.numeric(logLik(fit)), outer_levels = levels))
outcomes <- c("pain", "sleep"); times <- c("1", "3")
fit <- function(v, inner, struct, method) rma.mv(yi, v, mods = as.formula(paste("~", inner, "- 1")),
  random = as.formula(paste("~", inner, "| study")), struct = struct, data = rows, method = method,
  control = list(rel.tol = 1e-10))
rows$at <- factor(rows$time)
cases <- list(
  case("rho-CS", "multivariate", fit(by_rho, "outcome", "CS", "REML"),
    list(fixed = "one mean per outcome", V = "compound symmetric", rho = rho, struct = "CS"), outcomes),
  case("rho-text-HCS", "multivariate", fit(by_rho, "outcome", "HCS", "ML"),
    list(fixed = "one mean per outcome", V = "corr(e_1, e_2) = rho, rho = 0.6", struct = "HCS"), outcomes),
  case("phi-CS", "timepoints_multivariate", fit(by_phi, "at", "CS", "REML"),
    list(fixed = "one mean per time point", phi = phi, V = "autoregressive", struct = "CS"), times),
  case("diagonal", "timepoints_multivariate", fit(diag(rows$vi), "at", "CS", "REML"),
    list(fixed = "one mean per time point", V = "diagonal", struct = "CS"), times))
cat(toJSON(list(schema = 1, name = "stated-correlations", versions = list(metafor = "3.8-1"),
  rows = rows[, c("study", "outcome", "time", "yi", "vi")], cases = cases),
  auto_unbox = TRUE, digits = NA, na = "null", pretty = TRUE), "\n")

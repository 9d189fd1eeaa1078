# Cases in the form of the reference files, for data whose likelihood of tau2 has two maxima
# and where rma() stops at the lower one. Rscript lower_maximum.R > lower_maximum.json
suppressMessages({library(metafor); library(jsonlite)})
rows <- data.frame(
  study = LETTERS[1:6],
  yi = c(-1.34, 0.884, -0.139, -0.458, -0.93, 1.291),
  vi = c(0.994, 0.125, 0.702, 0.776, 9.62, 0.00788),
  year = 2001:2006)
fit <- rma(yi, vi, data = rows, method = "ML", control = list(threshold = 1e-11))
case <- function(kind, expected, options = list(none = TRUE), test = "z") list(
  id = paste0("two-maxima/", kind), kind = kind, measure = NA, model = "random",
  method = "ML", test = test, level = 95, options = options,
  input = list(yi = "yi", vi = "vi"), engine = "metafor",
  tolerance = list(rtol = 1e-6, atol = 1e-8), expected = expected)
pooled <- with(fit, list(b = b[1], se = se, stat = zval, pval = pval, ci_lb = ci.lb,
  ci_ub = ci.ub, tau2 = tau2, Q = QE, I2 = I2, H2 = H2, k = k,
  weights_pct = unname(weights(fit)), logLik = as.numeric(logLik(fit))))
loo <- leave1out(fit)
left <- list(omitted_row = 1:6, b = loo$estimate, se = loo$se, stat = loo$zval,
  pval = loo$pval, ci_lb = loo$ci.lb, ci_ub = loo$ci.ub, tau2 = loo$tau2, Q = loo$Q,
  I2 = loo$I2, H2 = loo$H2)
cum <- cumul(fit, order = rows$year)
added <- list(added_row = 1:6, b = cum$estimate, se = cum$se, tau2 = cum$tau2)
inf <- influence(fit)
diagnostics <- list(row = 1:6, tau2_del = inf$inf$tau2.del, hat = inf$inf$hat,
  cook_d = inf$inf$cook.d, weight = inf$inf$weight)
cat(toJSON(list(schema = 1, name = "two-maxima", versions = list(metafor = "3.8-1"),
  rows = rows, cases = list(case("pooled", pooled), case("leave_one_out", left),
    case("cumulative", added, list(order_by = "year")), case("influence", diagnostics))),
  auto_unbox = TRUE, digits = NA, na = "null", pretty = TRUE), "\n")

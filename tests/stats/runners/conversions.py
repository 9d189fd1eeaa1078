"""Means and SDs from what reports give."""

from collections.abc import Mapping
from typing import Any

from reviewtool.stats import conversions as c
from reviewtool.stats.conversions.means import hedges_correction
from tests.stats.runners.inputs import Case, Dataset

METHODS = {("Luo", "Shi"): "luo_shi", ("Luo", "Wan"): "luo_wan", ("Wan", "Wan"): "wan"}


def mean_sd(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    chosen = (case["options"]["method_mean"], case["options"]["method_sd"])
    names = ("n", "median", "min", "q1", "q3", "max")
    rows = [{name: row.get(name) for name in names} for row in dataset["rows"]]
    mean = METHODS.get(chosen) or {"Luo": "luo_wan", "Wan": "wan"}[chosen[0]]
    sd = METHODS.get(chosen) or {"Shi": "luo_shi", "Wan": "wan"}[chosen[1]]
    return {
        "mean": [c.median_to_mean_sd(**row, method=mean, tables=True).mean for row in rows],
        "sd": [c.median_to_mean_sd(**row, method=sd, tables=True).sd for row in rows],
    }


def spread(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    x = case["options"]["values"]
    df = x["n"] + x["n2"] - 2
    from_p = c.md_se_from_p(x["md"], x["p"], x["n"], x["n2"], df)
    return {
        "sd_from_se": c.sd_from_se(x["se"], x["n"]),
        "sd_from_ci_z": c.sd_from_ci_mean(x["lb"], x["ub"], x["n"], dist="z").sd,
        "sd_from_ci_t": c.sd_from_ci_mean(x["lb"], x["ub"], x["n"], dist="t").sd,
        "se_from_p_two_arm_t": from_p.se,
        "pooled_sd_from_p": from_p.sd_common,
        "se_from_p_z": c.md_se_from_p(x["md"], x["p"], x["n"], x["n2"]).se,
        "sd_change": c.sd_change(x["sd1"], x["sd2"], x["r"]),
        "smd_from_t": hedges_correction(df) * c.d_from_t(x["t"], x["n"], x["n2"]),
    }


def combine(dataset: Dataset, case: Case) -> Mapping[str, Any]:
    x = case["options"]["values"]
    group = c.combine_groups([x["n"], x["n2"]], [x["m1"], x["m2"]], [x["sd1"], x["sd2"]])
    return group._asdict()


KINDS = {
    "conversion_mean_sd": mean_sd,
    "conversion_sd": spread,
    "conversion_combine_groups": combine,
}

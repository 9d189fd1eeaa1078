"""What a report gave, turned into what an analysis needs.

Every function takes plain numbers and returns a float or a small named tuple; each
refuses impossible input with BadInput. Levels are fractions of 1 (0.95).
"""

from reviewtool.stats.conversions.counts import (
    events_from_percent,
    rate,
    rate_ratio,
    split_shared_control,
)
from reviewtool.stats.conversions.designs import (
    cluster_adjust,
    corr_from_sds,
    crossover_corr,
    crossover_md,
    crossover_se_from_p,
    sd_change,
)
from reviewtool.stats.conversions.means import (
    combine_groups,
    d_from_t,
    md_se_from_ci,
    md_se_from_f,
    md_se_from_p,
    md_se_from_t,
    sd_from_ci_mean,
    sd_from_iqr_simple,
    sd_from_se,
    smd,
)
from reviewtool.stats.conversions.medians import median_to_mean_sd, skew_suspected
from reviewtool.stats.conversions.ratios import (
    hr_from_oe_v,
    hr_from_p_events,
    hr_oe_from_ci,
    hr_v_from_arm_events,
    log_se_from_ratio_ci,
    log_se_from_ratio_p,
    or_to_rr,
    or_to_smd,
    rr_to_or,
    smd_to_or,
)
from reviewtool.stats.conversions.scales import (
    flip_direction,
    log_to_raw,
    raw_to_log,
    reverse_scale,
    unit_convert,
)

__all__ = [
    "cluster_adjust",
    "combine_groups",
    "corr_from_sds",
    "crossover_corr",
    "crossover_md",
    "crossover_se_from_p",
    "d_from_t",
    "events_from_percent",
    "flip_direction",
    "hr_from_oe_v",
    "hr_from_p_events",
    "hr_oe_from_ci",
    "hr_v_from_arm_events",
    "log_se_from_ratio_ci",
    "log_se_from_ratio_p",
    "log_to_raw",
    "md_se_from_ci",
    "md_se_from_f",
    "md_se_from_p",
    "md_se_from_t",
    "median_to_mean_sd",
    "or_to_rr",
    "or_to_smd",
    "rate",
    "rate_ratio",
    "raw_to_log",
    "reverse_scale",
    "rr_to_or",
    "sd_change",
    "sd_from_ci_mean",
    "sd_from_iqr_simple",
    "sd_from_se",
    "skew_suspected",
    "smd",
    "smd_to_or",
    "split_shared_control",
    "unit_convert",
]

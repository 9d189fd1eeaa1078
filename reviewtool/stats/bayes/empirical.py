"""Priors of tau² from Cochrane reviews, by type of outcome and comparison.

turner_2012 and turner_2015: log odds ratios, log-normal for tau². rhodes_2015:
standardised mean differences, log-t with 5 degrees of freedom for tau². Values are
copied from the published tables, signs included.
"""

from collections.abc import Mapping

from reviewtool.stats.bayes.priors import Prior, log_normal, log_student
from reviewtool.stats.errors import UnknownChoice

Table = Mapping[str, tuple[float, ...]]

TURNER_2012 = "Turner 2012, Int J Epidemiol 41:818, Table 4"
TURNER_2015 = "Turner 2015, Stat Med 34:984, Table IV"
RHODES_2015 = "Rhodes 2015, J Clin Epidemiol 68:52, Table 3 and Appendix"

COMPARISONS_2012 = (
    "pharmacological vs placebo/control",
    "pharmacological vs pharmacological",
    "non-pharmacological (any)",
)
COMPARISONS_2015 = (
    "pharmacological vs placebo/control",
    "pharmacological vs pharmacological",
    "non-pharmacological vs placebo/control",
    "non-pharmacological vs pharmacological",
    "non-pharmacological vs non-pharmacological",
)
# One row per outcome type: means of log(tau²), then standard deviations, by comparison.
BROAD_OUTCOMES: Table = {
    "all-cause mortality": (-4.06, -4.27, -3.93, 1.45, 1.48, 1.51),
    "semi-objective": (-3.02, -3.23, -2.89, 1.85, 1.88, 1.91),
    "subjective": (-2.13, -2.34, -2.01, 1.58, 1.62, 1.64),
}
BINARY_OUTCOMES: Table = {
    "all-cause mortality": (-3.95, -4.18, -4.17, -2.92, -3.50, 1.34, 1.41, 1.55, 1.02, 1.26),
    "obstetric outcomes": (-3.52, -3.75, -3.74, -2.49, -3.08, 1.74, 1.79, 1.91, 1.50, 1.68),
    "cause-specific mortality or major morbidity": (
        -3.71,
        -3.95,
        -3.93,
        -2.68,
        -3.27,
        1.74,
        1.79,
        1.91,
        1.51,
        1.68,
    ),
    "resource use, hospital stay, process": (
        -2.34,
        -2.58,
        -2.56,
        -1.31,
        -1.90,
        1.74,
        1.79,
        1.91,
        1.50,
        1.68,
    ),
    "surgical or device related success": (
        -2.14,
        -2.37,
        -2.36,
        -1.11,
        -1.69,
        1.74,
        1.79,
        1.91,
        1.50,
        1.68,
    ),
    "withdrawals or drop-outs": (-2.99, -3.23, -3.21, -1.96, -2.55, 1.74, 1.79, 1.91, 1.51, 1.68),
    "internal or structure-related outcomes": (
        -2.71,
        -2.94,
        -2.93,
        -1.67,
        -2.26,
        1.74,
        1.79,
        1.92,
        1.51,
        1.68,
    ),
    "general physical health": (-2.29, -2.53, -2.51, -1.26, -1.85, 1.53, 1.58, 1.72, 1.25, 1.46),
    "adverse events": (-1.87, -2.10, -2.10, -0.84, -1.43, 1.52, 1.58, 1.71, 1.24, 1.45),
    "infection or onset of new disease": (
        -2.49,
        -2.73,
        -2.71,
        -1.46,
        -2.05,
        1.52,
        1.58,
        1.71,
        1.24,
        1.45,
    ),
    "signs or symptoms of the condition": (
        -2.06,
        -2.29,
        -2.28,
        -1.03,
        -1.61,
        1.51,
        1.58,
        1.71,
        1.24,
        1.45,
    ),
    "pain": (-1.83, -2.06, -2.05, -0.80, -1.38, 1.52, 1.58, 1.71, 1.25, 1.45),
    "quality of life or functioning": (
        -2.54,
        -2.78,
        -2.77,
        -1.51,
        -2.10,
        1.54,
        1.60,
        1.73,
        1.27,
        1.47,
    ),
    "mental health": (-2.12, -2.35, -2.34, -1.09, -1.67, 1.53, 1.60, 1.72, 1.27, 1.47),
    "biological markers": (-1.77, -2.00, -1.99, -0.74, -1.33, 1.52, 1.58, 1.71, 1.24, 1.45),
    "subjective outcomes (various)": (
        -2.70,
        -2.93,
        -2.92,
        -1.67,
        -2.26,
        1.52,
        1.58,
        1.71,
        1.25,
        1.45,
    ),
    "any": (-2.56,) * 5 + (1.74,) * 5,
}
# Continuous outcomes: locations, then scales, by comparison; area other than the two below.
CONTINUOUS_OUTCOMES: Table = {
    "obstetric outcomes": (-4.13, -4.40, -3.99, 2.34, 2.31, 2.11),
    "resource use, hospital stay, process": (-2.55, -2.83, -2.41, 2.73, 2.70, 2.57),
    "internal or structure-related outcomes": (-2.43, -2.70, -2.29, 2.50, 2.46, 2.32),
    "general physical health, adverse events, pain, quality of life": (
        -3.16,
        -3.44,
        -3.02,
        2.50,
        2.44,
        2.27,
    ),
    "signs or symptoms, infection, onset of disease": (-3.00, -3.27, -2.86, 2.50, 2.47, 2.33),
    "mental health": (-2.99, -3.27, -3.85, 2.16, 2.14, 1.93),
    "biological markers": (-3.41, -3.68, -3.27, 2.83, 2.78, 2.66),
    "subjective outcomes (various)": (-2.76, -3.03, -2.62, 2.58, 2.59, 2.41),
    "any": (-3.44,) * 3 + (2.59,) * 3,
}
RESPIRATORY: Table = {
    "obstetric outcomes": (-6.03, -6.31, -5.89, 2.36, 2.31, 2.21),
    "resource use, hospital stay, process": (-4.46, -4.73, -4.32, 2.74, 2.70, 2.57),
    "internal or structure-related outcomes": (-4.33, -4.61, -4.19, 2.51, 2.46, 2.33),
    "general physical health, adverse events, pain, quality of life": (
        -5.07,
        -5.34,
        -4.93,
        2.51,
        2.45,
        2.28,
    ),
    "signs or symptoms, infection, onset of disease": (-4.90, -5.18, -4.76, 2.50, 2.47, 2.33),
    "mental health": (-4.90, -5.17, -4.76, 2.17, 2.14, 1.94),
    "biological markers": (-5.31, -5.59, -5.17, 2.83, 2.78, 2.66),
    "subjective outcomes (various)": (-4.66, -4.94, -4.52, 2.59, 2.59, 2.41),
}
CANCER: Table = {
    "obstetric outcomes": (-1.57, -1.85, -1.43, 2.45, 2.41, 2.24),
    "resource use, hospital stay, process": (-0.01, -0.27, 0.15, 2.83, 2.79, 2.68),
    "internal or structure-related outcomes": (-0.13, -0.14, 0.27, 2.61, 2.56, 2.45),
    "general physical health, adverse events, pain, quality of life": (
        -0.60,
        -0.88,
        -0.46,
        2.61,
        2.55,
        2.40,
    ),
    "signs or symptoms, infection, onset of disease": (-0.44, -0.71, -0.30, 2.60, 2.57, 2.46),
    "mental health": (-0.43, -0.71, -0.29, 2.28, 2.25, 2.08),
    "biological markers": (-0.85, -1.13, -0.71, 2.93, 2.87, 2.78),
    "subjective outcomes (various)": (-0.20, -0.48, -0.06, 2.68, 2.68, 2.53),
}
AREAS: Mapping[str, Table] = {
    "other": CONTINUOUS_OUTCOMES,
    "respiratory": RESPIRATORY,
    "cancer": CANCER,
}


def turner_2012(outcome: str, comparison: str) -> Prior:
    """Prior of tau² for log odds ratios, three broad outcome types.

    >>> turner_2012("subjective", "non-pharmacological (any)").name
    'log-normal(\u22122.01, 1.64²) on tau²'
    """
    mean, sd = _look_up(BROAD_OUTCOMES, outcome, COMPARISONS_2012, comparison)
    return log_normal(mean, sd, TURNER_2012)


def turner_2015(outcome: str, comparison: str = COMPARISONS_2015[0]) -> Prior:
    """Prior of tau² for log odds ratios, sixteen outcome types or "any".

    >>> turner_2015("pain", "pharmacological vs placebo/control").name
    'log-normal(\u22121.83, 1.52²) on tau²'
    """
    mean, sd = _look_up(BINARY_OUTCOMES, outcome, COMPARISONS_2015, comparison)
    return log_normal(mean, sd, TURNER_2015)


def rhodes_2015(outcome: str, comparison: str = COMPARISONS_2012[0], area: str = "other") -> Prior:
    """Prior of tau² for standardised mean differences; area other, respiratory, cancer.

    >>> rhodes_2015("mental health").name
    'log-t5(\u22122.99, 2.16) on tau²'
    """
    if area not in AREAS:
        raise UnknownChoice(what="Area", given=area, choices=", ".join(AREAS))
    location, scale = _look_up(AREAS[area], outcome, COMPARISONS_2012, comparison)
    return log_student(location, scale, source=RHODES_2015)


def _look_up(
    table: Table, outcome: str, comparisons: tuple[str, ...], comparison: str
) -> tuple[float, float]:
    if outcome not in table:
        raise UnknownChoice(what="Outcome type", given=outcome, choices="; ".join(table))
    if comparison not in comparisons:
        raise UnknownChoice(what="Comparison", given=comparison, choices="; ".join(comparisons))
    i = comparisons.index(comparison)
    return table[outcome][i], table[outcome][i + len(comparisons)]

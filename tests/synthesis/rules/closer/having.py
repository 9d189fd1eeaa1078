"""Rows and results to look at more closely, from counts or from reported estimates."""

from math import sqrt

from reviewtool.synthesis.rules.closer.topic import Studied, studied
from reviewtool.synthesis.rules.pairwise import Inputs, Settings, analyse
from reviewtool.synthesis.rules.selection import Group, Row


def of_counts(tables, years=None):
    """Rows of (events, total, events, total) of two groups."""
    return tuple(
        Row(
            i,
            f"Study {i}",
            years[i - 1] if years else None,
            "treatment",
            "control",
            Group(a, n1),
            Group(c, n2),
        )
        for i, (a, n1, c, n2) in enumerate(tables, 1)
    )


def of_estimates(y, v, years=None):
    """Rows of reported estimates and their variances."""
    return tuple(
        Row(
            i,
            f"Study {i}",
            years[i - 1] if years else None,
            "treatment",
            "control",
            estimate=effect,
            se=sqrt(variance),
        )
        for i, (effect, variance) in enumerate(zip(y, v, strict=True), 1)
    )


def have(rows, **settings) -> Studied:
    """What a topic works on: ``rows`` pooled as ``settings`` say."""
    inputs, how = Inputs(rows), Settings(**settings)
    return studied(analyse(inputs, how), inputs, how)

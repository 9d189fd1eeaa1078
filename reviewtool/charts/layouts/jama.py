"""As JAMA prints it: the effect before the plot, whom it favours above, P without a zero.

Source: AMA Manual of Style, 11th edition (P values without a zero, limits joined by a dash),
and forest plots in JAMA from 2014 on.
"""

from reviewtool.charts import page
from reviewtool.charts.layouts.style import Style, Wording

STYLE = Style(
    key="jama",
    label="JAMA",
    wording=Wording(
        dashed=True,
        p="P",
        zero=False,
        heterogeneity="Heterogeneity: τ² {tau2}; χ² {q}, df {df}, {p}; I² {i2}",
        overall="Test for overall effect: {letter} {value}{df}, {p}",
        between="Test for subgroup differences: {name} {q}, df {df}, {p}",
        chi="χ²",
        total="Total",
        subtotal="Subtotal",
        prediction="Prediction interval",
    ),
    order=("study", "more", "arms", "effect", "plot", "weight", "bias"),
    study="Source",
    over=True,
    under={"Events/total": "No. of events/total", "Mean (SD), n": "Mean (SD), No."},
    weight="Weight, %",
    effect="{title} ({ci})",
    plot="",
    favours="above",
    favour="Favors",
    square=page.INK,
    diamond=page.SOFT,
    outline=page.INK,
)

"""As The BMJ prints it: rows shaded in turn, weight and effect after the plot, P=0.03.

Source: forest plots in The BMJ from 2015 on, and its house style for statistics.
"""

from reviewtool.charts import page
from reviewtool.charts.layouts.style import Style, Wording

STYLE = Style(
    key="bmj",
    label="BMJ",
    wording=Wording(
        p="P",
        tight=True,
        heterogeneity="Test for heterogeneity: τ² {tau2}, χ² {q}, df {df}, {p}, I² {i2}",
        overall="Test for overall effect: {letter} {value}{df}, {p}",
        between="Test for subgroup differences: {name} {q}, df {df}, {p}",
        chi="χ²",
        total="Total ({ci})",
        subtotal="Subtotal ({ci})",
    ),
    order=("study", "more", "arms", "plot", "weight", "effect", "bias"),
    study="Study",
    over=True,
    under={"Events/total": "No of events/total", "Mean (SD), n": "Mean (SD), No"},
    weight="Weight (%)",
    effect="{title} ({ci})",
    plot="{title} ({ci})",
    square=page.ACCENT,
    diamond=page.ACCENT,
    stripes=True,
    head_fill=page.DEEP,
)

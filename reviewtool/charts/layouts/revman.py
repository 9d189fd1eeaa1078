"""As Cochrane reviews print it: every number of an arm in its own column, then the weight.

Source: figures of reviews made with Review Manager 5.4, and Cochrane Handbook 6.5, section
10.2.1 and figure 10.2.a.
"""

from reviewtool.charts import page
from reviewtool.charts.layouts.style import Style, Wording

STYLE = Style(
    key="revman",
    label="RevMan (Cochrane)",
    wording=Wording(
        effect="{point} [{low}, {high}]",
        span="[{low}, {high}]",
        p="P",
        heterogeneity="Heterogeneity: Tau² {tau2}; Chi² {q}, df {df} ({p}); I² {i2}",
        overall="Test for overall effect: {capital} {value}{df} ({p})",
        between="Test for subgroup differences: {name} {q}, df {df} ({p})",
        chi="Chi²",
        total="Total ({ci})",
        subtotal="Subtotal ({ci})",
    ),
    order=("study", "more", "arms", "weight", "effect", "plot", "bias"),
    study="Study or subgroup",
    split=True,
    weight="Weight",
    percent=True,
    effect="{title}",
    effect_under="{how}, {ci}",
    plot="{title}",
    plot_under="{how}, {ci}",
    diamond=page.INK,
    letters=True,
    signs={"high": "\u2212", "critical": "\u2212"},
    events_below=True,
    pooled_line=False,
)

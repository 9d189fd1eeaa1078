"""For telephones: the effect beside the study's name, the interval on a line below them."""

from reviewtool.charts.layouts.style import Style, Wording

STYLE = Style(
    key="narrow",
    label="Narrow",
    wording=Wording(),
    order=("study", "effect", "plot"),
    stacked=True,
    plot="",
)

"""Where the axis of a forest plot begins and ends."""

from collections.abc import Sequence

from reviewtool.charts import axis
from reviewtool.charts.axis import Axis
from reviewtool.charts.forest_parts import Forest, Study, Summary


def axis_of(chart: Forest) -> Axis:
    """Limits that show every point; an interval that would stretch them is cut by an arrow.

    Limits reach beyond the points and diamonds by at most their own spread (a factor of
    at least 3 for ratios), so that one small study does not flatten the others. There is
    always some room on both sides of no effect, where there is one, and none beyond what
    the measure can be.
    """
    every: list[Study | Summary] = [*chart.studies, *chart.summaries]
    usable = [s for s in every if s.estimate is not None]
    points = [s.estimate for s in usable if s.estimate is not None]
    for summary in chart.overall:
        points += [
            v for v in (summary.low, summary.high, *(summary.prediction or ())) if v is not None
        ]
    ends = [v for s in usable for v in (s.low, s.high) if v is not None]
    ends += chart.important[:1]
    if chart.limits:
        points, ends = list(chart.limits), []
    if chart.log:
        return _log_axis([p for p in points if p > 0], [e for e in ends if e > 0])
    null = [] if chart.null is None else [chart.null]
    low, high = (end([*points, *null], default=0.0) for end in (min, max))
    reach = max(high - low, 1e-12 if null else _typical_width(usable))
    kept = [min(max(e, low - reach), high + reach) for e in ends]
    shown = [*points, *kept, *null]
    side = 0.08 * (max(shown, default=0.0) - min(shown, default=0.0))
    room = [x + sign * side for x in null for sign in (-1, 1)]
    return axis.natural([*shown, *room], chart.about)


def _typical_width(lines: Sequence[Study | Summary]) -> float:
    """The width of the middle interval, for axes that no null value stretches."""
    widths = sorted(s.high - s.low for s in lines if s.low is not None and s.high is not None)
    return widths[len(widths) // 2] if widths else 1e-12


def _log_axis(points: Sequence[float], ends: Sequence[float]) -> Axis:
    low, high = max(min([*points, 1.0]), 1e-4), min(max([*points, 1.0]), 1e4)
    reach = max(3.0, (high / low) ** 0.6)
    kept = [min(max(e, low / reach), high * reach) for e in ends]
    inside = [min(max(p, 1e-4), 1e4) for p in points]
    return axis.logarithmic([*inside, *kept], include=(0.8, 1.25))

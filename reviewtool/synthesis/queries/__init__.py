"""Reading analyses and what goes into them.

``lines`` are analyses with their plans, ``runs`` what was computed; ``extracted`` holds
what studies report, ``times`` which of it stands, ``inputs`` what a run goes by,
``beside`` what else is known of its studies.
"""

from reviewtool.synthesis.queries.beside import beside
from reviewtool.synthesis.queries.extracted import (
    characteristics,
    coordinates,
    numbers,
    studies_open,
    unreported,
)
from reviewtool.synthesis.queries.harms import harms, has_harms
from reviewtool.synthesis.queries.inputs import inputs, inputs_hash
from reviewtool.synthesis.queries.lines import Line, line, lines, settings_of
from reviewtool.synthesis.queries.looked import looked
from reviewtool.synthesis.queries.runs import monte_carlo, run, running, runs
from reviewtool.synthesis.queries.times import (
    Stood,
    choices,
    judgements,
    judgements_now,
    places,
    which_stands,
)

__all__ = [
    "Line",
    "Stood",
    "beside",
    "characteristics",
    "choices",
    "coordinates",
    "harms",
    "has_harms",
    "inputs",
    "inputs_hash",
    "judgements",
    "judgements_now",
    "line",
    "lines",
    "looked",
    "monte_carlo",
    "numbers",
    "places",
    "run",
    "running",
    "runs",
    "settings_of",
    "studies_open",
    "unreported",
    "which_stands",
]

"""An analysis without some of its studies, for a look: nothing of it is stored."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.pairwise import analyse
from reviewtool.synthesis.rules.pooling import Inputs, Settings
from reviewtool.synthesis.rules.selection import LeftOut

REASON = "left out of this view"


def without(inputs: Inputs, settings: Settings, studies: Collection[int]) -> PairwiseResult:
    """The pairwise result without ``studies`` (ids); they are named as left out.

    Sensitivity analyses and meta-regressions are not repeated. Raises NothingToPool when
    no study is left.
    """
    gone = {row.study_id: row.label for row in inputs.rows if row.study_id in studies}
    return analyse(left(inputs, gone), replace(settings, sensitivity=(), moderators=()))


def left(inputs: Inputs, gone: Mapping[int, str]) -> Inputs:
    """The inputs without the studies ``gone`` (id -> label), which are named as left out."""
    rows = tuple(row for row in inputs.rows if row.study_id not in gone)
    left_out = tuple(LeftOut(study_id, label, REASON) for study_id, label in gone.items())
    return replace(inputs, rows=rows, left_out=(*inputs.left_out, *left_out))

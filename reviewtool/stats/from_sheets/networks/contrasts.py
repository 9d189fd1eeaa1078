"""From a sheet to the contrasts of a network: rows of arms, of comparisons, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reviewtool.stats.from_sheets.networks.arms import from_arms
from reviewtool.stats.from_sheets.networks.pairs import from_pairs
from reviewtool.stats.from_sheets.networks.rows import Say, refuse_unused, rows_of
from reviewtool.stats.sheets import Sheet

if TYPE_CHECKING:
    from reviewtool.stats.network.contrasts import Contrasts


def network_contrasts(
    sheet: Sheet,
    measure: str,
    *,
    interval_level: float | None = None,
    say: Say = lambda _: None,
    warn: Say = lambda _: None,
    strict: bool = False,
) -> Contrasts:
    """Contrasts of a network. A study's arms come before the contrasts it reports.

    interval_level: of reported intervals. say, warn: told what a reader should know, and
    look at. strict: a study whose numbers cannot be raises; otherwise it is left out by
    name. Raises BadCell, BadSheet, BadStudy, UnknownChoice.
    """
    arms, pairs, spelled = rows_of(sheet, measure, say)
    refuse_unused(sheet, measure, arms, pairs, interval_level)
    found = []
    if arms is not None:
        found.append(from_arms(arms, measure, spelled, strict, say))
    if pairs is not None:
        found.append(from_pairs(pairs, measure, interval_level, spelled, say, warn, strict))
    return found[0] if len(found) == 1 else _together(found[0], found[1], say)


def _together(arms: Contrasts, pairs: Contrasts, say: Say) -> Contrasts:
    """Arms and reported contrasts in one network, each study by the best data it has."""
    from reviewtool.stats.network.contrasts import Contrasts

    lost = {one.study for one in arms.left_out}
    own = {name for name in arms.study if name not in lost}
    kept = [i for i, name in enumerate(pairs.study) if name not in own]
    unused = sorted({name for name in pairs.study if name in own})
    if unused:
        say(f"Reported contrasts were not used where arms were: {', '.join(unused)}.")
    reported = pairs.at(kept)
    rows = [i for i, name in enumerate(arms.study) if name in own]
    used = arms.at(rows)
    names = {*reported.study}
    defined = {name for name, why in zip(reported.study, reported.reasons, strict=True) if not why}
    if defined:
        say(f"Contrasts as reported: {', '.join(sorted(defined))}; the others from their arms.")
    left_out = [one for one in arms.left_out if one.study not in names]
    left_out += [one for one in pairs.left_out if one.study not in own]
    return Contrasts(
        (*used.study, *reported.study),
        (*used.treat1, *reported.treat1),
        (*used.treat2, *reported.treat2),
        np.concatenate([used.te, reported.te]),
        np.concatenate([used.se, reported.se]),
        arms.measure,
        arms.corrected,
        (*used.reasons, *reported.reasons),
        tuple(left_out),
    )

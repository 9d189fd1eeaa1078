"""Which agreed results go into a network, and what its studies are called there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reviewtool.protocol.rules.treatments import plain
from reviewtool.synthesis.rules.selection import (
    ArmNumbers,
    LeftOut,
)


@dataclass(frozen=True)
class Chosen:
    """The results of a network, and who has none for it."""

    arms: tuple[ArmNumbers, ...]
    left_out: tuple[LeftOut, ...] = ()
    times: Mapping[int, str] = field(default_factory=dict)


def arms_of(
    numbers: Sequence[ArmNumbers],
    treatments: Sequence[str],
    timepoints: Sequence[str],
    preferred: Mapping[int, Sequence[str]] | None = None,
) -> Chosen:
    """The results of a network: of each study its preferred time point and the treatments named.

    preferred: study id -> time points for studies with an order of their own.
    A study that compares no two of the treatments at any of the time points is left out.
    """
    names = {plain(t): t for t in treatments}
    studies: dict[int, list[ArmNumbers]] = {}
    for one in numbers:
        studies.setdefault(one.study_id, []).append(one)
    kept: list[ArmNumbers] = []
    left_out: list[LeftOut] = []
    times: dict[int, str] = {}
    for study_id, results in studies.items():
        for timepoint in (preferred or {}).get(study_id, timepoints):
            there = [a for a in results if a.timepoint == timepoint]
            chosen = _of_network(there, names)
            if chosen:
                kept += chosen
                times[study_id] = timepoint
                break
        else:
            first = results[0]
            reason = _why_not(results, names, (preferred or {}).get(study_id, timepoints))
            left_out.append(LeftOut(first.study_id, first.study, reason, "comparison"))
    return Chosen(tuple(kept), tuple(left_out), times)


def _of_network(results: Sequence[ArmNumbers], names: dict[str, str]) -> list[ArmNumbers]:
    known = [a for a in results if plain(a.treatment) in names]
    arms = [a for a in known if not a.is_contrast]
    given = [
        a
        for a in known
        if a.is_contrast
        and plain(a.reference) in names
        and plain(a.reference) != plain(a.treatment)
    ]
    enough = len({plain(a.treatment) for a in arms}) > 1
    return [*(arms if enough or given else []), *given]


def _why_not(
    results: Sequence[ArmNumbers], names: dict[str, str], timepoints: Sequence[str]
) -> str:
    there = [a for a in results if a.timepoint in timepoints]
    if not there:
        known = ", ".join(dict.fromkeys(a.timepoint or "no time point" for a in results))
        return f"it reports {known}, not {', '.join(t or 'no time point' for t in timepoints)}"
    found = dict.fromkeys(t for a in there for t in (a.treatment, a.reference) if t)
    return f"it compares no two treatments of the network; its groups are {', '.join(found)}"


def study_names(arms: Sequence[ArmNumbers]) -> dict[int, str]:
    """A name of its own for each study, also where two share a label."""
    result: dict[int, str] = {}
    seen: dict[str, int] = {}
    for arm in arms:
        if arm.study_id not in result:
            seen[arm.study] = seen.get(arm.study, 0) + 1
            n = seen[arm.study]
            result[arm.study_id] = arm.study if n == 1 else f"{arm.study} ({n})"
    return result

"""Every reference case: every file, case and field, at the case's own tolerance.

A value that differs fails, unless ``divergences`` proves by an independent calculation
that the reference value is the wrong one; those are counted apart.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.stats.comparing import differences
from tests.stats.divergences import proof
from tests.stats.reference_cases import FOLDER, Case, cases_by_kind
from tests.stats.runners import Runner, all_kinds

RUNNERS = all_kinds()


class Compared(NamedTuple):
    """How one case went: values compared, unexplained differences, proved ones."""

    values: int
    wrong: list[str]
    proved: list[str]


@pytest.mark.parametrize("kind", sorted(cases_by_kind()) or ["none"])
def test_every_case_of_this_kind_agrees_with_the_reference(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    if not cases_by_kind():
        pytest.skip(f"no reference data: nothing in {FOLDER.name}/; set REVIEWTOOL_REFERENCE")
    assert kind in RUNNERS, f"nothing computes cases of kind {kind}"
    pairs = cases_by_kind()[kind]
    done = [compare(RUNNERS[kind], pair) for pair in pairs]
    values, wrong = sum(d.values for d in done), [line for d in done for line in d.wrong]
    proved = sum(len(d.proved) for d in done)
    record_property("reference", (kind, len(pairs), values, len(wrong), proved))
    assert not wrong, f"{len(wrong)} of {values} values differ:\n" + "\n".join(wrong[:40])


def compare(runner: Runner, pair: Case) -> Compared:
    """Compare one case; an error counts as a difference."""
    dataset, case = pair
    try:
        actual = runner(dataset, case)
    except Exception as error:  # noqa: BLE001 - whatever went wrong is reported with its case
        return Compared(1, [f"{case['id']}: {type(error).__name__}: {error}"], [])
    tolerance = case["tolerance"]
    values, found = differences(case["expected"], actual, tolerance["rtol"], tolerance["atol"])
    wrong, proved = [], []
    for difference in found:
        reason = proof(dataset, case, actual, difference)
        line = f"{case['id']}: {difference}"
        if reason:
            proved.append(f"{line} ({reason})")
        else:
            wrong.append(line)
    return Compared(values, wrong, proved)

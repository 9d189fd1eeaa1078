"""Every reference case: every file, case and field, at the case's own tolerance."""

from collections.abc import Callable

import pytest

from tests.stats.comparing import differences
from tests.stats.reference_cases import FOLDER, Case, cases_by_kind
from tests.stats.runners import Runner, all_kinds

RUNNERS = all_kinds()


@pytest.mark.parametrize("kind", sorted(cases_by_kind()) or ["none"])
def test_every_case_of_this_kind_agrees_with_the_reference(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    if not cases_by_kind():
        pytest.skip(f"no reference data: nothing in {FOLDER.name}/; set REVIEWTOOL_REFERENCE")
    assert kind in RUNNERS, f"nothing computes cases of kind {kind}"
    values, wrong = 0, []
    for dataset, case in cases_by_kind()[kind]:
        compared, lines = compare(RUNNERS[kind], (dataset, case))
        values += compared
        wrong += [f"{case['id']}: {line}" for line in lines]
    record_property("reference", (kind, len(cases_by_kind()[kind]), values, len(wrong)))
    assert not wrong, f"{len(wrong)} of {values} values differ:\n" + "\n".join(wrong[:40])


def compare(runner: Runner, pair: Case) -> tuple[int, list[str]]:
    """(values compared, differences) of one case; an error counts as a difference."""
    dataset, case = pair
    try:
        actual = runner(dataset, case)
    except Exception as error:
        return 1, [f"{type(error).__name__}: {error}"]
    tolerance = case["tolerance"]
    return differences(case["expected"], actual, tolerance["rtol"], tolerance["atol"])

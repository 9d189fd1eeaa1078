"""Every row of the agreement and conversion vectors, at the row's own tolerance."""

import csv
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from reviewtool.stats import agreement, conversions

ROOT = Path(__file__).resolve().parents[2]
FOLDER = (
    Path(os.environ.get("REVIEWTOOL_REFERENCE", ROOT / ".." / "shared" / "reference")) / "methods"
)
ELSEWHERE = {"title_abstract_state", "full_text_exclusion_reason"}  # tests/screening
# What functions that return one number are called in the vectors.
SINGLE = {
    "sd_from_se": "sd",
    "sd_from_iqr_simple": "sd",
    "sd_change": "sd_change",
    "corr_from_sds": "r",
    "crossover_corr": "r",
    "or_to_rr": "rr",
    "rr_to_or": "or",
    "d_from_t": "d",
    "hr_v_from_arm_events": "v",
    "weighted_kappa": "kappa",
}
OUT = {
    "j_exact": "J_exact",
    "j_approx": "J_approx",
}
IN = {"F": "f", "or": "odds_ratio", "from": "unit", "matrix": "table"}
ESTIMATE_IS = {"or_to_smd": "smd", "smd_to_or": "log_or"}
KAPPA = {"observed": "po", "expected": "pe", "se": "se_fce"}
FLEISS = {"observed": "p_bar", "expected": "pe_bar"}


def rows(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for path in sorted(FOLDER.glob(f"{name}*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            found += csv.DictReader(lines)
    return found


def computed(function: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    module: Any = agreement if function.endswith("kappa") else conversions
    call: Callable[..., Any] = getattr(module, function)
    result = call(**{IN.get(name, name): value for name, value in inputs.items()})
    if function in SINGLE:
        return {SINGLE[function]: result}
    if isinstance(result, float):
        return {"mean": result}
    if hasattr(result, "_asdict"):
        fields = result._asdict()
    else:
        fields = {name: getattr(result, name) for name in type(result).__slots__}
    names = {**OUT, "estimate": ESTIMATE_IS.get(function, "estimate")}
    names |= {"cohen_kappa": KAPPA, "fleiss_kappa": FLEISS}.get(function, {})
    return {names.get(name, name): value for name, value in fields.items()}


def same(wanted: Any, got: Any, rtol: float) -> bool:
    if isinstance(wanted, bool) or wanted is None or isinstance(wanted, str):
        return bool(wanted == got)
    if isinstance(wanted, list):
        return len(wanted) == len(got) and all(
            same(a, b, rtol) for a, b in zip(wanted, got, strict=True)
        )
    return math.isclose(wanted, got, rel_tol=rtol, abs_tol=1e-12)


@pytest.mark.parametrize("name", ["screening_vectors", "conversions_vectors"])
def test_every_row_agrees_with_the_vectors(name: str) -> None:
    found = [row for row in rows(name) if row["function"] not in ELSEWHERE]
    if not found:
        pytest.skip(f"no {name} in the reference folder; set REVIEWTOOL_REFERENCE")
    wrong, compared = [], 0
    for row in found:
        got = computed(row["function"], json.loads(row["inputs"]))
        for field, wanted in json.loads(row["expected"]).items():
            compared += 1
            if field not in got or not same(wanted, got[field], float(row.get("rel_tol") or 1e-9)):
                wrong.append(f"{row['id']} {row['function']}.{field}: {wanted} {got.get(field)}")
    assert not wrong, f"{len(wrong)} of {compared} differ:\n" + "\n".join(wrong)

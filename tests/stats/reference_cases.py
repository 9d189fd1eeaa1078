"""Every case of every reference file, grouped by kind."""

import json
import os
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parents[2]
FOLDER = (
    Path(os.environ.get("REVIEWTOOL_REFERENCE", ROOT / ".." / "shared" / "reference")) / "stats"
)

DEFAULTS = {"options": {}, "input": {}, "level": 95.0, "tolerance": {"rtol": 1e-6, "atol": 1e-8}}

Case: TypeAlias = tuple[dict[str, Any], dict[str, Any]]


@cache
def cases_by_kind() -> dict[str, list[Case]]:
    """kind -> [(dataset, case)], files in alphabetical order.

    A file without cases is no data set; a case that says nothing of options, level or
    tolerance has none, 95 per cent and that of the README's comparison.
    """
    found: dict[str, list[Case]] = defaultdict(list)
    for path in sorted(FOLDER.glob("*.json")):
        dataset = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(dataset, dict):
            continue
        for case in dataset.get("cases", []):
            stated = {name: value for name, value in case.items() if value is not None}
            found[case["kind"]].append((dataset, case | DEFAULTS | stated))
    return dict(found)

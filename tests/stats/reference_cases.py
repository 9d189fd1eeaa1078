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

Case: TypeAlias = tuple[dict[str, Any], dict[str, Any]]


@cache
def cases_by_kind() -> dict[str, list[Case]]:
    """kind -> [(dataset, case)], files in alphabetical order."""
    found: dict[str, list[Case]] = defaultdict(list)
    for path in sorted(FOLDER.glob("*.json")):
        dataset = json.loads(path.read_text(encoding="utf-8"))
        for case in dataset["cases"]:
            found[case["kind"]].append((dataset, case))
    return dict(found)

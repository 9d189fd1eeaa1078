"""The terminal summary of the reference comparison."""

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line per kind: cases, values compared, values that differ."""
    rows = sorted(
        value
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in getattr(report, "user_properties", [])
        if name == "reference"
    )
    if not rows:
        return
    terminalreporter.section("reference values")
    for kind, cases, values, wrong in rows:
        terminalreporter.line(f"{kind:28} {cases:6} cases {values:9} values {wrong:7} differ")
    totals = [sum(row[i] for row in rows) for i in (1, 2, 3)]
    line = "{:28} {:6} cases {:9} values {:7} differ".format("total", *totals)
    terminalreporter.line(line)

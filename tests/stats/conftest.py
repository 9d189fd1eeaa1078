"""The terminal summary of the reference comparison."""

from typing import Any

HEADINGS = ("cases", "values", "differ", "proved")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line per kind: cases, values compared, unexplained and proved differences."""
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
    terminalreporter.line(f"{'kind':28}" + "".join(f"{name:>9}" for name in HEADINGS))
    for kind, *numbers in [*rows, ("total", *(sum(row[i] for row in rows) for i in range(1, 5)))]:
        terminalreporter.line(f"{kind:28}" + "".join(f"{number:9}" for number in numbers))

"""Importing the library is quick because scipy waits until it is needed."""

import subprocess
import sys


def test_importing_the_statistics_does_not_import_scipy_or_the_web() -> None:
    code = (
        "import sys, reviewtool.stats as s; "
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'scipy', 'flask', 'sqlalchemy'}))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "[]"


def test_a_random_effects_fit_does_not_need_scipy_stats() -> None:
    code = (
        "import sys; from reviewtool.stats import pool; "
        "pool([0.1, 0.5, 0.6], [0.02, 0.03, 0.01], test='knha'); "
        "print('scipy.stats' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "False"

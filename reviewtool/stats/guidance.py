"""What is done where nobody chooses, as Cochrane advises now.

Between-study variance by REML, its interval by the Q-profile method, Hartung-Knapp
intervals where there are more than two studies and heterogeneity above zero, else
Wald-type ones, prediction intervals from the t distribution.

Sources: Cochrane Methods, Random-effects meta-analysis methods for intervention reviews
(methods.cochrane.org, updated May 2025); Cochrane Handbook, 10.10.4.
"""

from typing import Any

METHOD = "REML"
TEST = "auto"  # Hartung-Knapp where it is advised
TESTS = ("auto", "z", "t", "knha", "adhoc")


def chosen_test(test: str, method: str, k: int, tau2: float) -> str:
    """The test that ``test`` stands for in an analysis of k studies.

    >>> chosen_test("auto", "REML", 3, 0.1), chosen_test("auto", "REML", 3, 0.0)
    ('knha', 'z')
    >>> chosen_test("auto", "REML", 2, 0.1), chosen_test("auto", "EE", 9, 0.0)
    ('z', 'z')
    """
    if test != TEST:
        return test
    return "knha" if advised(method, k, tau2) else "z"


def advised(method: str, k: Any, tau2: Any) -> Any:
    """Where Hartung-Knapp intervals are: a truth value, or one per analysis for arrays."""
    return (k > 2) & (tau2 > 0) & (method != "EE")

"""What is done where nobody chooses, as Cochrane advises now.

Between-study variance by REML, its interval by the Q-profile method, Hartung-Knapp
intervals where there are more than two studies and heterogeneity above zero, else
Wald-type ones, prediction intervals from the t distribution.

Sources: Cochrane Methods, Random-effects meta-analysis methods for intervention reviews
(methods.cochrane.org, updated May 2025); Cochrane Handbook, 10.10.4.
"""

METHOD = "REML"
TEST = "auto"  # Hartung-Knapp where it is advised
TESTS = ("auto", "z", "t", "knha", "adhoc")


def test_for(test: str, method: str, k: int, tau2: float) -> str:
    """The test that ``test`` stands for in an analysis of k studies.

    >>> test_for("auto", "REML", 3, 0.1), test_for("auto", "REML", 3, 0.0)
    ('knha', 'z')
    >>> test_for("auto", "REML", 2, 0.1), test_for("auto", "EE", 9, 0.0), test_for("t", "EE", 2, 0)
    ('z', 'z', 't')
    """
    if test != TEST:
        return test
    return "knha" if method != "EE" and k > 2 and tau2 > 0 else "z"

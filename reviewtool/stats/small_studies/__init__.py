"""Do small studies show larger effects, and what might be missing?"""

from reviewtool.stats.small_studies.contours import Contour, funnel_contours
from reviewtool.stats.small_studies.every_test import Performed, asymmetry_tests, fitting
from reviewtool.stats.small_studies.failsafe import FailSafe, fail_safe_n
from reviewtool.stats.small_studies.rank_tests import RankTest, ranktest
from reviewtool.stats.small_studies.regression_tests import (
    Asymmetry,
    PetPeese,
    metabias,
    pet_peese,
    regtest,
)
from reviewtool.stats.small_studies.selection import Selection, selection_model
from reviewtool.stats.small_studies.trimfill import TrimFill, trimfill

__all__ = [
    "Asymmetry",
    "Contour",
    "FailSafe",
    "PetPeese",
    "RankTest",
    "Selection",
    "Performed",
    "TrimFill",
    "asymmetry_tests",
    "fail_safe_n",
    "fitting",
    "funnel_contours",
    "metabias",
    "pet_peese",
    "ranktest",
    "regtest",
    "selection_model",
    "trimfill",
]

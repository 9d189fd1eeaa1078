"""Network meta-analysis: several treatments, direct and indirect evidence together."""

from reviewtool.stats.network.adjusted import comparison_adjusted
from reviewtool.stats.network.contrasts import Contrasts, arm_contrasts, given_contrasts
from reviewtool.stats.network.contribution import contributions, study_shares
from reviewtool.stats.network.errors import Disconnected, InconsistentStudy
from reviewtool.stats.network.evidence import complete, parts_of
from reviewtool.stats.network.geometry import geometry
from reviewtool.stats.network.heat import net_heat
from reviewtool.stats.network.inconsistency import (
    design_by_treatment,
    split_nodes,
    within_comparisons,
    within_designs,
)
from reviewtool.stats.network.league import league
from reviewtool.stats.network.mantel_haenszel import mantel_haenszel_network
from reviewtool.stats.network.model import Network, fit_network
from reviewtool.stats.network.ranking import p_scores, rank_probabilities, sucra

__all__ = [
    "Contrasts",
    "Disconnected",
    "InconsistentStudy",
    "Network",
    "arm_contrasts",
    "comparison_adjusted",
    "complete",
    "contributions",
    "design_by_treatment",
    "fit_network",
    "geometry",
    "given_contrasts",
    "league",
    "mantel_haenszel_network",
    "net_heat",
    "p_scores",
    "parts_of",
    "rank_probabilities",
    "split_nodes",
    "study_shares",
    "sucra",
    "within_comparisons",
    "within_designs",
]

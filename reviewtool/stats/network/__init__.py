"""Network meta-analysis: several treatments, direct and indirect evidence together."""

from reviewtool.stats.network.contrasts import Contrasts, arm_contrasts, given_contrasts
from reviewtool.stats.network.errors import Disconnected, InconsistentStudy
from reviewtool.stats.network.model import Network, fit_network

__all__ = [
    "Contrasts",
    "Disconnected",
    "InconsistentStudy",
    "Network",
    "arm_contrasts",
    "fit_network",
    "given_contrasts",
]

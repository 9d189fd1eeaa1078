"""``pool``, ``network``, ``over-time`` and ``coordinates``: studies in, numbers, plots or JSON out.

No server and no database; the engine is imported when a command runs.
"""

from reviewtool.cli.statistics.coordinates import coordinates
from reviewtool.cli.statistics.network import network
from reviewtool.cli.statistics.over_time import over_time
from reviewtool.cli.statistics.pool import pool

__all__ = ["coordinates", "network", "over_time", "pool"]

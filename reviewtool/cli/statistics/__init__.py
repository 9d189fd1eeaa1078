"""``pool``, ``network`` and ``coordinates``: studies in, numbers, plots or JSON out.

No server and no database; the engine is imported when a command runs.
"""

from reviewtool.cli.statistics.coordinates import coordinates
from reviewtool.cli.statistics.network import network
from reviewtool.cli.statistics.pool import pool

__all__ = ["coordinates", "network", "pool"]

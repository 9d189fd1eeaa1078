"""``pool`` and ``network``: a table of studies in, numbers, plots or JSON out.

No server and no database; the engine is imported when a command runs.
"""

from reviewtool.cli.statistics.network import network
from reviewtool.cli.statistics.pool import pool

__all__ = ["network", "pool"]

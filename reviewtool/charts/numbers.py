"""What measures are called."""

from reviewtool.stats.measures import measure


def name_of(name: str) -> str:
    """The measure in words."""
    return measure(name).heading

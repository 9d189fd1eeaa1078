"""Numbers, intervals and dates for templates."""
from apiflask import APIFlask


def register(app: APIFlask) -> None:
    """Install the filters."""

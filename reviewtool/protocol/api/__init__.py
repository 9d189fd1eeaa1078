"""JSON: the protocol, its rows, versions and amendments."""

from reviewtool.protocol.api import document, rows
from reviewtool.protocol.api.blueprint import bp

__all__ = ["bp", "document", "rows"]

"""Work too long for a request; importing the modules registers it."""

from reviewtool.references.jobs import decision_logs, duplicates, imports

__all__ = ["decision_logs", "duplicates", "imports"]

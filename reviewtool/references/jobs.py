"""Work too long for a request; importing the modules registers it."""

from reviewtool.references import decision_log_jobs, duplicates_jobs, imports_jobs  # noqa: F401

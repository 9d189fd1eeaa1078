"""Work too long for a request; importing the modules registers it."""

from reviewtool.references import duplicates_jobs, imports_jobs  # noqa: F401

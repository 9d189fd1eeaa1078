"""Pages of the stage: searches, imports and records on one blueprint, duplicates beside it."""

from reviewtool.references import imports_views, records_views  # noqa: F401
from reviewtool.references.duplicates_views import bp as duplicates
from reviewtool.references.pages import bp as references

blueprints = (references, duplicates)

"""Pages of the stage: searches, imports and records on one blueprint, duplicates beside it."""

from reviewtool.references.views import imports, records
from reviewtool.references.views.blueprint import bp as references
from reviewtool.references.views.duplicates import bp as duplicates

blueprints = (references, duplicates)
__all__ = ["blueprints", "imports", "records"]

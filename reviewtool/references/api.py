"""The stage as JSON; each module has a blueprint of its own."""

from reviewtool.references.duplicates_api import bp as duplicates

blueprints = (duplicates,)

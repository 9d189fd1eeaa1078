"""Database plumbing: engine, transactions, the base row, column types, migrations."""

from reviewtool.db.engine import Database, current_database, transaction
from reviewtool.db.row import Row

__all__ = ["Database", "Row", "current_database", "transaction"]

"""full-text search over records: FTS5 on SQLite, a GIN index on PostgreSQL."""

from alembic import op

revision = "0007"
down_revision = "0006"

COLUMNS = "title, authors, abstract"
# External content: the index keeps no copy of the text; triggers keep it in step.
SQLITE = (
    f"CREATE VIRTUAL TABLE record_search USING fts5({COLUMNS}, content='record', "
    "content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
    f"CREATE TRIGGER record_search_insert AFTER INSERT ON record BEGIN "
    f"INSERT INTO record_search(rowid, {COLUMNS}) "
    "VALUES (new.id, new.title, new.authors, new.abstract); END",
    f"CREATE TRIGGER record_search_delete AFTER DELETE ON record BEGIN "
    f"INSERT INTO record_search(record_search, rowid, {COLUMNS}) "
    "VALUES ('delete', old.id, old.title, old.authors, old.abstract); END",
    f"CREATE TRIGGER record_search_update AFTER UPDATE OF {COLUMNS} ON record BEGIN "
    f"INSERT INTO record_search(record_search, rowid, {COLUMNS}) "
    "VALUES ('delete', old.id, old.title, old.authors, old.abstract); "
    f"INSERT INTO record_search(rowid, {COLUMNS}) "
    "VALUES (new.id, new.title, new.authors, new.abstract); END",
)
# A vector holds at most 1 MB: longer abstracts are found by their first 200,000 characters.
# A function, because an index may only call what is declared immutable.
POSTGRESQL = (
    "CREATE FUNCTION record_search_vector(title text, authors text, abstract text) "
    "RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT "
    "setweight(to_tsvector('simple', left(title, 50000)), 'A') || "
    "setweight(to_tsvector('simple', left(authors, 100000)), 'B') || "
    "setweight(to_tsvector('simple', left(abstract, 200000)), 'C') $$",
    "CREATE INDEX record_search_words ON record "
    "USING gin (record_search_vector(title, authors, abstract))",
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER record_search_{name}")
        op.execute("DROP TABLE record_search")
    else:
        op.execute("DROP INDEX record_search_words")
        op.execute("DROP FUNCTION record_search_vector")

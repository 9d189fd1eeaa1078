"""PostgreSQL: the words of records stand in a table of their own, computed once.

As an index over a function they were computed again for each match that had to be
checked, and again for each record whose state changed: seconds for a common word.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

TABLE = """
    CREATE TABLE record_search (
        record_id integer PRIMARY KEY REFERENCES record (id) ON DELETE CASCADE,
        words tsvector NOT NULL, title tsvector NOT NULL, authors tsvector NOT NULL
    )
"""
# A vector is read again for each phrase and weight it is checked against: not compressed.
STORAGE = """
    ALTER TABLE record_search ALTER COLUMN words SET STORAGE EXTERNAL,
        ALTER COLUMN title SET STORAGE EXTERNAL, ALTER COLUMN authors SET STORAGE EXTERNAL
"""
# A vector holds at most 1 MB: longer texts are found by their beginning.
FILL = """
    CREATE FUNCTION record_search_fill() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        in_title tsvector := to_tsvector('simple', left(NEW.title, 50000));
        in_authors tsvector := to_tsvector('simple', left(NEW.authors, 100000));
    BEGIN
        INSERT INTO record_search (record_id, words, title, authors)
        VALUES (
            NEW.id,
            setweight(in_title, 'A') || setweight(in_authors, 'B') ||
            setweight(to_tsvector('simple', left(NEW.abstract, 200000)), 'C'),
            in_title, in_authors
        )
        ON CONFLICT (record_id) DO UPDATE SET
            words = excluded.words, title = excluded.title, authors = excluded.authors;
        RETURN NULL;
    END $$
"""
EARLIER = """
    INSERT INTO record_search (record_id, words, title, authors)
    SELECT id, record_search_vector(title, authors, abstract),
        to_tsvector('simple', left(title, 50000)), to_tsvector('simple', left(authors, 100000))
    FROM record
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for statement in (
        TABLE,
        STORAGE,
        FILL,
        EARLIER,
        "DROP INDEX record_search_words",
        "DROP FUNCTION record_search_vector",
        "CREATE INDEX record_search_words ON record_search USING gin (words)",
        "CREATE INDEX record_search_title ON record_search USING gin (title)",
        "CREATE INDEX record_search_authors ON record_search USING gin (authors)",
        "CREATE TRIGGER record_search_insert AFTER INSERT ON record "
        "FOR EACH ROW EXECUTE FUNCTION record_search_fill()",
        "CREATE TRIGGER record_search_update AFTER UPDATE OF title, authors, abstract ON record "
        "FOR EACH ROW EXECUTE FUNCTION record_search_fill()",
    ):
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for statement in (
        "DROP TRIGGER record_search_insert ON record",
        "DROP TRIGGER record_search_update ON record",
        "DROP FUNCTION record_search_fill",
        "DROP TABLE record_search",
        "CREATE FUNCTION record_search_vector(title text, authors text, abstract text) "
        "RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT "
        "setweight(to_tsvector('simple', left(title, 50000)), 'A') || "
        "setweight(to_tsvector('simple', left(authors, 100000)), 'B') || "
        "setweight(to_tsvector('simple', left(abstract, 200000)), 'C') $$",
        "CREATE INDEX record_search_words ON record "
        "USING gin (record_search_vector(title, authors, abstract))",
    ):
        op.execute(statement)

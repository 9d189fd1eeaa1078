"""Records whose title, authors or number hold the words somebody looks for."""

import sqlalchemy as sa
from sqlmodel import col, or_

from reviewtool.references.models import Record

# SQLite refuses patterns above 50,000 bytes and deep expressions; nobody types as much.
MOST_WORDS, LONGEST_WORD = 20, 200


def holding(words: str) -> list[sa.ColumnElement[bool]]:
    """One condition for each word; of very many or very long words only the beginning counts."""
    conditions = []
    for word in (part[:LONGEST_WORD] for part in words.split()[:MOST_WORDS]):
        places = [
            col(Record.title).icontains(word, autoescape=True),
            col(Record.authors).icontains(word, autoescape=True),
        ]
        if word.isdecimal() and len(word) < 9:
            places.append(col(Record.number) == int(word))
        conditions.append(or_(*places))
    return conditions

"""Rayyan's ``customizations_log.csv``: who decided what, when, beside its articles.csv.

Columns: article_id, user_email, created_at, key, value. Key ``included`` has 1, 0 (maybe),
-1 or "deleted"; reasons have the prefix ``__EXR__``; any other key is a label. A row
holds no reference, only something said about one: it becomes a ``ParsedRecord`` with the
article's number as ``accession`` and one ``Verdict``.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.formats import fields
from reviewtool.formats.base import EXCERPT, Entry, ParsedRecord, Problem, Verdict
from reviewtool.formats.csv.columns import plain
from reviewtool.formats.csv.rows import Row, rows
from reviewtool.formats.text import Text

COLUMNS = ("articleid", "useremail", "createdat", "key", "value")
NEEDED = frozenset(("articleid", "key", "value"))
REASON = "__EXR__"
PREFIX = "rayyan-"  # before the number in the column "key" of articles.csv
_VOTES = {"1": "include", "0": "maybe", "-1": "exclude"}
_GONE = ("deleted", "")


class RayyanLog:
    key, label = "rayyan_log", "Rayyan decision log"

    def score(self, text: Text) -> float:
        first = text.sample.lstrip("\ufeff").split("\n", 1)[0]
        header = {plain(cell) for cell in first.replace('"', "").split(",")}
        return 0.97 if header >= {*NEEDED, "useremail"} else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        header: dict[str, int] = {}
        for row in rows(text.lines(), ","):
            if isinstance(row, Problem):
                yield row
            elif not header:
                header = {plain(cell): i for i, cell in enumerate(row.cells)}
            else:
                yield _entry(row, header)


def _entry(row: Row, header: dict[str, int]) -> Entry:
    cells = {
        name: fields.clean(row.cells[at])
        if (at := header.get(name, -1)) in range(len(row.cells))
        else ""
        for name in COLUMNS
    }
    article, key, value = cells["articleid"], cells["key"], cells["value"]
    excerpt = ",".join(row.cells)[:EXCERPT]
    if not article or not key:
        return Problem(row.line, "The row names no article or no key.", excerpt)
    gone = value.lower() in _GONE
    vote = ""
    reasons: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    if key == "included":
        vote = _VOTES.get(value.removesuffix(".0"), "")
        if not vote and not gone:
            return Problem(
                row.line, f"“{value}” is no decision: 1, 0, -1 or deleted is expected.", excerpt
            )
    elif key.startswith(REASON):
        reasons = (key.removeprefix(REASON),)
    else:
        labels = (key,)
    said = Verdict(
        vote, cells["useremail"], "", reasons, labels, "", cells["createdat"], withdrawn=gone
    )
    number = article if article.startswith(PREFIX) else PREFIX + article.removesuffix(".0")
    return ParsedRecord(accession=number, verdicts=(said,), line=row.line)

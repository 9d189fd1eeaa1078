"""`reviewtool dedupe`: duplicates of files, without server or database."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from reviewtool import table_files, words
from reviewtool.references.rules import Citation, Duplicates, find_duplicates

# A table with these columns is read as it stands, its ids kept.
OWN_COLUMNS = frozenset({"record_id", "title"})
_FIELDS = (
    "title",
    "year",
    "journal",
    "volume",
    "number",
    "pages",
    "doi",
    "abstract",
    "pmid",
    "pmcid",
    "issn",
    "registry_number",
    "kind",
)
_LARGEST_FIELD = 100_000_000


class UnreadableFile(click.ClickException):
    """A file that gives no records; the message names it and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A citation with where it came from: ``own_id`` is empty where the file has no ids."""

    file: Path
    place: int
    own_id: str
    citation: Citation


@click.command("dedupe")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The table to write: record_id,group, one row per record.",
)
@click.option(
    "--evidence",
    is_flag=True,
    help="Also write every pair, certain, uncertain or related, with its reasons, beside it.",
)
def dedupe(files: tuple[Path, ...], out: Path, evidence: bool) -> None:
    """Group the duplicates in FILES and write one group per record.

    FILES are exports in any format that can be imported, or CSV with the columns
    record_id, title, authors, year, journal, volume, number, pages, doi, abstract, pmid, issn
    (their ids are kept); both may be gzipped. Records of other files are numbered from 1 in
    the order of the file, with the file's name in front when there are several files.
    """
    entries, rejected = [], 0
    for file in files:
        found, lost = _read(file)
        entries += found
        rejected += lost
    if not entries:
        raise UnreadableFile("No records were found in " + ", ".join(f.name for f in files) + ".")
    citations = _named(entries, several=len(files) > 1)
    found_duplicates = find_duplicates(citations)
    _write(out, ("record_id", "group"), _rows(citations, found_duplicates))
    if evidence:
        beside = out.with_name(out.stem + ".evidence.csv")
        _write(
            beside,
            ("record_id", "other_id", "outcome", "strength", "evidence"),
            _evidence(found_duplicates),
        )
        click.echo(f"Evidence of each pair: {beside}")
    click.echo(_summary(citations, found_duplicates, rejected))


def _summary(citations: Sequence[Citation], found: Duplicates, rejected: int) -> str:
    redundant = sum(len(group) - 1 for group in found.groups)
    said = (
        f"{len(citations)} records: {len(citations) - redundant} different works, {redundant} "
        f"duplicates in {len(found.groups)} groups; {len(found.uncertain)} uncertain pairs stay "
        f"apart, {len(found.related)} related pairs."
    )
    return said + (f" {rejected} entries could not be read." if rejected else "")


def _rows(citations: Iterable[Citation], found: Duplicates) -> Iterator[tuple[str, str]]:
    group_of = {member: i for i, group in enumerate(found.groups, start=1) for member in group}
    alone = len(found.groups)
    for citation in citations:
        group = group_of.get(citation.id)
        if group is None:
            alone += 1
            group = alone
        yield citation.id, f"g{group}"


def _evidence(found: Duplicates) -> Iterator[tuple[str, ...]]:
    for pairs in (found.certain, found.uncertain, found.related):
        for pair in pairs:
            yield (
                pair.a,
                pair.b,
                pair.outcome.value,
                words.exact(pair.strength, 0),
                "; ".join(pair.evidence),
            )


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    try:
        path.write_bytes(table_files.write(header, rows, mark=False))
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be written: {error.strerror}.") from None


def _read(file: Path) -> tuple[list[Entry], int]:
    """The citations of a file and the number of entries that could not be read."""
    content = _bytes(file)
    table = _own_table(content)
    if table is not None:
        return _own_rows(file, table)
    # Imported here: a table with ids needs none of the readers.
    from reviewtool import formats

    reading = formats.read(content, file.name.removesuffix(".gz"))
    if reading.format == "rayyan_log":
        click.echo(f"{file.name}: decisions, no references; left out.", err=True)
        return [], 0
    entries = [
        Entry(
            file,
            place,
            "",
            Citation(
                id="",
                title=r.title,
                authors=tuple(r.authors),
                year=str(r.year or ""),
                journal=r.journal,
                volume=r.volume,
                number=r.issue,
                pages=r.pages,
                doi=r.doi,
                abstract=r.abstract,
                pmid=r.pmid,
                pmcid=r.pmcid,
                issn=r.issn,
                registry_number=r.registry_number,
                kind=r.kind,
            ),
        )
        for place, r in enumerate(reading.records, start=1)
    ]
    for problem in reading.problems:
        click.echo(f"{file.name}, line {problem.line}: {problem.reason}", err=True)
    return entries, len(reading.problems)


def _bytes(file: Path) -> bytes:
    try:
        content = file.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"{file.name} cannot be read: {error}.") from None


def _own_table(content: bytes) -> csv.DictReader[str] | None:
    first_line = content.split(b"\n", 1)[0].lower()
    if b"record_id" not in first_line or b"title" not in first_line:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    return reader if set(reader.fieldnames or ()) >= OWN_COLUMNS else None


def _own_rows(file: Path, table: csv.DictReader[str]) -> tuple[list[Entry], int]:
    entries: list[Entry] = []
    seen: set[str] = set()
    for place, row in enumerate(table, start=1):
        own = row["record_id"].strip()
        if not own or own in seen:
            what = f"the record_id {own} twice" if own else "a row without record_id"
            raise UnreadableFile(
                f"{file.name}, line {table.line_num}: {what}. Give every row its own record_id."
            )
        seen.add(own)
        values = {name: (row.get(name) or "") for name in _FIELDS}
        authors = tuple(a.strip() for a in (row.get("authors") or "").split(";") if a.strip())
        entries.append(Entry(file, place, own, Citation(id="", authors=authors, **values)))
    return entries, 0


def _named(entries: Sequence[Entry], several: bool) -> list[Citation]:
    """Citations with ids that are unique over all files; own ids are kept where they can be."""
    own = [e.own_id for e in entries if e.own_id]
    clash = len(own) != len(set(own))
    stems = {e.file: e.file.name for e in entries}
    citations = []
    for entry in entries:
        name = entry.own_id or str(entry.place)
        if (entry.own_id and clash) or (not entry.own_id and several):
            name = f"{stems[entry.file]}:{name}"
        c = entry.citation
        citations.append(
            Citation(
                name,
                c.title,
                c.authors,
                c.year,
                c.journal,
                c.volume,
                c.number,
                c.pages,
                c.doi,
                c.abstract,
                c.pmid,
                c.pmcid,
                c.issn,
                c.registry_number,
                c.kind,
            )
        )
    return citations

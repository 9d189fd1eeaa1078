"""One row of a table to one record."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from reviewtool.formats import decisions, fields
from reviewtool.formats.base import ParsedRecord, Verdict
from reviewtool.formats.csv.columns import Vendor, plain, preferred

_EMPTY = frozenset(("na", "n/a", "nan", "none", "null", "-"))
# "AlievNigar": where one name ends and the next begins, but not inside "McDonald".
_JOINED = re.compile(r"(?<=[a-zà-ÿ.])(?<!Mc)(?<!Mac)(?<!De)(?<!Di)(?<!La)(?<!Le)(?=[A-ZÀ-Ý])")
_COMMA = re.compile(r",(?![^()]{0,200}\))")  # not one of "migraine (prevention, therapy)"
_INITIALS = re.compile(r"^[^,]+\s[A-Z][A-Z.\-]{0,6}\.?$")


def record(
    values: Mapping[str, str], mapping: Mapping[str, str], vendor: Vendor, line: int
) -> ParsedRecord:
    """The record in ``values`` (column -> cell), read as ``mapping`` says."""
    found = _by_field(values, mapping)

    def one(name: str) -> str:
        return fields.clean(found.get(name, [""])[0])

    notes = found.get("note", [])
    carried = decisions.from_notes(notes)
    doi_cells = found.get("doi", []) + found.get("url", [])
    title = one("title")
    cited = _cited(one("citation"))
    abstract = fields.paragraphs(found.get("abstract", [""])[0])
    return ParsedRecord(
        title=title,
        authors=_authors(found.get("authors", [""])[0], vendor.authors),
        year=fields.year(*found.get("year", []), cited.get("year", "")),
        journal=one("journal") or cited.get("journal", ""),
        volume=one("volume") or cited.get("volume", ""),
        issue=one("issue") or cited.get("issue", ""),
        pages=fields.pages(one("pages"))
        or fields.pages(one("first_page"), one("last_page"))
        or cited.get("pages", "")
        or cited.get("number", ""),
        doi=fields.doi(*doi_cells),
        pmid=fields.pmid(one("pmid")) or fields.medline_number(one("accession")),
        pmcid=fields.pmcid(one("pmcid")),
        issn=fields.issn(" ".join(found.get("issn", []))),
        abstract=abstract,
        keywords=_keywords(found.get("keywords", [])),
        language=one("language"),
        url=next((u for cell in found.get("url", []) if (u := fields.clean(cell))), ""),
        kind=_kind(one("kind")),
        accession=one("accession"),
        registry_number=fields.registry_number(
            *found.get("registry_number", []), *found.get("accession", []), title, abstract
        )
        or one("registry_number"),
        database=one("database") or vendor.database,
        labels=tuple(dict.fromkeys((*_labels(found.get("labels", [])), *carried.labels))),
        note=carried.note,
        verdicts=(*_verdicts(found, values, mapping, vendor), *carried.verdicts),
        raw={
            c: (v,)
            for c, v in values.items()
            if c not in mapping and v.strip() and not _tells_a_vote(c, v, vendor)
        },
        line=line,
    )


def _by_field(values: Mapping[str, str], mapping: Mapping[str, str]) -> dict[str, list[str]]:
    """Cells by field, the preferred column first; "NA" and its kin count as empty."""
    found: dict[str, list[tuple[int, str]]] = {}
    for column, target in mapping.items():
        cell = values.get(column, "").strip()
        if cell and cell.lower() not in _EMPTY:
            found.setdefault(target, []).append((preferred(column, target), cell))
    return {
        target: [c for _, c in sorted(cells, key=lambda x: x[0])] for target, cells in found.items()
    }


# "Journal (2024) 15:1 (152-160)" (Embase) and "J Abbr. 2020 Feb;63(2):103640." (PubMed)
_CITED = (
    re.compile(
        r"(?P<journal>.+?)\s+\((?P<year>\d{4})\)\s*(?P<volume>[^:\s(]*)(?::(?P<issue>[^\s(]+))?"
        r"(?:\s*\((?P<pages>[^)]*)\)|\s*Article Number:\s*(?P<number>\w+))?"
    ),
    re.compile(
        r"(?P<journal>[^.]+)\.\s*(?P<year>\d{4})[^;]{0,20};(?P<volume>[^(:;.]*)"
        r"(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[^.;]+))?"
    ),
)


def _cited(text: str) -> dict[str, str]:
    """What a citation in one cell says, where the table has no columns for it."""
    for pattern in _CITED:
        if text and (match := pattern.match(text[:2000])):
            return {k: v.strip() for k, v in match.groupdict().items() if v}
    return {}


def _listed(cell: str) -> list[str]:
    """The items of a cell that holds a list as programs print it: ['A', "B"]."""
    if not (cell.startswith("[") and cell.endswith("]")) or len(cell) > 100_000:
        return []
    try:
        items = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [str(item) for item in items] if isinstance(items, list) else []


def _authors(cell: str, separator: str) -> tuple[str, ...]:
    if items := _listed(cell):
        return fields.people(items)
    if not cell or cell.lower().startswith("[no author"):
        return ()
    if separator == "joined":
        return fields.people(_JOINED.split(cell))
    if separator == "|":
        return fields.people(cell.split("|"))
    if ";" in cell:
        return fields.people(cell.split(";"))
    if re.search(r"\sand\s", cell) and (separator in (" and ", "") or cell.count(" and ") > 1):
        return fields.people(re.split(r"\s+and\s+", cell))
    if "|" in cell:
        return fields.people(cell.split("|"))
    if "\n" in cell.strip():
        return fields.people(cell.split("\n"))
    if "," not in cell:
        return fields.people([cell])
    parts = [part.strip() for part in cell.rstrip(" .").split(",")]
    if len(cell) > 50_000:
        return fields.people(parts)
    if separator == "," or all(_INITIALS.match(part) for part in parts):
        return fields.people(_with_dots(parts, cell))
    names = len(parts) > 2 or ", " not in cell  # two may be one name, "Lee Park, Min Ho"
    if separator == "" and names and all(" " in part for part in parts):
        return fields.people(parts)
    pairs = re.findall(r"[^,]+,\s*[A-Z][^,]{0,12}", cell)
    if len(parts) > 2 and len(parts) % 2 == 0 and len(pairs) == len(parts) // 2:
        return fields.people(pairs)  # "Yang, Z., Jiang, B."
    return fields.people([cell])


def _with_dots(parts: list[str], cell: str) -> list[str]:
    """Give the last name back the full stop that ended the list, if its fellows have one."""
    if cell.rstrip().endswith(".") and parts and parts[0].endswith("."):
        parts[-1] += "."
    return parts


def _keywords(cells: list[str]) -> tuple[str, ...]:
    words: dict[str, None] = {}
    for cell in cells:
        if items := _listed(cell):
            words.update(dict.fromkeys(word for i in items if (word := fields.clean(i))))
            continue
        parts = [cell] if ";" in cell or "|" in cell else _COMMA.split(cell)
        words.update(dict.fromkeys(w for part in parts for w in fields.separated(part, ";|")))
    return tuple(words)


def _labels(cells: list[str]) -> tuple[str, ...]:
    return tuple(word for cell in cells for word in fields.separated(cell, ";,|"))


def _kind(word: str) -> str:
    """ "journalArticle" and "Journal Article" are the same kind."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).lower()


def _verdicts(
    found: Mapping[str, list[str]],
    values: Mapping[str, str],
    mapping: Mapping[str, str],
    vendor: Vendor,
) -> tuple[Verdict, ...]:
    """What the columns of decision, reviewer, reason and remark say."""
    if vendor.key == "abstrackr":
        return tuple(
            Verdict(_abstrackr(cell), column, "abstract")
            for column, cell in values.items()
            if column not in mapping
            and plain(column) not in vendor.columns
            and _abstrackr(cell.strip())
        )

    def one(name: str) -> str:
        return fields.clean(found.get(name, [""])[0])

    word = one("vote")
    vote = decisions.vote_of(word.removesuffix(".0"))
    remark, reasons = one("remark"), fields.separated(one("reason"), ";|")
    if not vote and not remark and not reasons:
        return ()
    if reasons and not vote:
        vote = "exclude"
    phase = "abstract" if vendor.key in ("asreview", "srdr") else ""
    when = one("decided_at")
    final = "finalincluded" in vendor.marks
    return (Verdict(vote, one("reviewer"), phase, reasons, (), remark, when, final=final),)


def _tells_a_vote(column: str, cell: str, vendor: Vendor) -> bool:
    """Whether a column without a place would show a blinded reviewer what others said."""
    if vendor.key == "abstrackr":
        return plain(column) in vendor.columns or bool(_abstrackr(cell))
    return "vote" in vendor.columns.values() and plain(column) in vendor.columns


def _abstrackr(cell: str) -> str:
    return {"1": "include", "0": "maybe", "-1": "exclude"}.get(cell.strip(), "")

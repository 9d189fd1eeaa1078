"""The readers, and which one fits a file's content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reviewtool.formats.base import EXCERPT, Entry, Format, Note, Problem
from reviewtool.formats.bibtex import BibTex
from reviewtool.formats.cochrane import Cochrane
from reviewtool.formats.csv import Table
from reviewtool.formats.endnote_xml import EndnoteXml
from reviewtool.formats.enw import Enw
from reviewtool.formats.ictrp_xml import IctrpXml
from reviewtool.formats.nbib import Nbib
from reviewtool.formats.ovid import Ovid
from reviewtool.formats.pubmed_xml import PubmedXml
from reviewtool.formats.rayyan_log import RayyanLog
from reviewtool.formats.refworks import RefWorks
from reviewtool.formats.ris import Ris
from reviewtool.formats.text import Text
from reviewtool.formats.wos import Wos
from reviewtool.formats.xls import Xls
from reviewtool.formats.xlsx import Xlsx

FORMATS: tuple[Format, ...] = (
    RayyanLog(),
    Ris(),
    Nbib(),
    PubmedXml(),
    EndnoteXml(),
    Enw(),
    BibTex(),
    Wos(),
    Ovid(),
    RefWorks(),
    Cochrane(),
    IctrpXml(),
    Xlsx(),
    Xls(),
    Table(),
)
SURE = 0.05


class Empty:
    key, label = "empty", "Empty file"

    def score(self, text: Text) -> float:
        return 1.0 if not text.sample.strip() else 0.0

    def entries(self, text: Text) -> Iterator[Entry]:
        yield Note(
            1,
            "The file is empty. Export it again from its source: the download may have failed.",
        )


class Unknown:
    key, label = "unknown", "Unknown format"

    def score(self, text: Text) -> float:
        return SURE

    def entries(self, text: Text) -> Iterator[Entry]:
        yield Problem(
            1,
            "The content is in none of the formats this tool reads. Export it as RIS, MEDLINE, "
            "BibTeX, EndNote XML, CSV or Excel and try again.",
            text.sample[:EXCERPT],
        )


def detect(text: Text) -> Format:
    """The reader that fits best; ``Empty`` or ``Unknown`` say so when none does."""
    empty = Empty()
    if empty.score(text):
        return empty
    candidates: tuple[Format, ...] = (*FORMATS, Unknown())
    return max(candidates, key=lambda f: f.score(text))


def reader(text: Text, mapping: Mapping[str, str] | None = None) -> Format:
    """As ``detect``; a table reads its columns as ``mapping`` says."""
    found = detect(text)
    return found.mapped(mapping) if mapping and isinstance(found, Table) else found

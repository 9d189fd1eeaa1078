"""Generated files that break readers: each is (name, bytes)."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator

RIS = (
    "TY  - JOUR\nTI  - Étude of {n}\nAU  - Müller, Jürgen\nAU  - Lee, B.\nPY  - 2019\n"
    "JO  - Journal\nAB  - An abstract – with dashes.\nDO  - 10.1000/x{n}\nER  - \n\n"
)
NBIB = (
    "PMID- {n}123\nTI  - Étude of a thing that is long enough\n      to be wrapped {n}\n"
    "FAU - Müller, Jürgen\nDP  - 2019 Jan\nJT  - Journal\nAB  - Abstract.\n"
    "LID - 10.1000/x{n} [doi]\n\n"
)
BIB = (
    "@article{{key{n},\n  title = {{Étude of {{T}}hings {n}}},\n  author = {{Müller, Jürgen and "
    'Lee, B.}},\n  year = 2019,\n  journal = "Journal",\n  doi = {{10.1000/x{n}}}\n}}\n\n'
)
WOS = (
    "PT J\nAU Muller, J\n   Lee, B\nTI Etude of things\n   {n}\nSO JOURNAL\nPY 2019\n"
    "UT WOS:{n}\nER\n\n"
)
ENW = "%0 Journal Article\n%A Müller, J.\n%T Étude of {n}\n%D 2019\n%J Journal\n%R 10.1000/x{n}\n\n"
OVID = (
    "<{n}>\nUnique Identifier\n  {n}123\nTitle\n  Etude of {n}.\nAuthor\n  Muller J; Lee B\n"
    "Source\n  Journal. 8(6):1-9, September 2015.\n\n"
)
REFWORKS = (
    "RT Journal Article\nA1 Müller, J.\nT1 Étude of {n}\nYR 2019\nJF Journal\nDO 10.1000/x{n}\n"
    "AB An abstract.\n\n"
)
COCHRANE = (
    "Record #{n} of 3\nID: CN-{n}\nAU: Müller, J\nTI: Étude of {n}\nSO: Journal\nYR: 2019\n"
    "DOI: 10.1000/x{n}\nAB: An abstract.\n\n\n"
)
CSV = '"Étude, of {n}","Müller, J.; Lee, B.",2019,Journal,10.1000/x{n},"An abstract"\n'
CSV_HEAD = "Title,Authors,Year,Journal,DOI,Abstract\n"
PUBMED = (
    "<PubmedArticle><MedlineCitation><PMID>{n}123</PMID><Article><ArticleTitle>Étude of "
    "<i>{n}</i></ArticleTitle><Abstract><AbstractText>Text</AbstractText></Abstract></Article>"
    "</MedlineCitation></PubmedArticle>"
)
ENDNOTE = (
    "<record><ref-type name='Journal Article'>17</ref-type><contributors><authors><author>"
    "Müller, J.</author></authors></contributors><titles><title>Étude of {n}</title></titles>"
    "<dates><year>2019</year></dates></record>"
)

ICTRP = (
    "<Trial><TrialID>NCT0123456{n}\n</TrialID><Public_title>Étude of {n}\n</Public_title>"
    "<Primary_sponsor>Müller Clinic</Primary_sponsor><Condition>Gout</Condition></Trial>"
)

FORMATS: dict[str, tuple[str, str, str]] = {
    "ris": ("", RIS, ""),
    "nbib": ("", NBIB, ""),
    "bibtex": ("", BIB, ""),
    "wos": ("FN Clarivate Analytics Web of Science\nVR 1.0\n", WOS, "EF\n"),
    "enw": ("", ENW, ""),
    "ovid": ("", OVID, ""),
    "refworks": ("", REFWORKS, ""),
    "cochrane": ("", COCHRANE, ""),
    "csv": (CSV_HEAD, CSV, ""),
    "ictrp_xml": (
        "<?xml version='1.0'?>\n<Trials_downloaded_from_ICTRP>",
        ICTRP,
        "</Trials_downloaded_from_ICTRP>",
    ),
    "pubmed_xml": ("<?xml version='1.0'?>\n<PubmedArticleSet>", PUBMED, "</PubmedArticleSet>"),
    "endnote_xml": ("<?xml version='1.0'?>\n<xml><records>", ENDNOTE, "</records></xml>"),
}


def file_of(key: str, count: int = 3) -> str:
    """A sound file of ``count`` records."""
    head, body, tail = FORMATS[key]
    return head + "".join(body.format(n=n) for n in range(1, count + 1)) + tail


def spoilt(key: str) -> Iterator[tuple[str, bytes]]:
    """One format, damaged in every way its exports are damaged in the wild."""
    text = file_of(key)
    yield "utf8", text.encode()
    yield "utf8-bom", text.encode("utf-8-sig")
    yield "utf16", text.encode("utf-16")
    yield "utf16le-bare", text.encode("utf-16-le")
    yield "utf16be-bare", text.encode("utf-16-be")
    yield "cp1252", text.encode("cp1252")
    yield "latin1-dashes", text.replace("–", "-").encode("latin-1")
    yield (
        "gbk",
        text.replace("Étude", "双相情感障碍患者的认知功能研究")
        .replace("ü", "u")
        .replace("–", "-")
        .encode("gbk", "ignore"),
    )
    yield "cr-only", text.replace("\n", "\r").encode()
    yield "crlf", text.replace("\n", "\r\n").encode()
    yield "doubled-lines", text.replace("\n", "\n\n").encode()
    yield "nuls", text.replace("a", "a\x00").encode()
    yield "control", text.replace("e", "e\x07\x1b").encode()
    yield "html-title", text.replace("Étude", "<b>Étude</b> &lt;5 &amp; <sub>2</sub>").encode()
    yield "rtl", text.replace("Étude", "\u202eÉtude\u200f שלום \u2066x\u2069").encode()
    yield "truncated", text.encode()[: int(len(text) * 0.6)]
    yield "no-head", text.encode()[17:]
    yield "megabyte-field", text.replace("Étude", "word " * 210_000).encode()
    yield "garbage-between", text.replace("\n\n", "\n\x02\x03 some words here\n\n").encode()
    yield "twice", (text + text).encode()
    yield "mixed-encodings", text.encode() + text.encode("cp1252")
    yield "joined-with-boms", text.encode("utf-8-sig") * 2
    yield "trailing-binary", text.encode() + bytes(range(256)) * 8
    yield "surrogates", text.encode().replace(b"Lee", b"\xed\xa0\x80Lee\xff")
    yield "long-line", text.replace("\n", " ").encode()
    for seed in range(3):
        yield f"noise-{seed}", noise(text.encode(), seed)


def noise(content: bytes, seed: int) -> bytes:
    """``content`` with one byte in fifty changed, some dropped."""
    rng = random.Random(seed)  # noqa: S311
    out = bytearray()
    for byte in content:
        draw = rng.random()
        if draw < 0.01:
            out.append(rng.randrange(256))
        elif draw > 0.01 + 0.005:
            out.append(byte)
    return bytes(out)


def workbook(rows: list[list[str]], sheet: str | None = None, **parts: bytes) -> bytes:
    """A minimal workbook with inline strings."""
    cells = "".join(
        "<row r='{}'>{}</row>".format(
            i, "".join(f"<c t='inlineStr'><is><t>{v}</t></is></c>" for v in row)
        )
        for i, row in enumerate(rows, 1)
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = sheet or f"<worksheet xmlns='{space}'><sheetData>{cells}</sheetData></worksheet>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", content)
        for name, value in parts.items():
            book.writestr(name, value)
    return out.getvalue()


BOMB = (
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'lol'>"
    + "".join(f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9))
    + "]>"
)
OUTSIDE = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"


def special() -> Iterator[tuple[str, bytes]]:
    """Attacks and oddities that belong to no single format."""
    yield "empty", b""
    yield "blank", b" \n\t\r\n  \n"
    yield "bom-only", b"\xef\xbb\xbf"
    yield "utf16-bom-only", b"\xff\xfe"
    yield "nuls-only", b"\x00" * 5000
    yield "random", random.Random(7).randbytes(50_000)  # noqa: S311
    yield "pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"1 0 obj <<>> endobj\n" * 50
    yield "png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
    yield "gzip", b"\x1f\x8b\x08\x00" + bytes(range(256)) * 20
    yield "html-page", b"<!doctype html><html><body><p>Sign in to export</p></body></html>"
    yield "json", b'{"records": [{"title": "x"}]}'
    yield "prose", b"Dear all,\nplease find attached the results.\nBest wishes,\nAnn\n" * 20
    yield "one-line", b"just some words"
    yield "er-only", b"ER  - \nER  - \nER  - \n"
    yield "ty-only", b"TY  - JOUR\n" * 2000
    yield "no-er", RIS.replace("ER  - \n", "").format(n=1).encode() * 20
    yield "no-ty", RIS.replace("TY  - JOUR\n", "").format(n=1).encode() * 20
    yield "lower-case-tags", RIS.format(n=1).lower().encode()
    yield "many-authors", RIS.replace("PY", "AU  - Name, A.\n" * 20_000 + "PY").format(n=1).encode()
    yield "repeated-tags", RIS.replace("TI", "TI  - again\n" * 5000 + "TI").format(n=1).encode()
    yield "many-wrapped-lines", ("TY  - JOUR\nTI  - T\nAB  - a\n" + "b c d\n" * 60_000).encode()
    yield "many-braces", ("@article{x, title = {" + "{" * 100_000).encode()
    yield "open-braces", ("@article{x, title = {a\n\n" * 3000).encode()
    yield "at-signs", b"@" * 200_000
    yield "at-lines", b"@article{\n" * 20_000
    yield "bib-string-loop", ("@string{a = a # a}\n" * 500 + "@article{k, title = a}").encode()
    yield "bib-percent", b"% comment @article{\n@article{k, title={50% of \\% all}, year=1999}\n"
    yield "bib-parentheses", b"@article(k, title = {A (b) c}, year = {2001})\n"
    yield "open-quote", (CSV_HEAD + '"never closed,a,2001\n' + CSV.format(n=1) * 3000).encode()
    yield "quotes", (CSV_HEAD + '"' * 99_999 + "\n" + CSV.format(n=1)).encode()
    yield "odd-quotes", (CSV_HEAD + 'a "b,c"d,"2001\n' * 2000).encode()
    yield (
        "ragged",
        (
            CSV_HEAD
            + "only a title\n"
            + CSV.format(n=1).strip().encode().decode()
            + ",more,and more\n"
        ).encode(),
    )
    yield "wide", (",".join(f"c{i}" for i in range(20_000)) + "\n" + "x," * 20_000).encode()
    yield "semicolons", (CSV_HEAD.replace(",", ";") + "A;B;2001;J;;\n" * 5).encode()
    yield "tabs", (CSV_HEAD.replace(",", "\t") + "A\tB\t2001\tJ\t\t\n" * 5).encode()
    yield "header-only", CSV_HEAD.encode()
    yield "repeated-header", ((CSV_HEAD + CSV.format(n=1)) * 4).encode()
    yield "unknown-table", b"alpha,beta,gamma\n1,2,3\n4,5,6\n7,8,9\n"
    yield (
        "doi-brackets",
        RIS.replace("10.1000/x{n}", "10.1000/" + ")" * 900_000).format(n=1).encode(),
    )
    yield "doi-dots", RIS.replace("10.1000/x{n}", "10.1000" + ".1" * 400_000).format(n=1).encode()
    yield "pubmed-links", RIS.format(n=1).replace("DO  -", "UR  - " + "pubmed/" * 150_000).encode()
    yield (
        "digit-names",
        OVID.format(n=1).replace("Muller J", "Muller " + "1" * 500_000 + "x").encode(),
    )
    yield "long-source", OVID.format(n=1).replace("8(6)", "a. b: c " * 100_000).encode()
    yield "comma-names", ('Authors,Title\n"a, ' + "b c " * 200_000 + '",T\n').encode()
    yield "commas", ('Authors,Title\n"' + "a b," * 200_000 + '",T\n').encode()
    yield "open-tags", RIS.format(n=1).replace("Étude", "<i " * 300_000).encode()
    yield "ampersands", RIS.format(n=1).replace("Étude", "&a" * 400_000).encode()
    yield "dollars", BIB.format(n=1).replace("Étude", "$x" * 300_000).encode()
    yield "backslashes", BIB.format(n=1).replace("Étude", "\\'" * 300_000).encode()
    yield "and-and", BIB.format(n=1).replace("Lee, B.", " and " * 200_000).encode()
    yield (
        "rayyan-quotes",
        RIS.format(n=1).replace("AB  - ", "N1  - RAYYAN-INCLUSION: {" + '"a' * 300_000).encode(),
    )
    yield "spaces", RIS.format(n=1).replace("Étude", "a" + " " * 900_000 + "b").encode()
    yield "percents", b"%" * 100_000 + b"\n"
    yield (
        "xml-bomb",
        (BOMB + "<PubmedArticleSet>" + PUBMED.format(n="&j;") + "</PubmedArticleSet>").encode(),
    )
    yield (
        "xml-bomb-endnote",
        (BOMB + "<xml><records>" + ENDNOTE.format(n="&j;") + "</records></xml>").encode(),
    )
    yield (
        "xml-bomb-attribute",
        (
            BOMB
            + "<xml><records>"
            + ENDNOTE.replace("Journal Article", "&j;").format(n=1)
            + "</records></xml>"
        ).encode(),
    )
    yield (
        "xml-outside",
        (OUTSIDE + "<xml><records>" + ENDNOTE.format(n="&f;") + "</records></xml>").encode(),
    )
    yield "xml-deep", ("<xml><records><record>" + "<titles>" * 100_000).encode()
    yield "xml-unclosed", ("<xml><records>" + ENDNOTE.format(n=1) + "<record><titles>").encode()
    yield "xml-no-records", b"<?xml version='1.0'?><catalog><item>1</item></catalog>"
    yield (
        "xml-wrong-encoding",
        (
            "<?xml version='1.0' encoding='utf-8'?><xml><records>"
            + ENDNOTE.format(n=1)
            + "</records></xml>"
        ).encode("cp1252"),
    )
    yield (
        "xml-unknown-encoding",
        (
            "<?xml version='1.0' encoding='x-none'?><xml><records>"
            + ENDNOTE.format(n=1)
            + "</records></xml>"
        ).encode(),
    )
    yield "xlsx", workbook([["Title", "Year"], ["A trial", "2001"], ["", ""], ["B", "x"]])
    yield "xlsx-empty", workbook([])
    yield "xlsx-zip-bomb", workbook([], sheet="<worksheet>" + " " * 80_000_000)
    yield (
        "xlsx-far-corner",
        workbook(
            [],
            sheet=(
                "<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'>"
                "<is><t>Title</t></is></c></row>"
                "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
                "</worksheet>"
            ),
        ),
    )
    yield "xlsx-truncated", workbook([["Title", "Year"], ["A trial", "2001"]])[:400]
    yield (
        "xlsx-entities",
        workbook(
            [],
            sheet=BOMB + "<worksheet><sheetData><row><c t='inlineStr'>"
            "<is><t>&j;</t></is></c></row></sheetData>"
            "</worksheet>",
        ),
    )
    yield (
        "xlsx-bad-string",
        workbook(
            [],
            sheet=(
                "<worksheet><sheetData><row><c t='s'><v>99</v></c><c t='s'><v>-1</v></c></row>"
                "</sheetData></worksheet>"
            ),
        ),
    )
    yield "docx", _zip({"word/document.xml": b"<w/>"})
    yield "zip", _zip({"refs.ris": RIS.format(n=1).encode()})


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, value in parts.items():
            archive.writestr(name, value)
    return out.getvalue()


def cases() -> list[tuple[str, bytes]]:
    """All of them, by name."""
    found = [(f"{key}-{name}", content) for key in FORMATS for name, content in spoilt(key)]
    return found + list(special())

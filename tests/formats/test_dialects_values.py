"""Numbers, names, years and marks inside a value, as vendors write them."""

from __future__ import annotations

import pytest

from reviewtool.formats import fields
from reviewtool.formats.latex import plain
from tests.formats.dialects import only, ris


@pytest.mark.parametrize(
    ("line", "doi"),
    [
        ("DO  - https://doi.org/10.1000/ABC", "10.1000/abc"),
        ("L3  - 10.1000/abc", "10.1000/abc"),
        ("M3  - doi: 10.1000/abc", "10.1000/abc"),
        ("N1  - doi: 10.1000/abc", "10.1000/abc"),
        ("UR  - http://dx.doi.org/10.1000/abc", "10.1000/abc"),
        ("DO  - 10.1016/S0140-6736(05)66544-5", "10.1016/s0140-6736(05)66544-5"),
        ("DO  - (10.1000/abc).", "10.1000/abc"),
        ("UR  - http://x.org?id=doi:10.1000%2Fabc&atitle=T", "10.1000/abc"),
        ("DO  - not a doi", ""),
    ],
)
def test_a_doi_is_found_where_vendors_put_it(line: str, doi: str) -> None:
    assert only(ris("TI  - T", line)).doi == doi


@pytest.mark.parametrize(
    "lines",
    [
        ("C3  - PUBMED 123456",),
        ("PM  - 123456",),
        ("AN  - 123456", "DP  - NLM"),
        ("UR  - https://pubmed.ncbi.nlm.nih.gov/123456/",),
        ("C5  - 123456", "DB  - Embase"),
    ],
)
def test_a_pubmed_number_is_found_where_vendors_put_it(lines: tuple[str, ...]) -> None:
    assert only(ris("TI  - T", *lines)).pmid == "123456"


def test_mathematics_in_a_title_is_not_markup() -> None:
    record = only(ris("TI  - <i>E. coli</i> when p < 0.05 and n > 3 &amp; H<sub>2</sub>O"))
    assert record.title == "E. coli when p < 0.05 and n > 3 & H2O"


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2014//", 2014),
        ("Dec 2019", 2019),
        ("10 15", None),
        ("19991231", 1999),
        ("2015/october", 2015),
    ],
)
def test_years_are_read_from_dates(text: str, year: int | None) -> None:
    assert fields.year(text) == year


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"{\'{\i}}ndice", "índice"),
        (r"Erd{\H o}s", "Erdős"),
        (r"\v{S}\c{c}", "Šç"),
        (r"\emph{in vitro} 50\%", "in vitro 50%"),
        ("$p<0.05$", "p<0.05"),
        (r"a~b", "a b"),
    ],
)
def test_latex_becomes_text(tex: str, text: str) -> None:
    assert " ".join(plain(tex).split()) == text


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        (
            "10.1002/(SICI)1-2(199808)17:15<1661::AID-X1>3.0.CO;2-Y",
            "10.1002/(sici)1-2(199808)17:15<1661::aid-x1>3.0.co;2-y",
        ),
        (
            "10.1002/1-2%28200011%2952%3A3%3C133%3A%3AAID-X2%3E3.0.CO%3B2-%23",
            "10.1002/1-2(200011)52:3<133::aid-x2>3.0.co;2-#",
        ),
        (
            "10.1175/1-2(1998)055&lt;0001:TTWOTN&gt;2.0.CO;2",
            "10.1175/1-2(1998)055<0001:ttwotn>2.0.co;2",
        ),
        ("https://doi.org/10.1000/abc#section", "10.1000/abc"),
        ("10.1000/abc<br/>", "10.1000/abc"),
    ],
)
def test_a_doi_is_whole_with_its_article_number(written: str, doi: str) -> None:
    assert fields.doi(written) == doi


def test_a_doi_in_bibtex_is_read_without_escapes() -> None:
    record = only(
        "@article{a, title = {T},\n"
        "  doi = {10.1002/1-2(1998)17:15{\\textless}16::AID-X\\_1{\\textgreater}3.0.CO;2-Y}}\n"
    )
    assert record.doi == "10.1002/1-2(1998)17:15<16::aid-x_1>3.0.co;2-y"


def test_a_title_in_angle_brackets_is_not_markup() -> None:
    assert fields.clean("<A study of rest.pdf>") == "<A study of rest.pdf>"
    assert fields.clean('<a href="http://x.org">A</a> <i class=x>study</i>') == "A study"
    assert fields.clean("<p>One.</p><p>Two.</p>") == "One. Two."


@pytest.mark.parametrize(
    ("text", "issn"),
    [
        ("978-1-4822-5326-9", ""),
        ("0-8133-7243-7", ""),
        ("1234-567X 12345678", "1234-567X; 1234-5678"),
    ],
)
def test_a_part_of_an_isbn_is_no_issn(text: str, issn: str) -> None:
    assert fields.issn(text) == issn


def test_several_names_in_one_value_are_several_people() -> None:
    assert only(ris("TI  - T", "AU  - Ann Lee ; Bo Wu", "AU  - O&apos;Hara, C")).authors == (
        "Ann Lee",
        "Bo Wu",
        "O'Hara, C",
    )
    content = "FN ISI Export Format\nVR 1.0\nPT J\nTI T\nAU Lee, A; Wu, B\nSO J\nPY 2001\nER\n"
    assert only(content).authors == ("Lee, A", "Wu, B")


def test_names_left_out_are_no_people() -> None:
    assert fields.people(["Lee, A", "...", "et al.", "Wu, null"]) == ("Lee, A", "Wu")


@pytest.mark.parametrize(
    "lines",
    [
        ("U1  - 123456 [PMID]",),
        ("U1  - 123456[pmid]",),
        ("U2  - PMID: 123456.",),
        ("L2  - http://ovidsp.ovid.com/ovidweb.cgi?T=JS&D=med4&NEWS=N&AN=123456",),
    ],
)
def test_a_pubmed_number_may_come_with_its_label_or_in_a_link(lines: tuple[str, ...]) -> None:
    assert only(ris("TI  - T", *lines)).pmid == "123456"


def test_a_number_that_a_link_repeats_is_the_accession_number() -> None:
    link = "UR  - https://lens.org/000-111-222-333-444"
    assert only(ris("TI  - T", "ID  - 000-111-222-333-444", link)).accession != ""
    assert only(ris("TI  - T", "ID  - 17", "UR  - https://x.org/17")).accession == ""


def test_no_value_is_written_as_na() -> None:
    record = only(ris("TI  - T", "IS  - NA", "AU  - NA", "AB  - NA", "PY  - 2001"))
    assert (record.issue, record.authors, record.abstract) == ("", (), "")


def test_no_pages_specified_is_no_page() -> None:
    assert only(ris("TI  - T", "SP  - No", "EP  - Pagination Specified")).pages == ""


def test_degrees_are_part_of_the_name_before_them() -> None:
    record = only("<1>\nTitle\n  A title.\nAuthor\n  Lee, Bo RN; PhD; FAAN; Wu, C\nSource\n  J.\n")
    assert record.authors == ("Lee, Bo RN, PhD, FAAN", "Wu, C")


def test_an_embase_source_is_taken_apart() -> None:
    record = only(
        '"TITLE","T"\n"AUTHOR NAMES","Lee B."\n'
        '"SOURCE","A Journal (2026) 14:1 Article Number: 11. Date of Publication: 1 Dec 2026"\n'
        '"PUBLICATION YEAR","2026"\n"VOLUME","14"\n"ISSUE","1"\n"DOI","10.1000/1"\n'
    )
    assert (record.journal, record.pages) == ("A Journal", "11")


def test_a_comma_in_brackets_does_not_separate_keywords() -> None:
    record = only('title,keywords\nT,"rest (prevention, therapy), sleep"\n')
    assert record.keywords == ("rest (prevention, therapy)", "sleep")


def test_markup_may_be_escaped_twice() -> None:
    assert fields.clean("H&lt;sub&gt;2&lt;/sub&gt;O when p &amp;lt; 0.05") == "H2O when p < 0.05"


def test_an_article_number_stands_for_pages_in_bibtex() -> None:
    record = only(
        "@article{a, title={T}, art_number={SB1001}, issn={1234-5678}, eissn={1234-567X}}\n"
    )
    assert (record.pages, record.issn) == ("SB1001", "1234-5678; 1234-567X")


@pytest.mark.parametrize(
    ("source", "journal", "volume", "issue", "pages"),
    [
        (
            "A Journal. Conference: 2nd Meeting: Part 2. "
            "Spain. 12 (Suppl 3) (no pagination), 2018. "
            "Article Number: 7. Date of Publication: 2018.",
            "A Journal",
            "12",
            "Suppl 3",
            "7",
        ),
        ("Arch. Int. Med. 12 (3) (pp 1-9), 2018.", "Arch. Int. Med", "12", "3", "1-9"),
        ("A Journal. 12(3):1-9, 2018 May.", "A Journal", "12", "3", "1-9"),
    ],
)
def test_a_source_line_of_ovid_is_taken_apart(
    source: str, journal: str, volume: str, issue: str, pages: str
) -> None:
    record = only(
        f"<3001. >\nVN  - Ovid Technologies\nDB  - Embase\nUI  - 1\nTI  - T\nSO  - {source}\n"
        "AU  - Lee B.\nLG  - English\nPT  - Article\nIS  - 1234-5678\n"
    )
    assert (record.journal, record.volume, record.issue) == (journal, volume, issue)
    assert (record.pages, record.language) == (pages, "English")


@pytest.mark.parametrize(
    ("number", "pmid"), [("lil-123456", ""), ("mdl-12345678", "12345678"), ("biblio-1234567", "")]
)
def test_numbers_of_the_virtual_health_library(number: str, pmid: str) -> None:
    record = only(ris("TI  - T", f"ID  - {number}"))
    assert (record.accession, record.pmid) == (number, pmid)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Lee, B and Wu, C and Roy, DJ", ("Lee, B", "Wu, C", "Roy, DJ")),
        ("Lee AB, van der Roy C", ("Lee AB", "van der Roy C")),
        ("Lee Park AB, Bo", ("Lee Park AB, Bo",)),
        ("Ministry of Health and Welfare, Korea", ("Ministry of Health and Welfare, Korea",)),
        ("Food, Drugs and Care, Ltd", ("Food, Drugs and Care, Ltd",)),
    ],
)
def test_two_people_in_one_name(value: str, names: tuple[str, ...]) -> None:
    assert fields.people([value]) == names


def test_an_article_number_has_no_word_before_it() -> None:
    assert fields.pages("UNSP 104863") == fields.pages("Article No. 104863") == "104863"


def test_full_names_with_bare_commas_between_are_many() -> None:
    record = only('Title,Authors,Year,DOI\nWalking,"Bo Lee,Ann Wu",2020,10.1000/w\n')
    assert record.authors == ("Bo Lee", "Ann Wu")
    record = only('Title,Authors,Year,DOI\nWalking,"Lee Park, Min Ho",2020,10.1000/w\n')
    assert record.authors == ("Lee Park, Min Ho",)


def test_numbers_of_the_works_cited_are_not_the_records() -> None:
    record = only(
        ris(
            "TI  - T",
            "N1  - Cited By :1",
            "N1  - References: Lee, B., Old (2001) Gout, 1, p. 2. ,"
            " https://doi.org/10.1000/old, NCT01234567; ",
            "Wu, C., PMID: 12345678 (2002) Gout",
        )
    )
    assert (record.doi, record.pmid, record.registry_number) == ("", "", "")
    assert "Wu, C." in record.note

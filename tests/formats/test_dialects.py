"""Ways in which vendors differ, each in a small file of our own making."""

from __future__ import annotations

import pytest

from reviewtool import formats
from reviewtool.formats import Note, ParsedRecord, fields
from reviewtool.formats import ris as ris_format
from reviewtool.formats.latex import plain


def only(content: str) -> ParsedRecord:
    """The one record of a file."""
    reading = formats.read(content.encode())
    assert [p.reason for p in reading.problems] == []
    assert len(reading.records) == 1
    return reading.records[0]


def ris(*lines: str) -> str:
    return "\n".join(("TY  - JOUR", *lines, "ER  - ", ""))


def test_keywords_without_tags_are_keywords_of_their_own() -> None:
    record = only(ris("TI  - T", "KW  - one", "two words", "three"))
    assert record.keywords == ("one", "two words", "three")


def test_a_wrapped_title_is_one_title() -> None:
    assert (
        only(ris("TI  - A long title", "      that goes on")).title == "A long title that goes on"
    )


@pytest.mark.parametrize("start", ["TY - JOUR", "TY  -JOUR", "TY-JOUR", "  TY  - JOUR"])
def test_loose_spacing_is_read(start: str) -> None:
    separator = "-" if start == "TY-JOUR" else " - "
    record = only(f"{start}\nTI{separator}Loose\nAU{separator}Lee, B.\nER{separator}\n")
    assert (record.title, record.authors) == ("Loose", ("Lee, B.",))


def test_prose_that_looks_like_a_tag_stays_prose() -> None:
    record = only(ris("TI  - T", "AB  - Trials were", "US - based and small."))
    assert record.abstract.replace("\n", " ") == "Trials were US - based and small."


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
        ("C3  - PUBMED 123456",), ("PM  - 123456",), ("AN  - 123456", "DP  - NLM"),
        ("UR  - https://pubmed.ncbi.nlm.nih.gov/123456/",), ("C5  - 123456", "DB  - Embase"),
    ],
)  # fmt: skip
def test_a_pubmed_number_is_found_where_vendors_put_it(lines: tuple[str, ...]) -> None:
    assert only(ris("TI  - T", *lines)).pmid == "123456"


def test_mathematics_in_a_title_is_not_markup() -> None:
    record = only(ris("TI  - <i>E. coli</i> when p < 0.05 and n > 3 &amp; H<sub>2</sub>O"))
    assert record.title == "E. coli when p < 0.05 and n > 3 & H2O"


def test_medline_records_are_told_apart_by_blank_lines() -> None:
    content = (
        "PMID- 1\nTI  - One\nJT  - J\nDP  - 2001\nAU  - A\n\n"
        "OWN - NLM\nPMID- 2\nTI  - Two\nJT  - J\n"
    )
    assert [r.title for r in formats.read(content.encode()).records] == ["One", "Two"]


def test_ovid_text_without_numbers_begins_where_its_first_field_returns() -> None:
    one = (
        "Score\n  ***\nAccession Number\n  {0}.\nAuthor\n  Lee, Bo MD *;  Wu, C 1\nTitle\n  T{0}.\n"
    )
    reading = formats.read(("\n" + one.format(1) + "\n" + one.format(2)).encode())
    assert [(r.accession, r.title) for r in reading.records] == [("1", "T1."), ("2", "T2.")]
    assert reading.records[0].authors == ("Lee, Bo MD", "Wu, C")


def test_lists_printed_by_programs_are_lists() -> None:
    record = only("title,authors,keywords\nT,\"['Marx, Karl', 'Lee, Bo']\",\"['a', 'b']\"\n")
    assert record.authors == ("Marx, Karl", "Lee, Bo")
    assert record.keywords == ("a", "b")


def test_one_field_per_row_is_one_record_per_title() -> None:
    content = (
        '"SEARCH QUERY","pain"\n\n"TITLE","First"\n"AUTHOR NAMES","Lee B.","Wu C."\n'
        '"PUBLICATION YEAR","2001"\n"SOURCE TITLE","J"\n"DOI","10.1000/1"\n\n'
        '"TITLE","Second"\n"AUTHOR NAMES","Kim D."\n"PUBLICATION YEAR","2002"\n'
    )
    reading = formats.read(content.encode())
    assert [(r.title, r.year) for r in reading.records] == [("First", 2001), ("Second", 2002)]
    assert reading.records[0].authors == ("Lee B.", "Wu C.")
    assert reading.records[0].doi == "10.1000/1"


def test_abstrackr_votes_come_by_column() -> None:
    content = (
        "(internal) id,(source) id,pubmed id,title,authors,consensus,Ann,Ben\n"
        '1,7,0,First,"Lee, B.\n and Wu, C.\n",x,1,-1\n'
        "citations that are not yet labeled by anyone\n2,8,0,Second,\n"
    )
    opened = list(formats.stream(content.encode()))
    records = [e for e in opened if isinstance(e, ParsedRecord)]
    assert [r.title for r in records] == ["First", "Second"]
    assert records[0].authors == ("Lee, B.", "Wu, C.")
    assert {(v.reviewer, v.vote) for v in records[0].verdicts} == {
        ("Ann", "include"), ("Ben", "exclude"),
    }  # fmt: skip
    assert any(isinstance(e, Note) for e in opened)


@pytest.mark.parametrize(
    ("note", "vote"),
    [
        ("ASReview_relevant", "include"),
        ("Notes first. ASReview_irrelevant. Notes after", "exclude"),
        ("asreview_label: 1; asreview_note: check", "include"),
    ],
)
def test_asreview_labels_come_in_notes(note: str, vote: str) -> None:
    assert only(ris("TI  - T", f"N1  - {note}")).verdicts[0].vote == vote


def test_a_record_asreview_never_showed_has_no_vote() -> None:
    assert only(ris("TI  - T", "N1  - ASReview_not_seen")).verdicts == ()


def test_rayyan_brings_votes_labels_reasons_and_notes() -> None:
    record = only(ris(
        "TI  - T",
        'N1  - RAYYAN-INCLUSION: {"Ann"=>"Excluded", "Ben"=>"Maybe"} | RAYYAN-LABELS: rct,old | '
        'RAYYAN-EXCLUSION-REASONS: wrong drug | USER-NOTES: {"Ann"=>["see table 2"]}',
    ))  # fmt: skip
    ann, ben = record.verdicts
    assert (ann.reviewer, ann.vote, ann.reasons, ann.note) == (
        "Ann", "exclude", ("wrong drug",), "see table 2",
    )  # fmt: skip
    assert (ben.vote, ben.reasons) == ("maybe", ())
    assert record.labels == ("rct", "old")


def test_bibtex_strings_crossrefs_and_latex_are_read() -> None:
    content = (
        '@string{jbp = {Journal of B{\\"u}cher}}\n'
        '@article(k1, title = "On {\\\'E}tudes \\& {\\ss}", '
        "journal = jbp # { Part B}, year = 2001)\n"
        "@inproceedings{k2, title={Two}, crossref={p}}\n"
        "@proceedings{p, title={Proc}, year={1999}}\n"
    )
    first, second, _ = formats.read(content.encode()).records
    assert (first.title, first.journal, first.year) == (
        "On Études & ß", "Journal of Bücher Part B", 2001,
    )  # fmt: skip
    assert (second.year, second.journal) == (1999, "Proc")


def test_what_is_written_as_ris_is_read_back() -> None:
    record = ParsedRecord(
        title="Étude", authors=("Lee, B.", "Wu, C."), year=2001, journal="J", volume="1",
        issue="2", pages="3-9", doi="10.1000/1", pmid="12", abstract="Text.",
        keywords=("a", "b"), kind="journal article", language="fr",
    )  # fmt: skip
    back = only("".join(ris_format.write([record])))
    for name in ("title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid",
                 "abstract", "keywords", "kind", "language"):  # fmt: skip
        assert getattr(back, name) == getattr(record, name), name


@pytest.mark.parametrize(
    ("text", "year"),
    [("2014//", 2014), ("Dec 2019", 2019), ("10 15", None), ("19991231", 1999),
     ("2015/october", 2015)],
)  # fmt: skip
def test_years_are_read_from_dates(text: str, year: int | None) -> None:
    assert fields.year(text) == year


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"{\'{\i}}ndice", "índice"), (r"Erd{\H o}s", "Erdős"), (r"\v{S}\c{c}", "Šç"),
        (r"\emph{in vitro} 50\%", "in vitro 50%"), ("$p<0.05$", "p<0.05"), (r"a~b", "a b"),
    ],
)  # fmt: skip
def test_latex_becomes_text(tex: str, text: str) -> None:
    assert " ".join(plain(tex).split()) == text


def test_ovid_tagged_text_is_read_like_medline() -> None:
    content = (
        "<1>\nVN  - Ovid Technologies\nDB  - Ovid MEDLINE(R)\nUI  - 12345678\nAU  - Smith J\n"
        "FA  - Smith, John\nTI  - A trial.\nSO  - Pain. 12(3):45-67, 2015 Mar\nIS  - 0000-0000\n"
        "PT  - Journal Article\nAB  - Text.\nDO  - https://dx.doi.org/10.1000/1\n\n"
    )
    reading = formats.read((content + content.replace("A trial", "B trial")).encode())
    assert [r.title for r in reading.records] == ["A trial.", "B trial."]
    first = reading.records[0]
    assert (first.pmid, first.journal, first.volume, first.pages) == (
        "12345678", "Pain", "12", "45-67",
    )  # fmt: skip
    assert (first.year, first.doi, first.authors) == (2015, "10.1000/1", ("Smith, John",))


def test_openalex_columns_are_known() -> None:
    record = only(
        "id,doi,title,display_name,publication_year,primary_location.source.display_name,"
        "authorships.author.display_name,biblio.volume\n"
        "https://openalex.org/W1,https://doi.org/10.1000/1,T,T,2024,Pain,Ann Lee|Bo Wu,3\n"
    )
    assert (record.authors, record.journal, record.volume, record.year) == (
        ("Ann Lee", "Bo Wu"), "Pain", "3", 2024,
    )  # fmt: skip

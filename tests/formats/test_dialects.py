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
        ("Ann", "include"),
        ("Ben", "exclude"),
    }
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
    record = only(
        ris(
            "TI  - T",
            'N1  - RAYYAN-INCLUSION: {"Ann"=>"Excluded", "Ben"=>"Maybe"}'
            " | RAYYAN-LABELS: rct,old | "
            'RAYYAN-EXCLUSION-REASONS: wrong drug | USER-NOTES: {"Ann"=>["see table 2"]}',
        )
    )
    ann, ben = record.verdicts
    assert (ann.reviewer, ann.vote, ann.reasons, ann.note) == (
        "Ann",
        "exclude",
        ("wrong drug",),
        "see table 2",
    )
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
        "On Études & ß",
        "Journal of Bücher Part B",
        2001,
    )
    assert (second.year, second.journal) == (1999, "Proc")


def test_what_is_written_as_ris_is_read_back() -> None:
    record = ParsedRecord(
        title="Étude",
        authors=("Lee, B.", "Wu, C."),
        year=2001,
        journal="J",
        volume="1",
        issue="2",
        pages="3-9",
        doi="10.1000/1",
        pmid="12",
        abstract="Text.",
        keywords=("a", "b"),
        kind="journal article",
        language="fr",
    )
    back = only("".join(ris_format.write([record])))
    for name in (
        "title",
        "authors",
        "year",
        "journal",
        "volume",
        "issue",
        "pages",
        "doi",
        "pmid",
        "abstract",
        "keywords",
        "kind",
        "language",
    ):
        assert getattr(back, name) == getattr(record, name), name


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
        "12345678",
        "Pain",
        "12",
        "45-67",
    )
    assert (first.year, first.doi, first.authors) == (2015, "10.1000/1", ("Smith, John",))


def test_openalex_columns_are_known() -> None:
    record = only(
        "id,doi,title,display_name,publication_year,primary_location.source.display_name,"
        "authorships.author.display_name,biblio.volume\n"
        "https://openalex.org/W1,https://doi.org/10.1000/1,T,T,2024,Pain,Ann Lee|Bo Wu,3\n"
    )
    assert (record.authors, record.journal, record.volume, record.year) == (
        ("Ann Lee", "Bo Wu"),
        "Pain",
        "3",
        2024,
    )


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


def test_a_line_between_records_is_no_record() -> None:
    reading = formats.read((ris("TI  - One") + "NL  - J Abbr\n\n2.\n" + ris("TI  - Two")).encode())
    assert [r.title for r in reading.records] == ["One", "Two"]
    assert not reading.problems
    assert any("J Abbr" in note.text for note in reading.notes)


def test_degrees_are_part_of_the_name_before_them() -> None:
    record = only("<1>\nTitle\n  A title.\nAuthor\n  Lee, Bo RN; PhD; FAAN; Wu, C\nSource\n  J.\n")
    assert record.authors == ("Lee, Bo RN, PhD, FAAN", "Wu, C")


def test_refworks_text_has_a_record_per_rt() -> None:
    content = (
        "RT Journal Article\nSR 1\nA1 王一;李二\nT1 A first title\nJF A journal\nYR 2024\nvo 7\n"
        "IS 2\nOP 41-43+47\nK1 one;two\nAB First line.\nSecond line.\nDO 10.1000/1\nDS CNKI\n\n"
        "RT Book, Whole\nA1 Lee, B.\nT1 A second title\nYR 2001\nSP 5\nOP 9\n"
    )
    reading = formats.read(content.encode())
    assert reading.format == "refworks"
    first, second = reading.records
    assert (first.title, first.authors, first.pages) == (
        "A first title",
        ("王一", "李二"),
        "41-43+47",
    )
    assert (first.volume, first.issue, first.keywords) == ("7", "2", ("one", "two"))
    assert (first.abstract, first.database) == ("First line.\nSecond line.", "CNKI")
    assert (second.authors, second.year, second.pages) == (("Lee, B.",), 2001, "5-9")


def test_cochrane_text_has_a_record_per_number() -> None:
    content = (
        "Record #1 of 2\nID: CN-01\nAU: Lee, B\nAU: et al.\nTI: A first title\nSO: A journal\n"
        "YR: 2021\nVL: 7\nNO: 2\nPG: 1-9\nPM: PUBMED 123456\nXR: EMBASE 99\nKY: one;two\n"
        "AB: AIM: First. NCT01234567.\nRESULTS: Second.\nUS: https://x.org\n\n\n"
        "Record #2 of 2\nID: CD02\nTI: A second title\nYR: 2001\nSO: Cochrane reviews\n"
    )
    reading = formats.read(content.encode())
    assert reading.format == "cochrane"
    first, second = reading.records
    assert (first.title, first.authors, first.pmid) == ("A first title", ("Lee, B",), "123456")
    assert (first.volume, first.issue, first.keywords) == ("7", "2", ("one", "two"))
    assert first.abstract == "AIM: First. NCT01234567.\nRESULTS: Second."
    assert (first.registry_number, first.database) == ("NCT01234567", "CENTRAL")
    assert (second.title, second.year) == ("A second title", 2001)


def test_tables_of_vendors_say_who_where_and_when() -> None:
    pop = only(
        "Cites,Authors,Title,Year,Source,GSRank,QueryDate,Type,StartPage\n"
        '1,"A Lee, B Wu, ...",T,2020,J,1,2022-06-03 12:00:00,PDF,\n'
    )
    assert (pop.authors, pop.journal, pop.kind) == (("A Lee", "B Wu"), "J", "")
    trial = only(
        "Rank,NCT Number,Title,Sponsor/Collaborators,Start Date\n"
        '1,NCT01234567,T,"Acme, Inc.|A Hospital",May 2014\n'
    )
    assert trial.authors == ("Acme, Inc.", "A Hospital")
    assert trial.registry_number == "NCT01234567"
    wos = only(
        "PT\tAU\tTI\tSO\tSP\tPY\tBP\tEP\tPG\tUT\tDA\n"
        'J\t"Lee, A; Wu, B"\tT\tJ\tA society\t2019\t369\t375\t7\tWOS:1\t2020-01-02\n'
    )
    assert (wos.pages, wos.year, wos.authors) == ("369-375", 2019, ("Lee, A", "Wu, B"))
    cnki = only(
        "SrcDatabase-来源库,Title-题名,Author-作者,Source-文献来源,PubTime-发表时间\n"
        "期刊,T,王一;李二,J,2021-03-01\n"
    )
    assert (cnki.title, cnki.authors, cnki.year) == ("T", ("王一", "李二"), 2021)


def test_column_names_may_have_accents() -> None:
    record = only("Título,Autores,Año\nT,Lee B.;Wu C.,2001\n")
    assert (record.title, record.authors) == ("T", ("Lee B.", "Wu C."))


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


def test_a_number_glued_to_the_line_before_is_found() -> None:
    assert only(ris("TI  - T", "WE  - An Index (AI)AN  - WOS:1")).accession == "WOS:1"


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


def test_trials_of_the_who_are_records() -> None:
    record = only(
        "<?xml version='1.0'?>\n<Trials_downloaded_from_ICTRP>\n<Trial><TrialID>DRKS00012345\n"
        "</TrialID><Public_title>Walking and gout\n</Public_title><Acronym/>"
        "<Scientific_title>Long title</Scientific_title>"
        "<Primary_sponsor>A Clinic</Primary_sponsor><Date_registration>20/09/2021"
        "</Date_registration><web_address>https://example.org/t</web_address>"
        "<Condition>Gout;&lt;br&gt;Pain</Condition><Intervention>Walks</Intervention>"
        "</Trial>\n</Trials_downloaded_from_ICTRP>\n"
    )
    assert (record.title, record.authors, record.year) == ("Walking and gout", ("A Clinic",), 2021)
    assert record.registry_number == record.accession == "DRKS00012345"
    assert record.abstract == "Condition: Gout; Pain\nIntervention: Walks"
    assert (record.keywords, record.database) == (("Gout", "Pain"), "WHO ICTRP")


def test_central_says_what_is_a_trial_in_odd_places() -> None:
    record = only(
        ris(
            "AN  - CN-01234567",
            "A1  - NCT01234567,",
            "T1  - Walks",
            "JF  - https://clinicaltrials.gov/show/NCT01234567",
            "C3  - CTgov NCT01234567",
            "UR  - https://www.cochranelibrary.com/central/doi/10.1002/central/CN-01234567/full",
        )
    )
    assert (record.authors, record.journal) == ((), "")
    assert record.registry_number == "NCT01234567"
    assert record.doi == "10.1002/central/cn-01234567"


def test_a_trial_of_ovid_has_two_titles_and_a_journal() -> None:
    lines = ("T1  - Walks", "T2  - Walking in the long run", "JA  - Gout")
    record = only("\n".join(("1. ", "TY  - ELEC", *lines, "ER  -  ", "")))
    assert (record.title, record.journal) == ("Walks", "Gout")


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


def test_a_table_of_a_web_of_science_database() -> None:
    record = only(
        "PT\tAN\tDT\tTI\tFT\tAU\tSO\tVL\tPS\tPY\tUT\tDA\r"
        "J\t30123456\tArticle\tWalking\tGehen\tLee, Bo; Wu, C.\tGout\t7\t1-9\t2018\t"
        "MEDLINE:30123456\t2020-01-01\r"
    )
    assert (record.title, record.pages, record.year) == ("Walking", "1-9", 2018)
    assert (record.accession, record.pmid) == ("MEDLINE:30123456", "30123456")


def test_the_new_table_of_ebsco() -> None:
    record = only(
        "longDBName,shortDBName,an,title,publicationDate,contributors,docTypes,source,issns,"
        "pageEnd,pageStart,volume,issue,doi,plink\n"
        'CINAHL,ccm,123,Walking,20240801,"Lee, Bo ; Wu, C.",Article,Gout,12345679 ; 23456780,'
        "9,1,7,2,10.1000/w,https://example.org/1\n"
    )
    assert (record.authors, record.year) == (("Lee, Bo", "Wu, C."), 2024)
    assert (record.database, record.kind, record.pages) == ("CINAHL", "article", "1-9")


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


def test_a_chapter_of_dimensions_is_in_its_book() -> None:
    record = only(
        '"About the data: Exported on Jan 21, 2021. Criteria: gout",,,,\n'
        "Publication ID,Title,Source title,Anthology title,PubYear\n"
        "pub.1,Walking,,Gout in Brief,2019\n"
    )
    assert (record.journal, record.database) == ("Gout in Brief", "Dimensions")


def test_a_title_above_the_type_belongs_to_the_record_that_follows() -> None:
    text = (
        "%T First work\n%0 Journal Article\n%A Lee, B.\n%B A journal\n%D 2021\n\n\n"
        "%T Second work\n%A Wu, C.\n%D 2019\n\n\n%T Third work\n%0 Journal Article\n%D 2017\n"
    )
    found = formats.read(text.encode()).records
    assert [(r.title, r.authors, r.year) for r in found] == [
        ("First work", ("Lee, B.",), 2021),
        ("Second work", ("Wu, C.",), 2019),
        ("Third work", (), 2017),
    ]


def test_a_value_with_unbalanced_braces_does_not_swallow_the_title() -> None:
    text = (
        "@article{a1,\nAuthor = {Lee, B.},\nKeywords = {law, author:{name:X, {y, build(), 0},\n"
        "Title = {When sharing fixes prices.},\nYear = {2018},\n}\n\n"
        "@article{a2,\nTitle = {Another},\nYear = {2019},\n}\n"
    )
    found = formats.read(text.encode()).records
    assert [(r.title, r.year) for r in found] == [
        ("When sharing fixes prices.", 2018),
        ("Another", 2019),
    ]


def test_prose_with_a_line_abstract_is_no_table() -> None:
    text = "A journal\n2022, Vol. 37\nAbstract\nMuch is new, and more, is to come.\nThe end\n" * 3
    assert formats.read(text.encode()).format == "unknown"

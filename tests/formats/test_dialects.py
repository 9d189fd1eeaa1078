"""Ways in which vendors differ, each in a small file of our own making."""

from __future__ import annotations

import pytest

from reviewtool import formats
from reviewtool.formats import ParsedRecord
from reviewtool.formats import ris as ris_format
from tests.formats.dialects import only, ris


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


def test_a_line_between_records_is_no_record() -> None:
    reading = formats.read((ris("TI  - One") + "NL  - J Abbr\n\n2.\n" + ris("TI  - Two")).encode())
    assert [r.title for r in reading.records] == ["One", "Two"]
    assert not reading.problems
    assert any("J Abbr" in note.text for note in reading.notes)


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


def test_a_number_glued_to_the_line_before_is_found() -> None:
    assert only(ris("TI  - T", "WE  - An Index (AI)AN  - WOS:1")).accession == "WOS:1"


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

"""Files find their report by name; where they cannot, a person is asked."""

import pytest

from reviewtool.screening.rules.filenames import Known, match

REPORTS = [
    Known(
        1,
        12,
        "Visser, W. H.; Reines, S. A.",
        1996,
        "Rizatriptan for acute migraine: a trial",
        doi="10.1001/archneur.1996.00550110",
        pmid="8912486",
    ),
    Known(2, 13, "Färkkilä, M.", 2012, "Efficacy of lasmiditan in acute migraine attacks"),
    Known(3, 14, "O'Brien, K.", 2012, "Short"),
    Known(4, 15, "Visser, J.", 1996, "Another paper about something else entirely"),
    Known(5, 16, "L J Warshaw; R B Lipton", 1998, "Migraine: a woman's disease"),
]


@pytest.mark.parametrize(
    ("name", "found", "why"),
    [
        ("10.1001_archneur.1996.00550110.pdf", [1], "DOI"),
        ("PMID 8912486 Visser.pdf", [1], "PubMed number"),
        ("12.pdf", [1], "record number"),
        ("#13 lasmiditan.pdf", [2], "record number"),
        ("Record_14.PDF", [3], "record number"),
        ("Rizatriptan for acute migraine - a trial.pdf", [1], "title"),
        ("farkkila2012.pdf", [2], "first author and year"),
        ("Farkkila 2012.pdf", [2], "first author and year"),
        ("o'brien-2012.pdf", [3], "first author and year"),
        ("Visser_1996_full.pdf", [1, 4], "first author and year"),
        ("Warshaw 1998.pdf", [5], "first author and year"),
        ("scan0001.pdf", [], ""),
        ("C:\\papers\\Warshaw 1998.pdf", [5], "first author and year"),
    ],
)
def test_the_best_evidence_in_the_name_counts(name, found, why):
    result = match(name, REPORTS)
    assert (result.report_ids, result.why) == (found, why)


def test_a_year_is_not_a_record_number_unless_it_stands_alone():
    assert match("Smith 1996.pdf", [Known(1, 1996, "Jones, A.", 2001, "X")]).report_ids == []

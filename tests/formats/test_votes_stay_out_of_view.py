"""What other people decided is kept as votes only, never among a record's other fields."""

import pytest

from reviewtool import formats


@pytest.mark.parametrize(
    "text",
    [
        "internal id,source id,title,authors,consensus,Ann,Ben\n1,1,A trial,Lee,1,1,-1\n",
        "title,asreview_label,asreview_user_email,asreview_time\nA trial,1,a@b.org,2024\n",
        "title,label_included,label_abstract_included\nA trial,1,1\n",
        'key,title,notes,pubmed_id,pmc_id\n1,A trial,"RAYYAN-INCLUSION: {""Ann""=>""Maybe""}",,\n',
    ],
    ids=["Abstrackr", "ASReview", "labelled data", "Rayyan"],
)
def test_votes_are_carried_apart_from_the_fields_everybody_sees(text: str) -> None:
    (record,) = formats.read(text.encode()).records
    assert record.verdicts
    shown = " ".join([record.note, *(v for values in record.raw.values() for v in values)])
    for word in ("Ann", "a@b.org", "Maybe"):
        assert word not in shown
    assert "1" not in [v for values in record.raw.values() for v in values]

"""Votes and labels that tools of screening write into their files."""

from __future__ import annotations

import pytest

from reviewtool import formats
from reviewtool.formats import Note, ParsedRecord
from tests.formats.dialects import only, ris


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

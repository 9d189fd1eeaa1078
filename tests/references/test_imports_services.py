"""Importing files: everything stored or rejected, nothing lost, all of it can be undone."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from flask import current_app
from sqlmodel import Session, col, select

from reviewtool.jobs import Job, JobState
from reviewtool.permissions import Forbidden
from reviewtool.references import errors
from reviewtool.references.models import (
    CarriedVote,
    Import,
    ImportState,
    Record,
    RejectedEntry,
    Search,
)
from reviewtool.references.queries import imports as imports_queries
from reviewtool.references.queries import records as records_queries
from reviewtool.references.services import imports as imports_services
from tests import build
from tests.formats.nasty import cases, file_of

RIS = (
    b"TY  - JOUR\nTI  - First trial\nAU  - Smith, A.\nPY  - 2001\nAB  - Pain fell.\nER  - \n\n"
    b"TY  - JOUR\nAU  - Nobody, N.\nER  - \n\n"
    b"TY  - JOUR\nTI  - Second trial\nPY  - 2002\nDO  - 10.1000/two\nER  - \n"
)


def store(
    db: Session, team: build.Team, content: bytes = RIS, name: str = "refs.ris", **search: object
) -> Import:
    """Import ``content`` through the services and run its job."""
    search = {"database": "PubMed", "searched_on": date(2026, 1, 15), **search}
    row = imports_services.import_bytes(db, team.ann, name, content, **search)
    db.commit()
    db.refresh(row)
    return row


def records_of(db: Session, row: Import) -> list[Record]:
    return list(
        db.exec(select(Record).where(Record.import_id == row.id).order_by(col(Record.number))).all()
    )


def test_read_is_stored_plus_rejected_and_a_reject_has_line_and_reason(
    db: Session, review: build.Team
) -> None:
    row = store(db, review)
    assert row.state is ImportState.DONE
    assert (row.entries, row.stored, row.rejected) == (3, 2, 1)
    reject = db.exec(select(RejectedEntry).where(RejectedEntry.import_id == row.id)).one()
    assert reject.line == 8
    assert "No title" in reject.reason
    assert [r.title for r in records_of(db, row)] == ["First trial", "Second trial"]


def test_numbers_go_on_from_one_import_to_the_next(db: Session, review: build.Team) -> None:
    first = store(db, review)
    second = store(db, review, file_of("ris").encode(), "more.ris")
    numbers = [r.number for row in (first, second) for r in records_of(db, row)]
    assert numbers == list(range(numbers[0], numbers[0] + 5))


def test_the_original_is_kept_byte_for_byte(db: Session, review: build.Team) -> None:
    row = store(db, review)
    assert current_app.extensions["storage"].read(row.sha256) == RIS
    assert row.size == len(RIS)


def test_an_empty_file_fails_with_a_reason_and_stores_nothing(
    db: Session, review: build.Team
) -> None:
    row = store(db, review, b"", "empty.txt")
    assert row.state is ImportState.FAILED
    job = db.get_one(Job, row.job_id)
    assert job.state is JobState.FAILED
    assert "empty" in job.error


@pytest.mark.parametrize(
    "name", ["random", "xml-bomb", "xlsx-zip-bomb", "ris-surrogates", "ris-nuls", "ragged"]
)
def test_a_nasty_file_is_accounted_for_in_the_database(
    db: Session, review: build.Team, name: str
) -> None:
    row = store(db, review, dict(cases())[name], name)
    assert row.state in (ImportState.DONE, ImportState.FAILED)
    assert row.entries == row.stored + row.rejected
    assert len(records_of(db, row)) == row.stored


def test_a_later_search_of_the_same_source_is_an_update(db: Session, review: build.Team) -> None:
    first = store(db, review)
    later = store(db, review, database="Pub Med", searched_on=date(2026, 9, 1))
    other = store(db, review, database="Embase", searched_on=date(2026, 9, 1))
    assert db.get_one(Search, later.search_id or 0).updates_id == first.search_id
    assert db.get_one(Search, other.search_id or 0).updates_id is None


def test_undo_sets_records_aside_and_restore_brings_them_back(
    db: Session, review: build.Team
) -> None:
    row = store(db, review)
    counts = imports_services.undo(db, review.ann, row)
    assert counts["records"] == 2
    assert not any(r.is_active for r in records_of(db, row))
    imports_services.restore(db, review.ann, row)
    assert all(r.is_active for r in records_of(db, row))
    with pytest.raises(errors.WrongState):
        imports_services.restore(db, review.ann, row)


def test_undo_of_a_survivor_brings_the_others_of_its_group_to_the_front(
    db: Session, review: build.Team
) -> None:
    survivor = records_of(db, store(db, review))[0]
    second, third = (
        build.record(db, review.review, f"Copy {n}", merged_into_id=survivor.id) for n in (1, 2)
    )
    row = db.get_one(Import, survivor.import_id or 0)
    imports_services.undo(db, review.ann, row)
    assert second.merged_into_id is None
    assert third.merged_into_id == second.id
    imports_services.restore(db, review.ann, row)
    assert second.merged_into_id == third.merged_into_id == survivor.id


def test_an_import_run_twice_stores_once(db: Session, review: build.Team) -> None:
    from reviewtool import jobs

    row = store(db, review)
    job_id = row.job_id or 0
    job = db.get_one(Job, job_id)
    job.state = JobState.QUEUED
    db.add(job)
    db.commit()
    jobs.run(job_id)
    assert len(records_of(db, row)) == 2


def test_votes_of_rayyan_come_along_with_names(
    db: Session, review: build.Team, reference: Path
) -> None:
    path = reference / "imports" / "csv_rayyan.csv"
    if not path.exists():
        pytest.skip("no Rayyan export in the reference folder")
    row = store(db, review, path.read_bytes(), path.name)
    carried = db.exec(select(CarriedVote).where(CarriedVote.import_id == row.id)).all()
    said = [
        line
        for line in path.read_text("utf-8").splitlines()
        if any(f'=>""{word}""' in line for word in ("Included", "Excluded", "Maybe"))
    ]
    assert len(carried) >= len(said) > 0
    names = re.compile(r'""([^"]+)""=>""(?:Included|Excluded|Maybe)""')
    votes = Counter(name for line in said for name in names.findall(line))
    assert Counter(vote.reviewer for vote in carried) == votes
    for voter in imports_queries.voters(db, review.ann, row):
        assert (voter.votes, voter.waiting, voter.member_id) == (
            votes[voter.reviewer],
            votes[voter.reviewer],
            None,
        )


def test_a_name_in_the_file_is_matched_to_a_member(db: Session, review: build.Team) -> None:
    content = (
        b'key,title,notes,pubmed_id,pmc_id\n1,A trial,"RAYYAN-INCLUSION: {""Ben""=>""Maybe""}",,\n'
    )
    row = store(db, review, content, "rayyan.csv")
    voter = imports_queries.voters(db, review.ann, row)[0]
    assert voter.member_id == review.ben.id


def test_a_table_without_known_columns_waits_for_a_person(db: Session, review: build.Team) -> None:
    content = b"alpha,beta\nA trial,2001\nB trial,2002\nC trial,2003\n"
    row = imports_services.upload(db, review.ann, "own.csv", content)
    search = imports_services.add_search(db, review.ann, database="Hand search")
    with pytest.raises(errors.ColumnsUnknown):
        imports_services.start(db, review.ann, row, search)
    imports_services.map_columns(db, review.ann, row, {"alpha": "title", "beta": "year"})
    imports_services.start(db, review.ann, row, search)
    db.commit()
    assert [(r.title, r.year) for r in records_of(db, row)] == [
        ("A trial", 2001),
        ("B trial", 2002),
        ("C trial", 2003),
    ]


def test_an_observer_cannot_import(db: Session, review: build.Team) -> None:
    with pytest.raises(Forbidden):
        imports_services.upload(db, review.observer, "refs.ris", RIS)


def test_records_of_a_running_import_are_not_seen(db: Session, review: build.Team) -> None:
    """A failed import leaves nothing behind."""
    before = records_queries.active_count(db, review.ann)
    row = store(db, review, b"   ", "blank.txt")
    assert row.state is ImportState.FAILED
    assert records_queries.active_count(db, review.ann) == before


def test_votes_brought_along_become_decisions_of_members_and_outsiders(
    db: Session, review: build.Team
) -> None:
    from reviewtool.screening.models import Decision, Note, RecordLabel
    from reviewtool.screening.rules.outcome import Vote

    content = (
        b"key,title,notes,pubmed_id,pmc_id\n"
        b'1,A trial,"RAYYAN-INCLUSION: {""Ben""=>""Included"", ""Zoe""=>""Excluded""} | '
        b'RAYYAN-LABELS: rct,adults | RAYYAN-EXCLUSION-REASONS: wrong drug",,\n'
    )
    row = store(db, review, content, "rayyan.csv")
    imports_services.bring_votes(
        db, review.ann, row, {"Ben": review.ben.id, "Zoe": None}, "title_abstract"
    )
    db.commit()
    votes = db.exec(select(Decision).order_by(col(Decision.id))).all()
    assert [(v.member_id, v.outside_name, v.vote) for v in votes] == [
        (review.ben.id, "", Vote.INCLUDE),
        (None, "Zoe", Vote.EXCLUDE),
    ]
    assert len(db.exec(select(RecordLabel)).all()) == 2
    assert "wrong drug" in db.exec(select(Note)).one().text
    # asked again, nothing is taken twice
    imports_services.bring_votes(db, review.ann, row, {"Ben": review.ben.id}, "title_abstract")
    db.commit()
    assert len(db.exec(select(Decision)).all()) == 2
    assert imports_services.undo(db, review.ann, row)["votes"] == 2


def test_full_text_exclusions_of_covidence_bring_their_reasons(
    db: Session, review: build.Team
) -> None:
    from reviewtool.references.models import Report, Retrieval
    from reviewtool.screening.models import Decision, ExclusionReason
    from reviewtool.screening.rules.outcome import Phase

    content = (
        b"Title,Authors,Covidence #,Study,Notes,Tags\n"
        b'A trial,"Lee, B.",#12,Lee 2001,"Exclusion reason: Wrong outcomes; ",\n'
    )
    row = store(db, review, content, "excluded.csv")
    imports_services.bring_votes(db, review.ann, row, {"": None}, "full_text")
    db.commit()
    votes = db.exec(select(Decision).where(Decision.phase == Phase.FULL_TEXT)).all()
    # Covidence exports what the team agreed: it stands for both votes.
    labels = [db.get_one(ExclusionReason, vote.reason_id or 0).label for vote in votes]
    assert labels == ["Wrong outcomes", "Wrong outcomes"]
    assert db.exec(select(Report)).one().retrieval is Retrieval.RETRIEVED


@pytest.mark.parametrize(
    ("phase", "vote", "outcome"),
    [
        ("title_abstract", "exclude", "exclude"),
        ("title_abstract", "include", "include"),
        ("full_text", "include", "include"),
        ("full_text", "exclude", "exclude"),
    ],
)
def test_a_file_of_one_stage_brings_what_was_decided_about_all_its_records(
    db: Session, review: build.Team, phase: str, vote: str, outcome: str
) -> None:
    from reviewtool.screening import queries
    from reviewtool.screening.rules.outcome import Phase

    row = store(db, review)
    imports_services.carry_decision(db, review.ann, row, phase, vote)
    db.commit()
    db.expire_all()
    for record in records_of(db, row):
        stands = queries.standing(db, record.id, Phase(phase))
        assert stands is not None
        assert stands.outcome.value == outcome
    with pytest.raises(errors.DecidedAlready):
        imports_services.carry_decision(db, review.ann, row, phase, vote)


def test_only_those_who_manage_screening_take_decisions_over(
    db: Session, review: build.Team
) -> None:
    row = store(db, review)
    with pytest.raises(Forbidden):
        imports_services.carry_decision(db, review.ben, row, "title_abstract", "include")

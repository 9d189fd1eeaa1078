"""No table that leaves the product runs anything in a spreadsheet."""

import csv
import html
import io
import itertools
import re
from datetime import date
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from reviewtool import table_files
from reviewtool.bias.models import Answer, Assessment, Judgement
from reviewtool.certainty.models import Rating
from reviewtool.db.types import now
from reviewtool.extraction.models import (
    Arm,
    CopyKind,
    CopyState,
    Entry,
    Experiment,
    Extraction,
    Focus,
    Result,
    Study,
    StudyReport,
)
from reviewtool.protocol.models import OutcomeRole
from reviewtool.reading import is_plain
from reviewtool.references.models import Import, Search, SourceKind
from reviewtool.references.services import imports as imports_services
from reviewtool.reporting.exports import EXPORTS
from reviewtool.screening.models import Decision, ExclusionReason, Standing
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.synthesis import queries
from reviewtool.synthesis.rules.closer import topics
from reviewtool.synthesis.services import refresh
from reviewtool.team.models import Role
from tests import build

FORMULA = '=HYPERLINK("http://example.org")'


@pytest.mark.parametrize(
    "text", ["=cmd()", "+1+cmd", "-2+3+cmd", "@SUM(A1)", "\tx", "\rx", "\n=x", "＝x", "-inf", "+"]
)
def test_a_formula_is_disarmed(text):
    assert table_files.cell(text) == "'" + text


@pytest.mark.parametrize("value", ["-0.25", "+3", "-1e-05", -0.25, 0, "plain", "a=b", ""])
def test_a_number_and_a_plain_text_stay_as_they_are(value):
    assert table_files.cell(value) == value


@given(st.lists(st.text(st.sampled_from("'=+-@\t\r\n1a\"，,")), min_size=1, max_size=4))
def test_taking_one_apostrophe_away_gives_the_text_again(texts):
    content = table_files.write(["c"] * len(texts), [texts])
    (_, row) = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    for text, cell in zip(texts, row, strict=True):
        assert not cell.startswith(table_files.RISKY) or float(cell) is not None
        guarded = cell.startswith("'") and cell.lstrip("'").startswith(table_files.RISKY)
        assert (cell[1:] if guarded else cell) == text


def test_spreadsheets_get_a_byte_order_mark_and_programs_do_not():
    assert table_files.write(["é"], []) == "\ufeffé\r\n".encode()
    assert table_files.write(["é"], [], mark=False) == "é\r\n".encode()


def _extracted(db, team, outcome, reports):
    studies = []
    for number, report in enumerate(reports, 1):
        study = Study(review_id=team.id, label=f"{FORMULA} {number}", year=2000 + number)
        db.add(study)
        db.flush()
        db.add(StudyReport(study_id=study.id, report_id=report.id, is_primary=True))
        copy = Extraction(
            review_id=team.id,
            study_id=study.id,
            kind=CopyKind.CONSENSUS,
            state=CopyState.DONE,
            done_at=now(),
        )
        db.add(copy)
        db.flush()
        db.add(Entry(extraction_id=copy.id, path="study.country", value=FORMULA, quote=FORMULA))
        for side, treatment in enumerate(("acupuncture", "sham"), 1):
            arm = Arm(
                review_id=team.id,
                study_id=study.id,
                number=side,
                name=FORMULA,
                treatment=treatment,
            )
            db.add(arm)
            db.flush()
            db.add(
                Result(
                    review_id=team.id,
                    study_id=study.id,
                    outcome_id=outcome.id,
                    arm_id=arm.id,
                    events=5 * number + side,
                    total=50,
                )
            )
        studies.append(study)
    of_brains = Experiment(
        review_id=team.id,
        study_id=studies[0].id,
        number=1,
        name=FORMULA,
        participants=20,
        modality="functional",
        direction="increase",
        space="MNI",
    )
    db.add(of_brains)
    db.flush()
    db.add(Focus(experiment_id=of_brains.id, number=1, x=-4.0, y=8.0, z=2.0))
    db.flush()
    return studies


def _assessed(db, team, outcome, study):
    one = Assessment(
        review_id=team.id,
        study_id=study.id,
        instrument="rob2",
        version="2019-08-22",
        outcome_id=outcome.id,
        kind=CopyKind.CONSENSUS,
        state=CopyState.DONE,
        done_at=now(),
    )
    db.add(one)
    db.flush()
    db.add(Answer(assessment_id=one.id, question="1.1", answer="Y", support=FORMULA))
    for domain in ("D1", "D2", "D3", "D4", "D5", "overall"):
        db.add(Judgement(assessment_id=one.id, domain=domain, proposed="low", final="low"))
    db.flush()


@pytest.fixture
def hostile(db, review):
    """A review through every stage in which everything is named by a formula; ids by name."""
    team = review.review
    file = b"TY  - JOUR\nTI  - =A trial\nER  - \n\nTY  - JOUR\nER  - \n"
    owner = build.member(db, team, FORMULA, Role.OWNER)
    imports_services.import_bytes(
        db, owner, f"{FORMULA[:4]}.ris", file, database=FORMULA, searched_on=date(2026, 1, 5)
    )
    other = Search(review_id=team.id, database=FORMULA, kind=SourceKind.REGISTER)
    reason = ExclusionReason(review_id=team.id, position=1, label=FORMULA)
    db.add_all([other, reason])
    records = [build.record(db, team, FORMULA) for _ in range(4)]
    for record in records:
        db.add(
            Decision(
                review_id=team.id,
                phase=Phase.TITLE_ABSTRACT,
                record_id=record.id,
                member_id=owner.id,
                vote=Vote.INCLUDE,
                voted_at=now(),
            )
        )
        db.add(
            Standing(
                review_id=team.id,
                phase=Phase.TITLE_ABSTRACT,
                record_id=record.id,
                outcome=Outcome.INCLUDE,
            )
        )
    reports = [build.report(db, record) for record in records]
    fates = [(Outcome.INCLUDE, None)] * 3 + [(Outcome.EXCLUDE, reason.id)]
    for record, (outcome_, reason_id) in zip(records, fates, strict=True):
        db.add(
            Standing(
                review_id=team.id,
                phase=Phase.FULL_TEXT,
                record_id=record.id,
                outcome=outcome_,
                reason_id=reason_id,
            )
        )
    outcome = build.outcome(db, team, FORMULA, role=OutcomeRole.HARM)
    pair = build.comparison(db, team)
    pair.name = FORMULA
    build.analysis(db, outcome, pair, test="z", method="DL")
    studies = _extracted(db, team, outcome, reports[:3])
    for study in studies:
        _assessed(db, team, outcome, study)
    db.flush()
    refresh(db, owner, team.id, "everything is there")
    db.commit()
    db.expire_all()
    (line,) = queries.lines(db, team.id)
    db.add(Rating(review_id=team.id, analysis_id=line.analysis.id, comment=FORMULA))
    ids = {
        "owner": owner,
        "review_id": team.id,
        "import_id": db.exec(select(Import.id)).one(),
        "analysis_id": line.analysis.id,
        "key": [one.key for one in EXPORTS],
        "topic": [one.key for one in topics.every()],
    }
    db.commit()
    return ids


def _addresses(app, ids):
    """Every address of the review that can be read, with the ids of ``ids``."""
    for rule in app.url_map.iter_rules():
        known = {
            name: sorted(converter.items) if hasattr(converter, "items") else [ids.get(name)]
            for name, converter in rule._converters.items()
        }
        known |= {name: ids[name] for name in ("key", "topic") if name in known}
        if "GET" not in rule.methods or "review_id" not in known or None in sum(known.values(), []):
            continue
        for values in itertools.product(*known.values()):
            yield rule.build(dict(zip(known, values, strict=True)))[1]


def _tables(app, ids, browser):
    """(name, address, text) of every table, also of those that only a page links or a zip holds."""
    waiting = list(_addresses(app, ids))
    for address in waiting:
        with browser.get(address) as answer:
            kind, content = answer.mimetype, answer.data
        assert "spreadsheet" not in kind, address
        if kind == "text/csv":
            yield address.partition("?")[0].split("/")[-1], address, content.decode("utf-8-sig")
        elif kind == "application/zip" and address.endswith("reproduce.zip"):
            archive = ZipFile(io.BytesIO(content))
            [name] = [one for one in archive.namelist() if one.endswith("data.csv")]
            yield "data.csv", address, archive.read(name).decode("utf-8-sig")
        elif kind == "text/html":
            linked = re.findall(r'href="([^"]*/closer/[^"]*[.]csv[^"]*)"', content.decode())
            waiting += [one for one in map(html.unescape, linked) if one not in waiting]


def test_every_table_of_the_app_is_guarded(app, db, hostile, sign_in):
    browser = sign_in(hostile["owner"])
    db.commit()  # every download is noted in the log, which needs the database
    harmless, found, closer = set(), set(), set()
    for name, address, text in _tables(app, hostile, browser):
        (closer if "/closer/" in address else found).add(name)
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        for cell in cells:
            assert not cell.startswith(table_files.RISKY) or is_plain(cell), (address, cell)
        if "/closer/" not in address and not any(cell.startswith("'=") for cell in cells):
            harmless.add(name)
    exported = {one.key for one in EXPORTS if one.media_type.startswith("text/csv")}
    assert found == exported | {"rejected.csv", "robvis.csv", "data.csv", "harms.csv"}
    assert {"asymmetry.csv", "posteriors.csv"} <= closer
    assert harmless == set(), "No formula reached these, so nothing is shown about them."

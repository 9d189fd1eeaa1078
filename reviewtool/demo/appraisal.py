"""Risk of bias and GRADE of the demonstration. The answers are illustrations and say so."""

from sqlmodel import Session, col, select

from reviewtool import jobs
from reviewtool.bias import queries as bias
from reviewtool.bias.services import agreeing, answering
from reviewtool.certainty import queries as certainty
from reviewtool.certainty import services as grading
from reviewtool.certainty.rules.level import Design
from reviewtool.certainty.services import Taken
from reviewtool.db.turns import turns
from reviewtool.demo.steps import Stage, drain
from reviewtool.extraction.models import Result, Study
from reviewtool.protocol.models import PlannedOutcome

ILLUSTRATION = "Illustration for the demonstration; the trial report was not assessed."

LOW = {
    "D1": {"1.1": "Y", "1.2": "PY", "1.3": "N"},
    "D2": {"2.1": "N", "2.2": "N", "2.6": "Y"},
    "D3": {"3.1": "Y"},
    "D4": {"4.1": "N", "4.2": "N", "4.3": "N"},
    "D5": {"5.1": "PY", "5.2": "N", "5.3": "N"},
}
SOME = LOW | {"D1": {"1.1": "PY", "1.2": "NI", "1.3": "N"}}
HIGH = LOW | {"D3": {"3.1": "N", "3.2": "N", "3.3": "PY", "3.4": "PY"}}


def triptans(stage: Stage) -> None:
    """Risk of bias of three trials, and the certainty of the main result."""
    stage.tell("Assessing risk of bias of three trials")
    with stage.database.session(write=False) as db:
        outcome_id = _first_outcome(db, stage.review_id)
        ids = db.exec(
            select(Study.id)
            .join(Result, col(Result.study_id) == Study.id)
            .where(Study.review_id == stage.review_id)
            .distinct()
            .order_by(col(Study.id))
            .limit(3)
        ).all()
    for study_id, answers in zip(ids, (LOW, SOME, HIGH), strict=True):
        _assess(stage, bias.Key(study_id, outcome_id, ""), answers)
    stage.tell("Rating the certainty")
    _rate(
        stage,
        {
            "inconsistency": (
                1,
                "The drugs differ: the interval of the true effects is wide and the test for "
                "subgroup differences is clear.",
            )
        },
        size="large",
    )


def fibromyalgia(stage: Stage) -> None:
    """The certainty of the first outcome, pain."""
    stage.tell("Rating the certainty")
    _rate(
        stage,
        {
            "risk_of_bias": (1, "Risk of bias was not assessed in this demonstration."),
            "inconsistency": (1, "Trials differ by drug, and their intervals only partly overlap."),
        },
        size="small",
    )


def acupuncture(stage: Stage) -> None:
    """The certainty of the regions, of pain and of relief."""
    stage.tell("Rating the certainty")
    step = (1, "Only the pooled result is published; its interval is the widest it can be.")
    for turn in turns(stage.database):
        with turn as db:
            lines = [x for x in certainty.lines(db, stage.cast.owner) if x.run is not None]
            for line in lines[:5]:
                taken = {"imprecision": Taken(*step)}
                grading.rate(db, stage.cast.owner, line, Design.RANDOMISED, taken, ILLUSTRATION)


def _first_outcome(db: Session, review_id: int) -> int:
    return db.exec(
        select(PlannedOutcome.id)
        .where(PlannedOutcome.review_id == review_id)
        .order_by(col(PlannedOutcome.position), col(PlannedOutcome.id))
    ).all()[0]


def _assess(stage: Stage, key: bias.Key, answers: dict[str, dict[str, str]]) -> None:
    """Two assessors answer alike; the agreed copy follows."""
    support = answering.Support(ILLUSTRATION)
    with jobs.held() as ids:
        for turn in turns(stage.database):
            with turn as db:
                for actor in (stage.cast.first, stage.cast.second):
                    copy = answering.start(db, actor, key)
                    for domain, given in answers.items():
                        supports = dict.fromkeys(given, support)
                        answering.save_domain(db, actor, copy, domain, given, supports)
                    agreeing.finish(db, actor, copy)
                agreed = agreeing.agree(db, stage.cast.resolver, key)
                agreeing.finish(db, stage.cast.resolver, agreed)
        drain(ids)


def _rate(stage: Stage, steps: dict[str, tuple[int, str]], size: str) -> None:
    for turn in turns(stage.database):
        with turn as db:
            line = next(x for x in certainty.lines(db, stage.cast.owner) if x.run is not None)
            taken = {domain: Taken(number, why) for domain, (number, why) in steps.items()}
            grading.rate(db, stage.cast.owner, line, Design.RANDOMISED, taken, ILLUSTRATION)
            grading.set_details(db, stage.cast.owner, line, {"size": size})

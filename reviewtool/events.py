"""How an earlier stage tells later ones that something happened, or asks them something.

Imports point from later stages to earlier ones; news travels the other way through
here. ``tell`` carries news that nobody need hear; ``ask`` carries a question, and every
stage that has an answer gives it. Both run in the caller's transaction, so a listener
sees what it is told and is rolled back with it. Long work belongs into a job that the
listener enqueues.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlmodel import Session


@dataclass(frozen=True)
class News:
    """Something that happened, with what a listener needs to find it."""


@dataclass(frozen=True)
class ImportNews(News):
    """Of one import."""

    import_id: int


class ImportStored(ImportNews):
    """A file's records are stored."""


class ImportUndone(ImportNews):
    """A file's records were set aside."""


class ImportRestored(ImportNews):
    """A file's records came back."""


@dataclass(frozen=True)
class RecordNews(News):
    """Of one record."""

    record_id: int


class RecordRemoved(RecordNews):
    """A record was taken out before screening."""


class RecordBroughtBack(RecordNews):
    """A record taken out before screening takes part again."""


@dataclass(frozen=True)
class MergeNews(News):
    """Of two records."""

    survivor_id: int
    removed_id: int


class RecordMerged(MergeNews):
    """A record stands behind another from now on."""


class RecordUnmerged(MergeNews):
    """A record stands for itself again."""


@dataclass(frozen=True)
class StudyNews(News):
    """Of one study."""

    study_id: int


class StudyChanged(StudyNews):
    """A study has another label, year or design."""


class StudyRemoved(StudyNews):
    """A study left the review."""


class ExtractionAgreed(StudyNews):
    """A study's values were agreed on."""


class ExtractionReopened(StudyNews):
    """A study's agreed values are being changed."""


@dataclass(frozen=True)
class BiasNews(StudyNews):
    """Of one result of a study; no outcome where the whole study is judged."""

    outcome_id: int | None


class BiasAgreed(BiasNews):
    """The judgements were agreed on."""


class BiasReopened(BiasNews):
    """The agreed judgements are being changed."""


@dataclass(frozen=True)
class PlanChanged(News):
    """Outcomes, comparisons or analyses of the protocol changed."""


@dataclass(frozen=True)
class JobStopped(News):
    """A job was cancelled ("" as error) or failed."""

    job_id: int
    error: str


A = TypeVar("A")


@dataclass(frozen=True)
class Question(Generic[A]):
    """Something that only later stages know; ``A`` is what an answer is."""


@dataclass(frozen=True)
class WorkOnRecords(Question[Mapping[int, int]]):
    """How much was done with each record: record id -> number of votes."""

    record_ids: Sequence[int]


@dataclass(frozen=True)
class HangingOnImport(Question[Mapping[str, int]]):
    """What would go with an import: "votes" -> how many."""

    import_id: int


@dataclass(frozen=True)
class VotesBrought(Question[Mapping[str, int]]):
    """Votes that a file brought along: "votes", "left", "labels" -> how many were taken.

    whose: name in the file -> member id, or None for somebody outside the review.
    phase: where the file does not say.
    """

    carried_ids: Sequence[int]
    whose: Mapping[str, int | None]
    phase: str


@dataclass(frozen=True)
class AskedOfStudies(Question[Sequence[tuple[str, str, str]]]):
    """The characteristics every study of a review is asked for: (key, label, kind)."""

    review_id: int


@dataclass(frozen=True)
class ValuesOfOutcome(Question[Mapping[str, Sequence[str]]]):
    """Names of studies with extracted "values" of an outcome, and of those with "estimates"."""

    outcome_id: int


N = TypeVar("N", bound=News)
Q = TypeVar("Q", bound=Question[Any])

_listeners: dict[type[News], list[Callable[..., None]]] = {}
_answerers: dict[type[Question[Any]], list[Callable[..., Any]]] = {}


def on(
    *kinds: type[N],
) -> Callable[[Callable[[Session, Any, N], None]], Callable[[Session, Any, N], None]]:
    """Register ``listener(db, actor, news)`` for one or more kinds of news."""

    def register(listener: Callable[[Session, Any, N], None]) -> Callable[[Session, Any, N], None]:
        for kind in kinds:
            known = _listeners.setdefault(kind, [])
            if listener not in known:
                known.append(listener)
        return listener

    return register


def tell(db: Session, actor: Any, news: News) -> None:
    """Tell every listener of this kind of news, in the order they were registered.

    actor: the member who did it, "rules" or None for what no person did.
    """
    for listener in _listeners.get(type(news), ()):
        listener(db, actor, news)


def answers(
    kind: type[Question[A]],
) -> Callable[[Callable[[Session, Any, Q], A]], Callable[[Session, Any, Q], A]]:
    """Register ``answerer(db, actor, question)`` for one kind of question."""

    def register(answerer: Callable[[Session, Any, Q], A]) -> Callable[[Session, Any, Q], A]:
        known = _answerers.setdefault(kind, [])
        if answerer not in known:
            known.append(answerer)
        return answerer

    return register


def ask(db: Session, actor: Any, question: Question[A]) -> list[A]:
    """What each later stage that knows answers, in the order they were registered."""
    return [answer(db, actor, question) for answer in _answerers.get(type(question), ())]

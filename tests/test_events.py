"""News travels up the stages, and an answer comes back."""

import pytest

from reviewtool import events
from reviewtool.events import HangingOnImport, RecordMerged, RecordUnmerged, WorkOnRecords


def test_news_reaches_each_listener_of_its_kind_once(db, monkeypatch):
    monkeypatch.setattr(events, "_listeners", {})
    heard = []

    def listen(_db, actor, news):
        heard.append((actor, news))

    for _ in range(2):  # a module that is imported again registers nothing twice
        events.on(RecordMerged, RecordUnmerged)(listen)
    events.tell(db, "rules", RecordMerged(1, 2))
    events.tell(db, None, events.PlanChanged())
    assert heard == [("rules", RecordMerged(1, 2))]
    assert RecordMerged(1, 2) != RecordUnmerged(1, 2)


def test_each_stage_that_knows_answers(db, monkeypatch):
    monkeypatch.setattr(events, "_answerers", {})
    assert events.ask(db, None, HangingOnImport(1)) == []
    events.answers(HangingOnImport)(lambda _db, _actor, asked: {"votes": asked.import_id})
    events.answers(HangingOnImport)(lambda _db, _actor, _asked: {"reports": 1})
    assert events.ask(db, None, HangingOnImport(3)) == [{"votes": 3}, {"reports": 1}]
    assert events.ask(db, None, WorkOnRecords([1])) == []


def test_every_question_has_somebody_who_answers(app):
    assert set(events._answerers) == set(events.Question.__subclasses__())


@pytest.mark.parametrize("kind", [one for one in vars(events).values() if isinstance(one, type)])
def test_nothing_is_told_that_nobody_hears_and_nothing_asked_that_nobody_answers(app, kind):
    known = {**events._listeners, **events._answerers}
    if kind.__module__ == events.__name__ and issubclass(kind, events.News | events.Question):
        heard_below = any(issubclass(one, kind) for one in known)
        assert kind in known or (heard_below and kind.__subclasses__()), kind.__name__

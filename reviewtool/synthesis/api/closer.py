"""JSON: a closer look at a pairwise result, a route for each topic.

Effects are on the analysis scale (log for ratios).
"""

from typing import Any

from flask import g, request

from reviewtool.db.engine import request_session
from reviewtool.errors import NotFound
from reviewtool.synthesis import queries
from reviewtool.synthesis.api.blueprint import bp
from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.closer import topics
from reviewtool.synthesis.rules.closer.topic import Choices, Finding, Topic


def _answer(topic: Topic) -> Any:
    """The view of one topic."""

    def answer(analysis_id: int, query_data: Choices) -> Any:
        # The framework reads the first value of a list only.
        return _found(topic, analysis_id, topics.chosen(topic, request.args.to_dict(flat=False)))

    answer.__name__ = f"closer_{topic.file}"
    answer.__doc__ = topic.told
    return answer


def _found(topic: Topic, analysis_id: int, choices: Choices) -> Finding:
    db = request_session()
    line = queries.line(db, g.member, analysis_id)
    run = queries.run(db, line.analysis, choices.run) if choices.run else line.run
    if run is None or not isinstance(run.result, PairwiseResult):
        raise NotFound("This analysis has no pooled result that could be looked at.")
    have = queries.looked(db, line, run, run.result, choices.without, topic)
    return topic.finds(have, choices)


for _topic in topics.every():
    view = bp.input(_topic.choices, location="query")(_answer(_topic))
    bp.get(f"/<int:analysis_id>/closer/{_topic.key}")(bp.output(_topic.finding)(view))

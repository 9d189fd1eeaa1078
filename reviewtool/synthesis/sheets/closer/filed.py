"""What a table of a topic is; the file of a topic declares its own in ``TABLES``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reviewtool.synthesis.rules.closer import topics
from reviewtool.synthesis.rules.closer.topic import Topic
from reviewtool.synthesis.sheets import closer
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.synthesis.sheets.written import Written


@dataclass(frozen=True)
class Filed:
    """One table of what a topic found.

    key: in addresses and file names. label: what it is called on the page. builds: the table
    of an analysis' title, the result as people read it, and the finding. fits: whether the
    finding has it.
    """

    key: str
    label: str
    builds: Callable[[str, Written, Any], Table]
    fits: Callable[[Any], bool]


def of_topic(topic: Topic) -> tuple[Filed, ...]:
    """The tables of a topic."""
    tables: tuple[Filed, ...] = topics.part_of(topic, closer, "TABLES")
    return tables


def page_of(topic: Topic) -> dict[str, Any]:
    """What the page of a topic needs beside its finding; its file's ``PAGE``."""
    return dict(topics.part_of(topic, closer, "PAGE"))

"""A faulty definition is explained, all of its faults at once."""

import pytest

from reviewtool import instruments
from reviewtool.instruments import DefinitionError

SOUND = """
id = "mine"
version = "1"
label = "Mine"
title = "Our own tool"
unit = "study"
official = "https://example.org"
answer = [{code = "Y", label = "Yes", kind = "yes"}, {code = "N", label = "No", kind = "no"}]
judgement = [{label = "Good"}, {label = "Bad"}]

[[variant]]
id = "all"
label = "All"
domains = ["A"]

[[domain]]
key = "A"
id = "A"
name = "The only domain"
questions = [{id = "1", text = "Was it good?"}]
rules = [{"1" = "yes", judge = "Good"}, {judge = "Bad"}]

[overall]
rules = [{all = "Good", judge = "Good"}, {judge = "Bad"}]
"""


def test_a_teams_own_tool_is_judged_by_the_same_engine() -> None:
    mine = instruments.read(SOUND)
    assert instruments.judge(mine, mine.domain("A"), {"1": "Y"}) == "Good"
    assert instruments.judge(mine, mine.domain("A"), {"1": "N"}) == "Bad"


@pytest.mark.parametrize("name", instruments.available())
def test_every_definition_of_the_product_is_sound_and_says_where_the_official_form_is(
    name: str,
) -> None:
    instrument = instruments.load(name)
    assert instrument.id == name
    assert instrument.official.startswith("https://")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('judge = "Bad"}]\n\n[overall]', 'judge = "Awful"}]\n\n[overall]', "'Awful'"),
        ('{"1" = "yes"', '{"2" = "yes"', "question 2"),
        ('domains = ["A"]', 'domains = ["B"]', "domain B"),
        ('text = "Was it good?"', 'text = "Was it good?", answers = ["Q"]', "'Q'"),
        (
            '{all = "Good", judge = "Good"}, {judge = "Bad"}',
            '{any = "Bad", judge = "Bad"}',
            "last row",
        ),
        ('unit = "study"', 'unti = "study"', "unti"),
        ('id = "mine"', "id = mine", "not TOML"),
        ('"1" = "yes"', '"1" = "perhaps"', "perhaps|'yes', 'no'"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, said: str) -> None:
    assert old in SOUND
    with pytest.raises(DefinitionError, match=said):
        instruments.read(SOUND.replace(old, new))


def test_several_faults_are_listed_together() -> None:
    faulty = SOUND.replace('domains = ["A"]', 'domains = ["B"]').replace(
        '"1" = "yes"', '"2" = "yes"'
    )
    with pytest.raises(DefinitionError) as caught:
        instruments.read(faulty)
    assert len(caught.value.details["problems"]) == 2


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(DefinitionError, match="rob2"):
        instruments.load("rob3")

"""The analysis without some of its studies, by any reason, in one table beside the main result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from reviewtool.errors import Invalid
from reviewtool.protocol.rules.leaving_out import (
    OVERALL,
    Condition,
    codes,
    in_words,
    leaves_out,
    parsed,
)
from reviewtool.reading import BadNumber, number, written
from reviewtool.synthesis.results import Part, Refit
from reviewtool.synthesis.rules.closer.beside import Beside
from reviewtool.synthesis.rules.closer.topic import SEVERAL, Choices, Finding, Studied, Topic
from reviewtool.synthesis.rules.leaving import without_set

FEW = 8  # values of a characteristic that are offered one by one
SIZES, STEP = (50, 100), 10


def _as_set(text: str) -> str:
    """A set as it is written in a plan. Raises ValueError for what is none."""
    try:
        return codes(parsed(text))
    except Invalid as error:
        raise ValueError(error.message) from error


class SensitivityChoices(Choices):
    """A set of one's own: conditions of which a study that meets one is left out."""

    leave: Annotated[list[Annotated[str, AfterValidator(_as_set)]], SEVERAL] = Field(
        default=[],
        description="whom to leave out, for example bias.overall>=High, derived, size<50; "
        "can be given several times and is taken together",
    )


class LessStudies(Part):
    """The analysis without the studies of one set.

    code: as a plan writes it. group: what it goes by. ids: who is left out. reason: why
    nothing is pooled. changes: what it says otherwise than the main result.
    """

    code: str
    words: str
    group: str
    planned: bool = False
    k: int
    left_out: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    effect: Refit | None = None
    reason: str = ""
    changes: tuple[str, ...] = ()


class Offered(Part):
    """A condition that can be chosen, in words, under the name of what it goes by."""

    group: str
    code: str
    words: str


class SensitivityFinding(Finding):
    """Sets of studies left out: planned ones first, then the chosen one, then all others.

    offered: conditions of which a set can be made, each of which leaves somebody out.
    unjudged: studies without an agreed overall judgement, which no set by risk of bias leaves
    out.
    """

    planned: tuple[LessStudies, ...] = ()
    chosen: LessStudies | None = None
    others: tuple[LessStudies, ...] = ()
    offered: tuple[Offered, ...] = ()
    unjudged: tuple[str, ...] = ()
    planned_id: int = 0

    @property
    def rows(self) -> tuple[LessStudies, ...]:
        """All of them in order."""
        own = (self.chosen,) if self.chosen else ()
        return (*self.planned, *own, *self.others)

    @property
    def otherwise(self) -> tuple[LessStudies, ...]:
        """The sets without which the result says something else."""
        return tuple(one for one in self.rows if one.changes)


PLANNED, YOURS, BIAS, DOMAINS = "Planned", "Your set", "Risk of bias", "Risk of bias by domain"
ALONE = "A single study cannot be left out: nothing would remain."
NUMBERS, SIZE, TIME = "Where the numbers are from", "Number of people", "Year"


def sensitivity(have: Studied, choices: SensitivityChoices) -> SensitivityFinding:
    """The result without the studies of each set, by its own method.

    A set that leaves nobody out is not shown unless it is planned or chosen.
    """
    planned = [_less(have, code, PLANNED) for code in have.facts.planned]
    own = codes(parsed(" | ".join(choices.leave))) if choices.leave else ""
    sets = {one: _gone(have, parsed(one.code)) for one in _offered(have)}
    offered = [one for one, gone in sets.items() if gone]
    seen = {*have.facts.planned, own}
    others = [_less(have, one.code, one.group) for one in offered if one.code not in seen]
    judged = [s for s, one in have.facts.known.items() if one.judgements.get(OVERALL)]
    names = dict(zip((row.study_id for row in have.rows), have.labels, strict=True))
    return SensitivityFinding(
        **have.about,
        planned=tuple(one.model_copy(update={"planned": True}) for one in planned),
        chosen=_less(have, own, YOURS) if own and own not in have.facts.planned else None,
        others=tuple(one for one in others if one.left_out),
        offered=tuple(offered),
        unjudged=tuple(name for study, name in names.items() if study not in judged),
        planned_id=have.facts.planned_id,
        missing={"rows": ALONE} if have.result.study_count == 1 else {},
    )


def _gone(have: Studied, conditions: Sequence[Condition]) -> set[int]:
    """Studies that meet one of the conditions."""
    return {s for s, known in have.facts.known.items() if leaves_out(conditions, known)}


def _less(have: Studied, code: str, group: str) -> LessStudies:
    """The analysis without one set."""
    conditions = parsed(code)
    gone = _gone(have, conditions)
    found = without_set(code, gone, have.rows, have.y, have.v, have.settings, have.labels)
    effect = None
    if found.pooled is not None:
        numbers = found.pooled.model_dump(include=set(Refit.model_fields))
        effect = Refit(**numbers)
    return LessStudies(
        code=code,
        words=in_words(conditions, have.facts.names),
        group=group,
        k=found.k,
        left_out=found.left_out,
        ids=tuple(sorted({row.study_id for row in have.rows} & gone)),
        effect=effect,
        reason=found.reason,
        changes=Beside(have.result, have.asked).changes(effect),
    )


def _offered(have: Studied) -> Iterator[Offered]:
    """The conditions that the studies at hand make sense of."""
    facts = have.facts
    for key, ladder in facts.judgements.items():
        group = BIAS if key == OVERALL else DOMAINS
        before: set[int] = set()
        for level in list(ladder)[:0:-1]:
            one = Condition("bias", key, ">=", level)
            gone = _gone(have, [one])
            if gone != before:  # somebody is judged so
                yield _of(have, group, one)
            before = gone
    if any(one.derived for one in facts.known.values()):
        yield _of(have, NUMBERS, Condition("derived"))
    formulas = dict.fromkeys(x for one in facts.known.values() for x in one.derived)
    if len(formulas) > 1:
        for formula in formulas:
            yield _of(have, NUMBERS, Condition("derived", "", "=", formula))
    if {one.source for one in facts.known.values()} >= {"arms", "reported"}:
        yield _of(have, NUMBERS, Condition("reported"))
        yield _of(have, NUMBERS, Condition("computed"))
    if any(one.chosen for one in facts.known.values()):
        yield _of(have, NUMBERS, Condition("chosen"))
    if any(one.size for one in facts.known.values()):
        for size in SIZES:
            yield _of(have, SIZE, Condition("size", "", "<", str(size)))
    years = sorted({one.year for one in facts.known.values() if one.year})
    for year in sorted({x - x % STEP for x in years} - {years[0]} if years else ()):
        yield _of(have, TIME, Condition("year", "", "<", str(year)))
    for key, name in facts.fields.items():
        yield from _of_field(have, key, name)


def _of_field(have: Studied, key: str, name: str) -> Iterator[Offered]:
    """Conditions by a characteristic: each of a few values, or half-way of its numbers."""
    values = [x for one in have.facts.known.values() if (x := one.fields.get(key, ""))]
    distinct = sorted({value.casefold(): value for value in values}.values(), key=str.casefold)
    numbers = _numbers(distinct)
    if numbers and len(distinct) > 2:
        middle = sorted(_numbers(values))[len(values) // 2]
        for sign in ("<", ">"):
            yield _of(have, name, Condition("field", key, sign, written(middle)))
        return
    if len(distinct) == 1 and len(values) == len(have.facts.known):
        return  # everybody has it: nobody would be left
    if len(distinct) <= FEW:
        for value in distinct:
            yield _of(have, name, Condition("field", key, "=", value))


def _numbers(values: Sequence[str]) -> list[float]:
    """The values as numbers; none where one of them is no number."""
    try:
        return [number(value) for value in values]
    except BadNumber:
        return []


def _of(have: Studied, group: str, one: Condition) -> Offered:
    names: Mapping[str, str] = have.facts.names
    return Offered(group=group, code=one.code, words=in_words([one], names))


TOPIC = Topic(
    key="sensitivity",
    label="Sensitivity",
    told="The analysis without some of its studies: by risk of bias, derived values, any field.",
    place=50,
    finding=SensitivityFinding,
    finds=sensitivity,
    choices=SensitivityChoices,
    knows=True,
)

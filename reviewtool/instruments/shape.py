"""What a definition holds.

A **condition** maps a question to the kinds of answer it needs, all of them at once:
``{"1.2" = "unknown", "1.3" = ["yes", "unknown"]}``. A list of conditions holds when
one of them does. Kinds are ``yes``, ``no``, ``unknown`` and ``na``: a tool's own
answers ("Y", "PY") belong to one kind each.
"""

from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

NOT_APPLICABLE = "NA"


class Kind(str, Enum):
    """What an answer amounts to, as far as the rules care."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NA = "na"


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Condition = dict[str, Annotated[list[Kind], BeforeValidator(_as_list)]]


class _Piece(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(_Piece):
    """One possible answer: its code, its words and what it amounts to."""

    code: str
    label: str
    kind: Kind


class Grade(_Piece):
    """One possible judgement. ``tone`` (low, some, high, none) chooses colour and symbol."""

    label: str
    tone: str = "none"


class Question(_Piece):
    """A signalling question in our own words.

    ``ask`` lists the conditions that open its gate; empty means always asked.
    ``option`` names the set-up choice without which the question does not apply.
    """

    id: str
    text: str
    help: str = ""
    answers: list[str] = Field(default_factory=list)
    ask: list[Condition] = Field(default_factory=list)
    option: str = ""


class Rule(_Piece):
    """One row of a table: when ``when`` holds, the judgement is ``judge``."""

    when: Condition = Field(default_factory=dict)
    judge: str

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, value: Any) -> Any:
        """Rows are written flat: everything but ``judge`` is the condition."""
        if isinstance(value, dict) and "when" not in value:
            return {
                "judge": value.get("judge"),
                "when": {k: v for k, v in value.items() if k != "judge"},
            }
        return value


class Part(_Piece):
    """A table of its own inside a domain; the domain takes the worst of its parts."""

    name: str = ""
    rules: list[Rule]


class Domain(_Piece):
    """A domain: its questions and the table that judges it, read from the top.

    ``key`` is unique in the definition; ``id`` is what people see (two versions of
    D2 share the id). ``hint_only``: the table is shown but never proposed, or there is
    none, and the assessor judges. ``count``: instead of a table, the judgement is how
    many answers are of this kind ("3" stars). ``outside_overall``: not part of the
    overall judgement, as concerns about applicability.
    """

    key: str
    id: str
    name: str
    questions: list[Question]
    rules: list[Rule] = Field(default_factory=list)
    parts: list[Part] = Field(default_factory=list, alias="part")
    hint_only: bool = False
    count: Kind | None = None
    outside_overall: bool = False
    note: str = ""

    @property
    def tables(self) -> list[Part]:
        """The tables to be judged: the parts, or the domain's only one; none to count."""
        return self.parts or ([Part(rules=self.rules)] if self.rules else [])

    def question(self, number: str) -> Question:
        """The question of this number; KeyError when the domain has none."""
        for question in self.questions:
            if question.id == number:
                return question
        raise KeyError(number)


class Option(_Piece):
    """A set-up choice that opens questions, such as a type of deviation."""

    key: str
    label: str


class Variant(_Piece):
    """A use of the tool: which domains, in which order, after which set-up."""

    id: str
    label: str
    domains: list[str]
    options: list[Option] = Field(default_factory=list)
    options_label: str = ""


class OverallRule(_Piece):
    """A row of the overall table; every condition it names must hold.

    all: every domain holds one of these judgements. any: ``at_least`` domains do.
    when: a domain's key, and the judgements it must hold one of.
    """

    judge: str
    at_least: int = 1
    when: dict[str, Annotated[list[str], BeforeValidator(_as_list)]] = Field(default_factory=dict)
    all: Annotated[list[str], BeforeValidator(_as_list)] = Field(default_factory=list)
    any: Annotated[list[str], BeforeValidator(_as_list)] = Field(default_factory=list)


class Prompt(_Piece):
    """A question put to the assessor when ``at_least`` domains hold ``judgement``.

    It never changes the judgement by itself. ``unless`` silences it.
    """

    name: str
    judgement: str
    at_least: int
    unless: str = ""
    text: str


class Band(_Piece):
    """A name for totals from ``least`` upwards."""

    least: int
    label: str


class OverallTable(_Piece):
    """How the overall judgement follows from the domains'.

    grades: the overall judgements, when they are named otherwise than the domains'.
    bands: names for the sum of counted domains, best first.
    """

    rules: list[OverallRule]
    grades: list[Grade] = Field(default_factory=list)
    bands: list[Band] = Field(default_factory=list)
    prompts: list[Prompt] = Field(default_factory=list, alias="prompt")


class Instrument(_Piece):
    """A whole definition. ``judgements`` run from best to worst."""

    id: str
    version: str
    label: str
    title: str
    unit: str
    status: str = "verified"
    official: str
    source: str = ""
    extends: str = ""
    answers: list[Answer] = Field(alias="answer")
    judgements: list[Grade] = Field(alias="judgement")
    directions: list[str] = Field(default_factory=list)
    domains: list[Domain] = Field(alias="domain")
    variants: list[Variant] = Field(alias="variant")
    overall: OverallTable

    def domain(self, key: str) -> Domain:
        """The domain of this key; KeyError when there is none."""
        for domain in self.domains:
            if domain.key == key:
                return domain
        raise KeyError(key)

    def variant(self, name: str) -> Variant:
        """The variant of this id; KeyError when there is none."""
        for variant in self.variants:
            if variant.id == name:
                return variant
        raise KeyError(name)

    def domains_of(self, variant: str) -> list[Domain]:
        """The domains of a variant, in the tool's order."""
        return [self.domain(key) for key in self.variant(variant).domains]

    def answer(self, code: str) -> Answer:
        """The answer of this code; KeyError when the tool has none."""
        for answer in self.answers:
            if answer.code == code:
                return answer
        raise KeyError(code)

    @property
    def overall_grades(self) -> list[Grade]:
        """The overall judgements that can be given."""
        return self.overall.grades or self.judgements

    def severity(self, judgement: str) -> int:
        """Place from best (0) to worst; KeyError for a judgement the tool lacks."""
        for place, grade in enumerate(self.judgements):
            if grade.label == judgement:
                return place
        raise KeyError(judgement)

    def tone(self, judgement: str) -> str:
        """Colour and symbol of a judgement; ``none`` when it is empty or unknown."""
        return next((g.tone for g in self.judgements if g.label == judgement), "none")

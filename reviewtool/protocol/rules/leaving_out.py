"""Whom a sensitivity analysis leaves out, as a plan writes it and as people read it.

A set is one condition or several joined by `` | ``; it leaves out every study that meets one of
them. A condition is one of::

    bias.overall>=High       judged "High" or worse in the tool's own words; bias.D2>=... by domain
    derived                  a number was computed from what the report gave instead
    derived=SD = SE x root N the same by one formula
    reported, computed       the effect as reported, or computed from its groups
    chosen                   a person chose which of several results stands
    size<50                  fewer than 50 people in it
    year<2000, year>2015     by year of the study
    field.funding=Industry   by a characteristic; != for all others, <, > for numbers
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reviewtool.errors import Invalid
from reviewtool.reading import BadNumber, number
from reviewtool.words import plain

OVERALL = "overall"
BETWEEN = " | "
SIGNS = (">=", "!=", "=", "<", ">")
WORDS = {"derived": "derived values", "reported": "the effect as reported"}
WORDS |= {"computed": "an effect computed from its groups"}
WORDS |= {"chosen": "a result that a person chose among several"}
# What may stand before a sign, and which signs go with it.
ALLOWED = {
    "bias": (">=",),
    "derived": ("", "="),
    "reported": ("",),
    "computed": ("",),
    "chosen": ("",),
    "size": ("<", ">"),
    "year": ("<", ">"),
    "field": ("=", "!=", "<", ">"),
}
# Of every study, whatever the extraction form asks for.
ALWAYS = {"design": "Design"}
EXAMPLES = "bias.overall>=High, derived, size<50, year<2000, field.country=China"
_PARTS = re.compile(
    r"(?P<what>[a-z]+)(?:\.(?P<key>[^<>=!|]+))?(?:(?P<sign>>=|!=|=|<|>)(?P<value>.*))?"
)


@dataclass(frozen=True)
class Condition:
    """One reason to leave a study out: ``what`` (bias, size, field ...) by ``sign`` a value."""

    what: str
    key: str = ""
    sign: str = ""
    value: str = ""

    @property
    def code(self) -> str:
        """As a plan holds it."""
        key = f".{self.key}" if self.key else ""
        return f"{self.what}{key}{self.sign}{self.value.replace('%', '%25').replace('|', '%7C')}"


@dataclass(frozen=True)
class Known:
    """What is known of a study, for the conditions.

    judgements: domain (and ``overall``) -> agreed judgement. ladders: the same -> judgements of
    its tool from best to worst. derived: formulas of its computed numbers. source: arms or
    reported, "" where it has no effect. chosen: a person chose which of its results stands.
    """

    judgements: Mapping[str, str] = field(default_factory=dict)
    ladders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    source: str = ""
    size: float | None = None
    year: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    chosen: bool = False


def parsed(code: str) -> tuple[Condition, ...]:
    """The conditions of a set. Raises Invalid with what could be written.

    >>> parsed("bias.overall>=High | size<50")[1]
    Condition(what='size', key='', sign='<', value='50')
    """
    found = tuple(_condition(one) for one in code.split(BETWEEN.strip()) if one.strip())
    if not found:
        raise Invalid(f"A sensitivity set that leaves nobody out. Write one like {EXAMPLES}.")
    return found


def _condition(text: str) -> Condition:
    match = _PARTS.fullmatch(text.strip())
    wrong = Invalid(f"Sensitivity set “{text.strip()}”: write one like {EXAMPLES}.")
    if match is None or match["what"] not in ALLOWED:
        raise wrong
    value = (match["value"] or "").strip().replace("%7C", "|").replace("%25", "%")
    one = Condition(match["what"], (match["key"] or "").strip(), match["sign"] or "", value)
    keyed = one.what in ("bias", "field")
    if one.sign not in ALLOWED[one.what] or bool(one.key) != keyed or bool(one.sign) != bool(value):
        raise wrong
    if one.sign in ("<", ">"):
        _limit(one)
    return one


def _limit(one: Condition) -> float:
    try:
        return number(one.value)
    except BadNumber as error:
        raise Invalid(f"Sensitivity set “{one.code}”: {error}") from error


def codes(conditions: Sequence[Condition]) -> str:
    """A set as a plan holds it.

    >>> codes(parsed("size<50 |bias.D1>=High"))
    'size<50 | bias.D1>=High'
    """
    return BETWEEN.join(one.code for one in conditions)


def leaves_out(conditions: Sequence[Condition], study: Known) -> bool:
    """Whether a study meets one of the conditions. What is not known of it meets none.

    >>> tool = ("Low", "Some concerns", "High")
    >>> one = Known({"overall": "Some concerns"}, {"overall": tool}, size=40)
    >>> leaves_out(parsed("bias.overall>=High"), one), leaves_out(parsed("size<50"), one)
    (False, True)
    """
    return any(_meets(one, study) for one in conditions)


def _meets(one: Condition, study: Known) -> bool:
    if one.what == "bias":
        ladder = [x.casefold() for x in study.ladders.get(one.key, ())]
        mine, level = study.judgements.get(one.key, "").casefold(), one.value.casefold()
        known = mine in ladder and level in ladder
        return known and ladder.index(mine) >= ladder.index(level)
    if one.what == "derived":
        return one.value in study.derived if one.value else bool(study.derived)
    if one.what == "chosen":
        return study.chosen
    if one.what in ("reported", "computed"):
        return study.source == ("arms" if one.what == "computed" else "reported")
    if one.what in ("size", "year"):
        value = study.size if one.what == "size" else study.year
        return value is not None and _beyond(one, float(value))
    text = study.fields.get(one.key, "")
    if one.sign in ("=", "!="):
        return bool(text) and (text.casefold() == one.value.casefold()) == (one.sign == "=")
    try:
        return bool(text) and _beyond(one, number(text))
    except BadNumber:
        return False


def _beyond(one: Condition, value: float) -> bool:
    return value < _limit(one) if one.sign == "<" else value > _limit(one)


def in_words(conditions: Sequence[Condition], labels: Mapping[str, str] | None = None) -> str:
    """A set as people read it. labels: characteristic or domain -> its name.

    >>> in_words(parsed("bias.overall>=High | size<50"))
    'Without studies judged “High” or worse (overall), or with fewer than 50 people'
    """
    said = [_said(one, labels or {}) for one in conditions]
    return f"Without studies {', or '.join(said)}"


def _said(one: Condition, labels: Mapping[str, str]) -> str:
    if one.what == "bias":
        return f"judged “{one.value}” or worse ({labels.get(one.key, one.key)})"
    if one.what == "derived" and one.value:
        return f"with a derived value ({one.value})"
    if one.what in WORDS:
        return f"with {WORDS[one.what]}"
    if one.what == "size":
        more = "fewer" if one.sign == "<" else "more"
        return f"with {more} than {plain(_limit(one))} people"
    if one.what == "year":
        return f"{'before' if one.sign == '<' else 'after'} {one.value}"
    name = labels.get(one.key, one.key.replace("_", " "))
    words = {"=": "is", "!=": "is not", "<": "is below", ">": "is above"}[one.sign]
    return f"whose “{name}” {words} {one.value}"

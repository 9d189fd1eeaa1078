"""Read a definition and say what is wrong with it, in words and all at once."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from reviewtool.errors import Invalid
from reviewtool.instruments.shape import Condition, Domain, Instrument, OverallRule, Part


class DefinitionError(Invalid):
    """A definition that cannot be used; ``details["problems"]`` lists every reason."""

    code = "invalid-instrument"

    def __init__(self, name: str, problems: list[str]) -> None:
        super().__init__(
            f"The instrument {name} cannot be used: " + " ".join(problems),
        )
        self.details = {"name": name, "problems": problems}


@cache
def available() -> tuple[str, ...]:
    """The ids of the definitions that come with the product."""
    folder = resources.files("reviewtool.instruments") / "definitions"
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


@cache
def load(name: str) -> Instrument:
    """The definition ``definitions/<name>.toml``, checked. Raises DefinitionError."""
    if name not in available():
        raise DefinitionError(name, [f"There is none. Known: {', '.join(available())}."])
    file = resources.files("reviewtool.instruments") / "definitions" / f"{name}.toml"
    return read(file.read_text(encoding="utf-8"), name)


def read(text: str, name: str = "instrument") -> Instrument:
    """A definition from TOML text. Raises DefinitionError with every problem found."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(name, [f"It is not TOML: {error}."]) from None
    try:
        instrument = Instrument.model_validate(_inherited(content))
    except ValidationError as error:
        raise DefinitionError(name, [_sentence(e) for e in error.errors()]) from None
    if problems := list(_problems(instrument)):
        raise DefinitionError(name, problems)
    return instrument


def _inherited(content: dict[str, Any]) -> dict[str, Any]:
    """Add what the parent has and the child does not name: answers, domains, overall."""
    parent_name = content.get("extends")
    if not parent_name:
        return content
    parent = load(parent_name).model_dump(by_alias=True, mode="json")
    own = {domain.get("key") for domain in content.get("domain", ())}
    domains = content.get("domain", []) + [d for d in parent["domain"] if d["key"] not in own]
    used = {key for variant in content.get("variant", ()) for key in variant.get("domains", ())}
    inherited = {k: parent[k] for k in ("answer", "judgement", "directions", "overall")}
    return inherited | content | {"domain": [d for d in domains if d.get("key") in own | used]}


def _sentence(error: Any) -> str:
    place = ".".join(str(step) for step in error["loc"]) or "the file"
    return f"{place}: {error['msg'].rstrip('.')}."


def _problems(instrument: Instrument) -> Iterator[str]:
    labels = {grade.label for grade in instrument.judgements}
    codes = {answer.code for answer in instrument.answers}
    keys = [domain.key for domain in instrument.domains]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"The domain {key} is defined twice."
    for variant in instrument.variants:
        for key in variant.domains:
            if key not in keys:
                yield f"Variant {variant.id} names the domain {key}, which is not defined."
        options = {option.key for option in variant.options}
        for key in (k for k in variant.domains if k in keys):
            for question in instrument.domain(key).questions:
                if question.option and question.option not in options:
                    yield (
                        f"Question {question.id} depends on the option {question.option}, "
                        f"which the variant {variant.id} does not offer."
                    )
    for domain in instrument.domains:
        yield from _domain_problems(domain, labels, codes)
    for rule in instrument.overall.rules:
        named = [*rule.all, *rule.any, *(label for some in rule.when.values() for label in some)]
        for label in named:
            if label not in labels:
                yield f"The overall table names the judgement {label!r}, which is not defined."
        if rule.judge not in {grade.label for grade in instrument.overall_grades}:
            yield f"The overall table judges {rule.judge!r}, which is not defined."
        for key in rule.when:
            if key not in keys:
                yield f"The overall table names the domain {key}, which is not defined."
    if not instrument.overall.rules or not _is_last(instrument.overall.rules[-1]):
        yield "The overall table needs a last row without a condition."


def _is_last(rule: OverallRule) -> bool:
    """Whether a row holds for everything."""
    return not (rule.all or rule.any or rule.when)


def _domain_problems(domain: Domain, labels: set[str], codes: set[str]) -> Iterator[str]:
    numbers = [question.id for question in domain.questions]
    for number in sorted({n for n in numbers if numbers.count(n) > 1}):
        yield f"Question {number} is defined twice in {domain.key}."
    ways = sum(map(bool, (domain.rules, domain.parts, domain.count)))
    if ways > 1 or (ways == 0 and not domain.hint_only):
        yield f"{domain.key} needs either rules, parts or a count, or hint_only without any."
    for place, question in enumerate(domain.questions):
        for code in question.answers:
            if code not in codes:
                yield f"Question {question.id} offers {code!r}, which is not an answer of the tool."
        for condition in question.ask:
            yield from _unknown(condition, numbers[:place], f"The gate of question {question.id}")
    for part in domain.tables:
        yield from _part_problems(domain, part, numbers, labels)


def _part_problems(
    domain: Domain, part: Part, numbers: list[str], labels: set[str]
) -> Iterator[str]:
    for row, rule in enumerate(part.rules, start=1):
        where = f"Row {row} of {domain.key}{f' ({part.name})' if part.name else ''}"
        if rule.judge not in labels:
            yield f"{where} judges {rule.judge!r}, which is not a judgement of the tool."
        yield from _unknown(rule.when, numbers, where)


def _unknown(condition: Condition, numbers: list[str], where: str) -> Iterator[str]:
    for number in condition:
        if number not in numbers:
            yield f"{where} looks at question {number}, which is not asked before it."

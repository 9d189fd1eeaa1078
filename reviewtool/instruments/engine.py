"""Ask, judge, complete: one engine for every instrument.

Answers are a mapping from question to the raw code ("PY"). A question whose gate is
closed holds ``NA``; a missing one with a closed gate counts as NA too. A question
whose gate is open and that has no answer makes the domain incomplete, never "no
information".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from reviewtool.errors import Invalid
from reviewtool.instruments.shape import (
    NOT_APPLICABLE,
    Condition,
    Domain,
    Instrument,
    Kind,
    OverallRule,
    Question,
    Rule,
)

Answers = Mapping[str, str]
Options = Collection[str] | None


class InvalidAnswer(Invalid):
    """An answer that the question does not offer, or that its gate does not allow."""

    code = "invalid-answer"


@dataclass(frozen=True)
class Problem:
    """One answer that cannot stand, in words."""

    question: str
    message: str


@dataclass(frozen=True)
class Overall:
    """The overall judgement, and the prompts to put to the assessor (by name).

    total and band: the sum of counted domains and its name, for scales that count.
    """

    judgement: str
    prompts: list[str] = field(default_factory=list)
    total: int | None = None
    band: str = ""


def kind(instrument: Instrument, code: str | None) -> Kind | None:
    """What an answer amounts to; None when there is none, or the tool has no such code."""
    if not code:
        return None
    try:
        return instrument.answer(code).kind
    except KeyError:
        return None


def _holds(instrument: Instrument, condition: Condition, answers: Answers) -> bool:
    return all(kind(instrument, answers.get(q)) in kinds for q, kinds in condition.items())


def _applies(question: Question, options: Options) -> bool:
    """Whether the set-up wants the question; unknown set-up (None) rules nothing out."""
    return not question.option or options is None or question.option in options


def is_open(
    instrument: Instrument, question: Question, answers: Answers, options: Options = None
) -> bool:
    """Whether the question's gate is open, given the answers before it."""
    if not _applies(question, options):
        return False
    return not question.ask or any(_holds(instrument, one, answers) for one in question.ask)


def ask(
    instrument: Instrument, domain: Domain, answers: Answers, options: Options = None
) -> list[Question]:
    """The questions to be answered now, in order.

    Gates look at standing answers only: what sits behind a closed gate opens nothing.
    """
    standing: dict[str, str] = {}
    opened = []
    for question in domain.questions:
        if is_open(instrument, question, standing, options):
            opened.append(question)
            if question.id in answers:
                standing[question.id] = answers[question.id]
        else:
            standing[question.id] = NOT_APPLICABLE
    return opened


def offered(instrument: Instrument, question: Question, options: Options = None) -> list[str]:
    """The codes that may be given while the question is asked.

    NA stands for "the gate is closed", so it is offered only where the set-up decides
    and has not been told.
    """
    codes = question.answers or [a.code for a in instrument.answers]
    if question.option and options is None:
        return [NOT_APPLICABLE, *(c for c in codes if c != NOT_APPLICABLE)]
    return [c for c in codes if c != NOT_APPLICABLE]


def check(
    instrument: Instrument, domain: Domain, answers: Answers, options: Options = None
) -> list[Problem]:
    """Every given answer that cannot stand: unknown, not offered, or behind a closed gate."""
    found = []
    known = {question.id for question in domain.questions}
    for number in answers:
        if number not in known:
            found.append(Problem(number, f"{domain.id} has no question {number}."))
    opened = {question.id for question in ask(instrument, domain, answers, options)}
    for question in domain.questions:
        code = answers.get(question.id)
        if not code:
            continue
        if question.id not in opened:
            if code != NOT_APPLICABLE:
                found.append(
                    Problem(
                        question.id,
                        f"Question {question.id} is not asked after the answers before it, "
                        f"so {code} cannot stand. Clear it or change the earlier answer.",
                    )
                )
            continue
        codes = offered(instrument, question, options)
        # An open gate left at NA is missing, not wrong: ``missing`` names it.
        if code not in codes and not (code == NOT_APPLICABLE and question.ask):
            found.append(
                Problem(
                    question.id,
                    f"Question {question.id} does not take {code!r}. Choose {', '.join(codes)}.",
                )
            )
    return found


def clear(
    instrument: Instrument, domain: Domain, answers: Answers, options: Options = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Set every question behind a closed gate to NA.

    Returns (answers, cleared): ``cleared`` holds the old answers for the audit log.
    """
    kept: dict[str, str] = {}
    cleared: dict[str, str] = {}
    opened = {question.id for question in ask(instrument, domain, answers, options)}
    for question in domain.questions:
        code = answers.get(question.id, "")
        if question.id in opened:
            if code:
                kept[question.id] = code
            continue
        kept[question.id] = NOT_APPLICABLE
        if code not in ("", NOT_APPLICABLE):
            cleared[question.id] = code
    return kept, cleared


def missing(
    instrument: Instrument, domain: Domain, answers: Answers, options: Options = None
) -> list[Question]:
    """Asked questions without a usable answer."""
    return [
        question
        for question in ask(instrument, domain, answers, options)
        if answers.get(question.id, "") not in offered(instrument, question, options)
    ]


def complete(
    instrument: Instrument, domain: Domain, answers: Answers, options: Options = None
) -> bool:
    """Whether everything that is asked has an answer that can stand."""
    return not missing(instrument, domain, answers, options) and not check(
        instrument, domain, answers, options
    )


def _first(instrument: Instrument, rules: Sequence[Rule], answers: Answers) -> str:
    for rule in rules:
        if _holds(instrument, rule.when, answers):
            return rule.judge
    raise InvalidAnswer(
        "No row of the table fits these answers. The definition of the instrument is incomplete."
    )


def judge(
    instrument: Instrument, domain: Domain, answers: Answers, options: Options = None
) -> str | None:
    """The judgement that the domain's table proposes; None while answers are missing.

    Raises InvalidAnswer, naming each answer that cannot stand.
    """
    if problems := check(instrument, domain, answers, options):
        raise InvalidAnswer(" ".join(problem.message for problem in problems))
    if missing(instrument, domain, answers, options):
        return None
    settled, _ = clear(instrument, domain, answers, options)
    if domain.count is not None:
        return str(sum(kind(instrument, code) is domain.count for code in settled.values()))
    if not domain.tables:
        return None
    found = [_first(instrument, part.rules, settled) for part in domain.tables]
    return max(found, key=instrument.severity)


def overall(
    instrument: Instrument,
    judgements: Sequence[str | None],
    domains: Sequence[Domain] | None = None,
) -> Overall | None:
    """The overall judgement of one result; None while a domain has no judgement.

    domains: to which the judgements belong, in their order; needed by tables that name
        domains and by tools with domains outside the overall judgement.
    Raises InvalidAnswer for a judgement that the tool does not know.
    """
    known = {grade.label for grade in instrument.judgements}
    for judgement in judgements:
        if judgement and judgement not in known:
            raise InvalidAnswer(
                f"{instrument.label} has no judgement {judgement!r}. "
                f"Choose {', '.join(g.label for g in instrument.judgements)}."
            )
    counted = [
        (domains[place].key if domains else "", judgement)
        for place, judgement in enumerate(judgements)
        if domains is None or not domains[place].outside_overall
    ]
    given = [judgement for _, judgement in counted if judgement]
    if not given or len(given) < len(counted):
        return None
    by_domain = {key: judgement or "" for key, judgement in counted}
    for rule in instrument.overall.rules:
        if _overall_holds(rule, given, by_domain):
            total = sum(map(int, given)) if instrument.overall.bands else None
            return Overall(rule.judge, _prompts(instrument, given), total, _band(instrument, total))
    raise InvalidAnswer("No row of the overall table fits. The definition is incomplete.")


def _overall_holds(rule: OverallRule, given: Sequence[str], by_domain: Mapping[str, str]) -> bool:
    if rule.all and not all(j in rule.all for j in given):
        return False
    if rule.any and sum(j in rule.any for j in given) < rule.at_least:
        return False
    return all(by_domain.get(key) in wanted for key, wanted in rule.when.items())


def _prompts(instrument: Instrument, given: Sequence[str]) -> list[str]:
    return [
        prompt.name
        for prompt in instrument.overall.prompts
        if given.count(prompt.judgement) >= prompt.at_least
        and not (prompt.unless and prompt.unless in given)
    ]


def _band(instrument: Instrument, total: int | None) -> str:
    if total is None:
        return ""
    return next((band.label for band in instrument.overall.bands if total >= band.least), "")

"""Which result of a study stands in an analysis when it reports several times."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reviewtool.protocol.rules.times import STANDS_WORDS, Stands, Window, days_of, stands

NO_TIME = "no time point"
BY_PLAN = "plan"  # what a form sends to go by the plan again


@dataclass(frozen=True)
class Plan:
    """What the protocol says of an outcome's times.

    asked: the time point of the analysis; "" takes the first that a study reports.
    """

    asked: str = ""
    timepoints: Sequence[str] = ()
    windows: Mapping[str, Window] = field(default_factory=dict)
    rule: Stands = Stands.NEAREST


@dataclass(frozen=True)
class Choice:
    """A person's choice for one study, with the reason."""

    time: str
    reason: str


@dataclass(frozen=True)
class Place:
    """The times of a study that an analysis may take, best first, and why that one.

    times: every time it reports for the outcome. order: what the analysis tries in turn.
    """

    times: tuple[str, ...]
    order: tuple[str, ...]
    because: str
    choice: Choice | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """The candidates that do not stand."""
        return self.order[1:]


def place(plan: Plan, reported: Iterable[str], choice: Choice | None = None) -> Place:
    """Where a study stands, by its choice or by the plan.

    reported: the times of its results; a choice of a time that it no longer reports is
    not followed.

    >>> place(Plan("", ["1 month", "3 months"]), ["3 months", "1 month"]).order
    ('1 month', '3 months')
    """
    times = _in_order(dict.fromkeys(reported), plan.timepoints)
    if choice is not None and choice.time in times:
        return Place(times, (choice.time,), choice.reason, choice)
    if plan.asked and not plan.windows:
        return Place(times, (plan.asked,), "the planned time point")
    labels = [plan.asked] if plan.asked else [*plan.timepoints]
    order: dict[str, None] = {}
    because = ""
    for label in labels:
        one = plan.windows.get(label)
        found, candidates = (
            stands(one, label, times, plan.rule)
            if one is not None
            else (label if label in times else None, ())
        )
        if found is None:
            continue
        because = because or _because(found, label, one, len(candidates), plan.rule)
        order[found] = None
        order.update(dict.fromkeys(_by_rule(candidates, one, plan.rule)))
    if not plan.asked:
        if "" in times:
            order[""] = None
        because = because or "the only time point"
    return Place(times, tuple(order) or ((plan.asked,) if plan.asked else ()), because)


def _in_order(times: Iterable[str], planned: Sequence[str]) -> tuple[str, ...]:
    """Planned time points first, then reported ones by their length."""
    known = list(planned)
    return tuple(
        sorted(
            times,
            key=lambda t: (0, known.index(t), 0.0) if t in known else (1, 0, days_of(t) or 0.0),
        )
    )


def _by_rule(candidates: Sequence[str], one: Window | None, rule: Stands) -> list[str]:
    """Candidates in the order in which the rule would take them."""
    left, found = list(candidates), []
    while left and one is not None:
        best, _ = stands(one, "", left, rule)
        if best is None:
            break
        found.append(best)
        left.remove(best)
    return found


def _because(found: str, label: str, one: Window | None, count: int, rule: Stands) -> str:
    if found == label:
        return "the planned time point"
    if one is not None and one.longest:
        return "the longest follow-up"
    if count > 1:
        words = STANDS_WORDS[rule]
        return f"of {count} in the window of {label}: {words[0].lower()}{words[1:]}"
    return f"in the window of {label}"


def words_of(times: Iterable[str]) -> str:
    """Times in words; a result without one says so.

    >>> words_of(["4 weeks", ""])
    '4 weeks, no time point'
    """
    return ", ".join(time or NO_TIME for time in times)

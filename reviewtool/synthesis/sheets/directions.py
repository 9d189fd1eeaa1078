"""Studies that are not pooled, as pages and files tell of them: by direction of effect.

What the text says follows the reporting items of Campbell 2020, BMJ 368:l6890 (SWiM).
"""

from collections import Counter
from dataclasses import dataclass

from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import (
    AnyResult,
    Directions,
    NarrativeResult,
    PairwiseResult,
    Told,
)
from reviewtool.synthesis.rules.selection import Group
from reviewtool.synthesis.sheets import written
from reviewtool.synthesis.sheets.standing import Left
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.words import (
    ABSENT,
    capital,
    confidence,
    num,
    p,
    p_cell,
    percent,
    plain,
    plural,
    studies,
    thousands,
)

BASES = {
    "groups": "effect of the groups",
    "estimate": "estimate as reported",
    "other estimate": "estimate on another measure",
    "difference": "difference of the groups, without variance",
    "told": "words of the report",
}


def directions_of(result: AnyResult | None) -> Directions | None:
    """The directions that a result holds, if any."""
    return result.directions if isinstance(result, NarrativeResult | PairwiseResult) else None


@dataclass(frozen=True)
class ToldWords:
    """Directions of an analysis in words: for a page, a table, the report."""

    line: Line
    result: NarrativeResult | PairwiseResult
    found: Directions

    @classmethod
    def of(cls, line: Line, run: AnalysisRun | None) -> "ToldWords | None":
        """Of a run, where it tells directions."""
        result = run.result if run else None
        found = directions_of(result)
        if found is None or not isinstance(result, NarrativeResult | PairwiseResult):
            return None
        return cls(line, result, found)

    @property
    def compares(self) -> bool:
        """Whether the measure compares anything, so that there is a direction."""
        return self.result.effect_measure.null is not None

    @property
    def sides(self) -> tuple[str, str]:
        """Whom a benefit and a harm favour: two treatments, or the better way of a change."""
        if self.result.effect_measure.groups == 1:
            left, right = self.result.effect_measure.directions
            better, worse = (left, right) if self.found.lower_is_better else (right, left)
            return f"show a {better}", f"show a {worse}"
        names = [
            sides[0] if len(sides) == 1 else other
            for sides, other in (
                (self.line.comparison.experimental, "the experimental side"),
                (self.line.comparison.comparator, "the comparator"),
            )
        ]
        return f"favour {names[0]}", f"favour {names[1]}"

    def direction(self, one: Told) -> str:
        """A study's direction."""
        known = {
            "benefit": _singular(self.sides[0]),
            "harm": _singular(self.sides[1]),
            "neither": "no difference",
        }
        return capital(known.get(one.direction, "not known"))

    @property
    def short(self) -> str:
        """For a row of a table: 5 studies, 4 of 5 favour acupuncture."""
        if not self.found.rows:
            return "no study reports it"
        count, votes = studies(self.found.study_count), self.found.votes
        verb = _singular(self.sides[0]) if votes.favour == 1 else self.sides[0]
        if not votes.total:
            return f"{count}, none with a direction of effect" if self.compares else count
        return f"{count}, {thousands(votes.favour)} of {thousands(votes.total)} {verb}"

    @property
    def sentence(self) -> str:
        """The result of vote counting, with its test."""
        votes = self.found.votes
        if not self.found.rows:
            return "No study reports this outcome for this comparison."
        if not self.compares:
            return "Nothing is compared, so that results have no direction."
        if not votes.total:
            return "No study has a result that favours either side, so that no votes were counted."
        if self.found.study_count == 1:
            side = self.sides[0] if votes.favour else self.sides[1]
            return f"The only study {_singular(side)}. One vote is no synthesis."
        more = "".join(
            f"; {thousands(count)} {_singular(words) if count == 1 else words}"
            for count, words in (
                (votes.against, self.sides[1]),
                (votes.neither, "show no difference or point both ways"),
                (votes.unknown, "lack a known direction"),
            )
            if count
        )
        low = num(100 * (votes.ci_low or 0.0), 0)
        share = (
            f"{percent(votes.share)}, {confidence(self.result.level)} {low} to "
            f"{percent(votes.ci_high)}"
        )
        verb = _singular(self.sides[0]) if votes.favour == 1 else self.sides[0]
        return (
            f"{thousands(votes.favour)} of {studies(votes.total)} with a direction {verb} "
            f"({share}; sign test {p(votes.p)}){more}."
        )

    @property
    def p_values(self) -> str:
        """The combined p values in a sentence; "" where too few studies give one."""
        found = self.found.combined
        if found is None:
            return ""
        limits = ""
        if found.bounded:
            verb = "gives" if len(found.bounded) == 1 else "give"
            limits = (
                f" {', '.join(found.bounded)} {verb} only a limit, taken for the value that says "
                "least."
            )
        return (
            f"p values of {studies(found.k)} combined by Fisher’s method: that at least one study "
            f"shows a benefit, χ² = {num(found.benefit)}, df = {found.df}, {p(found.benefit_p)}; "
            f"a harm, χ² = {num(found.harm)}, df = {found.df}, {p(found.harm_p)}.{limits}"
        )

    @property
    def swim(self) -> list[tuple[str, str]]:
        """(item, text): how the synthesis was made, for a methods section."""
        better = "lower" if self.found.lower_is_better else "higher"
        where = f" ({self.line.planned.timepoint})" if self.line.planned.timepoint else ""
        items = [
            (
                "Question",
                f"Is there evidence of an effect on {self.line.outcome.name}{where}, and in which "
                f"direction: {self.line.comparison.name}?",
            ),
            (
                "Why not pooled",
                getattr(self.result, "refused", "")
                or (
                    "The protocol plans a narrative synthesis."
                    if self.line.planned.kind == "narrative"
                    else "Fewer than two studies have an effect with a variance."
                    if self.result.study_count < 2
                    else "These studies are pooled as far as they have an effect with a variance; "
                    "the directions of all of them are told beside it."
                ),
            ),
            (
                "Metric",
                f"Direction of effect: {self.result.effect_measure.heading.lower()}, {better} is "
                f"better; {self._sources}.",
            ),
            (
                "Method",
                "Vote counting by direction of effect, whatever its size and significance; a study "
                "with several results counts once. Two-sided sign test with the exact binomial "
                f"interval{'; p values by Fisher’s method' if self.found.combined else ''} "
                "(Cochrane Handbook, chapter 12).",
            ),
            ("Order and heterogeneity", self._order),
            ("Result", " ".join(part for part in (self.sentence, self.p_values) if part)),
            ("Limits", self._limits),
        ]
        return items if self.compares else items[:2]

    @property
    def _sources(self) -> str:
        counts = Counter[str](one.basis for one in self.found.rows)
        known = [f"{words} ({counts[basis]})" for basis, words in BASES.items() if counts[basis]]
        said = [f"known from {', '.join(known)}"] if known else []
        return "; ".join([*said, *([f"not known ({counts['']})"] if counts[""] else [])])

    @property
    def _order(self) -> str:
        judged = any(one.judgement for one in self.found.rows)
        bias = " and carry their overall risk of bias" if judged else ""
        return (
            f"Studies stand by year{bias}. Differences between them are seen there and not tested."
        )

    @property
    def _limits(self) -> str:
        said = [
            "Votes say nothing of how large the effect is, and a small study counts as much as a "
            "large one."
        ]
        votes = self.found.votes
        if 0 < votes.total < 6:
            said.append(
                f"With {plural(votes.total, 'study', 'studies')} the sign test cannot come below "
                "p = 0.05."
            )
        if votes.unknown:
            said.append(f"{capital(studies(votes.unknown))} could not be counted.")
        if self.found.combined:
            said.append("Combined p values say only whether any study shows an effect.")
        return " ".join(said)

    def effect(self, one: Told) -> str:
        """A study's effect as far as it is known, with its limits."""
        if one.estimate is None:
            return ABSENT
        of, shown = self.result.effect_measure, self.result.shown(one)
        value = written.number(of, shown.estimate)
        if shown.ci_low is None or shown.ci_high is None:
            return f"{of.short} {value}"
        return f"{of.short} {value} ({written.limits(of, shown.ci_low, shown.ci_high)})"

    @staticmethod
    def p_of(one: Told) -> str:
        """A p value as reported, or of the effect."""
        if one.p is None:
            return ABSENT
        return f"{one.p_bound}{plain(one.p)}" if one.p_bound else p_cell(one.p)

    @staticmethod
    def numbers(one: Told) -> tuple[str, str]:
        """What each group reports, in a cell; its people where that is all."""
        return (_cell(one.group1, one.people[0]), _cell(one.group2, one.people[1]))

    @staticmethod
    def basis(one: Told) -> str:
        """Where a direction is known from."""
        return capital(BASES.get(one.basis, "not known"))


def _singular(words: str) -> str:
    """A verb of several studies as that of one.

    >>> _singular("favour acupuncture"), _singular("lack a known direction")
    ('favours acupuncture', 'lacks a known direction')
    """
    verb, _, rest = words.partition(" ")
    return f"{verb}s {rest}"


def _cell(group: Group, people: float | None) -> str:
    if group.events is not None and group.total is not None:
        return f"{thousands(group.events)}/{thousands(group.total)}"
    if group.events is not None and group.time is not None:
        return f"{thousands(group.events)}/{num(group.time, 1)}"
    if group.mean is not None:
        spread = f" ({num(group.sd)})" if group.sd is not None else ""
        return f"{num(group.mean)}{spread}, n = {thousands(people)}"
    return f"n = {thousands(people)}" if people is not None else ABSENT


COLUMNS = (
    "study",
    "year",
    "treatment",
    "comparator",
    "experimental_group",
    "comparator_group",
    "effect",
    "ci_low",
    "ci_high",
    "p",
    "direction",
    "known_from",
    "risk_of_bias",
)


def table(line: Line, run: AnalysisRun) -> Table:
    """The studies of a run with their directions, as a table for files."""
    told = ToldWords.of(line, run)
    if told is None:
        raise TypeError("this analysis tells no directions")
    rows, texts = [], []
    for one in told.found.rows:
        shown = told.result.shown(one)
        head = (one.label, one.year or "", one.treatment, one.comparator, *told.numbers(one))
        tail = (told.direction(one), told.basis(one), one.judgement or "not judged")
        exact = f"{one.p_bound}{one.p}" if one.p is not None else ""
        rows.append((*head, shown.estimate, shown.ci_low, shown.ci_high, exact, *tail))
        of = told.result.effect_measure
        texts.append(
            (
                *(str(x) for x in head),
                written.number(of, shown.estimate),
                written.number(of, shown.ci_low),
                written.number(of, shown.ci_high),
                told.p_of(one),
                *tail,
            )
        )
    notes = (
        f"{told.result.effect_measure.heading}, {confidence(told.result.level)}.",
        *(f"{item}: {text}" for item, text in told.swim),
        *told.found.doubts,
        *Left.of(told.result).note,
    )
    return Table(f"Effect directions: {line.title}", COLUMNS, tuple(rows), tuple(texts), notes)

"""From citations to groups of duplicates: candidates, comparison, grouping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from reviewtool.references.rules import candidates, deciding, evidence
from reviewtool.references.rules.citation import Citation
from reviewtool.references.rules.grouping import consistent_groups
from reviewtool.references.rules.matching import Agreement, Context, Outcome, Verdict
from reviewtool.references.rules.normalise import Key, key_of
from reviewtool.references.rules.people import People
from reviewtool.references.rules.titles import Likeness
from reviewtool.references.rules.venues import Place, is_meeting, is_serial

Progress = Callable[[int, int], None]
NotDuplicates = frozenset[frozenset[str]]

CHUNK = 200_000
LINKS = 3  # related items shown for a record of a long series; more say nothing new
SAME_VOLUME = 6  # items of one title on so many pages of a volume: a heading, not a work


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that were found alike, with the reason in words."""

    a: str
    b: str
    outcome: Outcome
    strength: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What a run found. ``groups`` hold two or more ids, in the order given.

    ``certain`` are the pairs that made the groups, ``uncertain`` wait for a
    person, ``related`` are different items worth knowing about together.
    """

    groups: tuple[tuple[str, ...], ...]
    certain: tuple[Pair, ...]
    uncertain: tuple[Pair, ...]
    related: tuple[Pair, ...]


def find_duplicates(
    citations: Sequence[Citation],
    *,
    against: Sequence[Citation] = (),
    not_duplicates: Iterable[frozenset[str]] = frozenset(),
    on_progress: Progress | None = None,
) -> Duplicates:
    """Find the duplicates among ``citations``, and of ``against`` when given.

    ``against`` are records of earlier runs: each new citation is compared with
    all of them, they are not compared with each other again. ``not_duplicates``
    holds pairs of ids that a person told apart; they never share a group.
    ``on_progress`` is told pairs done and pairs in all.
    """
    everyone = [*against, *citations]
    ids = [c.id for c in everyone]
    keys = [key_of(c) for c in everyone]
    pairs = candidates.pairs(keys, new_from=len(against))
    context = Context(recurring=recurring_titles(keys))
    found: dict[tuple[int, int], Verdict] = {}
    for begin in range(0, len(pairs), CHUNK):
        part = pairs[begin : begin + CHUNK]
        for i, j in _promising(keys, part.tolist()):
            verdict = deciding.compare(keys[i], keys[j], context)
            if verdict.outcome is not Outcome.DIFFERENT:
                found[i, j] = verdict
        if on_progress:
            on_progress(min(begin + CHUNK, len(pairs)), len(pairs))
    aliases = learned_aliases(keys, found)
    if aliases:
        context = Context(aliases, context.recurring)
        for (i, j), verdict in found.items():
            if verdict.facets and verdict.facets.place is Place.DIFFERENT:
                found[i, j] = deciding.compare(keys[i], keys[j], context)
    return _grouped(ids, keys, found, context, frozenset(not_duplicates))


def learned_aliases(
    keys: Sequence[Key], found: dict[tuple[int, int], Verdict], least: int = 5
) -> frozenset[tuple[str, str]]:
    """Pairs of venue names that these records themselves show to be one venue.

    When a venue's records reappear, with the same titles, authors and years,
    mostly under one other name, and never side by side with conflicting pages,
    both names mean one venue (``VLDB``, ``Very Large Data Bases``).
    """
    together: Counter[tuple[str, str]] = Counter()
    for (i, j), verdict in found.items():
        f = verdict.facets
        if (
            f is None
            or f.title.likeness is not Likeness.SAME
            or f.generic
            or f.people is not People.SAME
            or f.year is not Agreement.SAME
            or f.place is not Place.DIFFERENT
        ):
            continue
        a, b = sorted((keys[i].journal, keys[j].journal))
        elsewhere = Agreement.CONFLICT in (f.pages, f.volume)
        together[a, b] += -5 if elsewhere else 1
    total: Counter[str] = Counter()
    for (a, b), count in together.items():
        total[a] += max(count, 0)
        total[b] += max(count, 0)
    return frozenset(
        (a, b)
        for (a, b), count in together.items()
        if count >= least
        and count >= 0.7 * max(total[a], total[b])
        and not (is_meeting(a) and is_serial(b))
        and not (is_meeting(b) and is_serial(a))
    )


def _promising(keys: Sequence[Key], pairs: list[list[int]]) -> list[list[int]]:
    """Drop the pairs whose titles are far apart and that share no identifier or place."""
    if not pairs:
        return []
    left = [keys[i].title for i, _ in pairs]
    right = [keys[j].title for _, j in pairs]
    ratios = process.cpdist(left, right, scorer=fuzz.ratio, workers=1)
    kept = []
    for pair, ratio in zip(pairs, ratios.tolist(), strict=True):
        if ratio >= 65:
            kept.append(pair)
            continue
        a, b = keys[pair[0]], keys[pair[1]]
        if (
            (a.doi and a.doi == b.doi)
            or (a.pmid and a.pmid == b.pmid)
            or (a.pmcid and a.pmcid == b.pmcid)
            or (a.start and a.start == b.start and a.volume == b.volume and a.year == b.year)
            or (ratio >= 35 and (a.title.startswith(b.title) or b.title.startswith(a.title)))
        ):
            kept.append(pair)
    return kept


def _grouped(
    ids: Sequence[str],
    keys: Sequence[Key],
    found: dict[tuple[int, int], Verdict],
    context: Context,
    told_apart: NotDuplicates,
) -> Duplicates:
    def contradict(i: int, j: int) -> bool:
        if told_apart and frozenset((ids[i], ids[j])) in told_apart:
            return True
        known = found.get((min(i, j), max(i, j)))
        if known is not None and known.outcome is Outcome.CERTAIN:
            return False
        return contradicts(keys[i], keys[j], context)

    for i, j in [p for p in found if frozenset((ids[p[0]], ids[p[1]])) in told_apart]:
        del found[i, j]
    joins = [(v.strength, i, j) for (i, j), v in found.items() if v.outcome is Outcome.CERTAIN]
    groups, refused = consistent_groups(joins, contradict)
    turned_down = set(refused)
    group_of = {member: first for first, members in groups.items() for member in members}

    def pair(i: int, j: int, verdict: Verdict, outcome: Outcome) -> Pair:
        said = evidence.words(verdict, keys[i], keys[j])
        return Pair(ids[i], ids[j], outcome, verdict.strength, said)

    lists: dict[Outcome, list[Pair]] = {o: [] for o in Outcome}
    seen: set[tuple[int, int]] = set()
    links: Counter[int] = Counter()
    for (i, j), verdict in sorted(found.items(), key=lambda item: -item[1].strength):
        outcome = verdict.outcome
        if (i, j) in turned_down:
            outcome = Outcome.RELATED
        one, other = group_of.get(i, i), group_of.get(j, j)
        if outcome is not Outcome.CERTAIN:
            ends = (min(one, other), max(one, other))
            if one == other or ends in seen:
                continue
            if outcome is Outcome.RELATED:
                if min(links[one], links[other]) >= LINKS:
                    continue
                links.update(ends)
            seen.add(ends)
        lists[outcome].append(pair(i, j, verdict, outcome))
    return Duplicates(
        groups=tuple(tuple(ids[m] for m in groups[first]) for first in sorted(groups)),
        certain=tuple(lists[Outcome.CERTAIN]),
        uncertain=tuple(lists[Outcome.UNCERTAIN]),
        related=tuple(lists[Outcome.RELATED]),
    )


def contradicts(a: Key, b: Key, context: Context) -> bool:
    """Whether two members of one group cannot be the same item."""
    if not a.title or not b.title:
        return False
    verdict = deciding.compare(a, b, context)
    return verdict.outcome in (Outcome.RELATED, Outcome.DIFFERENT)


def recurring_titles(keys: Sequence[Key], least: int = 3) -> frozenset[str]:
    """Titles that stand, in one journal or by one author, over items of many issues.

    A column or an editorial comes back in issue after issue; a duplicated record
    keeps its volume and issue. Told by ``least`` different years, or volumes and
    issues, or DOIs, or by many first pages in one volume.
    """
    times: Counter[str] = Counter(key.title for key in keys if key.title)
    spots: dict[tuple[str, str], tuple[set[int], set[str], set[str]]] = {}
    pages: dict[tuple[str, str, int, str], set[str]] = {}
    for key in keys:
        if times[key.title] < least or not key.title:
            continue
        for heading in {key.journal, key.family} - {""}:
            years, issues, dois = spots.setdefault((key.title, heading), (set(), set(), set()))
            if key.year:
                years.add(key.year)
            if key.volume and key.number:
                issues.add(f"{key.volume} {key.number}")
            if key.doi:
                dois.add(key.doi)
        if key.start and key.journal:
            place = key.title, key.journal, key.year, key.volume
            pages.setdefault(place, set()).add(key.start)
    recurring = {
        title
        for (title, _), (years, issues, dois) in spots.items()
        if len(years) > least or len(issues) >= least or len(dois) >= least
    }
    return frozenset(
        recurring | {p[0] for p, starts in pages.items() if len(starts) >= SAME_VOLUME}
    )

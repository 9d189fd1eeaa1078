"""Rows that compare two treatments to contrasts; three arms against one to every pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reviewtool.stats.errors import BadCell
from reviewtool.stats.from_sheets.estimates import checked, examined, given_effects
from reviewtool.stats.from_sheets.networks.rows import Say, study_names
from reviewtool.stats.measures import measure as measure_named
from reviewtool.stats.sheets import Sheet, row_labels

if TYPE_CHECKING:
    from reviewtool.stats.network.contrasts import Contrasts


def from_pairs(
    sheet: Sheet,
    measure: str,
    interval_level: float | None,
    spelled: dict[str, str],
    say: Say,
    warn: Say,
    strict: bool,
) -> Contrasts:
    from reviewtool.stats.network.contrasts import Contrasts

    chosen, labels = measure_named(measure), row_labels(sheet)
    one, two = ([spelled[name] for name in sheet.named(role)] for role in ("treat1", "treat2"))
    names = study_names(sheet)
    given = given_effects(sheet, chosen, interval_level, labels, strict=strict)
    if given is None:
        sheet.need("yi")
        raise AssertionError
    seen = examined(given, chosen, labels, np.ones(len(labels), bool), strict)
    stars = _stars(names, one, two)
    sizes = _Sizes.of(sheet, names, one, two)
    known = {study: base for study, base in stars.items() if sizes.known(study, base)}
    effects = seen.given.effects.without(_not_pairs(sheet, names, one, two, strict, stars, known))
    for words in given.notes:
        say(words)
    for words in checked(seen, ~effects.missing, chosen, labels):
        warn(words)
    usable = np.isin(np.arange(len(labels)), effects.usable)
    found = Contrasts(
        tuple(names),
        tuple(one),
        tuple(two),
        np.where(usable, effects.y, np.nan),
        np.where(usable, effects.v, np.nan) ** 0.5,
        chosen.name,
        reasons=effects.reasons,
    )
    return _with_every_pair(found, known, sizes, say)


def _stars(names: Sequence[str], one: Sequence[str], two: Sequence[str]) -> dict[str, str]:
    """Studies that report three arms or more against one only -> that arm."""
    from reviewtool.stats.network.baseline import common_arm

    pairs: dict[str, list[tuple[str, str]]] = {}
    for name, a, b in zip(names, one, two, strict=True):
        pairs.setdefault(name, []).append((a, b))
    return {name: base for name, own in pairs.items() if (base := common_arm(own))}


@dataclass(frozen=True)
class _Sizes:
    """What a table of contrasts says of the arms of its studies: (study, treatment) -> people,
    and study -> the variance of its common arm."""

    people: dict[tuple[str, str], float]
    baseline: dict[str, float]
    arms: dict[str, set[str]]

    @classmethod
    def of(
        cls, sheet: Sheet, names: Sequence[str], one: Sequence[str], two: Sequence[str]
    ) -> _Sizes:
        people: dict[tuple[str, str], float] = {}
        baseline: dict[str, float] = {}
        arms: dict[str, set[str]] = {}
        for role, side in (("n1i", one), ("n2i", two)):
            if sheet.find(role):
                for name, arm, n in zip(names, side, sheet.numbers(role), strict=True):
                    if n > 0:
                        people[name, arm] = float(n)
        if sheet.find("se_baseline"):
            for name, se in zip(names, sheet.numbers("se_baseline"), strict=True):
                if se > 0:
                    baseline[name] = float(se) ** 2
        for name, a, b in zip(names, one, two, strict=True):
            arms.setdefault(name, set()).update((a, b))
        return cls(people, baseline, arms)

    def known(self, study: str, base: str) -> bool:
        """Whether the variance of the common arm is given or follows from the arms' sizes."""
        return study in self.baseline or all((study, a) in self.people for a in self.arms[study])

    def variance(self, study: str, base: str, errors: dict[str, float]) -> float | None:
        """Of the common arm. errors: other arm -> standard error of its contrast."""
        from reviewtool.stats.network.baseline import variance_by_sizes

        if study in self.baseline:
            return self.baseline[study]
        sizes = {arm: self.people[study, arm] for arm in self.arms[study]}
        return variance_by_sizes(base, errors, sizes)


def _with_every_pair(c: Contrasts, stars: dict[str, str], sizes: _Sizes, say: Say) -> Contrasts:
    """The contrasts that follow from those with a common arm, added.

    A study of which one is undefined, or whose common arm varies too much, gives none.
    """
    from reviewtool.stats.network.baseline import all_pairs
    from reviewtool.stats.network.contrasts import Contrasts
    from reviewtool.stats.network.errors import InconsistentStudy

    rows = list(
        zip(c.study, c.treat1, c.treat2, c.te.tolist(), c.se.tolist(), c.reasons, strict=True)
    )
    done = []
    for study, base in stars.items():
        own = [row for row in rows if row[0] == study]
        against = {
            (a if b == base else b): (te if b == base else -te, se) for _, a, b, te, se, _ in own
        }
        if any(row[5] for row in own):
            continue
        variance = sizes.variance(study, base, {arm: se for arm, (_, se) in against.items()})
        at = [i for i, row in enumerate(rows) if row[0] == study]
        try:
            pairs = all_pairs(study, base, against, variance or 0.0)
        except InconsistentStudy as error:
            for i in at:
                rows[i] = (*rows[i][:5], error.reason)
            continue
        rows = [row for row in rows if row[0] != study]
        rows += [(study, *pair, "") for pair in pairs]
        done.append(f"{study} ({base})")
    if done:
        say(f"Every comparison was made from those with one arm: {', '.join(sorted(done))}.")
    if not stars:
        return c
    columns = list(zip(*rows, strict=True))
    return Contrasts(
        columns[0],
        columns[1],
        columns[2],
        np.array([np.nan if row[5] else row[3] for row in rows], dtype=float),
        np.array([np.nan if row[5] else row[4] for row in rows], dtype=float),
        c.measure,
        reasons=columns[5],
    )


def _not_pairs(
    sheet: Sheet,
    names: Sequence[str],
    one: Sequence[str],
    two: Sequence[str],
    strict: bool,
    stars: dict[str, str],
    known: dict[str, str],
) -> dict[int, str]:
    """Rows that compare nothing, or belong to a study that does not compare all its arms."""
    found: dict[int, str] = {}
    rows: dict[str, list[int]] = {}
    for i, (name, a, b) in enumerate(zip(names, one, two, strict=True)):
        rows.setdefault(name, []).append(i)
        if a == b:
            found[i] = f"{a} is compared with itself"
    for own in rows.values():
        pairs = [frozenset((one[i], two[i])) for i in own]
        arms = {arm for pair in pairs for arm in pair}
        needed = len(arms) * (len(arms) - 1) // 2
        if len(set(pairs)) < len(pairs):
            why = "it gives a comparison twice"
        elif len(pairs) < needed and names[own[0]] not in known:
            base = stars.get(names[own[0]])
            remedy = (
                f"give the standard error of its arm {base} (se_baseline), or the people in "
                "each arm (n1, n2)"
                if base
                else "every one is needed"
            )
            why = (
                f"it gives {len(pairs)} of the {needed} comparisons between its {len(arms)} "
                f"treatments; {remedy}"
            )
        else:
            continue
        for i in own:
            found.setdefault(i, why)
    if strict and found:
        i, why = next(iter(sorted(found.items())))
        raise BadCell(
            row=sheet.lines[i],
            column=sheet.need("treat2"),
            problem=f"{names[i]}: {why}.",
            remedy="Correct the row, or leave the study out.",
        )
    return found

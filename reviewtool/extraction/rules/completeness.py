"""What is still missing before a copy can be called done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewtool.extraction.rules import foci
from reviewtool.extraction.rules.cells import (
    CONTRAST_PARTS,
    SPREAD,
    Form,
    arm_count,
    arm_names,
    arm_path,
    contrast_path,
    group_path,
    study_path,
)

SAY_WHOM = " Where the report gives none, say under the comparison whom the result favours."


@dataclass(frozen=True)
class Missing:
    """A cell that must be filled, in words."""

    path: str
    message: str


@dataclass(frozen=True)
class Completeness:
    """``missing`` stands in the way; ``not_given`` outcomes are taken as not reported."""

    missing: list[Missing]
    not_given: list[str]

    @property
    def is_complete(self) -> bool:
        """Whether the copy can be finished."""
        return not self.missing


def completeness(form: Form, values: Mapping[str, str]) -> Completeness:
    """What a copy lacks.

    Required characteristics, two arms with a treatment (one where the review describes
    single groups), and, once any number of an arm's result is given, the rest of what its
    measure needs. An outcome without any number is no fault:
    the report may not give it.
    """
    filled = {path for path, value in values.items() if value}
    arms, names = arm_count(filled, form.least_arms), arm_names(values)
    missing = [
        Missing(study_path(c.key), f"{c.label} is required.")
        for c in form.characteristics
        if c.required and study_path(c.key) not in filled
    ]
    for arm in range(1, arms + 1):
        path = arm_path(arm, "treatment")
        if path not in filled:
            missing.append(Missing(path, f"Arm {arm} has no treatment."))
    not_given = []
    if form.asks_foci:
        missing += [Missing(*one) for one in foci.lacking(values)]
    for asked in form.outcomes:
        if asked.of_foci:
            if not any(asked.takes(one) for one in foci.held(values).values()):
                not_given.append(asked.name)
            continue
        for timepoint in asked.times(filled):
            lacking, given = _of_outcome(form, asked.id, timepoint, arms, filled, names)
            missing += lacking
            if not given:
                not_given.append(asked.head(timepoint))
    return Completeness(missing, not_given)


def _of_contrast(has: set[str]) -> Iterator[tuple[str, str]]:
    """What a comparison lacks, given the parts it has: (part, words).

    An estimate may stand without its precision, and a p value without an estimate, when the
    extractor says that the report gives no more.
    """
    if not has:
        return
    if "estimate" not in has and has & {"se", "ci_low", "ci_high"}:
        yield "estimate", "has no estimate."
    elif "estimate" not in has and "favours" not in has:
        yield "favours", "has a p value. Say whom the result favours too."
    precise = "se" in has or {"ci_low", "ci_high"} <= has
    if not precise and (has & {"se", "ci_low", "ci_high"} or has == {"estimate"}):
        yield (
            "se",
            "needs an SE or both ends of its interval; where the report gives neither, its p value "
            "or whom it favours.",
        )


def _of_outcome(
    form: Form, outcome_id: int, timepoint: str, arms: int, filled: set[str], names: dict[int, str]
) -> tuple[list[Missing], bool]:
    asked = form.by_outcome[outcome_id]
    head, parts, needed = asked.head(timepoint), asked.parts, asked.needed
    missing, given = [], False
    told = any(
        contrast_path(outcome_id, timepoint, one, other, "favours") in filled
        for one in range(1, arms + 1)
        for other in range(1, arms + 1)
        if one != other
    )
    for arm in range(1, arms + 1):
        paths = {part: group_path(outcome_id, timepoint, arm, part) for part in parts}
        present = [part for part, path in paths.items() if path in filled]
        given = given or bool(present)
        if present:
            missing += [
                Missing(
                    path,
                    f"{head}: {names.get(arm) or f'arm {arm}'} has no {parts[part]}."
                    + (SAY_WHOM if part in SPREAD and asked.takes_estimates else ""),
                )
                for part, path in paths.items()
                if part in needed and part not in present and not (told and part in SPREAD)
            ]
    for arm in range(1, arms + 1):
        for reference in range(1, arms + 1):
            if arm == reference or not asked.takes_estimates:
                continue

            def path(part: str, arm: int = arm, reference: int = reference) -> str:
                return contrast_path(outcome_id, timepoint, arm, reference, part)

            has = {p for p in CONTRAST_PARTS if path(p) in filled}
            given = given or bool(has)
            one, other = (names.get(n) or f"arm {n}" for n in (arm, reference))
            pair = f"{one} against {other}"
            missing += [
                Missing(path(part), f"{head}: {pair} {words}") for part, words in _of_contrast(has)
            ]
    return missing, given

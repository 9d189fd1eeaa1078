"""What makes a protocol complete, and what a change to it does to its version."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reviewtool.errors import Invalid
from reviewtool.protocol.rules import joint, maps, networks
from reviewtool.protocol.rules.document import BY_KEY, SECTIONS, elements, labels
from reviewtool.protocol.rules.fitting import (
    COMMON,
    DIRECTIONS,
    KINDS,
    RANDOM,
    TESTS,
    measure_words,
)
from reviewtool.protocol.rules.times import STANDS_WORDS, Stands, joined

STAGES = ("before search", "screening", "extraction", "analysis", "after results")
ROW_SECTIONS = {
    "criteria": "Eligibility criteria",
    "outcomes": "Outcomes",
    "comparisons": "Comparisons",
    "analyses": "Planned analyses",
}

# Choices that are stored by a short name.
IN_WORDS: dict[str, Callable[[str], str]] = {
    "measure": measure_words,
    "method": lambda name: {**RANDOM, **COMMON}.get(name, name),
    "test": lambda name: TESTS.get(name, name),
    "window_rule": lambda key: STANDS_WORDS[Stands(key)].lower(),
}


class AmendmentReasonRequired(Invalid):
    """A registered protocol changes only with a reason."""

    code = "amendment-reason-required"
    message = "The protocol is registered. Say why it changes; the change becomes an amendment."


class NotReady(Invalid):
    """Required fields are empty."""

    code = "protocol-not-ready"
    message = "The protocol cannot be registered yet. Fill in: {missing}."


@dataclass(frozen=True)
class Why:
    """What a person says about a change to a registered protocol."""

    reason: str
    stage_reached: str = ""
    knew_results: bool = False
    effect_on_work: str = ""


def check_why(registered: bool, why: Why | None) -> None:
    """Raises AmendmentReasonRequired when a reason is due and missing."""
    if registered and (why is None or not why.reason.strip()):
        raise AmendmentReasonRequired()


def missing(
    document: Mapping[str, Any],
    primary_outcomes: int,
    required: Iterable[str] | None = None,
) -> list[str]:
    """Labels of required fields that are empty.

    required: keys to require instead of the form's own set.
    """
    keys = (
        set(required)
        if required is not None
        else {f.key for section in SECTIONS for f in section.fields if f.required}
    )
    names = labels()
    ordered = [f.key for section in SECTIONS for f in section.fields if f.key in keys]
    result = [names[key] for key in ordered if not str(document.get(key) or "").strip()]
    if required is None and not primary_outcomes:
        result.append("Main outcomes")
    return result


def next_version(current: str, section: str) -> str:
    """The version after a change in ``section``: methods +1.0, the rest +0.1.

    >>> next_version("1.0", "eligibility"), next_version("2.0", "people")
    ('2.0', '2.1')
    """
    major, minor = (int(part) for part in current.split("."))
    method = section in ROW_SECTIONS or (section in BY_KEY and BY_KEY[section].method)
    return f"{major + 1}.0" if method else f"{major}.{minor + 1}"


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of a frozen version."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def section_text(content: Mapping[str, Any], section: str) -> str:
    """One section of a version as plain text, for comparing and for amendments."""
    return "\n".join(
        f"{label}: {value}" for label, value in section_lines(content, section) if value
    )


def section_lines(content: Mapping[str, Any], section: str) -> list[tuple[str, str]]:
    """(label, value) of every field or row of a section."""
    if section in ROW_SECTIONS:
        return [
            (str(row.get("name") or f"{i}"), _row_text(row))
            for i, row in enumerate(content.get(section, []), 1)
        ]
    document = content.get("document", {})
    lines: list[tuple[str, str]] = []
    for field in BY_KEY[section].fields:
        lines.append((field.label, str(document.get(field.key) or "")))
        if field.kind == "framework":
            lines += [
                (label, str(document.get(f"element_{key}") or ""))
                for key, label in elements(dict(document))
            ]
    return lines


def _row_text(row: Mapping[str, Any]) -> str:
    """A row of the plan in words: what people chose, not how it is stored."""
    return "; ".join(
        _part_text(key, value)
        for key, value in row.items()
        if key not in {"id", "name", "position"}
        and value not in ("", None, [], {})
        and (key != "window_rule" or row.get("windows"))
    )


def _part_text(key: str, value: Any) -> str:
    if key == "lower_is_better":
        return DIRECTIONS["lower" if value else "higher"].lower()
    if key == "map" and isinstance(value, dict):
        return f"map {maps.in_words(maps.choices_of(value))}"
    if key == "joint" and isinstance(value, dict):
        return joint.in_words(joint.choices_of(value))
    if key == "network" and isinstance(value, dict):
        return f"network: {networks.in_words(networks.choices_of(value))}"
    if key == "kind" and value in KINDS:
        return f"numbers: {KINDS[value].label}"
    words = key.replace("_", " ")
    if key == "windows":
        return f"windows {', '.join(joined(k, v) for k, v in value.items())}"
    if key in IN_WORDS:
        return f"{words} {IN_WORDS[key](str(value))}"
    if isinstance(value, bool):
        return f"{words} {'yes' if value else 'no'}"
    return f"{words} {', '.join(map(str, value)) if isinstance(value, list) else value}"


def all_sections() -> list[tuple[str, str]]:
    """Every section of a version as (key, label), in reading order."""
    return [
        *((s.key, s.label) for s in SECTIONS[:2]),
        ("criteria", ROW_SECTIONS["criteria"]),
        *((s.key, s.label) for s in SECTIONS[2:3]),
        ("outcomes", ROW_SECTIONS["outcomes"]),
        ("comparisons", ROW_SECTIONS["comparisons"]),
        ("analyses", ROW_SECTIONS["analyses"]),
        *((s.key, s.label) for s in SECTIONS[3:]),
    ]


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[tuple[str, list[tuple[str, str, str]], int]]:
    """What differs between two versions: (section, [(label, old, new)], agreed count)."""
    result = []
    for key, label in all_sections():
        before, after = dict(section_lines(old, key)), dict(section_lines(new, key))
        names = list(dict.fromkeys([*before, *after]))
        changed = [
            (name, before.get(name, ""), after.get(name, ""))
            for name in names
            if before.get(name, "") != after.get(name, "")
        ]
        result.append((label, changed, len(names) - len(changed)))
    return result

"""How a network is analysed beyond its comparisons: separate parts, components."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reviewtool.protocol.rules.treatments import plain, tidy

NETWORK = "network"
PARTS = {
    "one": "The part with the comparator, the others on request",
    "each": "Each part on its own",
}
PLUS, TIMES = "+", "*"


@dataclass(frozen=True)
class NetworkChoices:
    """The choices of a network.

    parts: of one that falls apart, whether one part is analysed or each. components: whether
    combinations ("A + B") are also taken as the sum of their components. inactive: a
    component without effect. interactions: pairs of components, "A*B".
    """

    parts: str = "one"
    components: bool = False
    inactive: str = ""
    interactions: tuple[str, ...] = ()


USUAL = NetworkChoices()


def choices_of(stored: Mapping[str, Any] | None) -> NetworkChoices:
    """Choices as they are stored, with the usual ones for those left out.

    >>> choices_of({"components": True, "interactions": ["A*B"]}).interactions
    ('A*B',)
    """
    known = {key: value for key, value in (stored or {}).items() if key in asdict(USUAL)}
    if isinstance(known.get("interactions"), list):
        known["interactions"] = tuple(known["interactions"])
    return NetworkChoices(**known)


def stored(choices: NetworkChoices) -> dict[str, Any]:
    """Choices as the plan keeps them."""
    return {**asdict(choices), "interactions": list(choices.interactions)}


def components_in(treatments: Sequence[str]) -> dict[str, str]:
    """The components of treatments: compared name -> name.

    >>> components_in(["CBT + SSRI", "ssri", "placebo"])
    {'cbt': 'CBT', 'ssri': 'SSRI', 'placebo': 'placebo'}
    """
    found: dict[str, str] = {}
    for treatment in treatments:
        for part in map(tidy, treatment.split(PLUS)):
            if part:
                found.setdefault(plain(part), part)
    return found


def check(stored: Mapping[str, Any] | None, treatments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(field, sentence) of every choice that cannot be.

    >>> [field for field, _ in check({"components": True}, ["CBT", "placebo"])]
    ['components']
    """
    unknown = set(stored or {}) - set(asdict(USUAL))
    if unknown:
        names = ", ".join(sorted(unknown))
        yield NETWORK, f"A network has no choice {names}. Choose from {', '.join(asdict(USUAL))}."
    one = choices_of(stored)
    if one.parts not in PARTS:
        yield "parts", f"Parts “{one.parts}”: choose one of {', '.join(PARTS)}."
    if not isinstance(one.components, bool):
        yield "components", "Say yes or no: whether combinations are sums of their components."
        return
    if not one.components:
        if one.inactive or one.interactions:
            yield "components", "An inactive component and interactions belong to components."
        return
    known = components_in(treatments)
    words = ", ".join(known.values())
    if not any(PLUS in treatment for treatment in treatments):
        yield (
            "components",
            "No treatment of this comparison is a combination. Write combinations as A + B in "
            "the comparison first.",
        )
        return
    if one.inactive and plain(one.inactive) not in known:
        yield "inactive", f"“{one.inactive}” is no component. Choose one of {words}."
    for pair in one.interactions:
        both = [plain(part) for part in pair.split(TIMES)]
        if len(both) != 2 or both[0] == both[1] or not {*both} <= {*known}:
            yield (
                "interactions",
                f"“{pair}” is no interaction. Write two of {words} with * between, such as A*B.",
            )


def in_words(one: NetworkChoices) -> str:
    """What a network does beyond the usual, in a line; "" for nothing.

    >>> in_words(NetworkChoices("each", True, "placebo", ("A*B",)))
    'each part on its own, components (inactive: placebo; interaction: A*B)'
    """
    said = ["each part on its own"] if one.parts == "each" else []
    if one.components:
        more = [f"inactive: {one.inactive}"] if one.inactive else []
        if one.interactions:
            words = "interaction" if len(one.interactions) == 1 else "interactions"
            more.append(f"{words}: {', '.join(one.interactions)}")
        said.append(f"components ({'; '.join(more)})" if more else "components")
    return ", ".join(said)

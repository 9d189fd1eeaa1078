"""What a network's combinations are made of: the effects of their components."""

from reviewtool.synthesis.results.parts import Effect, Number, Part, Test


class ComponentEffect(Effect):
    """A component, or an interaction of two ("A*B"). None where the data do not determine it.

    studies: those in which some have it and others do not.
    """

    name: str
    studies: int
    p: Number = None


class CombinationEffect(Effect):
    """A combination against the reference: by the sum of its components, and as the network
    estimates it (None where nothing connects the two). ``p`` is that of the sum."""

    name: str
    p: Number = None
    network: Effect | None = None


class ComparedRow(Part):
    """A comparison of two arms of a study, as it entered the additive model."""

    study: str
    first: str
    second: str
    estimate: float
    se: float


class AdditiveResult(Part):
    """Components whose effects add up.

    inactive: the component without effect, "" for none. tau2: around the additive model.
    q_additive: around it; q_standard: around the network; q_difference: what additivity adds.
    joined: whether components connect parts that no study does. rows: what went in.
    """

    reference: str
    inactive: str = ""
    interactions: tuple[str, ...] = ()
    k: int
    tau2: Number = None
    components: tuple[ComponentEffect, ...]
    combinations: tuple[CombinationEffect, ...]
    q_additive: Test
    q_standard: Test
    q_difference: Test
    joined: bool = False
    rows: tuple[ComparedRow, ...] = ()
    sentence: str = ""
    warnings: tuple[str, ...] = ()

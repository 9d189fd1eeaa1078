"""Network analyses: agreed arms to ``stats.network``, and its results as plain values."""

from typing import TYPE_CHECKING, Any

from reviewtool.errors import Invalid
from reviewtool.synthesis.rules.selection import ArmNumbers

if TYPE_CHECKING:
    from reviewtool.synthesis.queries import Line


class NoNetwork(Invalid):
    """A network cannot be pooled."""

    code = "no-network"
    message = "This network cannot be pooled: {reason}"


def analyse(numbers: list[ArmNumbers], line: "Line") -> dict[str, Any]:
    """Pool a network. Raises NoNetwork naming what stands in the way."""
    raise NoNetwork(reason="the network engine is not part of this installation.")

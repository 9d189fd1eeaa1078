"""How a forest plot is to look: its layout, its further columns, its lights of bias."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from reviewtool.charts.layouts import LAYOUTS
from reviewtool.errors import Invalid

# What the analysis itself knows of a study; the others come from the extraction form.
OWN = {
    "year": "Year",
    "n": "Participants",
    "treatment": "Treatment",
    "comparator": "Comparator",
}


class UnknownLook(Invalid):
    """A layout or a column that there is not."""

    code = "unknown-look"
    message = "There is no {what} “{given}”. Choose one of: {known}."


@dataclass(frozen=True)
class Beside:
    """What is known of studies beside their effects.

    fields: key -> words of what can stand in a column. values: study id -> key -> value.
    domains: (id, name) of the agreed assessments; judgements: study id -> domain -> judgement.
    """

    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(OWN))
    values: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    domains: tuple[tuple[str, str], ...] = ()
    judgements: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Dress:
    """The choice. layout: a key of the layouts, "" for the product's own."""

    layout: str = ""
    columns: tuple[str, ...] = ()
    bias: bool = False

    @classmethod
    def of(cls, layout: str, columns: Iterable[str], *, bias: bool, beside: Beside) -> "Dress":
        """What was asked for, if there is such a thing. Raises UnknownLook."""
        if layout not in LAYOUTS:
            known = ", ".join(filter(None, LAYOUTS))
            raise UnknownLook(what="layout", given=layout, known=known)
        wanted = tuple(dict.fromkeys(columns))
        for key in wanted:
            if key not in beside.fields:
                raise UnknownLook(what="column", given=key, known=", ".join(beside.fields))
        return cls(layout, wanted, bias)

    @property
    def view(self) -> dict[str, Any]:
        """The choice as parts of an address; nothing where it is the usual one."""
        asked = {"layout": self.layout, "column": list(self.columns), "bias": int(self.bias)}
        return {name: value for name, value in asked.items() if value}

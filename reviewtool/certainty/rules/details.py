"""What a person tells the suggestions, stored with a rating."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from reviewtool.errors import Invalid


class OtherRisk(BaseModel):
    """A further assumed risk (a proportion) beside the main one, such as "high risk"."""

    label: str
    risk: float = Field(ge=0, le=1)
    source: str = Field(min_length=1)


class Details(BaseModel):
    """Facts that no number of the analysis tells.

    thresholds: per 1,000 (dichotomous) or in the outcome's unit (continuous), both
        signs; the borders at which a decision would change.
    size_thresholds: three, for small, moderate and large effects, same units.
    size: the reviewer's own class when there are no thresholds.
    relative_risk_reduction: to be detected, for the optimal information size.
    estimate: which effect is rated: of this time point alone, or from the analysis of all
        time points together, whose run is then ``joint_run``.
    """

    model_config = ConfigDict(extra="forbid")

    thresholds: list[float] = Field(default_factory=list)
    size_thresholds: list[float] = Field(default_factory=list)
    size: Literal["", "trivial", "small", "moderate", "large"] = ""
    relative_risk_reduction: float = Field(default=0.25, gt=0, lt=1)
    explained_by_subgroups: bool = False
    conclusion_unchanged_without_high: bool | None = None
    known_missing_results: bool = False
    only_small_sponsored_studies: bool = False
    estimate: Literal["alone", "together"] = "alone"
    joint_run: int | None = None
    other_risks: list[OtherRisk] = Field(default_factory=list, max_length=2)

    @field_validator("size_thresholds")
    @classmethod
    def _three_ascending(cls, value: list[float]) -> list[float]:
        if value and (len(value) != 3 or value != sorted(value) or value[0] <= 0):
            raise ValueError("give three positive numbers in ascending order")
        return value


def details_from(values: dict[str, Any]) -> Details:
    """Checked details. Raises Invalid naming each field that cannot stand."""
    try:
        return Details.model_validate(values)
    except ValidationError as error:
        raise Invalid(
            " ".join(
                f"{'.'.join(map(str, e['loc'])).replace('_', ' ').capitalize()}: "
                f"{e['msg'].removeprefix('Value error, ')}."
                for e in error.errors()
            )
        ) from None


def numbers(text: str) -> list[float]:
    """Numbers separated by commas, semicolons or spaces. Raises Invalid for anything else.

    >>> numbers("-20, 20")
    [-20.0, 20.0]
    """
    found = []
    for part in text.replace(";", " ").replace(",", " ").replace("\u2212", "-").split():
        try:
            found.append(float(part))
        except ValueError:
            raise Invalid(f"“{part}” is not a number. Write numbers as in: −20, 20.") from None
    return found


def further_risks(text: str) -> list[dict[str, Any]]:
    """Further assumed risks, one a line: name; events per 1000; source. Raises Invalid.

    >>> further_risks("High risk; 300; Smith 2019")
    [{'label': 'High risk', 'risk': 0.3, 'source': 'Smith 2019'}]
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = [part.strip() for part in line.split(";", 2)]
        if len(parts) < 3 or not all(parts):
            raise Invalid(
                f"“{line}” needs a name, the events per 1000 and a source, with “;” between."
            )
        (per_1000,) = numbers(parts[1])[:1] or [-1.0]
        if not 0 <= per_1000 <= 1000:
            raise Invalid(f"“{parts[1]}” is not a risk. Give 0 to 1000 per 1000.")
        found.append({"label": parts[0], "risk": per_1000 / 1000, "source": parts[2]})
    return found

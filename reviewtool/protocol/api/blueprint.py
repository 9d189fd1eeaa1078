"""The blueprint of the protocol's JSON, and what every change may say of itself."""

from pydantic import BaseModel

from reviewtool.protocol.rules import Why
from reviewtool.team.access import review_api

bp = review_api("protocol", "reviewtool.protocol.api", "/protocol", "Protocol")


class WhyIn(BaseModel):
    """The reason of an amendment; needed once the protocol is registered."""

    reason: str = ""
    stage_reached: str = ""
    knew_results: bool = False
    effect_on_work: str = ""

    def as_why(self) -> Why:
        """As the services take it."""
        return Why(**self.model_dump())

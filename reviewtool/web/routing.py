"""Addresses: which numbers can be a row's id."""

from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**63 - 1  # what both databases can look for


class RowId(IntegerConverter):
    """``<int:…>``: a number that no row can have is no address, so it is not found."""

    def __init__(
        self,
        map: Map,
        fixed_digits: int = 0,
        min: int | None = None,
        max: int | None = LARGEST_ID,
        signed: bool = False,
    ) -> None:
        super().__init__(map, fixed_digits, min, max, signed)

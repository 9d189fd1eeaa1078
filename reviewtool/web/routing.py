"""Addresses: which numbers can be a row's id, and what is text."""

from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

from reviewtool.db.row import LARGEST_ID


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


class Words(UnicodeConverter):
    """``<…>``: text without control characters, which no database looks for."""

    def __init__(self, map: Map, *args: int | None, **options: int | None) -> None:
        super().__init__(map, *args, **options)  # type: ignore[arg-type]
        self.regex = self.regex.replace("[^/]", r"[^/\x00-\x1f\x7f]")

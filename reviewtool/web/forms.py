"""Small things every form uses."""

from collections.abc import Iterable
from typing import Any

from wtforms import FloatField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from reviewtool.reading import BadNumber, number, written


def choices(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """(value, words) pairs as the choices of a select or radio field."""
    return [SelectChoice(value, words) for value, words in pairs]


class ChecksField(SelectMultipleField):
    """Several of a few choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NumberField(FloatField):
    """A number as people write it, with a decimal comma or point and any dash as a minus."""

    widget = TextInput()

    def _value(self) -> str:
        """The text of the field: as it was sent, else as short as the number can be."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else written(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was sent. Raises ValueError saying why it is no number."""
        if not valuelist:
            return
        self.data = None
        try:
            self.data = number(str(valuelist[0]))
        except BadNumber as error:
            raise ValueError(str(error)) from error

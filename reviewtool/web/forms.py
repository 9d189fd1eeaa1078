"""Small things every form uses."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import FloatField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from reviewtool.reading import BadNumber, number, written


def choices(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """(value, words) pairs as the choices of a select or radio field."""
    return [SelectChoice(value, words) for value, words in pairs]


WORDS = {
    "This field is required.": "Fill this in.",
    "Not a valid choice.": "Choose one from the list.",
    "Invalid Choice: could not coerce.": "Choose one from the list.",
    "Invalid choice(s): one or more data inputs could not be coerced.": "Choose from the list.",
    "'%(value)s' is not a valid choice for this field.": "%(value)s is not in the list.",
    "'%(value)s' are not valid choices for this field.": "%(value)s are not in the list.",
    "Invalid email address.": "This is no e-mail address: write it as name@example.org.",
    "Invalid URL.": "This is no web address: write it whole, with https:// at its beginning.",
    "Not a valid integer value.": "Write a whole number, or leave it empty.",
    "Not a valid date value.": "Write the date as 2026-01-31.",
    "Invalid input.": "This cannot be stored as it is.",
}


class PlainWords:
    """What the library says about a field, in the words that the rest of the product uses."""

    def gettext(self, text: str) -> str:
        """The product's words for a text of the library; the text itself where there are none."""
        return WORDS.get(text, text)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The same for a text that counts."""
        return self.gettext(singular if n == 1 else plural).replace("Field", "This", 1)


class Form(FlaskForm):
    """Every form of the product."""

    class Meta(FlaskForm.Meta):
        """How the fields speak."""

        def get_translations(self, _form: Any) -> PlainWords:
            """The words for what a field refuses."""
            return PlainWords()


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

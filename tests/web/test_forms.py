"""Fields of our own."""

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import Optional

from reviewtool.web.forms import NumberField


class Sheet(Form):
    """One number, which may be left out."""

    value = NumberField("Value", [Optional()])


@pytest.mark.parametrize(
    ("text", "value"), [("1,5", 1.5), ("\u22120.5", -0.5), ("1 204,5", 1204.5), ("", None)]
)
def test_a_number_is_read_as_people_write_it(text, value):
    form = Sheet(MultiDict({"value": text}))
    assert form.validate()
    assert form.value.data == value


def test_what_is_no_number_is_refused_and_stays_in_the_field():
    form = Sheet(MultiDict({"value": "a few"}))
    assert not form.validate()
    assert form.value.errors == [
        "“a few” is not a number. Write digits with a decimal point, such as 12.5."
    ]
    assert 'value="a few"' in str(form.value())


def test_a_stored_number_is_shown_as_short_as_it_can_be():
    assert 'value="95"' in str(Sheet(value=95.0).value())

"""Forms of studies, characteristics and cells."""

from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from reviewtool.extraction.services.fields import KINDS, SECTIONS
from reviewtool.web.forms import Form, choices


class StudyForm(Form):
    """What identifies a study."""

    label = StringField("Name", [DataRequired("Give the study a name."), Length(max=200)])
    year = IntegerField("Year", [Optional(), NumberRange(1800, 2200)])
    registry_number = StringField("Registry number", [Length(max=100)])
    design = StringField("Design", [Length(max=60)])
    note = TextAreaField("Note")

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {
            "label": self.label.data or "",
            "year": self.year.data,
            "registry_number": (self.registry_number.data or "").strip(),
            "design": (self.design.data or "").strip(),
            "note": self.note.data or "",
        }


class CharacteristicForm(Form):
    """A characteristic that every study is asked for."""

    label = StringField("Characteristic", [DataRequired("Give it a name."), Length(max=200)])
    section = SelectField("Section", choices=choices((s, s) for s in SECTIONS))
    kind = SelectField("Kind", choices=choices(KINDS.items()))
    options = TextAreaField("Options", description="For a choice: one per line.")
    required = BooleanField("A copy is not finished without it")

    def option_list(self) -> list[str]:
        """The options, one per line."""
        lines = (line.strip() for line in (self.options.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class SourceForm(Form):
    """Where a cell's value was read."""

    value = StringField("Value")
    quote = TextAreaField("Quote", description="The words of the report that give the value.")
    page = StringField("Page", [Length(max=20)])
    note = TextAreaField("Note")

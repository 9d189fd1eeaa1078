"""What a person says about two records: which one stays, and with which values."""

from wtforms import IntegerField
from wtforms.validators import Optional

from reviewtool.references.rules.merging import FIELDS
from reviewtool.web.forms import Form


class MergeForm(Form):
    """``keep`` is a record's id; a field ``value-<name>`` says first or second."""

    keep = IntegerField("Record to keep", validators=[Optional()])

    def choices(self, sent: dict[str, str]) -> dict[str, str]:
        """The chosen side of each field."""
        return {
            name: sent[f"value-{name}"]
            for name in FIELDS
            if sent.get(f"value-{name}") in ("first", "second")
        }

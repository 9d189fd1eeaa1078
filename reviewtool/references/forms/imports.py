"""Forms of searches and imports."""

from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from reviewtool.references.models import SourceKind
from reviewtool.web.forms import Form, choices

KINDS = [
    (SourceKind.DATABASE.value, "Database"),
    (SourceKind.REGISTER.value, "Trial register"),
    (SourceKind.WEBSITE.value, "Website"),
    (SourceKind.ORGANISATION.value, "Organisation"),
    (SourceKind.CITATION.value, "Citation searching"),
]
NEW = 0


class UploadForm(Form):
    """Files to look at."""

    files = MultipleFileField("Export files", description="Several at once, of any source.")


class SearchForm(Form):
    """One search, with what PRISMA-S asks to report."""

    database = StringField(
        "Database or register", [DataRequired("Say which database or register."), Length(max=200)]
    )
    platform = StringField("Platform", [Length(max=200)], description="Such as Ovid or EBSCOhost.")
    kind = SelectField("Kind of source", choices=choices(KINDS))
    searched_on = DateField("Date of the search", [Optional()])
    hits = IntegerField(
        "Results the source reported",
        [Optional(), NumberRange(min=0)],
        description="Compared with what the file holds.",
    )
    strategy = TextAreaField("Search strategy", description="Line by line, as it was run.")
    limits = TextAreaField("Limits and filters")
    note = StringField("Note", [Length(max=500)])
    update = BooleanField("An update, if this source was searched before", default=True)

    def values(self) -> dict[str, Any]:
        """What ``services.add_search`` takes."""
        names = (
            "database",
            "platform",
            "kind",
            "searched_on",
            "hits",
            "strategy",
            "limits",
            "note",
            "update",
        )
        return {name: getattr(self, name).data for name in names}


class TogetherForm(Form):
    """What holds for every file on the page that does not say otherwise."""

    searched_on = DateField(
        "Date of the search, for all files",
        [Optional()],
        description="Used for each new search below that has no date of its own.",
    )


class FileForm(SearchForm):
    """One uploaded file: a search already kept, or a new one."""

    search_id = SelectField("Search", coerce=int, default=NEW)

    def offering(self, searches: list[tuple[int, str]]) -> "FileForm":
        """The form with the searches that the file may belong to."""
        self.search_id.choices = choices([(NEW, "A new search"), *searches])
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """A file of a search already kept needs no source."""
        if self.search_id.data and str(self.search_id.data) != str(NEW):
            self.database.validators = [Optional()]
        return bool(super().validate(extra_validators))

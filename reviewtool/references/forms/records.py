"""Forms of records."""

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from reviewtool.references.services.records import EDITABLE, REASONS
from reviewtool.web.forms import Form, choices


class RecordForm(Form):
    """The fields of a record that a person may write."""

    title = TextAreaField("Title")
    authors = TextAreaField("Authors", description="Separated by semicolons.")
    year = StringField("Year", [Optional(), Regexp(r"^\d{4}$", message="Write four digits.")])
    journal = StringField("Journal or source")
    volume = StringField("Volume")
    issue = StringField("Issue")
    pages = StringField("Pages")
    abstract = TextAreaField("Abstract")
    doi = StringField("DOI")
    pmid = StringField("PubMed ID", [Length(max=40)])
    pmcid = StringField("PubMed Central ID", [Length(max=40)])
    registry_number = StringField("Trial registration number")
    accession = StringField("Accession number")
    issn = StringField("ISSN")
    kind = StringField("Kind of publication")
    language = StringField("Language")
    url = StringField("Link")
    keywords = TextAreaField("Keywords", description="Separated by semicolons.")

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: getattr(self, name).data for name in EDITABLE}


class NewRecordForm(RecordForm):
    """A record entered by hand, with the search it was found by."""

    search_id = SelectField("Found by", coerce=int)


class RemoveForm(Form):
    """Why a record leaves before screening."""

    reason = SelectField("Reason", choices=choices(list(REASONS.items())))
    note = StringField("Note", [Length(max=500)])

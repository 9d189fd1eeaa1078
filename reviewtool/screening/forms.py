"""Forms of screening."""

from collections.abc import Sequence

from wtforms import (
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from reviewtool.permissions import Action, allows
from reviewtool.references.models import Retrieval
from reviewtool.screening.models import ScreeningPlan
from reviewtool.screening.rules.outcome import Phase, Vote
from reviewtool.team.models import Member
from reviewtool.web.forms import Form, choices

RETRIEVALS = [
    (Retrieval.SOUGHT.value, "Still to find"),
    (Retrieval.REQUESTED.value, "Requested"),
    (Retrieval.RETRIEVED.value, "Retrieved"),
    (Retrieval.NOT_RETRIEVED.value, "Not retrieved"),
]
AWAITING = [
    ("", "Neither"),
    ("awaiting", "Awaiting classification"),
    ("ongoing", "Ongoing study"),
]


class DecisionForm(Form):
    """One vote; at full text with its reason."""

    vote = StringField(
        "Decision",
        [DataRequired("Choose a decision."), AnyOf([v.value for v in Vote], "Choose a decision.")],
    )
    reason_id = IntegerField("Reason", [Optional()])
    comment = TextAreaField("Comment", [Length(max=5000)])

    @property
    def chosen(self) -> Vote:
        """The vote, once the form is valid."""
        return Vote(self.vote.data)


class NoteForm(Form):
    """What a reviewer writes about a record."""

    text = TextAreaField("My note", [Length(max=20_000)])


class LabelForm(Form):
    """A label to put on or take off."""

    name = StringField("Label", [DataRequired("Write a label."), Length(max=100)])


class Checkboxes(SelectMultipleField):
    """Several of a list, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PlanForm(Form):
    """How the review screens."""

    votes_required = RadioField(
        "Votes for each record at title and abstract", [InputRequired()], coerce=int
    )
    fulltext_votes_required = RadioField(
        "Votes for each report at full text", [InputRequired()], coerce=int
    )
    screener_ids = Checkboxes("Who screens titles and abstracts", coerce=int)
    fulltext_screener_ids = Checkboxes("Who judges full texts", coerce=int)
    resolver_ids = Checkboxes("Who settles conflicts", coerce=int)
    show_authors = RadioField(
        "Authors and journal while screening",
        choices=choices([("yes", "Shown"), ("no", "Hidden until the record is decided")]),
    )
    include_terms = TextAreaField(
        "Words that speak for inclusion",
        [Length(max=10_000)],
        description="One on each line; * stands for any ending (random*). Underlined.",
    )
    exclude_terms = TextAreaField(
        "Words that speak for exclusion",
        [Length(max=10_000)],
        description="One on each line. Underlined with a wave.",
    )

    @classmethod
    def of(cls, plan: ScreeningPlan, members: Sequence[Member], **given: object) -> "PlanForm":
        """The form, filled from ``plan`` and offering the members whose role allows it."""
        form = cls(
            votes_required=plan.votes_required,
            fulltext_votes_required=plan.fulltext_votes_required,
            screener_ids=plan.screeners(Phase.TITLE_ABSTRACT),
            fulltext_screener_ids=plan.screeners(Phase.FULL_TEXT),
            resolver_ids=list(plan.resolver_ids),
            show_authors="yes" if plan.show_authors else "no",
            include_terms="\n".join(plan.include_terms),
            exclude_terms="\n".join(plan.exclude_terms),
            **given,
        )
        numbers = [(1, "1: single screening"), (2, "2: dual, independent"), (3, "3")]
        form.votes_required.choices = choices(numbers)
        form.fulltext_votes_required.choices = choices(numbers)
        voters = [(m.id, m.name) for m in members if allows(m, Action.SCREEN)]
        form.screener_ids.choices = choices(voters)
        form.fulltext_screener_ids.choices = choices(voters)
        resolvers = [(m.id, m.name) for m in members if allows(m, Action.RESOLVE)]
        form.resolver_ids.choices = choices(resolvers)
        return form

    def values(self) -> dict[str, object]:
        """What to store."""
        return {
            "votes_required": self.votes_required.data,
            "fulltext_votes_required": self.fulltext_votes_required.data,
            "screener_ids": sorted(self.screener_ids.data or []),
            "fulltext_screener_ids": sorted(self.fulltext_screener_ids.data or []),
            "resolver_ids": sorted(self.resolver_ids.data or []),
            "show_authors": self.show_authors.data == "yes",
            "include_terms": _lines(self.include_terms.data),
            "exclude_terms": _lines(self.exclude_terms.data),
        }


def _lines(text: str | None) -> list[str]:
    found = (" ".join(line.split()) for line in (text or "").splitlines())
    return list(dict.fromkeys(line for line in found if line))


class ReasonForm(Form):
    """The words of an exclusion reason."""

    label = StringField("Reason", [DataRequired("Write the reason."), Length(max=200)])


class RetrievalForm(Form):
    """Where the search for a full text stands."""

    retrieval = SelectField("Full text", choices=choices(RETRIEVALS))
    note = StringField("Note", [Length(max=500)])
    awaiting = SelectField("Classification", [Optional()], choices=choices(AWAITING), default="")


class UploadForm(Form):
    """One or more PDF files."""

    files = MultipleFileField("PDF files", [DataRequired("Choose at least one file.")])


class AssignForm(Form):
    """Which report a waiting file belongs to."""

    report_id = IntegerField("Report", [DataRequired("Choose a report.")])

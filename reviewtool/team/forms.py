"""Forms about people."""

from zoneinfo import available_timezones

from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Email, EqualTo, Length, Optional

from reviewtool.permissions import DESCRIPTIONS, Role
from reviewtool.team.rules import Scope
from reviewtool.web.forms import Form, choices

ROLE_CHOICES = [
    (role.value, f"{role.value.capitalize()} – {text}") for role, text in DESCRIPTIONS.items()
]


class AccountForm(Form):
    """A new account: the first one, or one for an invited person."""

    name = StringField("Your name", [DataRequired("Enter your name."), Length(max=200)])
    email = EmailField(
        "E-mail address", [DataRequired("Enter an address."), Email(), Length(max=255)]
    )
    password = PasswordField(
        "Password",
        [DataRequired("Choose a password."), Length(min=8, max=128)],
        description="At least 8 characters.",
    )
    password_again = PasswordField(
        "Password again", [EqualTo("password", "The two passwords differ.")]
    )


class ReviewForm(Form):
    """A new review, or another title."""

    title = StringField("Title", [DataRequired("Enter a title."), Length(max=500)])


class InviteForm(Form):
    """An invitation."""

    email = EmailField(
        "E-mail address", [DataRequired("Enter an address."), Email(), Length(max=255)]
    )
    role = SelectField("Role", choices=choices(ROLE_CHOICES), default=Role.REVIEWER.value)


class RoleForm(Form):
    """Another role for a member."""

    role = SelectField("Role", choices=choices((r.value, r.value.capitalize()) for r in Role))


class ProfileForm(Form):
    """How a person is named and where they are."""

    name = StringField("Name", [DataRequired("Enter your name."), Length(max=200)])
    time_zone = SelectField(
        "Time zone",
        [Optional()],
        choices=choices(
            [
                ("", "As my browser says"),
                *((z, z) for z in sorted(available_timezones())),
            ]
        ),
    )


class TokenForm(Form):
    """A new API token: what for, what it may do, how long."""

    name = StringField("What it is for", [DataRequired("Name the token."), Length(max=100)])
    scope = SelectField(
        "It may",
        choices=choices([(Scope.READ.value, "Read"), (Scope.WRITE.value, "Read and write")]),
        default=Scope.READ.value,
    )
    days = SelectField(
        "It ends after",
        choices=choices([("30", "30 days"), ("90", "90 days"), ("365", "a year")]),
        default="90",
    )


class ConfirmForm(Form):
    """Nothing but the CSRF field."""

"""What a form refuses is said in the product's words, not in its library's."""

import inspect
import re

import pytest
import wtforms.fields
import wtforms.validators

from reviewtool.web.forms import WORDS, PlainWords

NOT_USED = r"IP|Mac|UUID|regular|equal|disabled|edited|Choices cannot|any of|one of|field name"
NOT_USED += r"|float|decimal|time|week|Date must|Number must|exactly|between|at least"


def said_by_the_library():
    texts = set()
    for module in (wtforms.validators, *vars(wtforms.fields).values()):
        if inspect.ismodule(module):
            source = inspect.getsource(module)
            texts.update(re.findall(r'[^n]gettext\(\s*"([^"]+)"', source))
    return {text for text in texts if not re.search(NOT_USED, text)}


@pytest.mark.parametrize("text", sorted(said_by_the_library()))
def test_no_text_of_the_library_is_left(text):
    assert text in WORDS


def test_a_text_that_counts_names_no_field():
    singular, plural = (
        "Field cannot be longer than %d character.",
        "Field cannot be longer than %d.",
    )
    assert PlainWords().ngettext(singular, plural, 5) == "This cannot be longer than %d."


def test_a_choice_that_is_none_is_told_so(review, sign_in):
    sent = {"email": "ada@example.org", "role": "emperor"}
    page = sign_in(review.ann).post(f"/reviews/{review.review.id}/team/invitations", data=sent)
    assert page.status_code == 422
    assert "Choose one from the list." in page.text

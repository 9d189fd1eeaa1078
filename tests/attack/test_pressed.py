"""Every form of every page, pressed as the page gives it, and again from the page anew."""

import lxml.html
import pytest

from tests import whole
from tests.attack.test_grid import MARK, inside

pytestmark = pytest.mark.services

ENDS = ("/sign-out", "/archive")  # after these nothing else can be pressed


def given(text, page):
    """(address, values) of each button, as a browser sends them when nothing is touched."""
    found = []
    for form in lxml.html.fromstring(text).forms:
        if form.method != "POST" or (form.action or page).endswith(ENDS):
            continue
        for button in form.xpath(".//button[not(@type='button')]"):
            values = {}
            pressed = [(button.get("name"), button.get("value", ""))] if button.get("name") else []
            for key, value in form.form_values() + pressed:
                values.setdefault(key, []).append(value)
            found.append((button.get("formaction") or form.action or page, values))
    return found


def shown(browser, page):
    answer = browser.get(page, buffered=True)
    return (
        given(answer.text, page)
        if answer.status_code == 200 and answer.mimetype == "text/html"
        else []
    )


def wrong(answer):
    """Whether a page's own form was told that it is late, not allowed or broken."""
    late = answer.status_code == 409 and "Not done" not in answer.text
    return late or answer.status_code in {403, 428} or answer.status_code >= 500


@pytest.mark.parametrize(
    ("who", "least"), [("ann", 40), ("ben", 20), ("statistician", 8), ("observer", 0)]
)
def test_a_form_as_the_page_gives_it_is_taken(app, db, review, sign_in, who, least):
    app.config["REVISIONS_REQUIRED"] = True
    ids = whole.fill(app, db, review, MARK)
    browser = sign_in(getattr(review, who))
    pages = [p for method, p, _ in inside(app, ids) if method == "GET" and "/api/" not in p]
    told, seen = [], set()
    for page in pages:
        for to, _ in shown(browser, page):
            if to in seen:
                continue
            seen.add(to)
            for _turn in range(2):
                values = next((sent for where, sent in shown(browser, page) if where == to), None)
                if values is None:
                    break
                answer = browser.post(to, data=values, buffered=True)
                if wrong(answer):
                    told.append((page, to, answer.status_code))
    assert told == []
    assert len(seen) >= least

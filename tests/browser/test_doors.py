"""Account, invitation, team and refusal pages: readable, and no wider than the window."""

from datetime import timedelta

import pytest

from reviewtool.db.types import now
from reviewtool.permissions import Role
from reviewtool.team import services
from reviewtool.team.models import SignIn


@pytest.fixture
def invitation(app, db, review):
    """The path of an invitation to a long address; Ann has sign-ins and a token to look at."""
    ann = review.ann.user
    services.create_token(db, ann, "Weekly export to the university's archive")
    for key, device, address in (
        ("a", "Safari on iPhone", "198.51.100.23"),
        ("b", "Chrome on Windows", "2001:db8:85a3::8a2e:370:7334"),
    ):
        db.add(
            SignIn(
                user_id=ann.id,
                key_hash=key,
                device=device,
                address=address,
                expires_at=now() + timedelta(days=9),
            )
        )
    services.note_failure(db, ann, "203.0.113.9")
    with app.test_request_context():
        invited = services.invite(
            db, review.dora, review.review, "hal.longname@university.example.org", Role.REVIEWER
        )
        db.commit()
    return "/" + invited.address.split("/", 3)[3]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_pages_about_people_are_readable(
    live, chromium, review, page_of, invitation, no_serious_findings, phone
):
    page = page_of(review.ann, phone=phone)
    for path in ("/account", invitation, f"/reviews/{review.review.id}/team", "/password/change"):
        page.goto(live + path)
        no_serious_findings(page)
    page.goto(live + "/account")
    page.click("text=Sign out everywhere else")
    assert page.locator("text=2 other browsers were signed out").is_visible()
    assert page.locator("text=Chrome on Windows").count() == 0


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_who_tries_too_often_is_told_when_to_try_again(
    live, chromium, review, no_serious_findings, phone
):
    size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 860}
    context = chromium.new_context(base_url=live, viewport=size)
    page = context.new_page()
    for _ in range(6):
        page.goto(live + "/sign-in")
        page.fill("#email", "nobody@example.org")
        page.fill("#password", "wrong")
        page.click("button:has-text('Sign in')")
        page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "Too many attempts"
    assert "Try again in" in page.locator("[role=alert]").inner_text()
    no_serious_findings(page)
    page.click("text=Try again >> nth=-1")
    assert page.locator("h1").inner_text() == "Sign in"
    context.close()

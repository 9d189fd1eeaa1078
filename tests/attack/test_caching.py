"""Nothing that a signed-in person is shown stays in a cache for the next one."""

import pytest

from reviewtool.storage import Storage
from reviewtool.team import services
from tests import build
from tests.test_routes import visits

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
OPEN = {"static", "security.static"}  # the same for everybody


def is_private(answer):
    control = answer.cache_control
    if not control.private or control.public or "Cookie" not in answer.headers["Vary"]:
        return False
    return control.no_store or (control.no_cache and answer.headers.get("ETag"))


@pytest.fixture
def filled(app, db, review):
    """A review with a record, a report with its PDF, and an owner's token."""
    from reviewtool.screening import services as screening

    record = build.record(db, review.review, "A trial")
    report = build.report(db, record)
    with app.test_request_context():
        document = screening.attach(
            db, review.ann, report, Storage(app.extensions["settings"].files), "a.pdf", PDF
        )
        token = services.create_token(db, review.ann.user, "notebook")
    db.commit()
    return review, document.id, {"Authorization": f"Bearer {token}"}


def test_no_route_lets_a_shared_cache_keep_its_answer(app, db, filled, sign_in, client):
    review, _, token = filled
    ann = sign_in(review.ann)
    db.commit()
    for method, path, endpoint in visits(app, review.review.id):
        if endpoint in OPEN or method != "GET":
            continue
        for who, headers in ((ann, {}), (client, {}), (client, token)):
            answer = who.get(path, headers=headers)
            assert is_private(answer), (endpoint, path, answer.status, dict(answer.headers))


def test_what_is_public_by_mistake_would_be_noticed(app, client):
    for path in ("/", "/sign-in", "/setup", "/help/keys", "/healthz", "/nowhere"):
        assert is_private(client.get(path)), path


@pytest.mark.parametrize("kind", ["signed in", "token"])
def test_exports_are_not_kept(app, filled, sign_in, client, kind):
    from reviewtool.reporting.exports import EXPORTS

    review, _, token = filled
    base = f"/reviews/{review.review.id}/report/exports"
    who = sign_in(review.ann) if kind == "signed in" else client
    prefix, headers = ("", {}) if kind == "signed in" else ("/api/v1", token)
    for one in EXPORTS:
        answer = who.get(f"{prefix}{base}/{one.key}", headers=headers)
        assert answer.status_code == 200, one.key
        assert answer.cache_control.no_store, one.key


def test_a_full_text_is_asked_for_each_time_and_its_tag_is_the_persons_own(db, filled, sign_in):
    review, document, _ = filled
    path = f"/reviews/{review.review.id}/full-text/documents/{document}"
    ann, ben = sign_in(review.ann), sign_in(review.ben)

    def ask(who, **headers):
        answer = who.get(path, headers=headers)
        answer.close()
        return answer

    first = ask(ann)
    assert is_private(first)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert ask(ann, **tag).status_code == 304
    assert ask(ben, **tag).status_code == 200
    services.remove(db, review.dora, review.ben)
    db.commit()
    assert ask(ben, **{"If-None-Match": "*"}).status_code == 404


def test_what_is_the_same_for_everybody_may_be_kept(client):
    answer = client.get("/static/app.css")
    answer.close()
    assert answer.cache_control.max_age

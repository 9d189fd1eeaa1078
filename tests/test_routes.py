"""Every route, asked by everybody: nothing leaks, nothing breaks.

The list comes from the app itself, so a new route is covered the day it appears.
"""

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter

from tests import build

PUBLIC = {
    "health.healthz",
    "health.readyz",
    "static",
    "home.index",
    "home.first_account",
    "home.invitation",
    "home.keys",
}
OUTSIDE = ("security.", "openapi.", "_template", "apiflask")


def routes(app):
    """(rule, methods) of every route of ours."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or rule.endpoint.startswith(OUTSIDE):
            continue
        yield rule


def address(rule, review_id, number=987654321):
    """The rule's path with the review's id and ``number`` for every other id."""
    values = {}
    for argument in rule.arguments:
        converter = rule._converters[argument]
        if argument == "review_id":
            values[argument] = review_id
        elif isinstance(converter, IntegerConverter):
            values[argument] = number
        elif isinstance(converter, AnyConverter):
            values[argument] = next(iter(sorted(converter.items)))
        else:
            values[argument] = "nonsense"
    return rule.build(values, append_unknown=False)[1]


def visits(app, review_id, number=987654321):
    """(method, path) of every route."""
    for rule in routes(app):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, address(rule, review_id, number), rule.endpoint


@pytest.fixture
def inside(app, review):
    """Visits to everything inside the review."""
    return [v for v in visits(app, review.review.id) if f"/reviews/{review.review.id}" in v[1]]


def test_nobody_gets_in(app, review, client):
    for method, path, endpoint in visits(app, review.review.id):
        answer = client.open(path, method=method)
        if path.startswith("/api/"):
            assert answer.status_code in {401, 404}, (method, path, answer.status_code)
        else:
            assert answer.status_code in {302, 303, 401}, (
                endpoint,
                method,
                path,
                answer.status_code,
            )


def test_a_stranger_finds_nothing(app, db, review, sign_in, inside):
    browser = sign_in(build.user(db, "Stranger"))
    db.commit()
    for method, path, _ in inside:
        answer = browser.open(path, method=method)
        assert answer.status_code == 404, (method, path, answer.status_code)
        assert review.review.title not in answer.get_data(as_text=True)


def test_a_removed_member_finds_nothing(db, review, sign_in, inside):
    from reviewtool.team import services

    services.remove(db, review.ann, review.cem)
    db.commit()
    browser = sign_in(review.cem)
    for method, path, _ in inside:
        assert browser.open(path, method=method).status_code == 404, (method, path)


@pytest.mark.parametrize("role", ["ann", "ben", "dora", "extractor", "statistician", "observer"])
def test_no_route_breaks_for_any_role(db, review, sign_in, inside, role):
    db.commit()
    browser = sign_in(getattr(review, role))
    for method, path, endpoint in inside:
        if endpoint == "team.archive":
            continue
        answer = browser.open(path, method=method)
        assert answer.status_code < 500, (role, method, path)


def test_an_observer_changes_nothing(db, review, sign_in, inside):
    from sqlmodel import func, select

    from reviewtool.audit import AuditEntry, chains

    count = (
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.chain.in_(chains(review.review.id)))
    )
    before = db.exec(count).one()
    db.commit()
    browser = sign_in(review.observer)
    for method, path, endpoint in inside:
        if method != "GET" and not endpoint.startswith("team.remove"):
            browser.open(
                path, method=method, data={"title": "x", "name": "x", "email": "a@example.org"}
            )
    assert db.exec(count).one() == before


def test_an_id_no_database_can_hold_is_not_there(app, db, review, sign_in):
    number = 2**63
    db.commit()
    browser = sign_in(review.ann)
    for method, path, endpoint in visits(app, review.review.id, number):
        if str(number) in path:
            answer = browser.open(path, method=method)
            assert answer.status_code < 500, (endpoint, method, path, answer.status_code)


@pytest.mark.parametrize("review_id", [0, 987654321, 2**63, 10**30])
def test_a_review_that_never_was_is_not_there(review, sign_in, db, review_id):
    db.commit()
    browser = sign_in(review.ann)
    assert browser.get(f"/reviews/{review_id}/").status_code == 404
    assert browser.get(f"/api/v1/reviews/{review_id}/jobs").status_code == 404

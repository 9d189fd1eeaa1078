"""Every route, asked by everybody: nothing leaks, nothing breaks.

The list comes from the app itself, so a new route is covered the day it appears.
"""

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter

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


KEYS = {  # what ``<key>`` is where
    "bias.save_domain": "D1",
    "api_bias.save_domain": "D1",
    "reporting.box": "records_screened",
    "api_reporting.box": "records_screened",
    "reporting.export_file": "records",
    "api_reporting.export_file": "records",
}


def address(rule, review_id, number=987654321, ids=None):
    """The rule's path with the review's id, ``ids`` where given, ``number`` for other ids.

    ids: argument -> value, or a table of values by the kind that the path names.
    """
    values, ids = {}, ids or {}
    for argument in sorted(rule.arguments, key=lambda one: one == "row_id"):
        converter = rule._converters[argument]
        if argument == "review_id":
            values[argument] = review_id
        elif argument in ids:
            found = ids[argument]
            if isinstance(found, dict):
                kind = values.get("kind") or next(k for k in found if f"/{k}/" in rule.rule)
                found = found[kind]
            values[argument] = found
        elif ids and argument == "key" and rule.endpoint in KEYS:
            values[argument] = KEYS[rule.endpoint]
        elif isinstance(converter, IntegerConverter):
            values[argument] = number
        elif isinstance(converter, AnyConverter):
            values[argument] = next(iter(sorted(converter.items)))
        else:
            values[argument] = "nonsense"
    return rule.build(values, append_unknown=False)[1]


def visits(app, review_id, number=987654321, ids=None):
    """(method, path, endpoint) of every route."""
    for rule in routes(app):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, address(rule, review_id, number, ids), rule.endpoint


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

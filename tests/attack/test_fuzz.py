"""Nonsense sent to every route and operation is refused in words, never a server error.

The routes, the names of form fields and query arguments, and the schemas of bodies come
from the app, so what is new is tried too. ``FUZZ_ROUNDS=20`` tries longer.
"""

import copy
import os
import random
import re
from pathlib import Path

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter

from tests import whole
from tests.test_routes import address, routes

ROOT = Path(__file__).parents[2] / "reviewtool"
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "1"))
NASTY = (
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "1e308",
    "1e400",
    "nan",
    "inf",
    "-inf",
    str(2**31),
    str(2**63),
    str(10**30),
    "9" * 5000,
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 70_000,
    "'",
    '"',
    "%",
    "\\",
    "{}",
    "[]",
    "null",
    "true",
    "<script>",
    "../../etc/passwd",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "12,5",
    "١٢",
    "½",
    "²",
    "\u202e",
    "😀",
    "\r\n",
    "nonsense",
    "=1+1",
    "%s%n",
    "(" * 500,
)
NASTY_JSON = (
    *NASTY,
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**31,
    2**63,
    -(2**63) - 1,
    10**30,
    1e308,
    [],
    {},
    [None],
    [[]],
    {"": ""},
    ["x"] * 300,
    {"id": 2**63},
)


def query_names():
    """Every query argument that some view reads."""
    source = "".join(path.read_text() for path in ROOT.rglob("*.py"))
    return sorted(set(re.findall(r"request\.args(?:\.get(?:list)?\(|\[)\"(\w+)\"", source)))


class Attempts:
    """Sends requests and collects what broke, each with what was sent."""

    def __init__(self, browser):
        self.browser, self.broken, self.sent = browser, [], 0

    def send(self, method, path, **more):
        self.sent += 1
        try:
            answer = self.browser.open(path, method=method, buffered=True, **more)
            status = answer.status_code
        except Exception as error:  # in tests an unexpected error comes through
            status = f"{type(error).__name__}: {str(error)[:200]}"
        if not isinstance(status, int) or status >= 500:
            self.broken.append(f"{method} {path[:200]} {str(more)[:200]} -> {status}")


def leaves(value, path=()):
    """Where in a body a value could be replaced."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*path, key))


def replaced(body, path, value):
    """The body with something else at one place."""
    if not path:
        return value
    result = copy.deepcopy(body)
    inner = result
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return result


def without_surrogates(value):
    """What a form can carry."""
    return value.encode("utf-8", "replace").decode()


@pytest.fixture
def ids(app, db, review):
    return whole.fill(app, db, review, "Mark") | {"member_id": review.observer.id}


def rules_of(app):
    """Every route but those that would end the run."""
    skip = {"team.archive", "api_reviews.create_review", "home.load_demo"}
    return [r for r in routes(app) if r.endpoint not in skip]


def share_of(app, who):
    """In one round Ann and Ben try every other route; in more rounds both try all of them."""
    if ROUNDS > 1:
        return rules_of(app)
    return rules_of(app)[("ann", "ben").index(who) :: 2]


@pytest.mark.parametrize("who", ["ann", pytest.param("ben", marks=pytest.mark.services)])
def test_no_form_and_no_query_breaks_a_page(app, review, sign_in, ids, who):
    chance = random.Random(f"pages {who}")
    attempts, names = Attempts(sign_in(getattr(review, who))), query_names()
    forms = {}
    for rule in share_of(app, who):
        if "GET" in rule.methods and not rule.rule.startswith("/api/"):
            path = address(rule, ids["review_id"], ids=ids)
            answer = attempts.browser.get(path, buffered=True)
            if answer.mimetype == "text/html":
                forms.update(whole.forms_on(answer.text))
    for _ in range(ROUNDS):
        for rule in share_of(app, who):
            if rule.rule.startswith("/api/"):
                continue
            path = address(rule, ids["review_id"], ids=ids)
            if "GET" in rule.methods:
                query = {n: without_surrogates(chance.choice(NASTY)) for n in names}
                attempts.send("GET", path, query_string=query)
            if "POST" in rule.methods:
                good = forms.get(path, {})
                fields = list(good) or ["name", "text", "vote"]
                bad = good | {
                    n: without_surrogates(chance.choice(NASTY))
                    for n in chance.sample(fields, max(1, len(fields) // 2))
                }
                attempts.send("POST", path, data=bad)
                attempts.send("POST", path, data=b"\xff\xfe=\x00&a=%ff", content_type=FORM)
                attempts.send("POST", path, json=chance.choice(NASTY_JSON))
    assert attempts.sent > 75
    assert attempts.broken == []


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_no_body_breaks_an_operation(app, client, review, sign_in, ids, who):
    chance = random.Random(f"api {who}")
    attempts, names = Attempts(sign_in(getattr(review, who))), query_names()
    document = client.get("/api/v1/openapi.json").json
    for _ in range(ROUNDS):
        for rule in share_of(app, who):
            if not rule.rule.startswith("/api/"):
                continue
            path = address(rule, ids["review_id"], ids=ids)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                if method == "GET":
                    query = {n: without_surrogates(chance.choice(NASTY)) for n in names}
                    attempts.send("GET", path, query_string=query)
                    continue
                good = whole.body_of(document, rule.rule, method)
                if good is None:
                    attempts.send(method, path, json={"x": chance.choice(NASTY_JSON)})
                    continue
                for place in chance.sample(all_of := list(leaves(good)), min(4, len(all_of))):
                    attempts.send(
                        method, path, json=replaced(good, place, chance.choice(NASTY_JSON))
                    )
                attempts.send(method, path, data=b'{"a": \xff', content_type="application/json")
                attempts.send(method, path, data="[" * 3000, content_type="application/json")
    assert attempts.sent > 75
    assert attempts.broken == []


def test_no_piece_of_an_address_breaks_it(app, review, sign_in, ids):
    chance = random.Random("addresses")
    attempts = Attempts(sign_in(review.ann))
    for _ in range(ROUNDS):
        for rule in rules_of(app):
            for argument in sorted(rule.arguments - {"review_id"}):
                converter = rule._converters[argument]
                if isinstance(converter, AnyConverter):
                    continue
                if isinstance(converter, IntegerConverter):
                    odd = chance.choice((0, 2**31, 2**63 - 1, 2**63, 10**30))
                else:
                    odd = chance.choice(("nonsense", "%00", "\x00", "\u202e", "x" * 500))
                path = address(rule, ids["review_id"], ids=ids | {argument: odd})
                for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                    attempts.send(method, path)
    assert attempts.broken == []


def test_no_header_breaks_a_page(app, review, sign_in, client):
    attempts = Attempts(client)
    base = f"/reviews/{review.review.id}/"
    for value in ("", "x" * 5000, "\xff\xfe", "Bearer", "Bearer ", "Bearer \xff", "Basic e30="):
        for name in ("Authorization", "Accept", "If-None-Match", "Range", "HX-Request", "Cookie"):
            for path in (base, f"/api/v1{base}members", "/sign-in", "/"):
                attempts.send("GET", path, headers={name: value})
    assert attempts.broken == []


def test_a_body_nested_without_end_is_not_understood(review, sign_in):
    path = f"/api/v1/reviews/{review.review.id}/invitations"
    answer = sign_in(review.ann).post(path, data="[" * 100_000, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_characters_that_no_text_has_are_dropped_at_the_door(db, review, sign_in):
    ann, title = sign_in(review.ann), "Needling\x00 for\x0b pain\x1f"
    ann.post(f"/reviews/{review.review.id}/title", data={"title": title})
    db.refresh(review.review)
    assert review.review.title == "Needling for pain"
    db.commit()
    made = ann.post("/api/v1/reviews/", json={"title": "Half\ud800 a pair\x00"})
    assert made.status_code == 201
    assert made.json["title"] == "Half a pair"


def test_a_pair_that_was_merged_since_can_still_be_looked_at(app, db, review, sign_in, ids):
    base, ann = f"/reviews/{review.review.id}/references/duplicates/pairs", sign_in(review.ann)
    for verb in ("/merge", ""):
        path = f"{base}/{ids['pair_id']}{verb}"
        answer = ann.post(path) if verb else ann.get(path)
        assert answer.status_code in {200, 303}


@pytest.mark.parametrize("number", [2**31, 2**63 - 1, 2**63, 10**30])
def test_a_number_no_column_holds_is_refused_in_words(review, sign_in, ids, number):
    ann, base = sign_in(review.ann), f"/reviews/{review.review.id}"
    assert ann.get(f"/jobs/{number}").status_code == 404
    for path in ("/references/records", "/references/duplicates/merged", "/report/flow/records"):
        for name in ("after", "before", "import", "skip"):
            answer = ann.get(f"{base}{path}?{name}={number}")
            assert answer.status_code in {200, 404, 422}, (path, name)


ACCOUNTS = ("/sign-in", "/sign-out", "/password/reset", "/password/reset/x", "/verify", "/setup")


@pytest.mark.parametrize("who", ["nobody", "ann"])
def test_no_nonsense_breaks_the_pages_of_accounts(app, review, sign_in, client, who):
    chance = random.Random(f"accounts {who}")
    for path in (*ACCOUNTS, "/password/change", "/account", "/account/tokens"):
        # A browser of its own for each: signing out works whatever comes along.
        attempts = Attempts(client if who == "nobody" else sign_in(review.ann))
        attempts.send("GET", path, query_string={"next": "//evil.example.com", "token": "x"})
        for name in ("email", "password", "next", "scope", "days", "name", "new_password"):
            app.extensions["limits"].storage.reset()
            attempts.send("POST", path, data={name: without_surrogates(chance.choice(NASTY))})
        for body in ([], None, 1, "x", {"email": []}, {"email": {}, "password": None}):
            app.extensions["limits"].storage.reset()
            attempts.send("POST", path, json=body)
        assert attempts.broken == []

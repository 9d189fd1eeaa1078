"""The grid: every route x every role x own and other review, with ids that exist.

What a route needs stands here once more, by hand: the list of routes comes from the app,
so a new one without a line fails, and one that lets in who should stay out does too.
"""

import hashlib

import pytest
import sqlalchemy as sa

from reviewtool.permissions import TABLE, Action, Role
from reviewtool.team import services
from tests import build, whole
from tests.test_routes import visits

A = Action
EVERYBODY = None  # of the review: whoever reads

# What is needed to open a page or ask the API.
OPENS = {
    "team.audit": A.SEE_AUDIT,
    "api_team.audit": A.SEE_AUDIT,
    "protocol.edit": A.EDIT_PROTOCOL,
    "protocol.row": A.EDIT_PROTOCOL,
    "protocol.register": A.REGISTER_PROTOCOL,
    "references.upload": A.IMPORT,
    "references.check": A.IMPORT,
    "references.columns": A.IMPORT,
    "references.new_record": A.IMPORT,
    "references.edit_record": A.EDIT_RECORD,
    "screening.history": A.SCREEN,
    "screening.next_record": A.SCREEN,
    "api_screening.next_record": A.SCREEN,
    "fulltext.next_report": A.SCREEN,
    "screening.agreement": A.SEE_AGREEMENT,
    "screening.settings": A.MANAGE_SCREENING,
    "api_screening.agreement": A.SEE_AGREEMENT,
    "fulltext.history": A.SCREEN,
    "fulltext.agreement": A.SEE_AGREEMENT,
    "fulltext.upload_many": A.RETRIEVE,
    "extraction.field": A.MANAGE_STUDIES,
    "extraction.new_study": A.MANAGE_STUDIES,
    "extraction.many_foci": A.EXTRACT,
    "bias.another": A.ASSESS_BIAS,
    "bias.start": A.ASSESS_BIAS,
    "synthesis.new": A.ANALYSE,
    "reporting.exports": A.EXPORT,
    "reporting.export_file": A.EXPORT,
    "api_reporting.exports": A.EXPORT,
    "api_reporting.export_file": A.EXPORT,
}

# What is needed to change something.
CHANGES = {
    "team.invite": A.MANAGE_TEAM,
    "team.revoke_invitation": A.MANAGE_TEAM,
    "team.change_role": A.MANAGE_TEAM,
    "team.remove": A.MANAGE_TEAM,
    "team.rename": A.MANAGE_TEAM,
    "team.archive": A.DELETE_REVIEW,
    "team.cancel_job": A.MANAGE_TEAM,
    "team.resume_job": A.MANAGE_TEAM,
    "api_team.resume_job": A.MANAGE_TEAM,
    "api_team.invite": A.MANAGE_TEAM,
    "api_team.change_role": A.MANAGE_TEAM,
    "api_team.remove": A.MANAGE_TEAM,
    "protocol.edit": A.EDIT_PROTOCOL,
    "protocol.row": A.EDIT_PROTOCOL,
    "protocol.remove": A.EDIT_PROTOCOL,
    "protocol.register": A.REGISTER_PROTOCOL,
    "api_protocol.save_section": A.EDIT_PROTOCOL,
    "screening.decide": A.SCREEN,
    "screening.undo": A.SCREEN,
    "screening.leave": A.SCREEN,
    "fulltext.leave": A.SCREEN,
    "api_screening.leave": A.SCREEN,
    "screening.note": A.SCREEN,
    "screening.label": A.SCREEN,
    "screening.resolve": A.RESOLVE,
    "screening.reopen": A.RESOLVE,
    "screening.settings": A.MANAGE_SCREENING,
    "api_screening.vote": A.SCREEN,
    "api_screening.undo": A.SCREEN,
    "api_screening.note": A.SCREEN,
    "api_screening.resolve": A.RESOLVE,
    "api_screening.reopen": A.RESOLVE,
    "fulltext.decide": A.SCREEN,
    "fulltext.undo": A.SCREEN,
    "fulltext.undo_record": A.SCREEN,
    "fulltext.note": A.SCREEN,
    "fulltext.resolve": A.RESOLVE,
    "fulltext.reopen": A.RESOLVE,
    "fulltext.retrieval": A.RETRIEVE,
    "fulltext.upload": A.RETRIEVE,
    "fulltext.upload_many": A.RETRIEVE,
    "fulltext.detach": A.RETRIEVE,
    "fulltext.place": A.RETRIEVE,
    "fulltext.change_reasons": A.MANAGE_SCREENING,
    "fulltext.change_reason": A.MANAGE_SCREENING,
    "api_fulltext.retrieval": A.RETRIEVE,
    "api_fulltext.upload": A.RETRIEVE,
    "references.votes": A.MANAGE_SCREENING,
    "references.decided": A.MANAGE_SCREENING,
    "references.new_record": A.IMPORT,
    "references.edit_record": A.EDIT_RECORD,
    "references.remove_record": A.EDIT_RECORD,
    "references.bring_back_record": A.EDIT_RECORD,
    "api_references.add_record": A.IMPORT,
    "api_references.edit_record": A.EDIT_RECORD,
    "extraction.fields": A.MANAGE_STUDIES,
    "extraction.field": A.MANAGE_STUDIES,
    "extraction.archive_field": A.MANAGE_STUDIES,
    "extraction.usual_fields": A.MANAGE_STUDIES,
    "extraction.reports": A.MANAGE_STUDIES,
    "extraction.create_missing": A.MANAGE_STUDIES,
    "extraction.new_study": A.MANAGE_STUDIES,
    "extraction.study": A.MANAGE_STUDIES,
    "extraction.change_report": A.MANAGE_STUDIES,
    "extraction.merge": A.MANAGE_STUDIES,
    "extraction.remove": A.MANAGE_STUDIES,
    "extraction.name_treatment": A.ADJUDICATE,
    "extraction.merge_names": A.ADJUDICATE,
    "extraction.undo_merge": A.ADJUDICATE,
    "api_extraction.merge_names": A.ADJUDICATE,
    "api_extraction.undo_merge": A.ADJUDICATE,
    "extraction.begin": A.ADJUDICATE,
    "extraction.many_foci": A.EXTRACT,
    "api_extraction.take_many_foci": A.EXTRACT,
    "extraction.settle": A.ADJUDICATE,
    "api_extraction.create_study": A.MANAGE_STUDIES,
    "certainty.rate": A.RATE_CERTAINTY,
    "certainty.preview": A.RATE_CERTAINTY,
    "certainty.risk": A.RATE_CERTAINTY,
    "certainty.details": A.RATE_CERTAINTY,
    "reporting.snapshot": A.REPORT,
    "reporting.checklist": A.REPORT,
    "reporting.bundle": A.EXPORT,
    "reporting.crate": A.EXPORT,
    "api_reporting.crate": A.EXPORT,
}
# More than a role is asked for: it is one's own copy, or one did not vote on it oneself.
OWN = {
    "extraction.copy",
    "extraction.cell",
    "extraction.save",
    "extraction.done",
    "extraction.reopen",
    "extraction.give_back",
    "extraction.clear_arm",
    "extraction.take_foci",
    "extraction.clear_experiment",
    "api_extraction.copy",
    "api_extraction.save_cells",
    "api_extraction.adopt",
    "api_extraction.take_foci",
    "api_extraction.clear_experiment",
    "api_extraction.done",
    "screening.resolve",
    "screening.reopen",
    "api_screening.resolve",
    "api_screening.reopen",
    "fulltext.resolve",
    "fulltext.reopen",
}
BY_STAGE = {  # where no line of its own says otherwise
    "protocol": A.EDIT_PROTOCOL,
    "references": A.IMPORT,
    "duplicates": A.MERGE,
    "extraction": A.EXTRACT,
    "bias": A.ASSESS_BIAS,
    "synthesis": A.ANALYSE,
    "certainty": A.RATE_CERTAINTY,
}
MARK = "Zyzzyva"  # in every text of the filled review
SEEN = {"GET", "HEAD", "OPTIONS"}
FORMS: dict[str, dict[str, object]] = {}  # by address


def needs(endpoint, method):
    """The action a route needs; None for everybody of the review."""
    if method in SEEN:
        return OPENS.get(endpoint, EVERYBODY)
    if endpoint in CHANGES:
        return CHANGES[endpoint]
    stage = endpoint.partition(".")[0].removeprefix("api_")
    assert stage in BY_STAGE, f"say in CHANGES what {method} {endpoint} needs"
    return BY_STAGE[stage]


@pytest.fixture
def ids(app, db, review):
    return whole.fill(app, db, review, MARK)


@pytest.fixture
def ask(app, client, review, ids, sign_in):
    """``ask(browser, method, path, endpoint)`` sends what its form or its schema asks for."""
    document = client.get("/api/v1/openapi.json").json
    rules = {(r.endpoint, m): r.rule for r in app.url_map.iter_rules() for m in r.methods}
    forms = FORMS

    def learn(browser):
        for method, path, _ in inside(app, ids):
            if method == "GET" and not path.startswith("/api/"):
                answer = browser.get(path, buffered=True)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    forms.update(whole.forms_on(answer.text))

    def send(browser, method, path, endpoint):
        more = {}
        if method not in SEEN and path.startswith("/api/"):
            more["json"] = whole.body_of(document, rules[endpoint, method], method)
        elif method not in SEEN:
            more["data"] = forms.get(path, {})
        return browser.open(path, method=method, buffered=True, **more)

    if not forms:  # the same in every test: what the owner and a reviewer are offered
        learn(sign_in(review.ann))
        learn(sign_in(review.ben))
    send.forms = forms
    return send


def inside(app, ids):
    """Visits of everything inside the review that ``ids`` describe."""
    found = visits(app, ids["review_id"], ids=ids)
    return [v for v in found if f"/reviews/{ids['review_id']}/" in v[1]]


def content(database):
    """What the database holds, table by table, as one hash each."""
    with database.engine.connect() as connection:
        found = {}
        for one in sa.inspect(connection).get_table_names():
            if not one.startswith("record_search"):  # the index of the full-text search
                rows = connection.exec_driver_sql(f'SELECT * FROM "{one}"')
                text = repr(sorted(map(repr, rows)))
                found[one] = hashlib.sha256(text.encode()).hexdigest()
        return found


def test_every_route_has_a_line_in_the_grid(app, ids):
    endpoints = {endpoint for _, _, endpoint in inside(app, ids)}
    for method, _, endpoint in inside(app, ids):
        needs(endpoint, method)
    assert set(OPENS) | set(CHANGES) <= endpoints | {"team.archive"}


# A reviewer walks every route in each run, the others where the servers run as well.
@pytest.mark.parametrize(
    "role",
    [
        "ben",
        *(
            pytest.param(role, marks=pytest.mark.services)
            for role in ("dora", "extractor", "statistician", "observer")
        ),
    ],
)
def test_a_role_is_let_in_where_it_should_and_changes_nothing_elsewhere(
    app, database, review, sign_in, ids, ask, role
):
    who = getattr(review, role)
    may, browser = TABLE[Role(who.role)], sign_in(who)
    allowed = [v for v in inside(app, ids) if needs(v[2], v[0]) in may | {EVERYBODY}]
    refused = [v for v in inside(app, ids) if v not in allowed]
    before = content(database)
    for method, path, endpoint in refused:
        answer = ask(browser, method, path, endpoint)
        changing = method not in SEEN
        assert answer.status_code in ({303, 400, 403, 404, 409, 422} if changing else {403, 404}), (
            role,
            method,
            endpoint,
            answer.status,
        )
    assert content(database) == before
    done, barred = 0, set()
    for method, path, endpoint in sorted(allowed, key=lambda v: v[0] not in SEEN):
        if endpoint in {"team.remove", "api_team.remove", "team.archive"}:
            continue
        answer = ask(browser, method, path, endpoint)
        assert answer.status_code < 500, (role, method, endpoint, answer.status)
        if answer.status_code == 403:
            barred.add(endpoint)
        done += method not in SEEN and answer.status_code < 400
    assert barred <= OWN, barred - OWN
    assert done >= len([v for v in allowed if v[0] not in SEEN]) / 4  # the forms are real ones


@pytest.mark.parametrize("role", ["ann", pytest.param("observer", marks=pytest.mark.services)])
def test_nobody_reaches_into_another_review(app, db, database, review, sign_in, ids, ask, role):
    """Neither by its own address, nor with its ids under the address of one's own review."""
    other = build.team(db, "Another")
    browser, mine = sign_in(getattr(other, role)), other.review.id
    db.commit()
    before = content(database)
    for method, path, endpoint in inside(app, ids):
        answer = ask(browser, method, path, endpoint)
        assert answer.status_code == 404, (method, path, answer.status)
        assert MARK.encode() not in answer.data
    assert content(database) == before
    for method, path, endpoint in inside(app, ids):
        crossed = path.replace(f"/reviews/{ids['review_id']}/", f"/reviews/{mine}/")
        if endpoint != "team.archive":
            ask.forms.setdefault(crossed, ask.forms.get(path, {}))
            answer = ask(browser, method, crossed, endpoint)
            assert answer.status_code < 500, (method, crossed, answer.status)
            assert MARK.encode() not in answer.data, (method, crossed)
    with database.engine.connect() as connection:
        touched = connection.exec_driver_sql(
            f"SELECT count(*) FROM audit_entry WHERE abs(chain) = {ids['review_id']} "
            f"AND user_id IN (SELECT user_id FROM member WHERE review_id = {mine})"
        ).scalar_one()
    assert touched == 0


@pytest.mark.parametrize("kind", ["stranger", "removed", "nobody"])
def test_outsiders_reach_nothing(app, db, database, review, sign_in, client, ids, ask, kind):
    browser = {
        "stranger": lambda: sign_in(build.user(db, "Stranger")),
        "removed": lambda: sign_in(review.cem),
        "nobody": lambda: client,
    }[kind]()
    if kind == "removed":
        services.remove(db, review.ann, review.cem)
    db.commit()
    before = content(database)
    for method, path, endpoint in inside(app, ids):
        answer = ask(browser, method, path, endpoint)
        out = {302, 303, 401, 404} if kind == "nobody" else {404}
        assert answer.status_code in out, (method, path, answer.status)
        assert MARK.encode() not in answer.data
    assert content(database) == before

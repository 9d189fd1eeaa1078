"""Links in mails lead where the settings say, whatever host a request names."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from reviewtool.settings import Settings
from reviewtool.team import services
from reviewtool.web.proxies import Proxies

ROOT = Path(__file__).parents[2]
EVIL = {
    "Host": "evil.example.com",
    "X-Forwarded-Host": "evil.example.com",
    "X-Forwarded-Proto": "https",
    "Forwarded": "host=evil.example.com",
}


def mails(app):
    return "\n".join(m.get_content() for m in app.extensions["outbox"])


def test_a_mail_never_names_the_host_that_was_asked(app, db, review, sign_in):
    services.create_user(db, "ida@example.org", "Ida", "correct horse")
    db.commit()
    app.test_client().post("/password/reset", data={"email": "ida@example.org"}, headers=EVIL)
    base = f"/reviews/{review.review.id}"
    cookie = sign_in(review.ann).get_cookie("reviewtool").value
    headers = EVIL | {"Cookie": f"reviewtool={cookie}"}
    ann = app.test_client(use_cookies=False)
    data = {"email": "new@example.org", "role": "reviewer"}
    ann.post(f"{base}/team/invitations", data=data, headers=headers)
    ann.post(f"/api/v1{base}/invitations", json={"email": "n2@example.org"}, headers=headers)
    assert len(app.extensions["outbox"]) >= 3
    assert "evil" not in mails(app)
    assert mails(app).count("http://127.0.0.1:8080/") == 3


def test_a_public_address_is_what_mails_name(app, db, monkeypatch):
    monkeypatch.setattr(app.extensions["settings"], "public_url", "https://reviews.example.org/")
    services.create_user(db, "ida@example.org", "Ida", "correct horse")
    db.commit()
    app.test_client().post("/password/reset", data={"email": "ida@example.org"})
    assert "https://reviews.example.org/password/reset/" in mails(app)


def test_no_code_builds_an_address_from_the_request():
    found = [
        str(path)
        for folder, pattern in (("reviewtool", "*.py"), ("templates", "*.*"))
        for path in (ROOT / folder).rglob(pattern)
        if "vendor" not in path.parts
        and any(
            words in path.read_text(errors="ignore")
            for words in ("_external=True", "reset_link", "request.host", "request.url_root")
        )
    ]
    assert found == []


@pytest.mark.parametrize("address", ["", "reviews.example.org", "ftp://reviews.example.org"])
def test_production_does_not_start_without_a_public_address(address):
    with pytest.raises(ValidationError, match="REVIEWTOOL_PUBLIC_URL"):
        Settings(environment="production", secret_key="s" * 40, public_url=address)


class Recorder:
    """A server behind the middleware: keeps what reached it."""

    def __call__(self, environ, start_response):
        self.seen = environ
        return []


def ask(proxies, peer, **headers):
    server = Recorder()
    environ = {"REMOTE_ADDR": peer, "HTTP_HOST": "reviews.example.org", "wsgi.url_scheme": "http"}
    Proxies(server, Settings(trusted_proxies=proxies).proxies)(environ | headers, None)
    return server.seen


def test_a_stranger_cannot_say_who_or_where_they_are():
    seen = ask(
        "10.0.0.0/8",
        "203.0.113.5",
        HTTP_X_FORWARDED_FOR="127.0.0.1",
        HTTP_X_FORWARDED_HOST="evil.example.com",
        HTTP_X_FORWARDED_PROTO="https",
    )
    assert seen["REMOTE_ADDR"] == "203.0.113.5"
    assert seen["HTTP_HOST"] == "reviews.example.org"
    assert seen["wsgi.url_scheme"] == "http"
    assert not [name for name in seen if "FORWARDED" in name]


def test_a_proxy_of_ours_is_believed_about_the_last_stranger_only():
    seen = ask(
        "10.0.0.0/8, 192.0.2.1",
        "192.0.2.1",
        HTTP_X_FORWARDED_FOR="127.0.0.1, 198.51.100.9, 10.1.1.1",
        HTTP_X_FORWARDED_PROTO="https",
    )
    assert seen["REMOTE_ADDR"] == "198.51.100.9"
    assert seen["wsgi.url_scheme"] == "https"


def test_a_proxy_that_is_no_address_is_refused():
    with pytest.raises(ValidationError, match="172.16.0.0/12"):
        Settings(trusted_proxies="my-proxy")

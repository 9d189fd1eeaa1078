"""Settings refuse what would be unsafe, and are read from the environment."""

import pytest
from pydantic import ValidationError

from reviewtool.settings import Settings


@pytest.mark.parametrize("secret", ["change-me", "", "short"])
def test_production_refuses_a_default_or_short_secret(secret):
    with pytest.raises(ValidationError, match="REVIEWTOOL_SECRET_KEY"):
        Settings(environment="production", secret_key=secret)


def test_production_takes_a_long_secret_and_secures_cookies(tmp_path):
    from reviewtool.app import create_app

    settings = Settings(
        environment="production",
        secret_key="s" * 40,
        public_url="https://reviews.example.org",
        data=tmp_path,
    )
    app = create_app(settings)
    assert app.config["SESSION_COOKIE_SECURE"] is True


def test_one_machine_keeps_a_secret_of_its_own(tmp_path):
    first = Settings(data=tmp_path).session_secret
    assert len(first) >= 32
    assert Settings(data=tmp_path).session_secret == first


def test_variables_are_read_with_their_prefix(monkeypatch):
    monkeypatch.setenv("REVIEWTOOL_PORT", "8099")
    monkeypatch.setenv("REVIEWTOOL_DATABASE_URL", "postgres://a@b/c")
    found = Settings()
    assert found.port == 8099
    assert found.database == "postgresql+psycopg://a@b/c"


def test_a_port_that_is_none_is_refused():
    with pytest.raises(ValidationError):
        Settings(port=70000)


def test_with_a_public_address_no_other_host_is_answered(tmp_path):
    from reviewtool.app import create_app
    from reviewtool.db.migrate import upgrade

    settings = Settings(environment="test", data=tmp_path, public_url="https://reviews.example.org")
    upgrade(settings)
    client = create_app(settings).test_client()
    assert client.get("/healthz", headers={"Host": "reviews.example.org"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "127.0.0.1:8080"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "evil.example.com"}).status_code == 400

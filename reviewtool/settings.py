"""Settings: one typed object, read once from ``REVIEWTOOL_*`` variables."""

import ipaddress
import secrets
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from reviewtool import private

DEFAULT_SECRET = "change-me"


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(text: str) -> tuple[Network, ...]:
    found = (part.strip() for part in text.split(","))
    return tuple(ipaddress.ip_network(part, strict=False) for part in found if part)


def explain(error: ValueError) -> str:
    """What is wrong with the settings, one line for each: the variable and the remedy."""
    problems: list[dict[str, Any]] = getattr(error, "errors", list)()
    lines = []
    for problem in problems:
        words = problem["msg"].removeprefix("Value error, ")
        name = "_".join(map(str, problem["loc"])).upper()
        lines.append(f"REVIEWTOOL_{name}: {words}" if name else words)
    return "\n".join(lines) or str(error)


class Settings(BaseSettings):
    """What an administrator can set. Each field is documented in README."""

    model_config = SettingsConfigDict(env_prefix="REVIEWTOOL_", extra="ignore")

    environment: Literal["local", "production", "test"] = "local"
    data: Path = Field(default=Path("data"), description="folder for database, files and logs")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = Field(default="", description="address used in mails, without a final slash")
    trusted_proxies: str = Field(
        default="", description="addresses or networks whose X-Forwarded headers count, by commas"
    )
    database_url: str = Field(default="", description="empty: SQLite in the data folder")
    checkpoints: Path | None = Field(
        default=None, description="second folder, on another machine, for the log's checkpoints"
    )
    broker_url: str = Field(default="", description="empty: a broker started by `up`")
    secret_key: str = DEFAULT_SECRET
    worker_processes: int = Field(default=2, ge=1, le=64)
    web_processes: int = Field(default=2, ge=1, le=64)
    jobs_inline: bool = Field(default=False, description="run jobs in the request (tests only)")
    upload_limit_mb: int = Field(default=512, ge=1)
    disk_warning_mb: int = Field(default=1024, ge=0)
    api_requests_per_minute: int = Field(default=1200, ge=1)
    session_days: int = Field(default=14, ge=1)
    secure_cookies: bool | None = Field(default=None, description="empty: on in production")
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = True
    mail_from: str = "reviewtool@localhost"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _production_needs_a_secret(self) -> "Settings":
        if self.environment == "production" and (
            self.secret_key == DEFAULT_SECRET or len(self.secret_key) < 32
        ):
            raise ValueError(
                "REVIEWTOOL_SECRET_KEY: set a random value of at least 32 characters "
                "before running in production."
            )
        return self

    @model_validator(mode="after")
    def _production_needs_its_address(self) -> "Settings":
        parts = urlsplit(self.public_url)
        if self.environment == "production" and not (
            parts.scheme in {"http", "https"} and parts.hostname
        ):
            raise ValueError(
                "REVIEWTOOL_PUBLIC_URL: set the address that people open, such as "
                "https://reviews.example.org, before running in production; links in mails "
                "begin with it."
            )
        return self

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_networks(cls, value: str) -> str:
        try:
            _networks(value)
        except ValueError as error:
            raise ValueError(
                f"{error}. Give addresses or networks such as 10.0.0.5, 172.16.0.0/12."
            ) from error
        return value

    @property
    def proxies(self) -> "tuple[Network, ...]":
        """Networks whose word about the client is taken."""
        return _networks(self.trusted_proxies)

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database in use."""
        if not self.database_url:
            return f"sqlite:///{self.data.resolve() / 'reviewtool.sqlite3'}"
        url = self.database_url
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def files(self) -> Path:
        """Folder of uploaded files, by content hash."""
        return self.data.resolve() / "files"

    @property
    def address(self) -> str:
        """Address that people open: the public one, else the one the server is bound to."""
        if self.public_url:
            return self.public_url.rstrip("/")
        everywhere = self.host in {"0.0.0.0", "::", ""}
        host = "localhost" if everywhere else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def session_secret(self) -> str:
        """The configured secret; on one machine, one kept in the data folder."""
        if self.secret_key != DEFAULT_SECRET or self.environment == "test":
            return self.secret_key
        path = self.data.resolve() / "secret"
        if not path.exists():
            private.write(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

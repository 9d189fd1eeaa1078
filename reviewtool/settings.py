"""Settings: one typed object, read once from ``REVIEWTOOL_*`` variables."""

import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_SECRET = "change-me"


class Settings(BaseSettings):
    """What an administrator can set. Each field is documented in README."""

    model_config = SettingsConfigDict(env_prefix="REVIEWTOOL_", extra="ignore")

    environment: Literal["local", "production", "test"] = "local"
    data: Path = Field(default=Path("data"), description="folder for database, files and logs")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = Field(default="", description="address used in mails, without a final slash")
    database_url: str = Field(default="", description="empty: SQLite in the data folder")
    broker_url: str = Field(default="", description="empty: a broker started by `up`")
    secret_key: str = DEFAULT_SECRET
    worker_processes: int = Field(default=2, ge=1, le=64)
    jobs_inline: bool = Field(default=False, description="run jobs in the request (tests only)")
    upload_limit_mb: int = Field(default=512, ge=1)
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
        """Address that people open."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def session_secret(self) -> str:
        """The configured secret; on one machine, one kept in the data folder."""
        if self.secret_key != DEFAULT_SECRET or self.environment == "test":
            return self.secret_key
        path = self.data.resolve() / "secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text().strip()

"""Messages: shown on the console unless SMTP is configured."""

import logging
import os
import smtplib
import stat
import sys
from email.message import EmailMessage
from enum import Enum
from pathlib import Path
from typing import IO, Any

from flask import current_app, g, has_request_context

from reviewtool.settings import Settings

log = logging.getLogger(__name__)


class Delivery(str, Enum):
    """What became of a message."""

    MAILED = "mailed"
    SHOWN = "shown on the console"
    FAILED = "refused by the mail server"


def address_of(endpoint: str, **values: Any) -> str:
    """A page's full address, for a mail.

    It begins with the configured address, never with the host that a request named: who
    asks for a mail must not choose where its link leads.
    """
    settings: Settings = current_app.extensions["settings"]
    path = current_app.url_map.bind("", url_scheme="http").build(endpoint, values)
    return settings.address + path


def console_path(data: Path) -> Path:
    """Where `up` listens for what only the person at its terminal should read."""
    return data / "run" / "console"


def _show(data: Path, head: str, text: str) -> None:
    """Say it at the terminal of `up`, else on the error stream unless that is a file.

    A message can hold a link that opens an account, which must not lie in a log.
    """
    whole = f"{head}\n{text}\n---\n"
    try:
        pipe = os.open(console_path(data), os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # `up` does not run on this folder
        kept = _is_file(sys.stderr)
        remedy = "(its text is not kept in a file; set REVIEWTOOL_SMTP_HOST to have it mailed)"
        print(f"{head} {remedy}" if kept else whole, file=sys.stderr, flush=True)
        return
    with os.fdopen(pipe, "wb", buffering=0) as console:
        console.write(whole.encode())


def _is_file(stream: IO[str]) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # no stream of the system's
        return False


def send(to: str, subject: str, text: str) -> Delivery:
    """Send one plain message; a refusal by the mail server is also a line in the log."""
    if has_request_context():
        g.mailed = True  # a request that told somebody is not carried out a second time
    settings: Settings = current_app.extensions["settings"]
    outbox: list[EmailMessage] | None = current_app.extensions.get("outbox")
    message = EmailMessage()
    message["To"], message["From"], message["Subject"] = to, settings.mail_from, subject
    message.set_content(text)
    if outbox is not None:
        outbox.append(message)
        return Delivery.MAILED if settings.smtp_host else Delivery.SHOWN
    if not settings.smtp_host:
        _show(settings.data.resolve(), f"--- mail to {to}: {subject}", text)
        return Delivery.SHOWN
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=20) as server:
            if settings.smtp_starttls:
                server.starttls()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail could not be sent: %s", error)
        return Delivery.FAILED
    return Delivery.MAILED

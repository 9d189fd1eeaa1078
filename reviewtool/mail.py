"""Messages: printed to the console unless SMTP is configured."""

import logging
import smtplib
import sys
from email.message import EmailMessage

from flask import current_app

from reviewtool.settings import Settings

log = logging.getLogger(__name__)


def send(to: str, subject: str, text: str) -> bool:
    """Send one plain message; False (and a log line) when the mail server refuses."""
    settings: Settings = current_app.extensions["settings"]
    outbox: list[EmailMessage] | None = current_app.extensions.get("outbox")
    message = EmailMessage()
    message["To"], message["From"], message["Subject"] = to, settings.mail_from, subject
    message.set_content(text)
    if outbox is not None:
        outbox.append(message)
        return True
    if not settings.smtp_host:
        print(f"--- mail to {to}: {subject}\n{text}\n---", file=sys.stderr, flush=True)
        return True
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=20) as server:
            if settings.smtp_starttls:
                server.starttls()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail could not be sent: %s", error)
        return False
    return True

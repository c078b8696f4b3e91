"""A report as a letter: handed to the site's own mail server, which carries it on.

Owns the conversation: TLS with the server's certificate looked at, or STARTTLS, which is never done without where it was asked for; the login; and
one line for whatever the server refuses. Refuses queues and trying again (`scheduling` does), and any thread: it waits, in a process of its own.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from monitor.config.settings import MailSettings
from monitor.errors import NotWritten

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class File:
    """What is attached; `kind` is its type, as application/json."""

    name: str
    content: bytes
    kind: str


def letter(sender: str, to: tuple[str, ...], subject: str, file: File, at: datetime) -> EmailMessage:
    """A letter with one file, which says its subject."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(to), subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    message.set_content(f"{subject}\n")
    main, _, sub = file.kind.partition("/")
    message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return message


def send(settings: MailSettings, message: EmailMessage) -> str:
    """Hand it to the server; NotWritten says in one line why it did not take it, and nobody has it then. Whom it did not take it for is said."""
    with _one_line(settings), _connected(settings) as server:
        if settings.username and settings.secret is not None:
            server.login(settings.username, settings.secret.reveal())
        refused = server.send_message(message)
    return str(_not(settings, f"took it, but not for {', '.join(sorted(refused))}", "correct these addresses in [[report]] mail")) if refused else ""


@contextmanager
def _connected(settings: MailSettings) -> Iterator[smtplib.SMTP]:
    if settings.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=PATIENCE_S, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=PATIENCE_S)
    with server:
        if settings.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        yield server


@contextmanager
def _one_line(settings: MailSettings) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPAuthenticationError:
        raise _not(settings, "refused the login", "correct username and secret in [mail]") from None
    except smtplib.SMTPNotSupportedError as error:
        raise _not(settings, str(error).rstrip("."), 'set [mail] tls = "none" only where the way to it is your own') from None
    except smtplib.SMTPRecipientsRefused as error:
        raise _not(settings, f"does not take mail for {', '.join(sorted(error.recipients))}", "correct [[report]] mail, or let it relay") from None
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise _not(settings, f"said {error.smtp_code} {' '.join(said.split())}", "look at its log") from None
    except smtplib.SMTPException as error:
        raise _not(settings, str(error) or "broke off", "look at its log") from None
    except ssl.SSLError as error:
        raise _not(settings, f"no TLS with it: {error.reason or error}", "set [mail] tls as the server has it") from None
    except OSError as error:
        raise _not(settings, f"does not answer: {(error.strerror or str(error) or 'timed out').lower()}", "correct [mail] host and port") from None


def _not(settings: MailSettings, problem: str, remedy: str) -> NotWritten:
    return NotWritten(f"mail server {settings.host}:{settings.port}: {problem}; {remedy}")

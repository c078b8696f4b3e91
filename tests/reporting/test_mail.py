"""A letter over the wire, to a real server of SMTP; and one line for whatever it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from monitor.config.settings import MailSettings, Secret
from monitor.errors import NotWritten
from monitor.reporting.mail import File, letter, send
from tests.reporting.post import PEM, Post, post

TO = ("boss@example.com", "ann@example.com")
AT = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)


def message() -> EmailMessage:
    return letter("floor@example.com", TO, "kyiv-1: щодня, 2026-11-30", File("daily.csv", "день;1\r\n.\r\n".encode(), "text/csv"), AT)


def settings(server: Post, **more: object) -> MailSettings:
    return MailSettings(**{"host": "localhost", "port": server.port, "sender": "floor@example.com", "tls": "none", **more})  # type: ignore[arg-type]


def refused(server: Post, **more: object) -> str:
    with pytest.raises(NotWritten) as caught:
        send(settings(server, **more), message())
    return str(caught.value)


def test_a_letter_arrives_whole() -> None:
    with post(Post()) as server:
        assert send(settings(server), message()) == ""
    (came,) = server.letters
    assert (came["From"], came["To"], came["Subject"]) == ("floor@example.com", ", ".join(TO), "kyiv-1: щодня, 2026-11-30")
    (file,) = came.iter_attachments()
    assert (file.get_filename(), file.get_payload(decode=True)) == ("daily.csv", "день;1\r\n.\r\n".encode())


@pytest.mark.parametrize("server", [Post(tls=True, login=("floor", "hunter2")), Post(at_once=True, login=("floor", "hunter2"))], ids=["starttls", "tls"])
def test_a_password_goes_over_tls_only(server: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    how = "tls" if server.at_once else "starttls"
    with post(server):
        monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
        send(settings(server, tls=how, username="floor", secret=Secret("hunter2")), message())
        assert refused(server, tls=how, username="floor", secret=Secret("wrong")) == (
            f"mail server localhost:{server.port}: refused the login; correct username and secret in [mail]"
        )
        monkeypatch.delenv("SSL_CERT_FILE")
        assert (
            refused(server, tls=how) == f"mail server localhost:{server.port}: no TLS with it: CERTIFICATE_VERIFY_FAILED; set [mail] tls as the server has it"
        )
    assert server.secret == [True]


def test_what_a_server_refuses_is_one_line() -> None:
    with post(Post(refuses=TO, busy=1)) as server:
        where = f"mail server localhost:{server.port}: "
        assert refused(server) == where + "said 451 busy just now; look at its log"
        assert refused(server) == where + f"does not take mail for {', '.join(sorted(TO))}; correct [[report]] mail, or let it relay"
        assert refused(server, tls="starttls") == where + (
            'STARTTLS extension not supported by server; set [mail] tls = "none" only where the way to it is your own'
        )
    assert refused(server) == where + "does not answer: connection refused; correct [mail] host and port"
    with post(Post(refuses=TO[:1])) as server:
        said = f"mail server localhost:{server.port}: took it, but not for boss@example.com; correct these addresses in [[report]] mail"
        assert send(settings(server), message()) == said
    assert len(server.letters) == 1

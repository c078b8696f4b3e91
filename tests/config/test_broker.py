"""`[mqtt]`: which broker, as whom, under which topics; what of it is refused, and in which words. No line shows a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import MqttSettings, Secret, load
from monitor.config.compare import changes
from monitor.errors import ConfigError
from monitor.means import broker
from monitor.plan.plan import EMPTY
from tests.config.test_prices import BANK, Load, load_text

__all__ = ["load_text"]

FILES = Path(__file__).parent / "files"


def mqtt(*keys: str) -> str:
    return "\n".join((BANK, "[mqtt]", *keys, ""))


def refused(load_text: Load, *keys: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(mqtt(*keys))
    return str(caught.value).partition("floorwatch.toml: ")[2]


def test_without_an_address_there_is_none(load_text: Load) -> None:
    assert load_text(BANK).mqtt is None
    quiet = load_text(mqtt('prefix = "acme"'))
    assert quiet.mqtt is None
    assert quiet.notes[-1] == "[mqtt] has no url: nothing is published"


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("mqtt://broker", "broker", 1883, False),
        ("mqtts://broker.example.com", "broker.example.com", 8883, True),
        ("mqtt://127.0.0.1:18830", "127.0.0.1", 18830, False),
        ("mqtts://[::1]:1", "::1", 1, True),
        ("mqtt://broker/", "broker", 1883, False),
    ],
)
def test_an_address_has_the_port_of_its_kind(load_text: Load, url: str, host: str, port: int, tls: bool) -> None:
    assert load_text(mqtt(f'url = "{url}"')).mqtt == MqttSettings(host, port, tls, client_id="floorwatch-site")


@pytest.mark.parametrize(
    "url", ["broker", "http://broker", "mqtt://", "mqtt://broker:0", "mqtt://broker:70000", "mqtt://broker/topic", "mqtt://a:b:c", "MQTT://x"]
)
def test_what_is_no_address_is_refused(load_text: Load, url: str) -> None:
    assert refused(load_text, f'url = "{url}"') == (
        "[mqtt] url: is not the address of a broker; write it as mqtt://broker.example.com:1883, or mqtts://broker.example.com:8883 for TLS"
    )


def test_a_password_in_the_address_is_refused_and_not_shown(load_text: Load) -> None:
    said = refused(load_text, 'url = "mqtt://floor:hunter2@broker"')
    assert said == "[mqtt] url: has a user or password in it; give username, and its password by secret_file, secret_env or a systemd credential named mqtt"
    assert refused(load_text, 'url = "mqtt://broker"', 'password = "hunter2"') == (
        "[mqtt] password: a secret may not stand in the configuration; "
        "put it into a file and name that: secret_file, or secret_env, or a systemd credential named mqtt"
    )


@pytest.mark.parametrize("prefix", ["", "/a", "a/", "a//b", "a/+", "a#", "$SYS", "x" * 201])
def test_a_prefix_is_whole_levels(load_text: Load, prefix: str) -> None:
    assert "is no beginning of a topic" in refused(load_text, 'url = "mqtt://broker"', f'prefix = "{prefix}"')


def test_a_client_id_has_an_end(load_text: Load) -> None:
    assert "client_id" in refused(load_text, 'url = "mqtt://broker"', f'client_id = "{"x" * 201}"')


def test_a_name_needs_its_password(load_text: Load, tmp_path: Path) -> None:
    assert refused(load_text, 'url = "mqtt://broker"', 'username = "floor"') == (
        "[mqtt] secret: there is none; give secret_file, secret_env or a systemd credential named mqtt"
    )
    (tmp_path / "mqtt").write_text("by systemd\n")
    (tmp_path / "mqtt").chmod(0o600)
    config = load(tmp_path / "floorwatch.toml", {"CREDENTIALS_DIRECTORY": str(tmp_path), "SECRET": "x"})
    assert config.mqtt is not None
    assert config.mqtt.secret == Secret("by systemd")
    assert "by systemd" not in repr(config)
    assert "by systemd" not in repr(broker(config.mqtt))
    assert broker(config.mqtt).password == "by systemd"


def test_a_password_in_the_clear_is_said(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n")
    (tmp_path / "secret").chmod(0o600)
    keys = ('username = "floor"', f'secret_file = "{tmp_path / "secret"}"')
    said = "[mqtt] url is without TLS: the password crosses the network in the clear; write it as mqtts://"
    assert said in load_text(mqtt('url = "mqtt://broker"', *keys)).notes
    assert said not in load_text(mqtt('url = "mqtt://127.0.0.1"', *keys)).notes
    assert said not in load_text(mqtt('url = "mqtts://broker"', *keys)).notes


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (('url = "mqtt://b"', 'tls_ca = "ca.pem"'), 'tls_ca = "ca.pem": is given, but url is without TLS; write it as mqtts://'),
        (('url = "mqtts://b"', 'tls_key = "k"'), 'tls_key = "k": is given without tls_certificate; a key belongs to a certificate; name both, or neither'),
        (('url = "mqtts://b"', f'tls_ca = "{FILES}/secret"'), "holds no certificate; name a PEM file: -----BEGIN CERTIFICATE-----"),
        (
            ('url = "mqtts://b"', f'tls_certificate = "{FILES}/ca.pem"', f'tls_key = "{FILES}/client.key"'),
            "holds no certificate with its key; name PEM files that belong together; a key with a passphrase cannot be read",
        ),
    ],
)
def test_files_of_tls_belong_together(load_text: Load, keys: tuple[str, ...], said: str) -> None:
    assert refused(load_text, *keys).endswith(said)


def test_a_certificate_that_is_missing_is_named(load_text: Load) -> None:
    said = refused(load_text, 'url = "mqtts://b"', 'tls_ca = "nowhere.pem"')
    assert said.startswith('[mqtt] tls_ca = "nowhere.pem": ')


def test_what_changed_is_said_without_a_secret(load_text: Load) -> None:
    none, one, other = load_text(BANK), load_text(mqtt('url = "mqtt://a"')), load_text(mqtt('url = "mqtt://b"', "money = true"))
    assert changes(none, one, EMPTY, EMPTY) == ["mqtt added"]
    assert changes(one, other, EMPTY, EMPTY) == ["mqtt: host, money changed"]
    assert changes(other, none, EMPTY, EMPTY) == ["mqtt removed"]

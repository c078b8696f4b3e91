"""What a recording may hold: every header's rule, one name for one text, structure kept, and nothing of the input in the output."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.channels import device_of
from monitor.core.events import Event
from monitor.sources import recording
from monitor.sources.ami.decoder import Decoder, Message
from monitor.sources.ami.translate import EVENTS, WANTED, Translator
from monitor.sources.pseudonyms import POLICY, SPECIAL, TECHNOLOGIES, Pseudonyms
from monitor.sources.taping import stanza
from tests.sources.recordings import ALL, name, wire

NAMES = Pseudonyms(b"k" * 32)
PSEUDONYM = re.compile(r"[nw][a-z2-7]{10}")


def kept(header: str, value: str, **more: str) -> str | None:
    return NAMES.message({"Event": "Newstate", header: value, **more}).get(header)


def p(text: str) -> str:
    return NAMES.name(text)


# --- one text, one name ---------------------------------------------------------------------------------------------------------------


def test_a_pseudonym_can_be_told_from_a_name() -> None:
    assert PSEUDONYM.fullmatch(p("600"))
    assert p("600").startswith("n")
    assert p("+380501234567").startswith("n")
    assert p("Олена Коваль").startswith("w")
    assert PSEUDONYM.fullmatch(p("Zoë\r\nEvent: Hangup\r\n"))


def test_the_same_key_gives_the_same_name_and_another_another() -> None:
    assert Pseudonyms(b"k" * 32).name("600") == p("600") == "nluushfx4cr"
    assert Pseudonyms(b"x" * 32).name("600") != p("600")
    assert p("600") != p("601")


@pytest.mark.parametrize("header", ["Exten", "Queue", "CallerIDNum", "ConnectedLineName", "Interface", "MemberName", "Context", "AccountCode", "PausedReason"])
def test_one_text_has_one_name_wherever_it_stands(header: str) -> None:
    assert kept(header, "600") == kept(f"Dest{header}", "600") == p("600")
    assert kept("ApplicationData", "600,tT,,,40", Application="Queue") == p("600")
    assert kept("Channel", "PJSIP/600-0000002a") == f"PJSIP/{p('600')}-0000002a"


@pytest.mark.parametrize("text", sorted(SPECIAL))
def test_asterisk_s_own_words_stay(text: str) -> None:
    assert kept("Exten", text) == text


# --- structure ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("PJSIP/101-0000002a", "PJSIP/{101}-0000002a"),
        ("Local/101@from-queue-0000000a;1", "Local/{101}@{from-queue}-0000000a;1"),
        ("Local/101@from-queue-0000000a;2<ZOMBIE>", "Local/{101}@{from-queue}-0000000a;2<ZOMBIE>"),
        ("AsyncGoto/PJSIP/my-trunk-0000000f", "AsyncGoto/PJSIP/{my-trunk}-0000000f"),
        ("PJSIP/user-05012345-0000002a", "PJSIP/{user-05012345}-0000002a"),
        ("DAHDI/i1/0501234567-1", "DAHDI/{i1}/{0501234567-1}"),
        ("Dongle/office-0000000a", "{Dongle}/{office}-0000000a"),
        ("Surrogate/SIP/anna-0000000f", "Surrogate/SIP/{anna}-0000000f"),
        ("Anna/SIP/SIP/x-0000000f", "{Anna}/{SIP}/{SIP}/{x}-0000000f"),
        ("nonsense", "{nonsense}"),
    ],
)
def test_channels(text: str, shown: str) -> None:
    assert kept("Channel", text) == kept("Newname", text) == re.sub(r"\{(.*?)\}", lambda found: p(found[1]), shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("PJSIP/101", "PJSIP/{101}"),
        ("Local/101@desk/n", "Local/{101}@{desk}/n"),
        ("Local/101@desk/nj", "Local/{101}@{desk}/nj"),
        ("PJSIP/n", "PJSIP/{n}"),
        ("PJSIP/user-05012345", "PJSIP/{user-05012345}"),
        ("PJSIP/0501234567@trunk", "PJSIP/{0501234567}@{trunk}"),
        ("hint:8001@ext-local", "{hint:8001@ext-local}"),
        ("Іван/Продажі", "{Іван}/{Продажі}"),
        ("PJSIP/101&Local/102@desk/n&SIP/Agent", "PJSIP/{101}&Local/{102}@{desk}/{n}&SIP/{Agent}"),
        ("Agent", "{Agent}"),
        ("Bridge/Console", "Bridge/{Console}"),
        ("Local/Message@Custom/n", "Local/{Message}@{Custom}/n"),
        ("Bridge;Console", "{Bridge;Console}"),
    ],
)
def test_interfaces(text: str, shown: str) -> None:
    assert kept("Interface", text) == kept("DialString", text) == re.sub(r"\{(.*?)\}", lambda found: p(found[1]), shown)


@pytest.mark.parametrize("channel", ["PJSIP/101-0000002a", "Local/101@desk-0000000a;1", "PJSIP/user-05012345-0000002a", "DAHDI/1-1", "SCCP/101-00000001"])
def test_a_channel_is_still_its_interface_s(channel: str) -> None:
    assert device_of(NAMES.channel(channel)) == NAMES.device(device_of(channel))


@pytest.mark.parametrize("channel", ["SIP/anna-05012345", "Local/101@desk-05012345;1", "PJSIP/101-00000001", "Local/1@x-80501234;2<ZOMBIE>"])
def test_a_serial_of_digits_may_be_a_number(channel: str) -> None:
    """It is replaced by one that no PBX has come to; both halves of a Local channel have the same."""
    veiled = NAMES.channel(channel)
    assert re.search(r"-f[0-9a-f]{7}(;[12](<ZOMBIE>)?)?$", veiled)
    assert device_of(veiled.removesuffix("<ZOMBIE>")) == NAMES.device(device_of(channel.removesuffix("<ZOMBIE>")))
    assert Pseudonyms(b"x" * 32).serial("05012345") != NAMES.serial("05012345")
    assert NAMES.channel("Local/1@x-80501234;1")[:-1] == NAMES.channel("Local/1@x-80501234;2")[:-1]
    assert NAMES.channel("SIP/anna-05012345")[-8:] != NAMES.channel("SIP/anna-05012346")[-8:]


@pytest.mark.parametrize("call", ["0501234567.1", "380501234.77", "kyiv-0501234567.1", "2501234567.1", "1795446508.050123", "1795446508.1234567890", "1.1"])
def test_an_id_somebody_chose_may_be_a_number(call: str) -> None:
    """Originate takes a ChannelId of any text; Asterisk's own begins with the seconds since 1970, and ends with a count."""
    assert kept("Uniqueid", call) == kept("DestLinkedid", call) == p(call)


def test_ids() -> None:
    assert kept("Uniqueid", "1795446508.0") == "1795446508.0"
    assert kept("Uniqueid", "1795446508.12") == "1795446508.12"
    assert kept("Linkedid", "pbx-kyiv-1795446508.12") == f"{p('pbx-kyiv')}-1795446508.12"
    assert kept("Uniqueid", "0501234567") == p("0501234567")
    assert kept("BridgeUniqueid", "16860877-9c54-427b-840d-719171d167ed") == "16860877-9c54-427b-840d-719171d167ed"
    assert kept("BridgeUniqueid", "Olena") == p("Olena")


# --- the list of headers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "good", "bad"),
    [
        ("Event", "Hangup", "Olena"),
        ("Privilege", "call,all", "0501234567"),
        ("Timestamp", "1795446508.262734", "380501234567"),
        ("LastCall", "1795446508", "380501234567"),
        ("LastPause", "0", "0501234567"),
        ("Privilege", "agent,all", "anna,smith"),
        ("Duration", "00:00:12", "0501234567"),
        ("Duration", "1200:00:12", "38050:12:34"),
        ("Status", "1", "0501234567"),
        ("Status", "8", "101"),
        ("HoldTime", "12", "Olena"),
        ("HoldTime", "86400", "501234"),
        ("TalkTime", "86400", "501234"),
        ("Wait", "12", "501234"),
        ("Priority", "1", "Olena"),
        ("Priority", "-1", "050123"),
        ("Cause", "127", "5012"),
        ("ChannelState", "6", "101"),
        ("Paused", "1", "600"),
        ("Penalty", "10", "501234"),
        ("CallsTaken", "12", "501234"),
        ("Position", "12", "50123"),
        ("Membership", "static", "Olena"),
        ("Strategy", "ringall", "Olena"),
        ("DialStatus", "ANSWER", "Olena"),
        ("Reason", "caller", "Olena"),
        ("Application", "Queue", "Olena"),
        ("FloorwatchStatus", "TIMEOUT", "Olena"),
        ("PeerStatus", "Reachable", "Olena"),
        ("ContactStatus", "NonQualified", "Olena"),
        ("FloorwatchAt", "1795446508262734", "Olena"),
        ("FloorwatchOffset", "-000000812", "Olena"),
    ],
)
def test_a_figure_or_a_word_stays_only_while_it_is_one(header: str, good: str, bad: str) -> None:
    assert NAMES.message({header: good}) == {header: good}
    assert NAMES.message({header: bad}) == {header: p(bad)}
    assert NAMES.message({header: ""}) == {header: ""}


def test_what_is_not_on_the_list_is_dropped() -> None:
    message = {"Event": "Hangup", "ChanVariable": "NAME=Olena", "BridgeName": "Olena", "Olena": "0501234567", "Cause-txt": "Olena", "Language": "uk"}
    assert NAMES.message(message) == {"Event": "Hangup"}


def test_a_result_has_neither_key_nor_project_under_a_pseudonym_either() -> None:
    message = {"Event": "UserEvent", "UserEvent": "FloorwatchResult", "Project": "shop-line", "Disposition": "sale", "Key": "0501234567"}
    assert NAMES.message(message) == {"Event": "UserEvent"}


@pytest.mark.parametrize("application", ["AppDial", "Dial", "Olena", ""])
def test_only_a_queue_s_data_is_kept(application: str) -> None:
    assert kept("ApplicationData", "0501234567,20", Application=application) is None


def test_every_header_the_daemon_reads_is_on_the_list() -> None:
    """A message that only has what is kept means the same event, but for the names."""
    read: set[str] = set()

    class Watched(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            read.add(key)
            return super().__getitem__(key) if key in self else "1"

        def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
            read.add(key)
            return super().get(key, "1")

    for event in EVENTS.keys() - {"UserEvent"}:  # results are in no recording
        Translator("p").event(Watched(Event=event), 0)
    assert {header for header in read if header not in POLICY and header.removeprefix("Dest") not in POLICY} == set()


# --- whatever comes -------------------------------------------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(min_size=3, max_size=24).filter(lambda text: text not in SPECIAL),
    st.from_regex(r"\+?[0-9]{3,14}", fullmatch=True),
    st.sampled_from(("Олена\r\nEvent: Hangup", "O'Neill", "Zoë", "queue-600", "PJSIP/0501234567", "Local/0501234567@from-queue/n", "a\n\nb")),
)
HEADERS = st.sampled_from(sorted({*POLICY, *(f"Dest{header}" for header in POLICY), "ChanVariable", "BridgeName", "Whatever"}))
WORDS = re.compile(r"\w{3,}")


def could_be_a_figure(text: str) -> bool:
    """What no rule can tell from a figure or a word of Asterisk's, if it stands where those do."""
    return any(NAMES.message({header: text}).get(header) == text for header in POLICY)


@given(st.dictionaries(HEADERS, TEXTS, min_size=1, max_size=8))
def test_no_number_and_no_name_survives(headers: Message) -> None:
    """Names and numbers as words: a pseudonym is a word of its own, so a part of it is nothing that was told."""
    names = [text for text in headers.values() if not could_be_a_figure(text)]
    written = stanza(NAMES.message({"Event": "Newstate", **{key: value for key, value in headers.items() if value in names}})).decode()
    values = "\n".join(line.partition(": ")[2] for line in written.split("\r\n"))
    told = {word for text in names for word in WORDS.findall(text)} - TECHNOLOGIES - {"Newstate"}
    assert told & set(WORDS.findall(values)) == set()
    assert written.count("\n") == written.count("\r\n")


@given(TEXTS)
def test_a_name_is_stable_and_says_nothing(text: str) -> None:
    assert NAMES.name(text) == Pseudonyms(b"k" * 32).name(text)
    assert PSEUDONYM.fullmatch(NAMES.name(text))


@pytest.mark.parametrize("path", ALL, ids=name)
def test_recorded_sessions_mean_the_same_under_pseudonyms(path: Path) -> None:
    """Event by event: the same class at the same instant, and every number and flag of it."""
    data = wire(path)
    plain = list(recording.events(data, "p"))
    veiled = list(recording.meant((NAMES.message(m) if m.get("Event") in EVENTS else m for m in Decoder(WANTED).feed(data)), "p"))
    assert [figures(event) for event in veiled] == [figures(event) for event in plain]


def figures(event: Event) -> list[object]:
    """What of an event is no text."""
    values = [getattr(event, field) for field in event.__dataclass_fields__]
    return [type(event), *(value for value in values if isinstance(value, int | bool | None))]

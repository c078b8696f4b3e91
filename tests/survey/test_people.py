"""Who is who: several interfaces of one person are one row, and no name breaks the file."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.agents_file import read_people
from monitor.core.events import MemberSeen
from monitor.survey.people import PersonSeen, agents_csv, people
from tests.survey.seen import member


def rows(*members: MemberSeen, phones: tuple[str, ...] = ()) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(person.id, person.name, person.interfaces) for person in people(members, phones)]


def test_the_ways_to_one_extension_are_one_person() -> None:
    found = rows(
        member("600", "Local/101@from-queue/n", "Олена Коваль", "hint:101@ext-local"),
        member("601", "Local/101@from-queue/n", "Олена Коваль", "PJSIP/101"),
        member("602", "SIP/101", "SIP/101"),
        member("600", "Local/102@from-queue/n", "Ірина Шевчук", "hint:102@ext-local"),
        phones=("PJSIP/102", "PJSIP/555"),
    )
    assert found == [
        ("101", "Олена Коваль", ("Local/101@from-queue/n", "SIP/101", "PJSIP/101")),
        ("102", "Ірина Шевчук", ("Local/102@from-queue/n", "PJSIP/102")),
    ]


def test_a_local_channel_and_the_device_of_its_state_are_one_person() -> None:
    assert rows(member("taxi", "Local/agent8@desk/n", "Марія", "PJSIP/agent8"), member("bank", "PJSIP/agent8", "Марія")) == [
        ("agent8", "Марія", ("Local/agent8@desk/n", "PJSIP/agent8"))
    ]


def test_two_that_a_third_joins_are_one() -> None:
    found = rows(member("a", "PJSIP/x"), member("a", "SIP/y", "Ivan"), member("b", "PJSIP/x", "Ivan", "SIP/y"))
    assert found == [("x", "Ivan", ("PJSIP/x", "SIP/y"))]


def test_the_same_number_in_two_dialplans_is_two_people() -> None:
    found = rows(member("a", "Local/101@tenant-a", "Olha"), member("b", "Local/101@tenant-b", "Oleh"), member("c", "PJSIP/101", "Nina"))
    assert sorted((name, interfaces) for _, name, interfaces in found) == [
        ("Nina", ("PJSIP/101",)),
        ("Oleh", ("Local/101@tenant-b",)),
        ("Olha", ("Local/101@tenant-a",)),
    ]
    assert len({identity for identity, _, _ in found}) == 3


@pytest.mark.parametrize("interface", ["Local/Olena Koval@desk", "PJSIP/1,2", "PJSIP/1;2", 'PJSIP/"x"', "hint:101@ext-local", "PJSIP/"])
def test_an_interface_that_the_file_cannot_hold_is_left_out(interface: str) -> None:
    assert rows(member("bank", interface, "Ivan")) == []


def test_a_hostile_id_gives_way_to_the_interface() -> None:
    assert rows(member("bank", "Local/=cmd()@x", "=cmd()")) == [("Local/=cmd()@x", "=cmd()", ("Local/=cmd()@x",))]


HOSTILE = ('Ірина "Іра" Шевчук', "a,b", "line\nbreak", "\r", "=cmd|' /C calc'!A0", "'quoted'", '"', "\x00\x1b[2J", "a;b|c", " ", "\ufeffx")


@given(st.lists(st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=6))
def test_whatever_people_are_called_the_file_is_good(names: list[str]) -> None:
    seen = people([member("bank", f"PJSIP/{number}", name) for number, name in enumerate(names, 100)])
    text = agents_csv(seen)
    read = read_people(text, "agents.csv", ["floor"], ["pbx1"], date(2026, 11, 25))
    assert read.flaws == ()
    assert [person.interfaces for person in read.people] == [person.interfaces for person in seen]
    assert len(read.people) == len(names)
    for cells in csv.reader(io.StringIO(text)):
        assert not [value for value in cells if value.startswith(("=", "+", "-", "@", "\t", "\r"))]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12), min_size=1, max_size=6))
def test_whatever_interfaces_are_called_the_file_is_good(tails: list[str]) -> None:
    seen = people([member("bank", f"{kind}/{tail}", "Ivan") for tail in tails for kind in ("PJSIP", "Local")])
    read = read_people(agents_csv(seen), "agents.csv", ["floor"], ["pbx1"], date(2026, 11, 25))
    assert read.flaws == ()
    assert len(read.people) == len(seen)


def test_a_person_is_a_row() -> None:
    assert agents_csv([PersonSeen("101", "Шевченко, Тарас", ("PJSIP/101", "SIP/101"))]) == (
        'employee_id,name,interfaces,group,wage,from,to\n101,"Шевченко, Тарас",PJSIP/101 SIP/101,,,,\n'
    )

"""Who may do more than look."""

from __future__ import annotations

import pytest

from monitor.outputs.web.auth import ADDRESSES, FAILURES, READ, WITHIN_S, Gate, Refused, Token

RELOAD = Token.of("reload", "s3cret", ["write"])
BOARD = Token.of("board", "hush-hush", ["read", "client:Bank"])


class Steady:
    at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("Bearer s3cret", RELOAD),
        ("bearer  s3cret ", RELOAD),
        (None, Refused.ANONYMOUS),
        ("", Refused.ANONYMOUS),
        ("Bearer", Refused.ANONYMOUS),
        ("Basic s3cret", Refused.ANONYMOUS),
        ("Bearer s3cre", Refused.WRONG),
        ("Bearer s3cret2", Refused.WRONG),
        ("Bearer ї\udcff", Refused.WRONG),
        ("Bearer hush-hush", Refused.FORBIDDEN),
    ],
)
def test_only_a_token_with_the_right_gets_through(header: str | None, answer: Token | Refused) -> None:
    assert Gate((BOARD, RELOAD), Steady()).enter(header, "127.0.0.1") == answer


@pytest.mark.parametrize("tokens", [(), (BOARD,)])
def test_without_a_token_that_may_write_nobody_can(tokens: tuple[Token, ...]) -> None:
    assert Gate(tokens, Steady()).enter("Bearer hush-hush", "127.0.0.1") is Refused.UNCONFIGURED


def test_who_may_write_may_read() -> None:
    gate = Gate((BOARD, RELOAD, Token.of("client", "bank", ["client:Bank"])), Steady())
    assert [gate.enter(f"Bearer {secret}", "127.0.0.1", READ) for secret in ("s3cret", "hush-hush", "bank")] == [RELOAD, BOARD, Refused.FORBIDDEN]
    assert gate.knows(READ)
    assert not Gate((Token.of("client", "bank", ["client:Bank"]),), Steady()).knows(READ)


def test_who_guesses_waits_and_nobody_else_does_from_the_same_address_either() -> None:
    steady = Steady()
    gate = Gate((RELOAD,), steady)
    assert [gate.enter("Bearer guess", "10.0.0.9") for _ in range(FAILURES + 1)] == [Refused.WRONG] * FAILURES + [Refused.IMPATIENT]
    assert gate.enter(None, "10.0.0.9") is Refused.IMPATIENT
    assert gate.enter("Bearer guess", "10.0.0.8") is Refused.WRONG
    assert gate.enter("Bearer s3cret", "10.0.0.9") is RELOAD
    assert gate.enter("Bearer guess", "10.0.0.9") is Refused.IMPATIENT
    steady.at += WITHIN_S
    assert gate.enter("Bearer guess", "10.0.0.9") is Refused.WRONG


def test_addresses_are_not_remembered_without_end() -> None:
    gate = Gate((RELOAD,), Steady())
    for number in range(3 * ADDRESSES):
        gate.enter("Bearer guess", f"10.0.{number // 256}.{number % 256}")
    assert len(gate._wrong) == ADDRESSES


def test_a_token_does_not_show_itself() -> None:
    assert "s3cret" not in repr(RELOAD)
    assert "digest" not in repr(RELOAD)

"""A result as a program writes it: `{"project", "disposition", "key", "at"?}`, one or a list.

Owns its keys and the line that says what is wrong with them. A key may be a caller's number, so no line repeats it. Refuses deciding what is accepted
(`core.results`). Next: `web.results` and `mqtt.commands` tell a desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from monitor.core.contract import Contract
from monitor.core.incident_log import Refusal
from monitor.core.results import Answer, Result, flaw
from monitor.core.tariff import money, rounded
from monitor.outputs.told.reading import WrongError, instant, known_keys

LIKE: Final = 'send {"project": "shop-line", "disposition": "sale", "key": "order 4711"}'
_TEXTS: Final = ("project", "disposition", "key")
_MOMENT: Final = "write it as 2026-12-25T14:00:00+02:00, or without an offset in the project's time"


def read(sent: object, contract: Contract, given: Mapping[str, tuple[str, str]] | None = None) -> Result:
    """The result that an object tells of. `given` are texts that stand elsewhere, by key: the text, and what it stands in."""
    given = given or {}
    if not isinstance(sent, dict):
        raise WrongError(f"the body is not an object, nor a list of them; {LIKE}")
    known_keys(sent, (*_TEXTS, "at"))
    texts = {name: sent.get(name) for name in _TEXTS}
    for name, (text, place) in given.items():
        if texts[name] not in (None, text):
            raise WrongError(f"{name} and {place} differ; send one of them")
        texts[name] = text
    for name, said in texts.items():
        if (problem := flaw(name, said)) is not None:
            raise WrongError(problem)
    project, disposition, key = map(str, texts.values())
    agreed = contract.project.get(project)
    return Result(project, disposition, key, _at(sent.get("at"), contract, project=None if agreed is None else agreed.name))


def read_or_refuse(sent: object, contract: Contract, given: Mapping[str, tuple[str, str]] | None = None) -> Result | Refusal:
    """The same of one in a list: what nobody can mean is answered in its place."""
    try:
        return read(sent, contract, given)
    except WrongError as error:
        return Refusal(str(error))


def _at(value: object, contract: Contract, project: str | None) -> int | None:
    if value is None:
        return None
    at = instant(value, contract.zone if project is None else contract.project[project].zone)
    if at is None:
        raise WrongError(f"at is not a time; {_MOMENT}")
    return at


def in_place(read: Sequence[Result | Refusal], told: Sequence[Answer]) -> list[Answer]:
    """Answers in the order of what was sent: to what could be read those of the desk."""
    answers = iter(told)
    return [one if isinstance(one, Refusal) else next(answers) for one in read]


def worth(told: Answer) -> dict[str, str]:
    """What a counted result is worth."""
    return {} if isinstance(told, Refusal) else {"amount": str(rounded(money(told.amount_u))), "currency": told.currency}

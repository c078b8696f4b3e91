"""What pydantic found wrong, in our own words: `[section] key = value: problem; remedy`.

Owns turning a `ValidationError` into flaws that name the section as the file does, and the keys that are set but have no effect yet.
No word of pydantic's reaches a user, and no value that could be a secret. Refuses checking anything itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from monitor.config.model import File
from monitor.config.table import HIDDEN, LATER
from monitor.config.values import did_you_mean
from monitor.errors import Flaw

Location = tuple[int | str, ...]

_SECRETS: Final = ("secret", "password", "token", "passwd", "pass")
_CREDENTIALS: Final = {"Pbx": "named after the PBX", "Token": "named token-NAME", "Mail": "named mail", "Mqtt": "named mqtt"}
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("is missing", "add it"),
    "bool_type": ("is neither true nor false", "write one of them, without quotes"),
    "int_type": ("is not a whole number", "write it without quotes or a point"),
    "string_type": ("is not a text", "put it in quotes"),
    "too_short": ("is empty", 'name its rights: ["write"]'),
    "greater_than": ("must be more than {gt}", ""),
    "greater_than_equal": ("must be at least {ge}", ""),
    "less_than": ("must be less than {lt}", ""),
    "less_than_equal": ("may be at most {le}", ""),
    "literal_error": ("is not one of {expected}", ""),
}


def flaws(error: ValidationError, document: Mapping[str, Any]) -> list[Flaw]:
    """A flaw per thing that is wrong, in the order of the sections."""
    return [_flaw(details, document) for details in error.errors(include_url=False)]


def _flaw(details: ErrorDetails, document: Mapping[str, Any]) -> Flaw:
    location, kind, value = details["loc"], details["type"], details["input"]
    context = details.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(location, value, document)
    if kind == "floorwatch":
        problem, remedy = context["problem"], context["remedy"]
    elif kind in _WORDS:
        problem, remedy = (text.format_map(context).replace("'", "") for text in _WORDS[kind])
        if context.get("le") == 1:
            remedy = "it is a ratio: write 80 % as 0.80"
    elif (len(location) == 1 or (len(location) == 2 and isinstance(location[1], int))) and kind in ("model_type", "dict_type", "tuple_type"):
        head = str(location[0])
        if _is_array(head):
            return Flaw("is not a list of tables", f"begin each with a line [[{head}]]", head)
        return Flaw("is not a table", f"begin it with a line [{head}]", head)
    elif kind == "tuple_type":
        problem, remedy = "is not a list", f"write [{shown(value)}]"
    else:
        problem, remedy = "is not a table", "write { key = value }"
    visible = kind != "missing" and not _hidden(location)
    return Flaw(problem, remedy, section(location, document), _key(location), shown(value) if visible else None)


def _unknown(location: Location, value: object, document: Mapping[str, Any]) -> Flaw:
    """An unknown section or key; its value is not shown, it could be anything."""
    name = str(location[-1])
    if len(location) == 1 and isinstance(value, dict | list):
        return Flaw("unknown section", did_you_mean(name, [*File.model_fields]), name)
    owner = _model_at(location[:-1])
    if owner.__name__ in _CREDENTIALS and name in _SECRETS:
        remedy = f"put it into a file and name that: secret_file, or secret_env, or a systemd credential {_CREDENTIALS[owner.__name__]}"
        return Flaw("a secret may not stand in the configuration", remedy, section(location, document), name)
    homes = [head for head, field in File.model_fields.items() if _table(field) is not owner and name in _names(_table(field))]
    known = _names(owner)
    remedy = did_you_mean(name, known)
    inner = [] if owner is File else [field.alias or key for key, field in owner.model_fields.items() if name in _names(_table(field))]
    if inner:
        remedy = f"it belongs into a table: {inner[0]} = {{ {name} = … }}"
    elif homes and (owner is File or remedy.startswith("known")):
        remedy = f"it belongs under {_brackets(homes[0])}"
    return Flaw("unknown key", remedy, section(location, document) if len(location) > 1 else "", _key(location) if len(location) > 1 else name)


def _brackets(head: str) -> str:
    return f"[[{head}]]" if _is_array(head) else f"[{head}]"


def _is_array(head: str) -> bool:
    annotation = File.model_fields[head].annotation
    return getattr(annotation, "__origin__", None) is tuple


def section(location: Location, document: Mapping[str, Any]) -> str:
    """A section as people know it: `web`, `project bank-line`, or `project #2` while it has no name."""
    head = str(location[0])
    if len(location) == 1 or not isinstance(index := location[1], int):
        return head
    row = document[head][index]
    name = row.get("name") if isinstance(row, dict) else None
    return f"{head} {name}" if isinstance(name, str) and name else f"{head} #{index + 1}"


def _key(location: Location) -> str:
    """The rest of a location: `service_level.target`, `tariff #1.per_minute`."""
    text = ""
    for part in location[2 if len(location) > 1 and isinstance(location[1], int) else 1 :]:
        if part == "[key]":
            continue
        text += f" #{part + 1}" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """A value as it stands in a file, cut to a line's length."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, int | Decimal | date):
        text = str(value)
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(map(shown, value))}]"
    elif isinstance(value, dict):
        text = "{ … }"
    else:
        text = type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}…"


def _hidden(location: Location) -> bool:
    field = _field_at(location)
    return field is not None and HIDDEN in field.metadata


def _table(field: FieldInfo) -> type[BaseModel] | None:
    """The model a field holds, within lists and dicts too."""
    found = [field.annotation]
    for kind in found:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        found += get_args(kind)
    return None


def _names(model: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _field_at(location: Location) -> FieldInfo | None:
    """The field a location leads to; positions and the names of pause reasons lead nowhere of their own."""
    model: type[BaseModel] | None = File
    field = None
    for part in location:
        names = {found.alias or name: found for name, found in model.model_fields.items()} if model else {}
        if part in names:
            field = names[str(part)]
            model = _table(field)
    return field


def _model_at(location: Location) -> type[BaseModel]:
    field = _field_at(location)
    return (_table(field) if field else None) or File


def without_effect(table: BaseModel, place: str = "") -> Iterator[str]:
    """The places of everything that is set, not empty, and of no effect in this version: `[site] language`, `[store]`."""
    for name, field in type(table).model_fields.items():
        if name not in table.model_fields_set:
            continue
        value = getattr(table, name)
        key = field.alias or name
        here = f"{place} {key}" if place else _brackets(key)
        if LATER in field.metadata:
            if _says_something(value):
                yield here
            continue
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from without_effect(part, here)


def _says_something(value: object) -> bool:
    if isinstance(value, BaseModel):
        return any(_says_something(getattr(value, name)) for name in value.model_fields_set)
    return value not in ("", (), {}, None) and value is not False

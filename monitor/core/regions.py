"""Where a called number is: by what the dialplan says of it, by a list of prefixes, or by what the project is about.

Owns how a number is read, so that `+380 44 123-45-67`, `00380441234567`, `0441234567` and `380441234567` are one number, and the longest prefix of it
that is listed. Refuses guessing: a number that fits nothing is nowhere that is known, an extension neither, and a region is text, not a place on a map.
Files are read by `config`. Next: `signals` asks which of them hold there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from monitor.core.contract import Project

LONGEST: Final = 60  # letters of a region's name
SHORTEST: Final = 7  # digits of a number as it is dialled: what has fewer is an extension or a service of the network

_NUMBER = re.compile(r"\+?[0-9]+")
_BETWEEN = re.compile(r"[ ()./\u00a0-]")


def flaw(region: str) -> str | None:
    """What is wrong with a region's name; None: nothing is."""
    if region and len(region) <= LONGEST and region.isprintable() and region == region.strip():
        return None
    return f"is not a region; write a name on one line of at most {LONGEST} letters, without blanks around it"


@dataclass(frozen=True)
class Regions:
    """How a region is found. `prefixes` are digits as `read` makes them; `known` are the names that other spellings of a region mean."""

    variable: str = ""  # the channel variable that says it; empty: none does
    country_code: str = ""
    trunk_prefix: str = ""  # that a number of the country begins with, where it is dialled in the country
    international_prefix: str = "00"
    national_digits: int = 0  # of a number of the country without its trunk prefix, 0: none is dialled so
    prefixes: tuple[tuple[str, str], ...] = ()
    known: tuple[str, ...] = ()

    def of(self, project: Project, number: str, told: str = "") -> str | None:
        """The region of a number that a project calls, with or without the prefix it dials by; `told` is what the channel variable says. None: nobody
        knows."""
        dialled = (number, *(number.removeprefix(prefix) for prefix in project.outbound.prefixes if number.startswith(prefix)))
        return self._spelt(told) or next(filter(None, map(self.listed, dialled)), None) or project.region or None

    def listed(self, number: str) -> str | None:
        """The region of the longest prefix that a number begins with."""
        if sum(map(str.isdecimal, number)) < SHORTEST:
            return None
        digits = self.read(number)
        return next((self._listed[digits[:length]] for length in self._lengths if digits[:length] in self._listed), None)

    def read(self, number: str) -> str:
        """A number as the digits it has abroad; empty where it is none. Without a `country_code` it is taken as it is."""
        bare = _BETWEEN.sub("", number)
        if self.country_code and self.national_digits and len(bare) == self.national_digits and not bare.startswith("+"):
            bare = f"+{self.country_code}{bare}"
        return self.prefix(bare)

    def prefix(self, text: str) -> str:
        """The same of how a number begins, which may have any length."""
        bare = _BETWEEN.sub("", text)
        if not _NUMBER.fullmatch(bare):
            return ""
        if bare.startswith("+"):
            return bare[1:]
        if self.international_prefix and bare.startswith(self.international_prefix):
            return bare.removeprefix(self.international_prefix)
        if self.country_code and self.trunk_prefix and bare.startswith(self.trunk_prefix):
            return self.country_code + bare.removeprefix(self.trunk_prefix)
        return bare

    def _spelt(self, told: str) -> str | None:
        region = told.strip()
        return None if flaw(region) else self._names.get(region.casefold(), region)

    @cached_property
    def _listed(self) -> dict[str, str]:
        return dict(self.prefixes)

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted({len(prefix) for prefix, _ in self.prefixes}, reverse=True))

    @cached_property
    def _names(self) -> dict[str, str]:
        return {name.casefold(): name for name in self.known}
